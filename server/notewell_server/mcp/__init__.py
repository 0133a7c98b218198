"""The Model Context Protocol: the catalogue as the SDK serves it, and the door on standard input and output."""
