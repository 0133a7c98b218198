"""Small things as pages say them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from notewell_server.pages.marks import account, ago, freshness, pieces, who

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("time", "words"),
    [
        ("2026-11-29T11:59:30.000Z", "just now"),
        ("2026-11-29T12:00:30.000Z", "just now"),
        ("2026-11-29T11:55:00.000Z", "5 min ago"),
        ("2026-11-29T10:30:00.000Z", "1 hour ago"),
        ("2026-11-27T12:00:00.000Z", "2 days ago"),
        ("2026-08-27T12:00:00.000Z", "3 months ago"),
        ("2025-11-30T12:00:00.000Z", "1 year ago"),
        ("2020-01-01T00:00:00.000Z", "6 years ago"),
    ],
)
def test_how_long_ago_a_time_is(time: str, words: str) -> None:
    assert ago(time, NOW) == words


def test_a_guess_is_seen_and_heard_to_be_one() -> None:
    assert (who("claude-code").sign, who("claude-code").words) == ("◇", "probably an agent")
    assert (who("ann", "rest").sign, who("ann", "rest").words) == ("○", "probably a person")
    assert (who("ann", "stdio", "claude-code 2").sign, who("ann", "stdio").words) == ("◆", "agent")
    assert who("ann", "stdio", "claude-code 2").title == "claude-code 2, by MCP"
    assert (who("claude", "pages").sign, who("claude", "pages").words) == ("●", "person")


def test_accounts_are_short_and_lead_away() -> None:
    pull = "https://github.com/a/b/pull/466"
    assert account(pull) == ("PR #466", pull)
    assert account("https://git.example/a/b/-/merge_requests/3").words == "PR #3"
    assert account("a" * 40) == ("a" * 12, None)
    assert account("javascript:alert(1)") == ("javascript:alert(1)", None)


def test_text_ages_by_what_it_is() -> None:
    half_a_year_ago = "2026-05-01T00:00:00.000Z"
    assert freshness(half_a_year_ago, "sop", "active", NOW) == "ageing"
    assert freshness(half_a_year_ago, "plan", "active", NOW) == "old"
    assert freshness(half_a_year_ago, "plan", "completed", NOW) == "fresh"
    assert freshness(half_a_year_ago, "decision", "accepted", NOW) == "fresh"


def test_marked_words_of_a_snippet_are_told_apart_and_bars_of_tables_left_out() -> None:
    assert pieces("… a **b** | `c` |") == [("… a ", False), ("b", True), (" · c ·", False)]
