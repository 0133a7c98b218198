"""What each line of a Markdown text is (heading, paragraph, code …) and which quotes and list items hold it.

This follows CommonMark as GitHub shows it, footnotes with it, with one mercy: headings, fences and lists directly below
an HTML tag count. Comments between `%%`, as Obsidian has them, are read as those of HTML are.
It takes one pass and time linear in the text, whatever the text.
"""

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from .cursor import Cursor
from .front_matter import front_matter_end

MAX_NESTING = 32
"""Quotes and list items deeper than this are read as plain text."""


class Kind(Enum):
    FRONT_MATTER = "front matter"
    BLANK = "blank"
    TEXT = "text"
    TABLE = "table"  # from the row of dashes on; the row above it is TEXT
    HEADING = "heading"
    UNDERLINE = "underline"
    RULE = "rule"
    FENCE = "fence"
    CODE = "code"
    INDENTED = "indented"
    HTML = "html"


class Line(NamedTuple):
    """A line at `[start, end)`; its text, without markers, indentation and line end, at `[content, stop)`.

    Blank lines that follow one another outside code are one Line, and so is front matter.
    """

    kind: Kind
    start: int
    content: int
    stop: int
    end: int
    nest: str = ""
    """The containers it stands in, outermost first: `>` a quote, `-` an item with a bullet, `1` with a number, `^` a
    footnote."""
    markers: tuple[str, ...] = ()
    """The markers of the containers that begin on this line, as written."""
    first: bool = True
    """Whether a block begins here. The closing line of a fence is a FENCE that is not first."""
    indent: int = 0
    """Columns of white space before `content` that belong to it, in CODE and INDENTED."""
    level: int = 0
    """Of a HEADING or an UNDERLINE: 1 to 6."""


_BLANK_LINES = re.compile(r"(?:[ \t]*+(?:\r\n?|\n))++")
_EMPTY = re.compile(r"[ \t]*+$")
_PLAIN = re.compile(r"[^\W\d_][^\r\n|]*+(\r\n?|\n|\Z)")
_ATX = re.compile(r"(#{1,6})(?:[ \t]|$)")
_SETEXT = re.compile(r"(?:=++|-++)[ \t]*+$")
_RULE = re.compile(r"([-*_])(?:[ \t]*+\1){2,}+[ \t]*+$")
_FENCE = re.compile(r"`{3,}+(?=[^`]*+$)|~{3,}+")
_MARKER = re.compile(r"(?:[-+*]|\d{1,9}[.)])(?=[ \t]|$)")
_FOOTNOTE = re.compile(r"\[\^[^\s\[\]^]{1,200}\]:")
_DELIMITER_ROW = re.compile(r"\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)*+\|?[ \t]*+$")
_DEFINITION = re.compile(r"\[[^\[\]\r\n]{1,999}\]:[ \t]*+\S")
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]*+)(?=[\s/>]|$)")
_VERBATIM_TAGS = {"pre", "script", "style", "textarea"}
_BLOCK_TAGS = (
    " address article aside blockquote body caption center col colgroup dd details dialog dir div dl dt"
    " fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hr html iframe legend li link main"
    " menu nav ol p section source summary table tbody td tfoot th thead title tr track ul "
)
_VERBATIM_END = re.compile(r"</(?:pre|script|style|textarea)>", re.IGNORECASE)
_COMMENT_END = re.compile("-->")
_PERCENT_END = re.compile("%%")
_MARKER_STARTS = set("-+*0123456789")
_QUOTE = -1


def scan(markdown: str) -> Iterator[Line]:
    """The lines of `markdown` in order; together they cover it."""
    return _Scanner(markdown).lines(0, len(markdown))


_ALONE = re.compile(r"#{1,6}(?=[ \t\r\n]|\Z)")


def stands_alone(markdown: str, heading: int) -> bool:
    """Whether the lines from a heading on, which begins at that place, are read as if the text began with it: it ends
    whatever was open before."""
    return _ALONE.match(markdown, heading) is not None


def scan_from(markdown: str, start: int, stop: int) -> Iterator[Line]:
    """The lines from a heading on that stands alone, up to the line that begins at `stop` or behind it.

    They are those that scan has, unless a comment between `%%` is begun there: whether it is one tells the whole text.
    """
    return _Scanner(markdown).lines(start, stop)


