"""Pure functions on text, and what a section of one is: a session's hook reads stored sections, and parses no text."""

from typing import NamedTuple


class Section(NamedTuple):
    """`markdown[start:end]` is the section byte for byte, its heading and its subsections included."""

    anchor: str
    heading: str
    """The heading's words, without marks for emphasis, code and links."""
    level: int
    start: int
    """Where the heading's first line begins. All offsets count characters."""
    body_start: int
    """Where the text after the heading begins."""
    own_end: int
    """Where the next heading of any level begins, or the text ends."""
    end: int
    """Where the next heading of the same or a higher level begins, or the text ends."""
