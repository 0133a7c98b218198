"""What is drawn: where each thing of a picture stands, as numbers for SVG. Words and colours are the templates'."""
