"""The Model Context Protocol: the catalogue as the SDK serves it, and the door on standard input and output."""

from pathlib import Path

LISTED = Path(__file__).with_name("tools.json")
"""The tools as the protocol lists them, made from the catalogue by `make docs`; a test guards that it is up to date.

Making the list anew needs the catalogue, 40 ms at the start of every session; the command line's help reads it too."""
