"""Stored text inside a text of ours: quoted line by line, so that nothing in it can end the quotation.

A fence can be closed by what it holds; a mark before each line cannot. What a reader cannot see is taken out:
control characters, marks that turn the direction of writing, and the invisible tag characters.
"""

import re

QUOTE = "> "

_UNSEEN = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


def quoted(text: str) -> str:
    """The text with the mark before each of its lines, whatever ends them, and a line feed behind each."""
    return "".join(f"{QUOTE}{seen(line)}".rstrip() + "\n" for line in text.splitlines())


def one_line(text: str, longest: int) -> str:
    """The text on one line, at most `longest` characters of it."""
    line = " ".join(seen(" ".join(text.split())).split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def seen(line: str) -> str:
    """What a reader sees of a line."""
    return _UNSEEN.sub("", line)
