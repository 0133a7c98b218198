"""A place in a line of Markdown, where a tab reaches up to the next column that is a multiple of four."""

import re

_LINE = re.compile(r"[^\r\n]*+(\r\n?|\n|\Z)")
_SPACE = re.compile(r"[ \t]*+")


class Cursor:
    """The line begins at `start`, its line end at `stop` and the next line at `end`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.previous = self.start = self.stop = self.end = 0
        self.pos = self.col = 0
        self.pad = 0  # columns left over from a tab before `pos` that a marker took part of
        self._seen = (-1, 0, 0, 0)  # where `indent` was asked last, and its answer

    def next_line(self) -> None:
        match = _LINE.match(self.text, self.end)
        assert match is not None
        self.previous, self.start, self.stop, self.end = self.start, self.end, match.start(1), match.end()
        self.pos, self.col, self.pad = self.start, 0, 0
        if self.start == 0 and self.text.startswith("\ufeff"):
            self.pos = 1

    def indent(self) -> tuple[int, int]:
        """Where the next character that is no space stands, and how many columns away."""
        if self._seen[0] == self.pos and self._seen[1] == self.pad:
            return self._seen[2], self._seen[3]
        match = _SPACE.match(self.text, self.pos, self.stop)
        assert match is not None
        spaces, position = match.group(), match.end()
        columns = self.pad + (self._columns(spaces) if "\t" in spaces else len(spaces))
        self._seen = (self.pos, self.pad, position, columns)
        return position, columns

    def _columns(self, spaces: str) -> int:
        before = self.col % 4
        return len((" " * before + spaces).expandtabs(4)) - before

    def eat(self, columns: int) -> None:
        """Move over so many columns of white space."""
        while columns > self.pad and self.pos < self.stop:
            step = 4 - self.col % 4 if self.text[self.pos] == "\t" else 1
            self.pos, self.col, self.pad = self.pos + 1, self.col + step, self.pad + step
        self.pad = max(0, self.pad - columns)

    def skip(self, position: int, columns: int) -> None:
        """Move over white space and the marker of so many columns that ends at `position`."""
        _, spaces = self.indent()
        self.col += spaces - self.pad + columns
        self.pos, self.pad = position, 0
