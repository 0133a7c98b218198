"""Pictures of a board's flow: how many cards stood where, how long they took, how many were done."""

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import accumulate
from typing import NamedTuple

from notewell_tools.results import BoardColumn, Flow

WIDTH, HEIGHT = 960, 300
LEFT, RIGHT, TOP, BOTTOM = 44, 150, 14, 28
"""Room for what is written beside a picture."""
LINE = 15
"""Between two names beside a picture."""
TINTS = 5
"""Colours of columns that are not done; then they begin again."""


class Mark(NamedTuple):
    """What is written at a line or a place."""

    at: float
    words: str


class Band(NamedTuple):
    """How many cards stood in a column, week after week; `tint` is `done` or a number."""

    name: str
    tint: str
    points: str
    total: int
    label_y: float


class Counts(NamedTuple):
    bands: list[Band]
    ticks: list[Mark]
    weeks: list[Mark]


class Point(NamedTuple):
    x: float
    y: float
    slug: str
    days: float
    at: str


class Line(NamedTuple):
    """A line across, and its name beside it."""

    y: float
    label_y: float
    words: str


class Times(NamedTuple):
    points: list[Point]
    lines: list[Line]
    ticks: list[Mark]
    weeks: list[Mark]


class Bar(NamedTuple):
    x: float
    y: float
    width: float
    height: float
    done: int


class Throughput(NamedTuple):
    bars: list[Bar]
    weeks: list[Mark]


def counts_of(flow: Flow, columns: list[BoardColumn]) -> Counts:
    """Cards in each column at the end of each week, what is done at the bottom."""
    weeks = flow["weeks"]
    named = columns[: len(weeks[0]["counts"])]
    heights = [list(accumulate(reversed(week["counts"]))) for week in weeks]
    most = max(1, *(sums[-1] for sums in heights))
    xs = [LEFT + index * (_inner() / (len(weeks) - 1)) for index in range(len(weeks))]
    y_of = _scale(most, HEIGHT)
    bands: list[Band] = []
    for level, column in enumerate(reversed(named)):
        upper = [y_of(sums[level]) for sums in heights]
        lower = [y_of(sums[level - 1] if level else 0) for sums in heights]
        outline = [*zip(xs, upper, strict=True), *zip(reversed(xs), reversed(lower), strict=True)]
        tint = "done" if "done" in column else str((len(named) - 1 - level) % TINTS + 1)
        middle = (upper[-1] + lower[-1]) / 2 + 4
        label_y = min(middle, bands[-1].label_y - LINE) if bands else middle
        bands.append(Band(column["name"], tint, _points(outline), weeks[-1]["counts"][len(named) - 1 - level], label_y))
    return Counts(bands, _ticks(most, y_of), _weeks([week["week"] for week in weeks], xs))


def times_of(flow: Flow, now: datetime | None = None) -> Times:
    """A point for each card that was done: when, and how many days it took."""
    start = _time(flow["weeks"][0]["week"])
    span = max(((now or datetime.now(UTC)) - start).total_seconds(), 1.0)
    lead = flow["lead_days"]
    most = max([1.0, *(card["days"] for card in flow["finished"])])
    y_of = _scale(most, HEIGHT)

    def x_of(time: datetime) -> float:
        return round(LEFT + min(max((time - start).total_seconds() / span, 0), 1) * _inner(), 1)

    points = [
        Point(x_of(_time(card["at"])), y_of(card["days"]), card["slug"], card["days"], card["at"])
        for card in flow["finished"]
    ]
    lines: list[Line] = []
    for words, days in (("85 % within", lead["p85"]), ("half within", lead["p50"])):
        if days is not None:
            y = y_of(min(days, most))
            label_y = y + 4 if not lines else max(y + 4, lines[-1].label_y + LINE)
            lines.append(Line(y, label_y, f"{words} {days:g} d"))
    weeks = [week["week"] for week in flow["weeks"]]
    return Times(points, lines, _ticks(most, y_of), _weeks(weeks, [x_of(_time(week)) for week in weeks]))


def throughput_of(flow: Flow) -> Throughput:
    """A bar for each week: how many cards were done in it."""
    weeks = flow["weeks"]
    most = max(1, *(week["done"] for week in weeks))
    each = _inner() / len(weeks)
    y_of = _scale(most, HEIGHT // 2)
    bars = [
        Bar(round(LEFT + index * each + each * 0.15, 1), y, round(each * 0.7, 1), round(y_of(0) - y, 1), week["done"])
        for index, week in enumerate(weeks)
        for y in [y_of(week["done"])]
    ]
    xs = [LEFT + (index + 0.15) * each for index in range(len(weeks))]
    return Throughput(bars, _weeks([week["week"] for week in weeks], xs))


def _inner() -> float:
    return WIDTH - LEFT - RIGHT


def _scale(most: float, height: int) -> Callable[[float], float]:
    """Where a value stands, of which none is larger than `most`: the larger, the higher."""
    return lambda value: round(TOP + (1 - value / most) * (height - TOP - BOTTOM), 1)


def _points(outline: list[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in outline)


def _ticks(most: float, y_of: Callable[[float], float]) -> list[Mark]:
    """At round numbers, four or so."""
    return [Mark(y_of(value), f"{value:g}") for value in _round_values(most)]


def _round_values(most: float) -> Iterator[float]:
    rough = most / 4
    power = 10 ** math.floor(math.log10(rough)) if rough > 0 else 1
    step = max(1, next(power * one for one in (1, 2, 5, 10) if power * one >= rough))
    value = 0.0
    while value <= most:
        yield value
        value += step


def _weeks(mondays: list[str], xs: list[float]) -> list[Mark]:
    """Every third of them is named."""
    return [Mark(round(x, 1), f"{_time(monday):%d %b}") for monday, x in list(zip(mondays, xs, strict=True))[::3]]


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)
