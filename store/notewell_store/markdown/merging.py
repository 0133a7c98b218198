"""Three-way merge of texts, on lines."""

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from notewell_store.markdown.diffs import lines_of, opcodes

Kind = Literal["same", "mine", "theirs", "alike", "both"]
Lines = tuple[str, ...]


class Hunk(NamedTuple):
    """Lines `start` to `end` of the base become `lines`."""

    start: int
    end: int
    lines: Lines


class Region(NamedTuple):
    """A stretch of the base, and what each side has there. `same`: what it was; `mine` or `theirs`: one side changed
    it; `alike`: both did, in the same way; `both`: two changes meet, and only a person can tell what is to stand."""

    kind: Kind
    base: Lines
    mine: Lines
    theirs: Lines

    @property
    def merged(self) -> Lines:
        """What stands there with both changes, where they do not meet."""
        return self.theirs if self.kind == "theirs" else self.mine


@lru_cache(maxsize=2)  # a draft that is made again behind the gate merges the same texts
def regions(base: str, mine: str, theirs: str) -> tuple[Region, ...]:
    """The base in stretches, in its order, with what both sides did to it.

    Two changes meet when they replace a common line, or when one inserts where the other changes; the same
    change made twice is one. Neighbouring lines, each replaced by one side, do not meet.
    """
    lines = lines_of(base)
    ours, others = frozenset(_hunks(lines, mine)), frozenset(_hunks(lines, theirs))
    found: list[Region] = []
    at = 0
    for met in _meeting(sorted(ours | others)):
        start, end = met[0].start, max(hunk.end for hunk in met)
        sides = [_applied(lines, start, end, [hunk for hunk in met if hunk in side]) for side in (ours, others)]
        same = tuple(lines[at:start])
        found += [Region("same", same, same, same)] if same else []
        found.append(Region(_kind(met, ours, others), tuple(lines[start:end]), *sides))
        at = end
    rest = tuple(lines[at:])
    return (*found, Region("same", rest, rest, rest)) if rest else tuple(found)


def _kind(met: Sequence[Hunk], ours: Collection[Hunk], others: Collection[Hunk]) -> Kind:
    if len(met) > 1:
        return "both"
    if met[0] not in others:
        return "mine"
    return "alike" if met[0] in ours else "theirs"


def merge(base: str, mine: str, theirs: str) -> str | None:
    """The text with both changes to `base`, or None where they meet."""
    found = regions(base, mine, theirs)
    return None if any(region.kind == "both" for region in found) else settled(found, ())


def settled(found: Iterable[Region], chosen: Iterable[str]) -> str:
    """The text of these regions, with what was chosen for each place where two changes meet, in their order."""
    choices = iter(chosen)
    parts = [lines_of(next(choices)) if region.kind == "both" else region.merged for region in found]
    return "".join(_rejoined([line for part in parts for line in part]))


MINE, BETWEEN, THEIRS = "<<<<<<<", "=======", ">>>>>>>"
"""What begins a marked line, as git and editors know it."""


def marked(base: str, mine: str, theirs: str, names: tuple[str, str]) -> str:
    """The text with both changes to `base`. Where they meet, both stand there between marked lines, for a person to
    settle: mine first, each under its name."""
    found = regions(base, mine, theirs)
    return settled(found, (_both_marked(region, names) for region in found if region.kind == "both"))


def _both_marked(place: Region, names: tuple[str, str]) -> str:
    between = [f"{MINE} {names[0]}\n", *place.mine, f"{BETWEEN}\n", *place.theirs, f"{THEIRS} {names[1]}\n"]
    return "".join(_rejoined([*between, ""]))


def _meeting(hunks: Sequence[Hunk]) -> list[list[Hunk]]:
    """The hunks, in order; those that meet together. Who meets any of them meets the one that ends last; of several
    that do, the insertion."""
    found: list[list[Hunk]] = []
    last: Hunk | None = None
    for hunk in hunks:
        if last is not None and _meet(last, hunk):
            found[-1].append(hunk)
            last = max(last, hunk, key=lambda each: (each.end, each.start))
        else:
            found.append([hunk])
            last = hunk
    return found


def _applied(lines: Sequence[str], start: int, end: int, hunks: Sequence[Hunk]) -> Lines:
    """The lines `start` to `end` as one side has them."""
    text: list[str] = []
    for hunk in hunks:
        text += [*lines[start : hunk.start], *hunk.lines]
        start = hunk.end
    return (*text, *lines[start:end])


def has_marks(text: str) -> bool:
    """Whether a text still holds a place that `marked` left to be settled."""
    begun = [line for line in lines_of(text) if line.startswith((f"{MINE} ", f"{THEIRS} ")) or line == f"{BETWEEN}\n"]
    return len(begun) >= 3 and begun[0].startswith(MINE)


def _hunks(lines: Sequence[str], changed: str) -> list[Hunk]:
    new = lines_of(changed)
    return [Hunk(a, b, tuple(new[c:d])) for tag, a, b, c, d in opcodes(lines, new) if tag != "equal"]


def _meet(one: Hunk, other: Hunk) -> bool:
    """Whether two hunks, in order, overlap; an insertion already meets what it touches."""
    inserts = one.start == one.end or other.start == other.end
    return other.start < one.end or (inserts and other.start == one.end)


def _rejoined(lines: list[str]) -> list[str]:
    """A line without an end that is no longer the last gets one."""
    return [line if line.endswith("\n") else line + "\n" for line in lines[:-1]] + lines[-1:]