class _Scanner(Cursor):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.widths: list[int] = []  # of each open container: columns of a list item's text, or _QUOTE
        self.nest = ""
        self.leaf: Kind | None = None  # the block that the line before left open
        self.fence = ""
        self.fence_indent = 0
        self.verbatim: re.Pattern[str] | None = None  # what ends the open HTML block; None: a blank line

    def lines(self, start: int, stop: int) -> Iterator[Line]:
        self.end = start or front_matter_end(self.text)
        if self.end > start:
            yield Line(Kind.FRONT_MATTER, 0, 0, self.end, self.end)
        while self.end < stop:
            yield self._blank_run() or self._plain() or self._line()

    def _blank_run(self) -> Line | None:
        if self.leaf in (Kind.FENCE, Kind.HTML):
            return None
        match = _BLANK_LINES.match(self.text, self.end)
        if match is None:
            return None
        self.start, self.end = self.end, match.end()
        self.stop = self.start
        return self._blank()

    def _plain(self) -> Line | None:
        """The common case, quickly: a line of prose outside all containers."""
        if self.widths or self.leaf not in (None, Kind.TEXT):
            return None
        match = _PLAIN.match(self.text, self.end)
        if match is None:
            return None
        first, self.leaf = self.leaf is None, Kind.TEXT
        self.previous, self.start, self.stop, self.end = self.start, self.end, match.start(1), match.end()
        return Line(Kind.TEXT, self.start, self.start, self.stop, self.end, first=first)

    def _line(self) -> Line:
        self.next_line()
        if self.indent()[0] == self.stop:
            return self._blank()
        depth = self._continued()
        if depth < len(self.widths) and self.leaf is not Kind.TEXT:
            self._close(depth)
        if self.leaf is Kind.FENCE:
            return self._in_fence()
        if self.leaf is Kind.HTML and self.verbatim:
            return self._in_html()
        return self._block(depth)

    def _close(self, depth: int) -> None:
        del self.widths[depth:]
        self.nest = self.nest[:depth]
        self.leaf = None

    def _continued(self) -> int:
        """Walk through the markers and the indentation of the containers that this line continues."""
        for depth, width in enumerate(self.widths):
            position, columns = self.indent()
            if width == _QUOTE:
                if columns > 3 or self.text[position : position + 1] != ">":
                    return depth
                self._quote(position)
            elif columns < width and position < self.stop:
                return depth
            else:
                self.eat(width)
        return len(self.widths)

    def _quote(self, position: int) -> None:
        self.skip(position + 1, 1)
        if self.text[self.pos : self.pos + 1] in (" ", "\t"):
            self.eat(1)

    def _blank(self) -> Line:
        quote = self.nest.find(">")
        if quote >= 0:
            self._close(quote)
        return self._blank_content(())

    def _blank_content(self, markers: tuple[str, ...]) -> Line:
        if self.leaf is Kind.FENCE:
            return self._made(Kind.CODE, self.stop, first=False)
        if not (self.leaf is Kind.HTML and self.verbatim):
            self.leaf = None
        return self._made(Kind.HTML if self.leaf else Kind.BLANK, self.stop, markers, first=False)

    def _made(
        self,
        kind: Kind,
        content: int,
        markers: tuple[str, ...] = (),
        *,
        first: bool = True,
        indent: int = 0,
        level: int = 0,
    ) -> Line:
        return Line(kind, self.start, content, self.stop, self.end, self.nest, markers, first, indent, level)

    def _in_fence(self) -> Line:
        position, columns = self.indent()
        rest = self.text[position : self.stop].rstrip(" \t") if columns < 4 else ""
        if rest.startswith(self.fence) and not rest.strip(self.fence[0]):
            self.leaf = None
            return self._made(Kind.FENCE, position, first=False)
        return self._made(Kind.CODE, position, first=False, indent=max(0, columns - self.fence_indent))

    def _in_html(self) -> Line:
        if self.verbatim and self.verbatim.search(self.text, self.pos, self.stop):
            self.leaf = None
        return self._made(Kind.HTML, self.pos, first=False)

    def _block(self, depth: int) -> Line:
        markers = self._opened(depth)
        if markers:
            depth = len(self.widths)
        position, columns = self.indent()
        if position == self.stop:
            if not markers:
                self._close(depth)
            return self._blank_content(markers)
        if columns > 3:
            return self._indented(position, columns, markers)
        kind, level = self._start_of_block(position, columns, depth)
        if kind is None:
            return self._text(position, depth, markers)
        first = not (kind is Kind.HTML and self.leaf is Kind.HTML)
        self._close(depth)
        self.leaf = kind if kind in (Kind.FENCE, Kind.HTML) else None
        if kind is Kind.HTML and self.verbatim and self.verbatim.search(self.text, position + 2, self.stop):
            self.leaf = None
        return self._made(kind, position, markers, first=first, level=level)

    def _opened(self, depth: int) -> tuple[str, ...]:
        """Open the quotes and list items whose markers come next on this line."""
        markers: list[str] = []
        while depth + len(markers) < MAX_NESTING:
            position, columns = self.indent()
            if position == self.stop or columns > 3:
                break
            marker = self._marker(position, depth, bool(markers))
            if not marker:
                break
            if not markers:
                self._close(depth)
            self._open(marker, position, columns)
            markers.append(marker)
        return tuple(markers)

    def _marker(self, position: int, depth: int, opened: bool) -> str:
        char = self.text[position]
        if char == "[":
            footnote = _FOOTNOTE.match(self.text, position, self.stop)
            return footnote.group() if footnote else ""
        return ">" if char == ">" else self._list_marker(position, depth, opened)

    def _list_marker(self, position: int, depth: int, opened: bool) -> str:
        if self.text[position] not in _MARKER_STARTS:
            return ""
        match = _MARKER.match(self.text, position, self.stop)
        if match is None or _RULE.match(self.text, position, self.stop):
            return ""
        marker = match.group()
        if opened or not self._continues_text(depth):
            return marker
        if _SETEXT.match(self.text, position, self.stop):
            return ""
        is_empty = _EMPTY.match(self.text, match.end(), self.stop) is not None
        starts_at_one = marker in ("1.", "1)") or not marker[0].isdigit()
        return marker if starts_at_one and not is_empty else ""

    def _continues_text(self, depth: int) -> bool:
        return self.leaf is Kind.TEXT and depth == len(self.widths)

    def _open(self, marker: str, position: int, columns: int) -> None:
        if marker == ">":
            self._quote(position)
            self.widths.append(_QUOTE)
            self.nest += ">"
            return
        self.skip(position + len(marker), len(marker))
        after, spaces = self.indent()
        if marker[0] == "[":
            self.eat(spaces)
            self.widths.append(4)
            self.nest += "^"
            return
        if after == self.stop or spaces > 4:
            spaces = 1
        self.eat(spaces)
        self.widths.append(columns + len(marker) + spaces)
        self.nest += "1" if marker[0].isdigit() else "-"

    def _indented(self, position: int, columns: int, markers: tuple[str, ...]) -> Line:
        if self.leaf in (Kind.TEXT, Kind.TABLE, Kind.HTML) and not markers:
            return self._made(self.leaf, position, first=False)
        first = self.leaf is not Kind.INDENTED or bool(markers)
        self.leaf = Kind.INDENTED
        return self._made(Kind.INDENTED, position, markers, first=first, indent=columns - 4)

    def _start_of_block(self, position: int, columns: int, depth: int) -> tuple[Kind | None, int]:
        char = self.text[position]
        if char == "#" and (atx := _ATX.match(self.text, position, self.stop)):
            return Kind.HEADING, len(atx.group(1))
        if char in "`~" and (fence := _FENCE.match(self.text, position, self.stop)):
            self.fence, self.fence_indent = fence.group(), columns
            return Kind.FENCE, 0
        if char == "<" and self._opens_html(position):
            return Kind.HTML, 0
        if char == "%" and self._opens_comment(position):
            return Kind.HTML, 0
        if char in "=-" and self._continues_text(depth) and _SETEXT.match(self.text, position, self.stop):
            return Kind.UNDERLINE, 1 if char == "=" else 2
        if char in "-*_" and _RULE.match(self.text, position, self.stop):
            return Kind.RULE, 0
        return None, 0

    def _opens_html(self, position: int) -> bool:
        self.verbatim = None
        if self.text.startswith("<!--", position):
            self.verbatim = _COMMENT_END
            return True
        tag = _TAG.match(self.text, position, self.stop)
        name = tag.group(1).lower() if tag else ""
        if name in _VERBATIM_TAGS and self.text[position + 1] != "/":
            self.verbatim = _VERBATIM_END
        return self.verbatim is not None or f" {name} " in _BLOCK_TAGS

    def _opens_comment(self, position: int) -> bool:
        """Whether a comment of several lines begins here. One within a line is part of its paragraph."""
        if not self.text.startswith("%%", position) or self.text.find("%%", position + 2, self.stop) >= 0:
            return False
        is_alone = _EMPTY.match(self.text, position + 2, self.stop) is not None
        if (self.leaf is Kind.TEXT and not is_alone) or self.text.find("%%", self.stop) < 0:
            return False
        self.verbatim = _PERCENT_END
        return True

    def _text(self, position: int, depth: int, markers: tuple[str, ...]) -> Line:
        if depth < len(self.widths):  # a lazy continuation of the paragraph inside
            return self._made(Kind.TEXT, position, first=False)
        if self.leaf is Kind.HTML:
            return self._made(Kind.HTML, position, first=False)
        before = self.leaf
        self.leaf = self._leaf_after_text(position, before)
        kind = Kind.TABLE if self.leaf is Kind.TABLE else Kind.TEXT
        return self._made(kind, position, markers, first=before not in (Kind.TEXT, Kind.TABLE))

    def _leaf_after_text(self, position: int, before: Kind | None) -> Kind | None:
        if before is Kind.TABLE:
            return Kind.TABLE
        if before is not Kind.TEXT:
            is_definition = self.text[position] == "[" and _DEFINITION.match(self.text, position, self.stop)
            return None if is_definition else Kind.TEXT
        return Kind.TABLE if self._is_delimiter_row(position) else Kind.TEXT

    def _is_delimiter_row(self, position: int) -> bool:
        return (
            self.text[position] in "|:-"
            and self.text.find("|", position, self.stop) >= 0
            and self.text.find("|", self.previous, self.start) >= 0
            and _DELIMITER_ROW.match(self.text, position, self.stop) is not None
        )
