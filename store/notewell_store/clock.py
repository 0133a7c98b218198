"""Times as the store keeps them: UTC, ISO 8601, milliseconds, `Z`; such strings sort as times do."""

from datetime import UTC, datetime

from notewell_store.errors import Invalid

LAST_SECOND = 253_402_300_799  # of the year 9999


def now() -> str:
    return _written(datetime.now(UTC))


def parse_time(text: str, argument: str) -> str:
    """Any ISO 8601 date or time in the store's form; without a zone it is UTC. Raises Invalid."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return _written(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):  # the zone may lead out of the years that there are
        raise Invalid(
            f"{argument}={text[:80]!r} is no time: send 2026-11-21 or 2026-11-21T09:30:00Z", argument
        ) from None


def told_time(text: str) -> str | None:
    """A time that somebody wrote down, as a date or time of ISO 8601 or as seconds or milliseconds since 1970; None for
    what is none."""
    plain = text.strip()
    if plain.isascii() and plain.isdigit() and len(plain) in (10, 13):
        return of_second(int(plain[:10]))
    try:
        return parse_time(plain, "time")
    except Invalid:
        return None


def of_second(second: float) -> str:
    """A second since 1970 in the store's form; one that is outside the years that there are is the nearest."""
    return _written(datetime.fromtimestamp(min(max(second, 0), LAST_SECOND), UTC))


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
