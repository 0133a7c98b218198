"""Times: any ISO 8601 in, one sortable form out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewell_store import Invalid
from notewell_store.clock import now, parse_time, told_time


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("2026-11-21", "2026-11-21T00:00:00.000Z"),
        ("2026-11-21T09:30", "2026-11-21T09:30:00.000Z"),
        ("2026-11-21 09:30:05", "2026-11-21T09:30:05.000Z"),
        ("2026-11-21T09:30:05Z", "2026-11-21T09:30:05.000Z"),
        ("2026-11-21T09:30:05.123456Z", "2026-11-21T09:30:05.123Z"),
        ("2026-11-21T09:30:00+02:00", "2026-11-21T07:30:00.000Z"),
        ("2026-11-21T23:30:00-05:00", "2026-11-22T04:30:00.000Z"),
        ("2026-11-21T09:30:00+05:45", "2026-11-21T03:45:00.000Z"),
        ("20261121T093000Z", "2026-11-21T09:30:00.000Z"),
        ("2026-W47-6", "2026-11-21T00:00:00.000Z"),
        (" 2026-11-21 ", "2026-11-21T00:00:00.000Z"),
        ("0001-01-01", "0001-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
        ("2024-02-29", "2024-02-29T00:00:00.000Z"),
    ],
)
def test_a_time_of_any_zone_is_kept_in_utc(text: str, kept: str) -> None:
    assert parse_time(text, "since") == kept
    assert parse_time(kept, "since") == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "some day",
        "2026",
        "2026-13-01",
        "2026-02-30",
        "2026-11-21T25:00",
        "21.11.2026",
        "1732181400",
        "now",
        "2026-11-21T09:30:00+99:00",
        "0001-01-01T00:00:00+05:00",
        "9999-12-31T23:00:00-05:00",
        "\ud800",
        "x" * 10000,
    ],
)
def test_what_is_no_time_is_refused_by_the_name_of_its_argument(text: str) -> None:
    with pytest.raises(Invalid) as raised:
        parse_time(text, "updated_since")
    assert raised.value.argument == "updated_since"
    assert str(raised.value).startswith("updated_since=")
    assert len(str(raised.value)) < 300


ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2900, 1, 1), timezones=ZONES)


@given(MOMENTS, MOMENTS)
def test_kept_times_sort_as_the_moments_do(one: datetime, other: datetime) -> None:
    kept_one, kept_other = parse_time(one.isoformat(), "at"), parse_time(other.isoformat(), "at")
    assert (kept_one <= kept_other) or (one > other)
    assert abs(datetime.fromisoformat(kept_one) - one) < timedelta(milliseconds=1)


def test_now_is_now_in_the_kept_form() -> None:
    before, text, after = datetime.now(UTC), now(), datetime.now(UTC)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text)
    assert before - timedelta(milliseconds=1) <= datetime.fromisoformat(text) <= after


@pytest.mark.parametrize("words", ["7d", "yesterday", "2w"])
def test_what_a_file_says_of_its_time_is_no_span_from_now(words: str) -> None:
    assert told_time(words) is None
    assert parse_time(words, "since") < now()
