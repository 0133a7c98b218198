"""Finding notes of a kind: the newest of them, and whether there are more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notewell_store.tables.note_rows import notes_of
from notewell_store.tables.project_rows import project_id
from notewell_store.tables.projects import save_project

if TYPE_CHECKING:
    from tests.conftest import Knowledge


def test_of_many_notes_of_a_kind_those_made_last_are_taken(knowledge: Knowledge) -> None:
    for project in ("web", "api"):
        save_project(knowledge.store, project, "tester")
    for number in range(12):
        knowledge.put(f"d{number}", "", note_type="decision", project=("web", "api", None)[number % 3])
    knowledge.put("d9", status="superseded")
    knowledge.put("d0", tags=("changed",))
    with knowledge.store.reading() as db:
        web = project_id(db, "web")
        newest, rest = notes_of(db, ("decision",), web, most=2), notes_of(db, ("decision",), web, most=3)
        alone = notes_of(db, ("decision",), None)
    assert ([row.slug for row in newest.notes], newest.more) == (["d6", "d3"], True)
    assert ([row.slug for row in rest.notes], rest.more) == (["d6", "d3", "d0"], False)
    assert [row.slug for row in alone.notes] == ["d11", "d8", "d5", "d2"]
