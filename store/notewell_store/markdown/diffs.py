"""What changed between two texts, line by line, in bounded time."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import accumulate, pairwise
from typing import NamedTuple

CONTEXT = 3
LARGEST_PRODUCT = 250_000
"""Lines times lines up to which difflib compares two stretches."""
MOST_PAIRS = 5_000_000
"""Pairs of equal lines that difflib looks at, for all stretches of two texts together: some 0.3 s."""
PASSES = 20
"""How often the lines may be gone through in search of those that stand once in both texts."""

Opcode = tuple[str, int, int, int, int]
Lines = Sequence[str]


def lines_of(text: str) -> list[str]:
    """The lines of a text with their ends; only a line feed ends a line, as for git and editors."""
    lines = text.split("\n")
    last = lines.pop()
    return [line + "\n" for line in lines] + ([last] if last else [])


class Allowance:
    """How much may still be looked at, of one comparison or of several together."""

    def __init__(self, pairs: int = MOST_PAIRS) -> None:
        self.pairs = pairs

    def grants(self, pairs: int) -> bool:
        """Whether so many more pairs of lines may be looked at, which then are."""
        if pairs > self.pairs:
            return False
        self.pairs -= pairs
        return True


def opcodes(old: Lines, new: Lines, allowance: Allowance | None = None) -> list[Opcode]:
    """How to turn `old` into `new`, in the form of difflib's opcodes.

    Large texts that share few unique lines are compared coarsely: more is replaced than need be.
    """
    return list(joined(_Comparison(old, new, allowance or Allowance()).found()))


class _Stretch(NamedTuple):
    """Lines `a` to `b` of the old text became lines `c` to `d` of the new one."""

    a: int
    b: int
    c: int
    d: int
    is_equal: bool = False


class _Comparison:
    """Sets aside what two stretches share at their ends; cuts large rests at unique lines for difflib."""

    def __init__(self, old: Lines, new: Lines, allowance: Allowance) -> None:
        self.old, self.new, self.allowance = old, new, allowance
        self.looks = PASSES * (len(old) + len(new))

    def found(self) -> Iterator[Opcode]:
        todo = [_Stretch(0, len(self.old), 0, len(self.new))]  # the first in the texts comes last
        while todo:
            stretch = todo.pop()
            if stretch.is_equal:
                yield "equal", *stretch[:4]
                continue
            middle = self._without_shared_ends(stretch)
            yield "equal", stretch.a, middle.a, stretch.c, middle.c
            todo.append(_Stretch(middle.b, stretch.b, middle.d, stretch.d, is_equal=True))
            if (middle.b - middle.a) * (middle.d - middle.c) <= LARGEST_PRODUCT:
                yield from self._compared(middle)
            elif parts := self._cut(middle):
                todo += reversed(parts)
            else:
                yield "replace", *middle[:4]

    def _without_shared_ends(self, stretch: _Stretch) -> _Stretch:
        a, b, c, d, _ = stretch
        while a < b and c < d and self.old[a] == self.new[c]:
            a, c = a + 1, c + 1
        while a < b and c < d and self.old[b - 1] == self.new[d - 1]:
            b, d = b - 1, d - 1
        return _Stretch(a, b, c, d)

    def _compared(self, stretch: _Stretch) -> Iterator[Opcode]:
        a, b, c, d, _ = stretch
        at = _Block(0, 0, 0)
        for block in [*_shared(self.old[a:b], self.new[c:d], self.allowance), _Block(b - a, d - c, 0)]:
            yield "replace", a + at.old, a + block.old, c + at.new, c + block.new
            at = _Block(block.old + block.size, block.new + block.size, 0)
            yield "equal", a + block.old, a + at.old, c + block.new, c + at.new

    def _cut(self, stretch: _Stretch) -> list[_Stretch]:
        """Patience: what stands between the unique common lines in their longest common order."""
        a, b, c, d, _ = stretch
        self.looks -= b - a + d - c
        anchors = _anchors(self.old[a:b], self.new[c:d]) if self.looks >= 0 else []
        if not anchors:
            return []
        cuts = [(a, c), *((a + in_old, c + in_new) for in_old, in_new in anchors), (b, d)]
        return [_Stretch(a1, b1, c1, d1) for (a1, c1), (b1, d1) in pairwise(cuts)]


class _Block(NamedTuple):
    """So many lines are equal from here on in both texts."""

    old: int
    new: int
    size: int


def _shared(old: Lines, new: Lines, allowance: Allowance) -> list[_Block]:
    """What difflib finds equal, its longest block first, then what stands on both sides of it; nothing more once it
    has looked at as many pairs as are allowed: where few lines repeat it would look without end."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    often = Counter(new)
    pairs = [0, *accumulate(1 + often[line] for line in old)]
    found: list[_Block] = []
    todo = [(0, len(old), 0, len(new))]
    while todo:
        a, b, c, d = todo.pop()
        if a == b or c == d or not allowance.grants(pairs[b] - pairs[a]):
            continue
        block = _Block(*matcher.find_longest_match(a, b, c, d))
        if block.size:
            found.append(block)
            todo += (a, block.old, c, block.new), (block.old + block.size, b, block.new + block.size, d)
    return sorted(found)


