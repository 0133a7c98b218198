"""The store as it was: at a time, or at a change number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notewell_store import Attribution, Filter, Invalid
from notewell_store.errors import NotYetMade
from notewell_store.models import Sort
from notewell_store.tables.changes import newest_change
from notewell_store.tables.listing import list_notes
from notewell_store.tables.past import list_notes_at, read_moment, revision_at
from notewell_store.tables.past_links import incoming_at, outgoing_at
from notewell_store.tables.projects import save_project

if TYPE_CHECKING:
    from tests.conftest import Knowledge


def on(day: int) -> Attribution:
    return Attribution("ann", None, None, f"2026-01-{day:02}T00:00:00.000Z")


def revision(knowledge: Knowledge, slug: str, moment: str) -> int:
    with knowledge.store.reading() as db:
        return revision_at(db, knowledge.id_of(slug), slug, read_moment(moment))


def listed(knowledge: Knowledge, moment: str, **wanted: Any) -> list[str]:
    with knowledge.store.reading() as db:
        return [note.slug for note in list_notes_at(db, Filter(**wanted), "slug", 50, None, read_moment(moment)).items]


def test_the_revision_of_a_time_is_the_last_one_made_by_then(knowledge: Knowledge) -> None:
    for number in (1, 2, 3):
        knowledge.put("a", f"text {number}", if_revision=number - 1 or None, by=on(number))
    days = (
        "2026-01-01",
        "2026-01-02",
        "2026-01-03",
        "2026-02-01",
        "2026-01-02T23:59:59.999Z",
        "2026-01-02T01:00+02:00",
    )
    assert [revision(knowledge, "a", day) for day in days] == [1, 2, 3, 3, 2, 1]
    assert [revision(knowledge, "a", seq) for seq in ("1", "2", "9999", "9" * 30)] == [1, 2, 3, 3]


def test_a_note_did_not_exist_before_its_first_revision(knowledge: Knowledge) -> None:
    knowledge.put("a", "text", by=on(5))
    for moment, as_of in (("2026-01-04", "2026-01-04T00:00:00.000Z"), ("0", 0)):
        with pytest.raises(NotYetMade) as raised:
            revision(knowledge, "a", moment)
        assert (raised.value.created_at, raised.value.seq) == ("2026-01-05T00:00:00.000Z", 1)
        assert (raised.value.name, raised.value.as_of) == ("a", as_of)


@pytest.mark.parametrize("moment", ["", "some day", "²", "2026-13-01", "-3", "0001-01-01T00:00+05:00"])
def test_a_moment_that_is_none_is_refused(moment: str) -> None:
    with pytest.raises(Invalid):
        read_moment(moment)


def test_the_notes_of_a_moment_are_those_that_stood_then_as_they_were(knowledge: Knowledge) -> None:
    knowledge.put("a", "text", tags=("x",), by=on(1))
    knowledge.put("b", "text", by=on(2), status="In_Progress")
    knowledge.put("a", new_slug="a2", tags=(), by=on(3))
    knowledge.delete("b")
    assert listed(knowledge, "0") == []
    assert listed(knowledge, "1") == listed(knowledge, "1", tags=("x",)) == ["a"]
    assert listed(knowledge, "2") == ["a", "b"]
    assert listed(knowledge, "2", status="in progress") == ["b"]
    assert listed(knowledge, "3") == ["a2", "b"]
    assert listed(knowledge, "4") == ["a2"]
    assert listed(knowledge, "4", deleted=True) == ["b"]


def test_the_links_of_a_moment_are_those_of_the_text_then(knowledge: Knowledge) -> None:
    knowledge.put("b", "")
    knowledge.put("a", "[[b]] [[c]]")
    knowledge.put("c", "")
    knowledge.rewrite("a", "nothing")
    with knowledge.store.reading() as db:
        links = outgoing_at(db, knowledge.note("a@1"), read_moment("2"))
    assert [(link.note, link.exists) for link in links] == [("b", True), ("c", False)]


def incoming(knowledge: Knowledge, ref: str, moment: str) -> list[tuple[str, str, str | None]]:
    with knowledge.store.reading() as db:
        found = incoming_at(db, knowledge.note(ref).id, read_moment(moment))
    assert found.unread == 0
    return [(link.note, link.relation, link.anchor) for link in found.links]


def test_the_links_to_a_note_are_those_of_the_moment(knowledge: Knowledge) -> None:
    knowledge.put("target", "# Part\n")  # 1
    knowledge.put("steady", "[[target#part]]")  # 2
    knowledge.put("fickle", "[[target]] [[1]]")  # 3
    knowledge.rewrite("fickle", "no more")  # 4
    knowledge.put("doomed", "[[target]]")  # 5
    knowledge.delete("doomed")  # 6
    knowledge.put("target", new_slug="renamed")  # 7
    assert incoming(knowledge, "renamed", "1") == []
    assert incoming(knowledge, "renamed", "2") == [("steady", "mentions", "part")]
    assert incoming(knowledge, "renamed", "3") == [("fickle", "mentions", None), ("steady", "mentions", "part")]
    assert incoming(knowledge, "renamed", "4") == [("steady", "mentions", "part")]
    assert incoming(knowledge, "renamed", "5") == [("doomed", "mentions", None), ("steady", "mentions", "part")]
    assert incoming(knowledge, "renamed", "7") == [("steady", "mentions", "part")]


def test_a_link_set_on_purpose_and_taken_back_is_seen_in_the_past(knowledge: Knowledge) -> None:
    knowledge.put("plan", "")
    knowledge.put("todo", "")
    knowledge.link("todo", "plan", relation="implements")
    knowledge.link("todo", "plan", relation="implements", mode="remove")
    assert incoming(knowledge, "plan", "2") == []
    assert incoming(knowledge, "plan", "3") == [("todo", "implements", None)]
    assert incoming(knowledge, "plan", "4") == []


def test_a_status_of_the_past_is_found_in_every_spelling(knowledge: Knowledge) -> None:
    knowledge.put("a", "", status="In_Progress")
    for tag in ("in_progress", "in-progress"):
        assert listed(knowledge, "1", tags=(tag,)) == listed(knowledge, "1", any_tags=(tag, "other")) == ["a"]


WORDS = ("sop", "plan", "in_progress", "in-progress", "active", "web", "story:x", "\u00c9t\u00e9", "none-bears-it")
STATUSES = ("active", "IN_PROGRESS", "In progress", "in-progress", "\u00c9t\u00e9")


@pytest.fixture
def varied(knowledge: Knowledge) -> Knowledge:
    """Notes that differ in all that a filter asks for; some were renamed, moved and deleted since."""
    for project in ("web", "api"):
        save_project(knowledge.store, project, "tester")
    for number in range(24):
        knowledge.put(
            f"n{number}",
            "text",
            by=on(1 + number % 9),
            title=("\u00c9z", "\u00e9a", "zebra", "Zebra", "apple")[number % 5] + str(number % 2),
            note_type=("sop", "plan", None)[number % 3],
            status=(*STATUSES, None)[number % 6],
            project=("web", "api", None)[number % 3 - number % 2],
            tags=tuple(word for at, word in enumerate(WORDS[:7]) if number >> (at % 4) & 1),
            parent=f"n{number % 4}" if number > 4 else None,
            position=(None, 0, -3, number)[number % 4],
        )
    knowledge.rename("n1", "renamed")
    knowledge.put("n9", parent="none")
    for slug in ("n2", "n7", "n12"):
        knowledge.delete(slug)
    return knowledge


FILTERS = st.builds(
    Filter,
    tags=st.lists(st.sampled_from(WORDS), max_size=2).map(tuple),
    any_tags=st.lists(st.sampled_from(WORDS), max_size=3).map(tuple),
    note_type=st.sampled_from([None, None, "sop", "plan", "note"]),
    project=st.sampled_from([None, None, "web", "api"]),
    status=st.sampled_from([None, None, *STATUSES, "\u00c9T\u00c9"]),
    parent=st.sampled_from([None, None, 0, 1, 2, 3]),
    updated_since=st.sampled_from([None, None, "2026-01-04T00:00:00.000Z", "2027-01-01T00:00:00.000Z"]),
    deleted=st.booleans(),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(wanted=FILTERS, sort=st.sampled_from(get_args(Sort)))
def test_a_store_as_it_is_now_is_listed_as_without_a_moment(varied: Knowledge, wanted: Filter, sort: Sort) -> None:
    with varied.store.reading() as db:
        now = list_notes(db, wanted, sort, 50)
        then = list_notes_at(db, wanted, sort, 50, None, read_moment(str(newest_change(db))))
    assert then == now
