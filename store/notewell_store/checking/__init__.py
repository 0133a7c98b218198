"""Whether what a text names exists: references of texts, notes and files, and what a store needs to be looked after."""
