"""A map of notes: where each box stands."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from notewell_server.pages.drawings.treemap import DEEPEST, HEIGHT, WIDTH, Area, squarified, treemap
from notewell_tools.project_map import Place

NOW = datetime(2026, 11, 29, tzinfo=UTC)


def place(
    number: int, above: int | None = None, chars: int = 1_000, updated: str = "2026-11-28T00:00:00.000Z"
) -> Place:
    return Place(id=number, slug=f"n-{number}", title=f"N {number}", chars=chars, updated_at=updated, above=above)


def test_areas_are_as_large_as_they_should_be_and_fill_the_whole() -> None:
    sizes = [600, 300, 200, 100, 60, 40, 3, 1]
    areas = squarified(sizes, Area(0, 0, 300, 200))
    whole = sum(sizes)
    for size, area in zip(sizes, areas, strict=True):
        assert area.width * area.height == pytest.approx(300 * 200 * size / whole)
        assert area.x >= -1e-6
        assert area.y >= -1e-6
        assert area.x + area.width <= 300 + 1e-6
        assert area.y + area.height <= 200 + 1e-6


def test_notes_stand_in_the_boxes_of_those_above_them() -> None:
    boxes = treemap([place(1), place(2, 1), place(3, 1), place(4)], NOW)
    group = next(box for box in boxes if box.is_group)
    assert group.place["slug"] == "n-1"
    for box in boxes:
        if box.place["slug"] in ("n-2", "n-3"):
            assert group.area.x <= box.area.x
            assert box.area.x + box.area.width <= group.area.x + group.area.width + 0.2
    assert sorted(box.place["slug"] for box in boxes if not box.is_group) == ["n-1", "n-2", "n-3", "n-4"]


def test_the_colour_tells_how_long_ago_a_note_changed() -> None:
    times = ("2026-11-20", "2026-08-20", "2026-01-20", "2024-11-20")
    places = [place(number, updated=f"{time}T00:00:00.000Z") for number, time in enumerate(times, 1)]
    ages = {box.place["slug"]: box.age for box in treemap(places, NOW)}
    assert [ages[f"n-{number}"] for number in range(1, 5)] == ["new", "recent", "older", "old"]


def test_a_thousand_notes_below_one_another_are_all_shown_in_few_boxes() -> None:
    boxes = treemap([place(number, number - 1 or None, 0) for number in range(1, 1_001)], NOW)
    assert len({box.place["slug"] for box in boxes}) == 1_000
    assert sum(box.is_group for box in boxes) < DEEPEST
    assert all(0 <= box.area.x <= WIDTH and 0 <= box.area.y <= HEIGHT for box in boxes)


def test_nothing_is_drawn_of_nothing() -> None:
    assert treemap([], NOW) == []
