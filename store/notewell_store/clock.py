"""Times as the store keeps them: UTC, ISO 8601, milliseconds, `Z`; such strings sort as times do."""

import re
from datetime import UTC, datetime, timedelta

from notewell_store.errors import Invalid

LAST_SECOND = 253_402_300_799  # of the year 9999


def now() -> str:
    return _written(datetime.now(UTC))


def parse_time(text: str, argument: str) -> str:
    """Any ISO 8601 date or time in the store's form, without a zone it is UTC; or one before now: `7d`, `2w`, `12h`,
    `today`, `yesterday`. Raises Invalid."""
    try:
        return _written(_before_now(text.strip().lower()) or _read(text.strip()))
    except (ValueError, OverflowError):  # the zone may lead out of the years that there are
        raise Invalid(
            f"{argument}={text[:80]!r} is no time: send 2026-11-21, 2026-11-21T09:30:00Z, 7d, 2w or yesterday", argument
        ) from None


def is_before_now(text: str) -> bool:
    """Whether it is read as a time before now, and so as another time later."""
    try:
        return _before_now(text.strip().lower()) is not None
    except OverflowError:
        return True


def _before_now(text: str) -> datetime | None:
    moment = datetime.now(UTC)
    if text in DAYS:
        return moment.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS[text])
    span = _SPAN.fullmatch(text)
    return moment - timedelta(**{UNITS[span[2]]: int(span[1])}) if span else None


DAYS = {"today": 0, "yesterday": 1}
UNITS = {"h": "hours", "d": "days", "w": "weeks"}
_SPAN = re.compile(r"(\d{1,5})\s?([hdw])")


def _read(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def told_time(text: str) -> str | None:
    """A time that somebody wrote down, as a date or time of ISO 8601 or as seconds or milliseconds since 1970; None for
    what is none."""
    plain = text.strip()
    if plain.isascii() and plain.isdigit() and len(plain) in (10, 13):
        return of_second(int(plain[:10]))
    try:
        return _written(_read(plain))
    except (ValueError, OverflowError):
        return None


def of_second(second: float) -> str:
    """A second since 1970 in the store's form; one that is outside the years that there are is the nearest."""
    return _written(datetime.fromtimestamp(min(max(second, 0), LAST_SECOND), UTC))


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
