"""A note rewritten in the dialect of the `markdown` library, so that it reads as on GitHub.

The library wants list items indented by four columns and blank lines round most blocks, and knows no fences
in lists. So the structure that `blocks` finds is written out anew: code, raw HTML and rules become stand-ins
for finished HTML, headings bring their level and anchor along, and each paragraph is one line.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from html import escape

from .block_ids import BLOCK_ID
from .blocks import Kind, Line, scan
from .effort import Effort
from .inline import without_comments
from .sections import heading_source, sections_among, without_id

SOFT_BREAK = "\x1f"
STRONG = {"\x02b\x03": "<strong>", "\x02/b\x03": "</strong>"}
STAND_IN = re.compile("<p>\x02raw(\\d+)\x03</p>|\x02raw(\\d+)\x03")
HEADING = re.compile("\x02h([1-6]):([^\x03]*)\x03(.*)")

_RESERVED = str.maketrans({"\x02": "\ufffd", "\x03": "\ufffd", SOFT_BREAK: "\ufffd"})
_RESERVED_HERE = re.compile(f"[\x02\x03{SOFT_BREAK}]")
_LINE_ENDS = re.compile(r"\r\n?|\n")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|\A%%.*?(?:%%|\Z)", re.DOTALL)
_CALLOUT = re.compile(r"\[!([\w-]{1,40})\][-+]?(?:[ \t]++(.*))?")
_DEFINITION_ON_TWO_LINES = re.compile(
    rf"(\[[^\[\]{SOFT_BREAK}]{{1,999}}\]:)[ \t]*+{SOFT_BREAK}[ \t]*+([^\s{SOFT_BREAK}]++)(?:{SOFT_BREAK}|\Z)"
)
_CELL_START = re.compile(r"\A\s*+\|?\s*+")
_DEFINITION = re.compile(r"\[[^\[\]]++\]:")
_LANGUAGE = re.compile(r"[`~]+[ \t]*([\w+#.-]+)")
_TASK = re.compile(r"\A\[([ xX])\](?=[ \t])")
_LONG_NUMBER = re.compile(r"(?<!\d)(\d{10,}+)(?=\.[ \t])")
_WIKI_PIPE = re.compile(r"(\[\[[^\[\]|\\]*+)\|(?=[^\[\]|]*+\]\])")

_ITEMS = frozenset("-1")

Group = list[Line]


class Canonical:
    """`text` is for the library; `pieces` are what its stand-ins stand for, by number. `mark` gives what is to stand at
    the beginning of each block that is shown, for where it begins in the Markdown."""

    def __init__(self, markdown: str, mark: Callable[[int], str] = lambda _: "") -> None:
        self.markdown = markdown.translate(_RESERVED) if _RESERVED_HERE.search(markdown) else markdown
        self._mark = mark
        self.pieces: list[str] = []
        self.lines: list[str] = []
        self.effort = Effort()
        lines = list(scan(self.markdown))
        self._anchors = {section.start: section.anchor for section in sections_among(lines, markdown)}
        self._nest = ""
        self._indents: list[str] = []  # of each open container, in the library's dialect
        self._loose: list[bool] = []  # of each open container: whether a blank line stands in it
        self._gap = False  # whether the block just written wants a blank line behind it
        for group in _groups(lines):
            self._write(group)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def _write(self, group: Group) -> None:
        first, last = group[0], group[-1]
        if first.kind is Kind.BLANK and not first.markers:
            self._blank(first.nest)
        elif first.kind is Kind.FENCE:
            self._piece(group, self._fenced(group))
        elif first.kind is Kind.INDENTED:
            self._piece(group, _code(self._code_lines(group), ""))
        elif first.kind is Kind.HTML:
            self._html(group)
        elif first.kind is Kind.RULE:
            self._piece(group, "<hr>")
        elif last.kind in (Kind.HEADING, Kind.UNDERLINE):
            self._heading(group)
        elif last.kind is Kind.TABLE:
            self._table(group)
        elif first.kind is not Kind.FRONT_MATTER:
            self._text(group)

    def _blank(self, nest: str) -> None:
        self._leave(nest)
        inside_quote = nest.rfind(">") + 1  # to the lists round a quote, its `>` is no blank line
        self._loose[inside_quote:] = [True] * (len(nest) - inside_quote)
        self._gap = False
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append("".join(self._indents).rstrip())

    def _leave(self, nest: str) -> None:
        """Close the containers that are not in `nest`."""
        depth = len(nest)
        del self._indents[depth:], self._loose[depth:]
        if self._indents and nest[-1] != ">":
            self._indents[-1] = "    "
        self._nest = nest

    def _enter(self, line: Line, *, apart: bool) -> str:
        """Open the containers that begin on this line, behind the blank line that is due. Gives its start."""
        depth = len(line.nest) - len(line.markers)
        if not line.markers:
            left = len(line.nest) < len(self._nest)
            self._leave(line.nest)
            if apart or left or self._gap:
                self._blank(line.nest)
            return "".join(self._indents)
        blank = self._is_apart(line, depth)
        self._leave(line.nest[:depth])
        if blank:
            self._blank(line.nest[:depth])
        elif line.markers[0] == ">" and depth:
            self._indents[-1] = ""  # as in `_indents`
        before = "".join(self._indents)
        self._nest = line.nest
        self._loose += [False] * len(line.markers)
        self._indents += _indents(line.markers)
        self.effort.depth = max(self.effort.depth, len(line.nest))
        return before + "".join(map(_marker, line.markers))

    def _is_apart(self, line: Line, depth: int) -> bool:
        """Whether the library needs a blank line before the item or quote that begins here."""
        if depth < len(self._nest):
            return self._nest[depth] != line.nest[depth] or self._loose[depth] or line.nest[depth] == "^"
        is_nested_in_item = depth > 0 and self._nest[-1] != ">"
        return not is_nested_in_item or self._loose[-1]

    def _put(self, line: Line, text: str, *, apart: bool = False) -> None:
        self.lines.append(self._enter(line, apart=apart) + text)
        self._gap = False

    def _piece(self, group: Group, html: str) -> None:
        in_tight_item = self._in_tight_item(group[0])
        self._put(group[0], f"\x02raw{len(self.pieces)}\x03", apart=not in_tight_item)
        self._gap = not in_tight_item
        self.pieces.append(self._mark(group[0].start) + html)

    def _in_tight_item(self, line: Line) -> bool:
        if line.markers:
            return line.nest[-1] in _ITEMS
        return line.nest[-1:] in _ITEMS and not self._loose[len(line.nest) - 1]

    def _fenced(self, group: Group) -> str:
        body = group[1:-1] if len(group) > 1 and group[-1].kind is Kind.FENCE else group[1:]
        language = _LANGUAGE.match(self._source(group[0]))
        return _code(self._code_lines(body), language.group(1) if language else "")

    def _code_lines(self, group: Group) -> list[str]:
        return [
            "\n" * (len(_LINE_ENDS.findall(self.markdown, line.start, line.end)) - 1)
            if line.kind is Kind.BLANK
            else " " * line.indent + self._source(line)
            for line in group
        ]

    def _source(self, line: Line) -> str:
        return self.markdown[line.content : line.stop]

    def _html(self, group: Group) -> None:
        html = _COMMENT.sub("", "\n".join(map(self._source, group)))
        if html.strip():
            self.effort.raw_tags += html.count("<")
            self._piece(group, html)
        elif group[0].markers:
            self._put(group[0], "")

    def _heading(self, group: Group) -> None:
        source, _ = without_id(heading_source(self.markdown, group[0], group[-1]))
        anchor = self._anchors.get(group[0].start, "")
        self.effort.add(source)
        mark = self._mark(group[0].start)
        self._put(group[0], f"\x02h{group[-1].level}:{anchor}\x03{mark}{source}", apart=True)
        self._gap = True

    def _table(self, group: Group) -> None:
        columns = self._source(group[0]).count("|") + 1
        for line in group:
            row = self._source(line)
            row = _WIKI_PIPE.sub(r"\1\\|", row) if "[[" in row else row
            self.effort.add(row, max(columns, row.count("|") + 1))
            if line is group[0]:
                row = _in_first_cell(self._mark(line.start), row)
            self._put(line, row, apart=line is group[0])
        self._gap = True

    def _text(self, group: Group) -> None:
        if group[0].markers[-1:] == (">",) and (callout := _CALLOUT.fullmatch(self._source(group[0]).rstrip())):
            self._callout(group[0], callout.group(1), callout.group(2) or "")
            group = group[1:]
        text = SOFT_BREAK.join(map(self._source, group)).rstrip(" \t")
        shown = without_comments(text) if "%%" in text else text
        while definition := _DEFINITION_ON_TWO_LINES.match(shown):
            self._put(group[0], " ".join(definition.groups()))
            shown = shown[definition.end() :]
        if shown.strip() or (group and group[0].markers):
            self._paragraph(group[0], self._with_block_id(shown))

    def _paragraph(self, first: Line, text: str) -> None:
        if first.markers and text.startswith("["):
            text = _TASK.sub(_box, text, count=1)
        self.effort.add(text)
        text = _LONG_NUMBER.sub(r"\1\\", text) if text[:1].isdigit() else text
        self._put(first, text if _DEFINITION.match(text) else self._mark(first.start) + text)

    def _callout(self, line: Line, kind: str, title: str) -> None:
        words = title.strip() or kind.replace("-", " ").capitalize()
        self.effort.add(words)
        self._put(line, self._mark(line.start) + words.join(STRONG))
        self._gap = True

    def _with_block_id(self, text: str) -> str:
        """Of Obsidian's `^id` behind a block a place that links lead to."""
        named = BLOCK_ID.search(text, max(0, text.rfind("^"))) if "^" in text else None
        if named is None:
            return text
        self.pieces.append(f'<span id="^{named.group(1)}"></span>')
        return f"{text[: named.start()].rstrip()}\x02raw{len(self.pieces) - 1}\x03"


