"""Times as the store keeps them: UTC, ISO 8601, milliseconds, `Z`; such strings sort as times do."""

from datetime import UTC, datetime

from notewell_store.errors import Invalid


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


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
