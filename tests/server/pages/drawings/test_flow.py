"""Pictures of a board's flow: where lines and points stand."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from notewell_server.pages.drawings.flow import HEIGHT, LEFT, LINE, WIDTH, counts_of, throughput_of, times_of

if TYPE_CHECKING:
    from notewell_tools.results import BoardColumn, FinishedCard, Flow

NOW = datetime(2026, 11, 29, tzinfo=UTC)
COLUMNS: list[BoardColumn] = [
    {"name": "Todo", "status": "todo", "total": 0, "cards": []},
    {"name": "Doing", "status": "doing", "total": 0, "cards": []},
    {"name": "Done", "status": "done", "total": 0, "cards": [], "done": True},
]


def flow_of(counts: list[list[int]], days: tuple[float, ...] = (), p50: float | None = None) -> Flow:
    finished: list[FinishedCard] = [
        {"slug": f"c-{one:g}", "at": "2026-11-20T00:00:00.000Z", "days": one} for one in days
    ]
    return {
        "lead_days": {"cards": len(days), "p50": p50, "p85": p50},
        "in_work": 0,
        "oldest": [],
        "weeks": [
            {"week": f"2026-{9 + number // 4:02}-{number % 4 * 7 + 1:02}T00:00:00.000Z", "done": number, "counts": one}
            for number, one in enumerate(counts)
        ],
        "finished": finished,
    }


def test_bands_stand_on_one_another_with_what_is_done_below() -> None:
    picture = counts_of(flow_of([[4, 0, 0], [2, 1, 1], [0, 1, 3]]), COLUMNS)
    assert [(band.name, band.tint, band.total) for band in picture.bands] == [
        ("Done", "done", 3),
        ("Doing", "2", 1),
        ("Todo", "1", 0),
    ]
    done, doing, todo = (
        [tuple(map(float, point.split(","))) for point in band.points.split()] for band in picture.bands
    )
    assert done[:3] == doing[:2:-1], "the lower edge of each is the upper one of the next"
    assert doing[:3] == todo[:2:-1]
    assert len({y for _, y in todo[:3]}) == 1, "four cards in all, from the first week to the last"


def test_names_beside_a_picture_do_not_stand_on_one_another() -> None:
    labels = [band.label_y for band in counts_of(flow_of([[0, 0, 9], [0, 0, 9]]), COLUMNS).bands]
    assert all(lower - upper >= LINE for lower, upper in itertools.pairwise(labels))
    lines = times_of(flow_of([[0, 0, 2], [0, 0, 2]], (1.0, 90.0), p50=1.0), NOW).lines
    assert lines[1].label_y - lines[0].label_y >= LINE


def test_a_point_stands_the_higher_the_longer_a_card_took() -> None:
    picture = times_of(flow_of([[0, 0, 2], [0, 0, 2]], (1.0, 9.0)), NOW)
    short, long = picture.points
    assert long.y < short.y < HEIGHT
    assert LEFT <= short.x == long.x <= WIDTH
    assert picture.lines == []


@pytest.mark.parametrize("most", [0, 1, 7, 26, 480, 9_999])
def test_lines_are_at_round_numbers_and_few(most: int) -> None:
    ticks = [tick.words for tick in counts_of(flow_of([[0, 0, most], [0, 0, most]]), COLUMNS).ticks]
    assert ticks[0] == "0"
    assert 2 <= len(ticks) <= 6
    assert all(float(word).is_integer() for word in ticks)


def test_bars_are_as_high_as_weeks_had_cards_done() -> None:
    heights = [bar.height for bar in throughput_of(flow_of([[0, 0, 0]] * 4)).bars]
    assert heights[0] == 0
    assert heights[2] == pytest.approx(2 * heights[1], abs=0.2)
