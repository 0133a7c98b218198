"""How hard a text would be for the `markdown` library, which is quadratic in places.

The limits were measured with markdown 3.11: at each of them rendering takes a second or two. In markdown 3.8
many more marks are quadratic, and a text within the limits can take ten seconds.
"""

import re
from itertools import islice

MAX_CHARS = 1_100_000
"""Characters of a note. The store takes notes of 1 MB."""
MAX_LINES = 40_000
"""Lines of a note: the library is quadratic in blocks."""
MAX_DEPTH = 30
"""Quotes and list items inside one another."""
MAX_TEXTS = 20_000
"""Paragraphs, headings and table cells; one without any mark counts for a fifth."""
MAX_MARKS = 150_000
"""Characters that may mark something."""
MAX_REWRITING = 5_000_000_000
"""Over all paragraphs, length times marks: each mark that is read rewrites its paragraph."""
MAX_LOOKING_AHEAD = 3_000_000
"""Over all brackets, the characters up to the one that closes them, or to the end of the paragraph."""
MAX_RAW_TAGS = 10_000
"""Raw HTML tags: the sanitiser is quadratic in the depth of unclosed ones."""
MAX_FOOTNOTES = 1_000
"""References to footnotes: the library is quadratic in those to the same one."""

MARKED = re.compile(r"[\\`*_\[<&]|~~|://|  \x1f")
_MARKS = re.compile(r"[\\`*_\[\]<&]|~~|://|  \x1f")
_BRACKETS = re.compile(r"\[|\]\(<|\]\(|[\])(]")


def is_too_long(markdown: str) -> bool:
    return len(markdown) > MAX_CHARS or max(markdown.count("\n"), markdown.count("\r")) > MAX_LINES


class Effort:
    """Counts what the library would have to do."""

    def __init__(self) -> None:
        self.depth = self.footnotes = self.marks = self.rewriting = self.looking_ahead = self.raw_tags = 0
        self.texts = 0.0

    def is_too_much(self) -> bool:
        return (
            self.depth > MAX_DEPTH
            or self.texts > MAX_TEXTS
            or self.marks > MAX_MARKS
            or self.rewriting > MAX_REWRITING
            or self.looking_ahead > MAX_LOOKING_AHEAD
            or self.raw_tags > MAX_RAW_TAGS
            or self.footnotes > MAX_FOOTNOTES
        )

    def add(self, text: str, cells: int = 1) -> None:
        """Count a paragraph, a heading, or a table row of so many cells."""
        marks = len(list(islice(_MARKS.finditer(text), MAX_MARKS + 1)))  # no more would count
        self.texts += cells if marks else cells / 5
        if not marks:
            return
        self.marks += marks
        self.rewriting += marks * len(text)
        self.raw_tags += text.count("<")
        if "[" in text:
            self.footnotes += text.count("[^")
            self.looking_ahead += _looking_ahead(text)


def _looking_ahead(text: str) -> int:
    total = 0
    square: list[int] = []
    round_: list[int] = []
    angle = -1  # the next `>`
    for bracket in _BRACKETS.finditer(text):
        mark, start = bracket.group(), bracket.start()
        if mark == "[":
            square.append(start)
        elif mark == "(":
            round_.append(start)
        elif mark == ")":
            total += start - round_.pop() if round_ else 0
        else:
            total += start - square.pop() if square else 0
        if mark == "](":
            round_.append(start)
        elif mark == "](<":
            angle = text.find(">", start) % (len(text) + 1) if angle < start else angle
            total += angle - start
    return total + sum(len(text) - start for start in square + round_)
