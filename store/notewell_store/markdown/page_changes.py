"""A change of a text on its rendered page: the new page, with what went and what came marked in it.

The pages are read as runs of words, each below the elements in which it stands. Runs are compared first, then the words
of those that became one another; and the new page is written again from its runs, with what went put in between, inside
those elements that both pages have in common. So the answer is whole HTML whatever changed, and holds nothing that
neither page held, but `ins` and `del`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile
from typing import NamedTuple

from notewell_store.markdown.diffs import opcodes
from notewell_store.markdown.html_tree import BLOCKS, VOID, Element, Node, TooDeep, in_short, parsed, written
from notewell_store.markdown.words import (
    LONGEST_MARKED,
    Allowances,
    is_word,
    likeness_of,
    paired,
    word_changes,
    words_of,
)

MOST_CHARS = 300_000
"""Characters of HTML on either side up to which pages are compared: at most some 2 s."""
MOST_REPEATED = 4 * MOST_CHARS
"""Characters of elements that are opened again on the page that is made."""
PLACE = "nw/place-"
"""What the id of a place begins with; no heading has a slash in its own."""
MARK = ' class="mark"'
"""By which our marks are told from the `ins` and `del` that a text has itself; a clean page has no such class."""

Path = tuple[Element, ...]


def names_of(path: Path) -> str:
    """By what elements within one another are told from others."""
    return in_short("".join(element.key for element in path))


class Block(NamedTuple):
    """One of those that follow one another on the page."""

    html: str
    is_changed: bool


@dataclass(frozen=True, slots=True)
class PageChanges:
    """Each of the `places`, counted from 1, has the id `nw/place-N` and the attribute data-place."""

    blocks: tuple[Block, ...]
    places: int


class Word(NamedTuple):
    """A word, a space, or an element without content, within elements such as `strong`."""

    text: str
    within: Path

    @property
    def key(self) -> str:
        return self.text + names_of(self.within)


class Run(NamedTuple):
    """What stands together below `path`, in stretches of one look."""

    path: Path
    parts: tuple[Word, ...]

    @property
    def place(self) -> str:
        return names_of(self.path)

    @property
    def key(self) -> str:
        return self.place + "\n" + "".join(part.key for part in self.parts)

    @property
    def chars(self) -> int:
        return sum(len(part.text) for part in self.parts)

    @property
    def words(self) -> list[Word]:
        return [
            Word(word, within)
            for text, within in self.parts
            for word in ([text] if text.startswith("<") else words_of(text))
        ]


def page_changes(old: str, new: str) -> PageChanges | None:
    """What changed from one clean page to the other; None where they, or their changes, are too large or too deep to be
    shown so."""
    if max(len(old), len(new)) > MOST_CHARS:
        return None
    try:
        return _Comparison(list(_runs(parsed(old), ())), list(_runs(parsed(new), ()))).made()
    except (TooDeep, _TooMuch):
        return None


class _TooMuch(ValueError):
    """Elements are opened again and again, as a long address is where each second word of a link changed."""


def _runs(nodes: Sequence[Node], path: Path) -> Iterator[Run]:
    """An element in which nothing stands, such as a cell, is a run too. No path is empty: what stands at the root does
    so in an element without a name, which is not written."""
    is_code = any(element.tag == "pre" for element in path)
    is_empty = True
    for node_is_block, group in groupby(nodes, _is_block):
        together = list(group)
        runs = _of_blocks(together, path) if node_is_block else _of_text(together, path, is_code=is_code)
        for run in runs:
            is_empty = False
            yield run
    if is_empty and path:
        yield Run(path, ())


def _is_block(node: Node) -> bool:
    return isinstance(node, Element) and node.tag in BLOCKS


def _of_blocks(nodes: Iterable[Node], path: Path) -> Iterator[Run]:
    for node in nodes:
        if isinstance(node, Element) and node.tag not in VOID:
            yield from _runs(node.children, (*path, node))
        elif isinstance(node, Element):
            yield Run(path or _at_root(), (Word(node.begin, ()),))


def _of_text(nodes: Iterable[Node], path: Path, *, is_code: bool) -> Iterator[Run]:
    parts = tuple(part for node in nodes for part in _parts(node, ()))
    if is_code or any(not part.text.isspace() for part in parts):
        yield Run(path or _at_root(), parts)


def _at_root() -> Path:
    return (Element(""),)


def _parts(node: Node, within: Path) -> Iterator[Word]:
    if isinstance(node, str):
        yield Word(node, within)
    elif node.tag in VOID:
        yield Word(node.begin, within)
    else:
        for child in node.children:
            yield from _parts(child, (*within, node))


class _Comparison:
    def __init__(self, before: list[Run], after: list[Run]) -> None:
        self.before, self.after = before, after
        self.page = _Page()
        self.allowed, self.cells = Allowances(), _Cells()
        self.fellows: dict[Element, Element] = {}
        """What elements of the former page are in the new one."""

    def made(self) -> PageChanges:
        codes = opcodes([run.key for run in self.before], [run.key for run in self.after])
        for tag, a, b, c, d in codes:
            if tag == "equal":
                for one, other in zip(self.before[a:b], self.after[c:d], strict=True):
                    self._meet(one, other)
        for tag, a, b, c, d in codes:
            if tag == "equal":
                self.page.end_place()
                for run in self.after[c:d]:
                    self.page.put_run(run.path, run.parts)
            else:
                self._change(self.before[a:b], self.after[c:d])
        return PageChanges(tuple(self.page.finished()), self.page.places)

    def _meet(self, one: Run, other: Run) -> None:
        for element, fellow in zip(one.path, other.path, strict=False):
            if self.fellows.setdefault(element, fellow) is not fellow:
                return

    def _change(self, old: list[Run], new: list[Run]) -> None:
        pairs = list(paired(old, new, self._likeness, self.allowed.pairs))
        for i, j in pairs:
            if i is not None and j is not None:
                self._meet(old[i], new[j])
        for i, j in pairs:
            if j is None and i is not None:
                self.page.put_run(self._led(old[i].path), old[i].parts, "del")
            elif i is None and j is not None:
                self.page.put_run(new[j].path, new[j].parts, "ins")
            elif i is not None and j is not None:
                self._become(old[i], new[j])

    def _likeness(self, run: Run) -> frozenset[str]:
        """Runs at places of different kinds have nothing in common; cells have their row and column."""
        text = "".join(part.text for part in run.parts if not part.text.startswith("<"))
        place = run.place
        return frozenset(f"{place}{word}" for word in [*likeness_of(text), *self.cells.place(run.path)])

    def _led(self, path: Path) -> Path:
        """Where on the new page stands what stood there on the former one."""
        known = tuple(takewhile(lambda element: element in self.fellows, path))
        return tuple(self.fellows[element] for element in known) + path[len(known) :]

    def _become(self, old: Run, new: Run) -> None:
        if old.chars + new.chars > LONGEST_MARKED:
            self.page.put_run(new.path, old.parts, "del")
            self.page.put_run(new.path, new.parts, "ins")
            return
        before, after = old.words, new.words
        keys = [word.key for word in before], [word.key for word in after]
        for tag, a, b, c, d in word_changes(*keys, _says, self.allowed.words):
            if tag == "equal":
                self.page.put_run(new.path, after[c:d])
            else:
                self.page.put_run(new.path, before[a:b], "del")
                self.page.put_run(new.path, after[c:d], "ins")


def _says(key: str) -> bool:
    return is_word(key) or key.startswith("<")


class _Cells:
    """Which column and which row a cell is of; each row is looked at once, however many cells it has."""

    def __init__(self) -> None:
        self._known: dict[Element, tuple[str, dict[Element, int]]] = {}

    def place(self, path: Path) -> list[str]:
        if path[-1].tag not in ("td", "th") or len(path) < 2:
            return []
        row = path[-2]
        if row not in self._known:
            columns = {cell: number for number, cell in enumerate(row.children) if isinstance(cell, Element)}
            self._known[row] = in_short(written([*columns][:1])), columns
        name, columns = self._known[row]
        return [f"column {columns[path[-1]]}", f"row {name}"]


class _Page:
    """Written from its runs, each element being opened and closed as they need."""

    def __init__(self) -> None:
        self.places = 0
        self._is_in_place = False
        self._blocks: list[Block] = []
        self._html: list[str] = []
        self._open: Path = ()
        self._begun: set[Element] = set()
        self._is_changed = False
        self._room = MOST_REPEATED

    def put_run(self, path: Path, words: Sequence[Word], mark: str = "") -> None:
        """Words at their place; `mark` tells that they went (`del`) or came (`ins`)."""
        if not self._open or self._open[0] is not path[0]:
            self._end_block()
        if not words:
            self._go_to(path)
            self._is_changed |= mark != ""
            return
        marked = (self._mark(mark),) if mark else ()
        for text, within in words:
            self._go_to((*path, *within, *marked))
            self._html.append(text)

    def _mark(self, tag: str) -> Element:
        """The first of a place bears its number."""
        self._is_changed = True
        if self._is_in_place:
            return Element(tag, MARK)
        self._is_in_place = True
        self.places += 1
        return Element(tag, f'{MARK} id="{PLACE}{self.places}" data-place="{self.places}" tabindex="-1"')

    def end_place(self) -> None:
        self._is_in_place = False

    def _go_to(self, path: Path) -> None:
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] is pair[1], zip(self._open, path, strict=False)))
        self._html += [element.end for element in reversed(self._open[shared:])]
        self._html += map(self._begin, path[shared:])
        self._open = path

    def _begin(self, element: Element) -> str:
        """An element that is opened again, in whose middle another stands, has its id once. What can be folded is
        open, so that what changed in it is seen."""
        if element.tag == "details":
            return '<details open="">'
        if element not in self._begun:
            self._begun.add(element)
            return element.begin
        again = f"<{element.tag}{MARK}>" if element.attributes.startswith(MARK) else element.name
        self._room -= len(again)
        if self._room < 0:
            raise _TooMuch
        return again

    def _end_block(self) -> None:
        self._go_to(())
        if self._html:
            self._blocks.append(Block("".join(self._html), self._is_changed))
        self._html, self._is_changed = [], False

    def finished(self) -> list[Block]:
        self._end_block()
        return self._blocks
