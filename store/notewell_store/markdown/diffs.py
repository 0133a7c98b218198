"""What changed between two texts, line by line, in bounded time."""

import difflib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from difflib import SequenceMatcher

LARGEST_PRODUCT = 250_000  # lines times lines that difflib compares in well under a second
CONTEXT = 3

Opcode = tuple[str, int, int, int, int]
Lines = Sequence[str]


def lines_of(text: str) -> list[str]:
    """The lines of a text with their ends; only a line feed ends a line, as for git and editors."""
    lines = text.split("\n")
    last = lines.pop()
    return [line + "\n" for line in lines] + ([last] if last else [])


def opcodes(old: Lines, new: Lines) -> list[Opcode]:
    """How to turn `old` into `new`, in the form of difflib's opcodes."""
    return list(_joined(_compared(old, new, 0, 0)))


def _compared(old: Lines, new: Lines, at_old: int, at_new: int) -> Iterator[Opcode]:
    """What both share at either end is set aside; large rests are cut at lines that stand once in each."""
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    yield "equal", at_old, at_old + head, at_new, at_new + head
    yield from _middle(middle_old, middle_new, at_old + head, at_new + head)
    ends = at_old + len(old), at_new + len(new)
    yield "equal", ends[0] - tail, ends[0], ends[1] - tail, ends[1]


def _middle(old: Lines, new: Lines, at_old: int, at_new: int) -> Iterator[Opcode]:
    if not old or not new:
        yield "replace", at_old, at_old + len(old), at_new, at_new + len(new)
    elif len(old) * len(new) <= LARGEST_PRODUCT:
        for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            yield tag, at_old + a, at_old + b, at_new + c, at_new + d
    else:
        yield from _between_anchors(old, new, at_old, at_new)


def _between_anchors(old: Lines, new: Lines, at_old: int, at_new: int) -> Iterator[Opcode]:
    """Patience: unique common lines in their longest common order are equal, what lies between is compared."""
    anchors = _anchors(old, new)
    if not anchors:
        yield "replace", at_old, at_old + len(old), at_new, at_new + len(new)
        return
    a = b = 0
    for in_old, in_new in [*anchors, (len(old), len(new))]:
        yield from _compared(old[a:in_old], new[b:in_new], at_old + a, at_new + b)
        a, b = in_old, in_new


def _anchors(old: Lines, new: Lines) -> list[tuple[int, int]]:
    once_old, once_new = Counter(old), Counter(new)
    place = {line: number for number, line in enumerate(new) if once_new[line] == 1}
    pairs = [
        (number, place[line]) for number, line in enumerate(old) if once_old[line] == 1 and line in place
    ]
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
    at: int | None = piles[-1] if piles else None
    while at is not None:
        chosen.append(pairs[at])
        at = before[at]
    return chosen[::-1]


def _shared(one: Lines, other: Lines) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _joined(codes: Iterable[Opcode]) -> Iterator[Opcode]:
    """Neighbours of one kind as one, empty ones left out, and a replacement by or of nothing under its own name."""
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


class _Known(difflib.SequenceMatcher[str]):
    """Lets difflib group opcodes that were found here."""

    def __init__(self, codes: list[Opcode]) -> None:
        super().__init__(None, "", "")
        self._codes = codes

    def get_opcodes(self) -> list[Opcode]:  # type: ignore[override]  # tags are plain strings here
        return self._codes


def unified_diff(old: str, new: str, old_name: str, new_name: str, max_chars: int | None = None) -> str:
    """The change in unified form, '' when there is none; beyond `max_chars` it is cut at a line and says so."""
    if old == new:
        return ""
    before, after = lines_of(old), lines_of(new)
    out = [f"--- {old_name}\n", f"+++ {new_name}\n"]
    for group in _Known(opcodes(before, after)).get_grouped_opcodes(CONTEXT):
        out += _hunk(group, before, after)
    return _cut(out, max_chars)


def _hunk(group: Sequence[Opcode], before: Lines, after: Lines) -> list[str]:
    first, last = group[0], group[-1]
    out = [f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@\n"]
    for tag, a, b, c, d in group:
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


def _cut(lines: list[str], max_chars: int | None) -> str:
    if max_chars is None:
        return "".join(lines)
    kept, size = 0, 0
    while kept < len(lines) and size + len(lines[kept]) <= max_chars:
        size += len(lines[kept])
        kept += 1
    rest = f"… {len(lines) - kept} more lines of diff\n" if kept < len(lines) else ""
    return "".join(lines[:kept]) + rest


def blame(versions: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    """For each line of the newest version, with its end, the revision that brought it; versions oldest first."""
    owners: list[int] = []
    before: list[str] = []
    for revision, text in versions:
        after = lines_of(text)
        carried: list[int] = []
        for tag, a, b, c, d in opcodes(before, after):
            carried += owners[a:b] if tag == "equal" else [revision] * (d - c)
        owners, before = carried, after
    return list(zip(owners, before, strict=True))
