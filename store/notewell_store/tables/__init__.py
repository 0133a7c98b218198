"""A module for each noun, with the SQL that asks for it and writes it."""
