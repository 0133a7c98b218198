"""The notes of a time, read backwards from it: the same ones as where all history is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from notewell_store import Attribution, Filter
from notewell_store.contract import Visibility
from notewell_store.tables import past_walk
from notewell_store.tables.past import list_notes_at, read_moment
from notewell_store.tables.past_walk import list_walking_back
from notewell_store.tables.projects import save_project

if TYPE_CHECKING:
    from tests.conftest import Knowledge

    from notewell_store import Store


def on(day: int) -> Attribution:
    return Attribution("ann", None, None, f"2026-01-{day:02}T00:00:00.000Z")


@pytest.fixture
def history(knowledge: Knowledge) -> Knowledge:
    """Notes that change, are named and deleted, come into a project, and are of several times."""
    save_project(knowledge.store, "web", "ann", "Web", None, None)
    for day, slug in enumerate("abcde", 1):
        knowledge.put(slug, f"# {slug}\n", by=on(day), tags=("even",) if day % 2 == 0 else ())
    knowledge.put("a", by=on(6), status="done", new_slug="a2")
    knowledge.put("b", by=on(7), project="web", is_public=True)
    knowledge.rewrite("c", "# c\n\nMore.\n", by=on(8))
    knowledge.delete("d")
    for slug in ("late-1", "late-2"):
        knowledge.put(slug, "# Late\n", by=on(20))
    return knowledge


def walked(store: Store, day: int, limit: int, **wanted: Any) -> list[tuple[str, int]]:
    """All parts of the list, one after the other."""
    found: list[tuple[str, int]] = []
    place: str | None = ""
    with store.reading() as db:
        while place is not None:
            part = list_walking_back(db, Filter(**wanted), f"2026-01-{day:02}T00:00:00.000Z", place, limit)
            found += [(note.slug, note.revision) for note in part.notes]
            place = part.following
    return found


@pytest.mark.parametrize("wanted", [{}, {"tags": ("even",)}, {"project": "web"}, {"status": "done"}, {"deleted": True}])
@pytest.mark.parametrize("limit", [1, 2, 50])
def test_it_gives_the_notes_that_stood_then_the_last_changed_first(
    history: Knowledge, wanted: dict[str, Any], limit: int
) -> None:
    for day in (1, 3, 6, 7, 9, 20):
        with history.store.reading() as db:
            all_then = list_notes_at(db, Filter(**wanted), "updated", 50, None, read_moment(f"2026-01-{day:02}"))
        assert walked(history.store, day, limit, **wanted) == [(note.slug, note.revision) for note in all_then.items]


def test_no_more_is_looked_at_than_a_bound_and_all_is_reached(
    history: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = walked(history.store, 20, 50)
    monkeypatch.setattr(past_walk, "MOST_WALKED", (2, 2))
    with history.store.reading() as db:
        first = list_walking_back(db, Filter(tags=("even",)), "2026-01-20T00:00:00.000Z", "", 50)
    assert first.notes == ()
    assert first.following is not None
    assert walked(history.store, 20, 50) == whole
    monkeypatch.setattr(past_walk, "MOST_JUDGED", 1)
    assert walked(history.store, 20, 50) == whole


@pytest.mark.parametrize("few", [0, 1_000])
def test_who_may_read_less_is_told_less_of_the_past(
    history: Knowledge, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """Whether all changes are gone through, or those of the few notes that are seen."""
    monkeypatch.setattr(past_walk, "FEW", few)
    everybody, of_web = (history.store.seen_by(Visibility(project)) for project in (None, "web"))
    history.put("e", by=on(9), project="web")
    history.put("f", "# F\n", by=on(9), project="web", is_public=True)
    history.rewrite("b", "# b\n\nMore.\n", by=on(10))
    for limit in (1, 50):
        assert walked(everybody, 9, limit) == [("f", 1), ("b", 2)]
        assert walked(everybody, 12, limit) == [("b", 3), ("f", 1)]
        assert walked(everybody, 6, limit) == []
        assert walked(of_web, 12, limit) == [("b", 3), ("f", 1), ("e", 2)]
        assert walked(of_web, 8, limit) == [("b", 2)]
