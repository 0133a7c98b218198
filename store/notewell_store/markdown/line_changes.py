"""A change of a text as data: line beside line, with the words that changed in them, and its places by number."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from notewell_store.markdown.diffs import CONTEXT, Opcode, lines_of, opcodes
from notewell_store.markdown.words import (
    LONGEST_MARKED,
    Allowances,
    is_word,
    likeness_of,
    paired,
    word_changes,
    words_of,
)

MOST_LINES = 4_000
"""Lines that are told of."""


class Piece(NamedTuple):
    text: str
    is_changed: bool


class Row(NamedTuple):
    """A line of the old text beside the one of the new text that it became; either may have no fellow. Lines are
    counted from 1."""

    kind: Literal["equal", "changed", "removed", "added"]
    old: int | None
    new: int | None
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


class Part(NamedTuple):
    """Lines that belong together: a `place` that changed, counted from 1, or what is the same on both sides, of which
    `left_out` lines are not told of here, though they follow."""

    place: int | None
    rows: tuple[Row, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class LineChanges:
    """`untold` are the lines that were too many to be told of, at the end."""

    parts: tuple[Part, ...]
    places: int
    added: int
    removed: int
    untold: int


def line_changes(old: str, new: str, *, whole: bool = False) -> LineChanges:
    """What changed from the one to the other, with three lines round each place, or with the whole text."""
    before, after = lines_of(old), lines_of(new)
    codes = opcodes(before, after)
    changed = [code for code in codes if code[0] != "equal"]
    comparison = _Comparison(before, after)
    parts: list[Part] = []
    room, untold = MOST_LINES, 0
    for part in comparison.parts(codes, whole=whole):
        parts.append(part._replace(rows=part.rows[:room]))
        untold += len(part.rows) - len(part.rows[:room])
        room -= len(part.rows[:room])
    return LineChanges(
        tuple(part for part in parts if part.rows or part.left_out),
        len(changed),
        sum(code[4] - code[3] for code in changed),
        sum(code[2] - code[1] for code in changed),
        untold,
    )


class _Comparison:
    def __init__(self, before: Sequence[str], after: Sequence[str]) -> None:
        self.before, self.after = before, after
        self.allowed = Allowances()

    def parts(self, codes: Sequence[Opcode], *, whole: bool) -> Iterator[Part]:
        place = 0
        for number, code in enumerate(codes):
            if code[0] != "equal":
                place += 1
                yield Part(place, tuple(self._changed(code)))
            elif whole:
                yield Part(None, tuple(self._same(code, 0, code[2] - code[1])))
            else:
                yield from self._near(code, is_first=number == 0, is_last=number == len(codes) - 1)

    def _near(self, code: Opcode, *, is_first: bool, is_last: bool) -> Iterator[Part]:
        """What lies near a change on either side, and how much lies between."""
        lines = code[2] - code[1]
        behind = 0 if is_first else min(CONTEXT, lines)
        ahead = lines if is_last else max(behind, lines - CONTEXT)
        if is_first and is_last:
            return
        left_out = (lines if is_last else ahead) - behind
        if left_out <= 1:  # a line takes no more room than to say that it is left out
            yield Part(None, tuple(self._same(code, 0, lines)))
            return
        yield Part(None, tuple(self._same(code, 0, behind)), left_out)
        if not is_last:
            yield Part(None, tuple(self._same(code, ahead, lines)))

    def _same(self, code: Opcode, start: int, end: int) -> Iterator[Row]:
        for offset in range(start, end):
            old, new = code[1] + offset, code[3] + offset
            line = (_piece(self.after[new]),)
            yield Row("equal", old + 1, new + 1, line, line)

    def _changed(self, code: Opcode) -> Iterator[Row]:
        _, a, b, c, d = code
        old, new = self.before[a:b], self.after[c:d]
        for i, j in paired(old, new, likeness_of, self.allowed.pairs):
            if i is None and j is not None:
                yield Row("added", None, c + j + 1, (), (_piece(new[j]),))
            elif j is None and i is not None:
                yield Row("removed", a + i + 1, None, (_piece(old[i]),), ())
            elif i is not None and j is not None:
                yield Row("changed", a + i + 1, c + j + 1, *self._marked(old[i], new[j]))

    def _marked(self, old: str, new: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
        """Both lines, what they have not in common marked."""
        if len(old) + len(new) > LONGEST_MARKED:
            return (_piece(old),), (_piece(new),)
        before, after = words_of(old), words_of(new)
        codes = word_changes(before, after, is_word, self.allowed.words)
        return (
            tuple(_pieces((before[a:b], tag != "equal") for tag, a, b, _, _ in codes)),
            tuple(_pieces((after[c:d], tag != "equal") for tag, _, _, c, d in codes)),
        )


def _piece(line: str) -> Piece:
    return Piece(line.rstrip("\r\n"), False)


def _pieces(stretches: Iterator[tuple[list[str], bool]]) -> Iterator[Piece]:
    """A line end is shown by the line itself."""
    for words, is_changed in stretches:
        text = "".join(words).rstrip("\r\n")
        if text:
            yield Piece(text, is_changed)
