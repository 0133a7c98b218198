"""Where a text's front matter ends: a block between two lines of dashes at its very start. Imports nothing else."""

import re

BLOCK = re.compile(
    r"(?P<opening>\ufeff?---[ \t]*+(?P<newline>\r\n?|\n))"
    r"(?P<yaml>(?:(?!(?:---|\.\.\.)[ \t]*+(?:[\r\n]|\Z))[^\r\n]*+(?:\r\n?|\n))*+)"
    r"(?:---|\.\.\.)[ \t]*+(?:\r\n?|\n|\Z)"
)
_FIRST_KEY = re.compile(r"[\"']?[\w.-]++[\"']?[ \t]*+:")


def front_matter_end(text: str) -> int:
    """How many characters the front matter takes up; 0 where there is none. A block that begins with no key is a rule
    with prose below it."""
    block = BLOCK.match(text) if text.startswith(("---", "\ufeff---")) else None
    if block is None or not (block["yaml"] == "" or _FIRST_KEY.match(block["yaml"])):
        return 0
    return block.end()
