"""Pictures of numbers: what templates draw as SVG, in its own units."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from notewell_store.hands import hand
from notewell_tools.feed_page import WEEKS, Counted

HEIGHT = 48
FEWEST_WEEKS = 5
"""Whole weeks for which bars are of weeks; where fewer were counted they are of days."""


@dataclass(frozen=True, slots=True)
class Bar:
    """Begins on `day`; `agents` is the part of `height` that agents have."""

    day: date
    changes: int
    by_agents: int
    height: float
    agents: float


@dataclass(frozen=True, slots=True)
class Bars:
    """`unit` is what each stands for: `week` or `day`. `is_guess`: of some of the changes only a name tells whose they
    are."""

    unit: str
    bars: tuple[Bar, ...]
    changes: int
    by_agents: int
    is_guess: bool

    @property
    def share(self) -> int:
        """Of agents, in percent."""
        return round(100 * self.by_agents / self.changes) if self.changes else 0


def bars_of_weeks(counted: Counted, today: date | None = None) -> Bars:
    """The last half year by weeks, or, where all that was counted is of less than some weeks, by days."""
    last = today or datetime.now(UTC).date()
    first = date.fromisoformat(counted.since[:10])
    weeks = (last - first).days // 7
    unit, days = ("week", 7) if weeks >= FEWEST_WEEKS else ("day", 1)
    number = min(WEEKS, weeks) if days == 7 else (last - first).days + 1
    begin = last - timedelta(days=number * days - 1)
    totals, agents, is_guess = [0] * number, [0] * number, False
    for day, actor, door, changes in counted.counts:
        at = (date.fromisoformat(day) - begin).days // days
        if 0 <= at < number:
            whose = hand(actor, door)
            totals[at] += changes
            agents[at] += changes if whose.kind == "agent" else 0
            is_guess |= whose.is_guess
    most = max(totals, default=0) or 1
    bars = tuple(
        Bar(begin + timedelta(days=at * days), total, own, _scaled(total, most), _scaled(own, most))
        for at, (total, own) in enumerate(zip(totals, agents, strict=True))
    )
    return Bars(unit, bars, sum(totals), sum(agents), is_guess)


def _scaled(count: int, most: int) -> float:
    """What is not nothing can be seen."""
    return round(max(1.0, HEIGHT * count / most), 1) if count else 0.0


@dataclass(frozen=True, slots=True)
class Month:
    """`number` counts months since year 0, as a slider does; `height` says how much was written."""

    number: int
    words: str
    height: float


@dataclass(frozen=True, slots=True)
class Slider:
    """From the first month of history to this one; `value` is the one that is shown."""

    months: tuple[Month, ...]
    value: int

    @property
    def words(self) -> str:
        return self.months[self.value - self.months[0].number].words


MOST_MONTHS = 1_200
"""Of a slider: times that somebody made up may be of any century."""


def slider_of(months: Mapping[str, int], as_of: str, today: date | None = None) -> Slider | None:
    """None where all of history is of one month."""
    last = _number((today or datetime.now(UTC).date()).isoformat())
    counts = {
        number: count for month, count in months.items() if last - MOST_MONTHS < (number := _number(month)) <= last
    }
    first = min(counts, default=last)
    if first == last:
        return None
    most = max(counts.values())
    shown = tuple(
        Month(number, _words(number), _scaled(counts.get(number, 0), most)) for number in range(first, last + 1)
    )
    return Slider(shown, min(max(_number(as_of), first), last) if _is_month(as_of) else last)


def end_of_month(number: int) -> date:
    """Its last day."""
    year, month = divmod(number, 12)
    year = min(max(year, 1), 9_999)
    return date(year, month + 1, monthrange(year, month + 1)[1])


def _is_month(text: str) -> bool:
    return len(text) >= len("2026-11") and text[:4].isdecimal() and text[5:7].isdecimal()


def _number(text: str) -> int:
    return int(text[:4]) * 12 + int(text[5:7]) - 1


def _words(number: int) -> str:
    return end_of_month(number).strftime("%B %Y")