def _groups(lines: Iterable[Line]) -> Iterator[Group]:
    """The lines of each block together."""
    group: Group = []
    for line in lines:
        if group and _belongs(group, line):
            group.append(line)
            continue
        header = [group.pop()] if line.kind is Kind.TABLE else []
        yield from _without_blank_end(group)
        group = [*header, line]
    yield from _without_blank_end(group)


def _without_blank_end(group: Group) -> Iterator[Group]:
    end = len(group)
    while end > 1 and group[end - 1].kind is Kind.BLANK:
        end -= 1
    if group:
        yield group[:end]
    yield from ([line] for line in group[end:])


def _belongs(group: Group, line: Line) -> bool:
    last = group[-1].kind
    if line.kind is Kind.BLANK:
        return group[0].kind is Kind.INDENTED
    if line.kind is Kind.INDENTED:
        return group[0].kind is Kind.INDENTED and not line.markers and line.nest == group[0].nest
    if line.first or line.markers:
        return line.kind is Kind.UNDERLINE
    if line.kind is Kind.TABLE:
        return last is Kind.TABLE
    return line.kind in (Kind.CODE, Kind.FENCE) or line.kind is last


def _in_first_cell(mark: str, row: str) -> str:
    return _CELL_START.sub(lambda start: start[0] + mark, row, count=1)


def _indents(markers: tuple[str, ...]) -> Iterator[str]:
    """A quote that begins an item is not indented: the library would miss the `>` of its other lines."""
    for marker, inner in zip(markers, (*markers[1:], ""), strict=True):
        yield "> " if marker == ">" else "" if inner == ">" else "    "


def _marker(marker: str) -> str:
    if marker[0] in ">[":
        return f"{marker} "
    return (f"{marker[:-1]}." if marker[0].isdigit() else "-").ljust(3) + " "


def _box(task: re.Match[str]) -> str:
    return "\N{BALLOT BOX}" if task.group(1) == " " else "\N{BALLOT BOX WITH CHECK}"


def _code(lines: list[str], language: str) -> str:
    attribute = f' class="language-{escape(language)}"' if language else ""
    code = escape("".join(f"{line}\n" for line in lines), quote=False)
    return f"<pre><code{attribute}>{code}</code></pre>"
