"""The sentence of a text in which something stands, as plain words."""

import re

from .inline import plain_text

LONGEST = 240  # characters
_ENDS = re.compile(r"[.!?…](?=\s)|\n[ \t]*\n|\n(?=[ \t]*(?:[-*+>|#]|\d+[.)]))")
_MARKS = re.compile(r"^(?:[ \t]*(?:[-*+>]|\d+[.)]|#{1,6})(?:[ \t]+(?:\[[ xX]\])?|$))+|^\|[ \t]*")


def sentence_at(markdown: str, start: int) -> str:
    """The words about `start`, from the end of the sentence or block before to the end of this one, cut where they are
    many."""
    earliest, latest = max(0, start - LONGEST), start + LONGEST
    first = max((end.end() for end in _ENDS.finditer(markdown, earliest, start)), default=earliest)
    closing = markdown.find("]", start, latest)
    ending = _ENDS.search(markdown, max(closing, start), latest)
    last = ending.end() if ending else min(len(markdown), latest)
    cut_before = first == earliest and earliest > 0
    cut_behind = ending is None and last < len(markdown)
    words = " ".join(plain_text(_MARKS.sub("", markdown[first:last].strip())).split()).strip("| ").replace(" | ", " · ")
    return f"{'… ' if cut_before else ''}{words}{' …' if cut_behind else ''}"
