"""Stored text inside a text of ours: quoted line by line, so that nothing in it can end the quotation.

A fence can be closed by what it holds; a mark before each line cannot. What a reader cannot see is left out, and no tag
opens: see `safe_text.for_model`.
"""

from notewell_store.safe_text import field_for_model, for_model

QUOTE = "> "


def quoted(text: str) -> str:
    """The text with the mark before each of its lines, whatever ends them, and a line feed behind each."""
    return "".join(f"{QUOTE}{for_model(line)}".rstrip() + "\n" for line in text.splitlines())


def one_line(text: str, longest: int) -> str:
    """The text on one line, at most `longest` characters of it."""
    line = field_for_model(text)
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"
