"""A map of notes: as large as their texts, in boxes of those that they stand below."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from notewell_tools.project_map import Place

WIDTH, HEIGHT = 1_200.0, 760.0
HEAD = 20.0
"""For the name of a box that holds others."""
GAP = 2.0
DEEPEST = 4
"""Boxes in one another; what stands lower is shown beside."""
LEAST_TEXT = 300
"""Characters as which a shorter text is drawn, so that it can be seen."""
NAMED = (46.0, 18.0)
"""How wide and high a box has to be for its name."""
ROOM = (70.0, 52.0)
"""How wide and high one has to be to hold others."""

Age = Literal["new", "recent", "older", "old"]
AGES: tuple[tuple[int, Age], ...] = ((30, "new"), (180, "recent"), (365, "older"))


class Area(NamedTuple):
    x: float
    y: float
    width: float
    height: float


class Box(NamedTuple):
    """A note; `is_group` tells that others stand in it, below its name."""

    place: Place
    area: Area
    age: Age
    is_group: bool
    is_named: bool


class Branch:
    """A note with all that stands below it."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.own = max(place["chars"], LEAST_TEXT)
        self.below: list[Branch] = []
        self.size = 0

    def every(self) -> Iterator["Branch"]:
        """It, and all below it."""
        left = [self]
        while left:
            one = left.pop()
            yield one
            left += one.below

    def measure(self) -> None:
        """Tell each how large it is with all below it."""
        for one in reversed(list(self.every())):
            one.size = one.own + sum(branch.size for branch in one.below)


def treemap(places: list[Place], now: datetime | None = None) -> list[Box]:
    """The boxes, each behind the one that it stands in."""
    moment = now or datetime.now(UTC)
    return list(_laid(_branches(places), Area(0, 0, WIDTH, HEIGHT), 1, moment))


def _branches(places: list[Place]) -> list[Branch]:
    """Those at the top, the largest first at each level."""
    branches = {place["id"]: Branch(place) for place in places}
    top: list[Branch] = []
    for branch in branches.values():
        above = branches.get(branch.place["above"] or 0)
        (above.below if above else top).append(branch)
    for branch in top:
        branch.measure()
    return top


def _laid(branches: list[Branch], area: Area, depth: int, now: datetime) -> Iterator[Box]:
    shown = sorted(branches, key=lambda branch: (-branch.size, branch.place["slug"]))
    for branch, own in zip(shown, squarified([branch.size for branch in shown], area), strict=True):
        inner = _shrunk(own)
        if not branch.below or depth >= DEEPEST or inner.width < ROOM[0] or inner.height < ROOM[1]:
            yield from _alone(branch, inner, now)
            continue
        yield _box(branch.place, inner, now, is_group=True)
        leaf = Branch(branch.place)
        leaf.measure()
        rest = Area(inner.x, inner.y + HEAD, inner.width, inner.height - HEAD)
        yield from _laid([leaf, *branch.below], rest, depth + 1, now)


def _alone(branch: Branch, area: Area, now: datetime) -> Iterator[Box]:
    """A note, beside those that stand below it."""
    each = [one.place for one in branch.every()]
    sizes = [max(place["chars"], LEAST_TEXT) for place in each]
    order = sorted(range(len(each)), key=lambda index: -sizes[index])
    areas = squarified([sizes[index] for index in order], area)
    for index, own in zip(order, areas, strict=True):
        yield _box(each[index], own if len(each) == 1 else _shrunk(own, GAP / 2), now, is_group=False)


def _box(place: Place, area: Area, now: datetime, *, is_group: bool) -> Box:
    days = (now - datetime.fromisoformat(place["updated_at"])).days
    age: Age = next((name for most, name in AGES if days < most), "old")
    is_named = area.width >= NAMED[0] and area.height >= NAMED[1]
    return Box(place, Area(*(round(number, 1) for number in area)), age, is_group, is_named)


def _shrunk(area: Area, by: float = GAP) -> Area:
    return Area(area.x + by / 2, area.y + by / 2, max(area.width - by, 0.5), max(area.height - by, 0.5))


def squarified(sizes: list[int], area: Area) -> list[Area]:
    """Parts of an area for these sizes, the largest first, each as square as may be (Bruls, Huizing, van Wijk 2000)."""
    found: list[Area] = []
    rest, left = area, float(sum(sizes))
    start = 0
    while start < len(sizes):
        end = _row_end(sizes, start, rest, left)
        row = sizes[start:end]
        parts, rest = _row(row, rest, left)
        found += parts
        left -= sum(row)
        start = end
    return found


def _row_end(sizes: list[int], start: int, rest: Area, left: float) -> int:
    """As many as make the worst of the row no less square."""
    scale = rest.width * rest.height / left
    side = max(min(rest.width, rest.height), 0.01)
    total, worst = 0.0, float("inf")
    for end in range(start, len(sizes)):
        total += sizes[end] * scale
        largest, smallest = sizes[start] * scale, sizes[end] * scale
        ratio = max(side**2 * largest / total**2, total**2 / (side**2 * smallest))
        if ratio > worst:
            return end
        worst = ratio
    return len(sizes)


def _row(row: list[int], rest: Area, left: float) -> tuple[list[Area], Area]:
    """A row along the shorter side, and what is left of the area."""
    share, total = sum(row) / left, float(sum(row))
    parts: list[Area] = []
    at = 0.0
    if rest.width >= rest.height:
        width = rest.width * share
        for size in row:
            height = rest.height * size / total
            parts.append(Area(rest.x, rest.y + at, width, height))
            at += height
        return parts, Area(rest.x + width, rest.y, rest.width - width, rest.height)
    height = rest.height * share
    for size in row:
        width = rest.width * size / total
        parts.append(Area(rest.x + at, rest.y, width, height))
        at += width
    return parts, Area(rest.x, rest.y + height, rest.width, rest.height - height)
