"""What stands outside of a text's fenced code, found by patterns: for who has no time for the parser, as a session's
hook has none."""

import re
from typing import NamedTuple

_FENCED = re.compile(r"^[ \t]*(`{3,}|~{3,}).*?(?:^[ \t]*\1|\Z)", re.MULTILINE | re.DOTALL)
_IN_LINES = re.compile(r"[^\r\n]")
_BOX = re.compile(r"^[ \t]*+(?:[-*+]|\d+[.)])[ \t]++\[(?P<mark>[ xX])\][ \t]++(?P<words>\S[^\n]*+)", re.MULTILINE)


class Box(NamedTuple):
    """A tick box, where it begins, and the words behind it as they are written."""

    start: int
    is_ticked: bool
    words: str


def tick_boxes(markdown: str) -> list[Box]:
    """All that say something."""
    found = _BOX.finditer(blank_fences(markdown))
    return [Box(box.start(), box["mark"] != " ", box["words"].rstrip()) for box in found]


def blank_fences(markdown: str) -> str:
    """The text with spaces for what is fenced, so that all else stands where it stood."""
    if "```" not in markdown and "~~~" not in markdown:
        return markdown
    return _FENCED.sub(lambda fenced: _IN_LINES.sub(" ", fenced[0]), markdown)