def _anchors(old: Lines, new: Lines) -> list[tuple[int, int]]:
    once_old, once_new = Counter(old), Counter(new)
    place = {line: number for number, line in enumerate(new) if once_new[line] == 1}
    pairs = [(number, place[line]) for number, line in enumerate(old) if once_old[line] == 1 and line in place]
    return _longest_increasing(pairs)


def _longest_increasing(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs that ascends in both, by patience sorting."""
    tops: list[int] = []
    piles: list[int] = []
    before: list[int | None] = []
    for index, (_, value) in enumerate(pairs):
        pile = bisect_left(tops, value)
        tops[pile : pile + 1] = [value]
        piles[pile : pile + 1] = [index]
        before.append(piles[pile - 1] if pile else None)
    chosen: list[tuple[int, int]] = []
    at = piles[-1] if piles else None
    while at is not None:
        chosen.append(pairs[at])
        at = before[at]
    return chosen[::-1]


def joined(codes: Iterable[Opcode]) -> Iterator[Opcode]:
    """Neighbours of one kind as one; a replacement by nothing or of nothing gets its own name."""
    held: Opcode | None = None
    for tag, a, b, c, d in codes:
        if a == b and c == d:
            continue
        kind = "equal" if tag == "equal" else "replace"
        if held and held[0] == kind:
            held = (kind, held[1], b, held[3], d)
            continue
        if held:
            yield _named(held)
        held = (kind, a, b, c, d)
    if held:
        yield _named(held)


def _named(code: Opcode) -> Opcode:
    tag, a, b, c, d = code
    if tag == "replace" and (a == b or c == d):
        return ("insert" if a == b else "delete", a, b, c, d)
    return code


def unified_diff(old: str, new: str, old_name: str, new_name: str, max_chars: int | None = None) -> str:
    """The change in unified form, '' when there is none; cut at a line beyond `max_chars`, and says so."""
    if old == new:
        return ""
    before, after = lines_of(old), lines_of(new)
    out = [f"--- {old_name}\n", f"+++ {new_name}\n"]
    for hunk in _hunks(opcodes(before, after)):
        out += _written(hunk, before, after)
    return _cut_off(out, max_chars)


def count_lines(old: str, new: str, allowance: Allowance | None = None) -> tuple[int, int]:
    """How many lines the one has that the other has not: those that were added, and those that were removed."""
    codes = [code for code in opcodes(lines_of(old), lines_of(new), allowance) if code[0] != "equal"]
    return sum(code[4] - code[3] for code in codes), sum(code[2] - code[1] for code in codes)


def _hunks(codes: Iterable[Opcode]) -> Iterator[list[Opcode]]:
    """Changes with the lines round them; those close to one another together."""
    hunk: list[Opcode] = []
    for tag, a, b, c, d in codes:
        if tag == "equal" and hunk and b - a > 2 * CONTEXT:
            yield [*hunk, (tag, a, a + CONTEXT, c, c + CONTEXT)]
            hunk = []
        skipped = max(0, b - a - CONTEXT) if tag == "equal" and not hunk else 0
        hunk.append((tag, a + skipped, b, c + skipped, d))
    if hunk[-1][0] == "equal":
        tag, a, b, c, d = hunk.pop()
        hunk.append((tag, a, min(b, a + CONTEXT), c, min(d, c + CONTEXT)))
    if len(hunk) > 1 or hunk[0][0] != "equal":
        yield hunk


def _written(hunk: list[Opcode], before: Lines, after: Lines) -> list[str]:
    first, last = hunk[0], hunk[-1]
    out = [f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@\n"]
    for tag, a, b, c, d in hunk:
        if tag == "equal":
            out += [_line(" ", line) for line in before[a:b]]
        else:
            out += [_line("-", line) for line in before[a:b]]
            out += [_line("+", line) for line in after[c:d]]
    return out


def _range(start: int, stop: int) -> str:
    length = stop - start
    begin = start + 1 if length else start
    return str(begin) if length == 1 else f"{begin},{length}"


def _line(sign: str, line: str) -> str:
    return f"{sign}{line}" if line.endswith("\n") else f"{sign}{line}\n\\ No newline at end of file\n"


def _cut_off(lines: list[str], max_chars: int | None) -> str:
    kept = size = 0
    while kept < len(lines) and (max_chars is None or size + len(lines[kept]) <= max_chars):
        size += len(lines[kept])
        kept += 1
    left = sum(line.count("\n") for line in lines[kept:])
    return "".join(lines[:kept]) + (f"… {left} more lines of diff\n" if left else "")


def blame(versions: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    """For each line of the newest version, the revision that brought it and the line with its end.

    `versions` are revision and text, oldest first. All their comparisons together have the allowance of a few.
    """
    allowance = Allowance(4 * MOST_PAIRS)
    owners: list[int] = []
    before: list[str] = []
    for revision, text in versions:
        after = lines_of(text)
        carried: list[int] = []
        for tag, a, b, c, d in opcodes(before, after, allowance):
            carried += owners[a:b] if tag == "equal" else [revision] * (d - c)
        owners, before = carried, after
    return list(zip(owners, before, strict=True))
