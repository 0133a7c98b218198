"""Lists: every filter, every order, and cursors that stay right while others write."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, get_args

import pytest

from notewell_store import Attribution, Filter, Invalid
from notewell_store.models import NoteSummary, Sort
from notewell_store.tables import listing
from notewell_store.tables.listing import list_notes
from notewell_store.tables.projects import save_project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Knowledge

SORTS: tuple[Sort, ...] = get_args(Sort)


def pages(knowledge: Knowledge, sort: Sort, limit: int, **wanted: Any) -> Iterator[tuple[NoteSummary, ...]]:
    cursor: str | None = None
    for _ in range(1000):
        with knowledge.store.reading() as db:
            page = list_notes(db, Filter(**wanted), sort, limit, cursor)
        yield page.items
        cursor = page.next_cursor
        if cursor is None:
            return
    raise AssertionError("the pages have no end")


def test_an_empty_store_lists_nothing(knowledge: Knowledge) -> None:
    with knowledge.store.reading() as db:
        page = list_notes(db, Filter())
    assert (page.total, page.items, page.next_cursor) == (0, (), None)


def test_a_summary_says_what_the_note_is_without_its_text(knowledge: Knowledge) -> None:
    save_project(knowledge.store, "web", "tester")
    metadata: dict[str, Any] = {
        "title": "A title",
        "note_type": "plan",
        "status": "draft",
        "project": "web",
        "tags": ("x", "y"),
    }
    knowledge.put("a", "é\r\n日本", **metadata)
    note = knowledge.note("a")
    with knowledge.store.reading() as db:
        (summary,) = list_notes(db, Filter()).items
    assert summary == NoteSummary(
        id=note.id,
        slug="a",
        title="A title",
        note_type="plan",
        status="draft",
        project="web",
        tags=("x", "y"),
        revision=1,
        updated_at=note.updated_at,
        chars=5,
    )


@pytest.fixture
def filled(knowledge: Knowledge) -> Knowledge:
    """Four notes that differ in everything that a filter knows."""
    for project in ("web", "api"):
        save_project(knowledge.store, project, "tester")
    at = (Attribution("t", None, None, f"2026-01-0{day}T00:00:00.000Z") for day in range(1, 5))
    knowledge.put("a", "", note_type="sop", status="active", project="web", tags=("x", "y"), by=next(at))
    knowledge.put("b", "", note_type="sop", status="draft", project="api", tags=("x",), parent="a", by=next(at))
    knowledge.put("c", "", note_type="plan", status="active", project="web", tags=("y",), parent="a", by=next(at))
    knowledge.put("d", "", tags=("sop",), by=next(at))
    return knowledge


FILTERS: list[tuple[dict[str, Any], str]] = [
    ({}, "abcd"),
    ({"tags": ("x",)}, "ab"),
    ({"tags": ("x", "y")}, "a"),
    ({"tags": ("x", "nothing")}, ""),
    ({"tags": ("sop",)}, "abd"),
    ({"tags": ("sop", "active")}, "a"),
    ({"tags": ("web", "plan", "y")}, "c"),
    ({"any_tags": ("x", "plan")}, "abc"),
    ({"any_tags": ("nothing",)}, ""),
    ({"any_tags": ("x", "y"), "tags": ("active",)}, "ac"),
    ({"note_type": "sop"}, "ab"),
    ({"note_type": "nothing"}, ""),
    ({"status": "active"}, "ac"),
    ({"status": "active", "note_type": "sop"}, "a"),
    ({"status": "nothing"}, ""),
    ({"project": "web"}, "ac"),
    ({"project": "nothing"}, ""),
    ({"parent": 1}, "bc"),
    ({"parent": 0}, "ad"),
    ({"parent": 99}, ""),
    ({"parent": 1, "project": "web"}, "c"),
    ({"updated_since": "2026-01-03T00:00:00.000Z"}, "cd"),
    ({"updated_since": "2026-01-03T00:00:00.001Z"}, "d"),
    ({"updated_since": "2027-01-01T00:00:00.000Z"}, ""),
    ({"deleted": True}, ""),
    ({"tags": ("x",) * 500}, "ab"),
    ({"any_tags": (*tuple(f"t{n}" for n in range(5000)), "x")}, "ab"),
    ({"tags": ("' OR 1=1 --",)}, ""),
]


@pytest.mark.parametrize(("wanted", "slugs"), FILTERS)
def test_each_filter_takes_what_it_says(filled: Knowledge, wanted: dict[str, Any], slugs: str) -> None:
    assert filled.listed(**wanted) == list(slugs)
    with filled.store.reading() as db:
        assert list_notes(db, Filter(**wanted), limit=1).total == len(slugs)


@pytest.mark.parametrize(("wanted", "slugs"), FILTERS)
@pytest.mark.parametrize("most_sorted", [0, 1_000])
def test_each_filter_takes_the_same_where_no_label_is_rare(
    filled: Knowledge, monkeypatch: pytest.MonkeyPatch, wanted: dict[str, Any], slugs: str, most_sorted: int
) -> None:
    monkeypatch.setattr(listing, "RARE", ())
    monkeypatch.setattr(listing, "MOST_SORTED", most_sorted)
    test_each_filter_takes_what_it_says(filled, wanted, slugs)


def test_tombstones_are_listed_alone_and_by_the_same_filters(filled: Knowledge) -> None:
    for slug in "ad":
        filled.delete(slug)
    assert filled.listed() == ["b", "c"]
    assert filled.listed(deleted=True) == ["a", "d"]
    assert filled.listed(deleted=True, tags=("sop", "active")) == ["a"]
    assert filled.listed(deleted=True, status="active") == ["a"]
    assert filled.listed(status="active") == ["c"]


def test_each_order_is_what_it_says(knowledge: Knowledge) -> None:
    for slug, title, position in (
        ("c", "beta", 2),
        ("a", "Alpha", None),
        ("d", "alpha", 1),
        ("b", "Ünder", 1),
    ):
        knowledge.put(slug, "", title=title, position=position)
    knowledge.put("a", status="active")
    assert knowledge.listed("updated") == ["a", "b", "d", "c"]
    assert knowledge.listed("created") == ["b", "d", "a", "c"]
    assert knowledge.listed("slug") == ["a", "b", "c", "d"]
    assert knowledge.listed("title") == ["a", "d", "c", "b"]
    assert knowledge.listed("position") == ["b", "d", "c", "a"]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("limit", [1, 3, 7, 200])
def test_pages_give_every_note_once_in_the_order_of_the_whole(knowledge: Knowledge, sort: Sort, limit: int) -> None:
    for number in range(23):
        title = ("same", "Same", f"T{number % 5}", "q\"'%_", "🏴")[number % 5]
        position = (None, 0, -3, 10**9, number)[number % 5]
        knowledge.put(f"n{number * 7 % 23}", "", title=title, position=position)
    walked = [note.slug for page in pages(knowledge, sort, limit) for note in page]
    assert walked == knowledge.listed(sort)
    assert len(set(walked)) == 23


@pytest.mark.parametrize("sort", SORTS)
def test_what_others_write_between_pages_moves_no_other_note(knowledge: Knowledge, sort: Sort) -> None:
    for number in range(30):
        knowledge.put(f"n{number:02}", "", title=f"Title {number * 7 % 30:02}", position=number % 4)
    touched = {"n03", "n11", "n19", "n27"}
    attack: Iterator[Callable[[], object]] = itertools.cycle(
        [
            lambda: knowledge.put("n03", add_tags=(f"t{knowledge.note('n03').revision}",)),
            lambda: knowledge.delete("n11"),
            lambda: knowledge.put(f"aa{knowledge.note('n03').seq}", "new", title="Title 00"),
            lambda: knowledge.put("n19", title="AAA", position=0),
            lambda: knowledge.put(f"zz{knowledge.note('n03').seq}", "new", title="Title 99"),
            lambda: knowledge.put("n27", position=-9, title="ZZZ"),
        ]
    )
    walked: list[str] = []
    for page in pages(knowledge, sort, 4):
        walked += [note.slug for note in page]
        next(attack)()
    seen = [slug for slug in walked if slug.startswith("n") and slug not in touched]
    assert sorted(seen) == [f"n{number:02}" for number in range(30) if f"n{number:02}" not in touched]


def test_nothing_is_given_twice_by_the_fixed_orders_whatever_others_write(knowledge: Knowledge) -> None:
    for number in range(20):
        knowledge.put(f"n{number:02}", "")
    for sort in ("created", "slug"):
        walked: list[str] = []
        for page in pages(knowledge, sort, 3):
            walked += [note.slug for note in page]
            for number in range(20):
                knowledge.put(f"n{number:02}", add_tags=(f"{sort}-{len(walked)}",), title=f"T{len(walked)}{number}")
        assert sorted(walked) == [f"n{number:02}" for number in range(20)]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("limit", [1, 4, 100])
def test_a_type_within_a_project_is_listed_as_if_each_note_were_looked_at(
    knowledge: Knowledge, sort: Sort, limit: int
) -> None:
    for name in ("web", "api"):
        save_project(knowledge.store, name, "tester")
    kinds = ("sop", "runbook", "plan", "folder", None)
    fields = itertools.product(("web", "api", None), kinds, ((), ("sop", "web")))
    for number, (project, note_type, tags) in enumerate(fields):
        knowledge.put(f"n{number:02}", "", project=project, note_type=note_type, tags=tags, title=f"T{number % 7}")
    knowledge.put("n00", "again", if_revision=1)
    knowledge.delete("n02", if_revision=1)
    everything = [note for page in pages(knowledge, sort, 100) for note in page]
    asked = {"sop": {"sop", "runbook"}, "runbook": {"runbook"}, "folder": {"folder"}, "none": set()}
    for kind, meant in asked.items():
        wanted = [note.slug for note in everything if note.project == "web" and note.note_type in meant]
        listed = [note for page in pages(knowledge, sort, limit, note_type=kind, project="web") for note in page]
        assert [note.slug for note in listed] == wanted
        with knowledge.store.reading() as db:
            assert list_notes(db, Filter(note_type=kind, project="web"), sort, limit).total == len(wanted)
    with knowledge.store.reading() as db:
        gone = list_notes(db, Filter(note_type="sop", project="web", deleted=True), sort, limit)
    assert (gone.total, [note.slug for note in gone.items]) == (1, ["n02"])


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "é",
        "W10",
        "bnVsbA",
        "eyJhIjoxfQ",
        "WyJzbHVnIl0",
        "WyJzbHVnIixudWxsXQ",
        "W" * 3000,
        "W1tb" * 40000,
        "WyJzbHVnIiwgImEiLCAiYiJd",
        "WyJ0aXRsZSIsICJhIiwgMV0",
        "WyJzbHVnIiwgIlx1ZDgwMCJd",
        "\ud800",
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(knowledge: Knowledge, cursor: str) -> None:
    knowledge.put("a", "")
    with pytest.raises(Invalid), knowledge.store.reading() as db:
        list_notes(db, Filter(), "slug", 1, cursor)


def test_a_cursor_belongs_to_its_order(knowledge: Knowledge) -> None:
    for slug in "abc":
        knowledge.put(slug, "")
    with knowledge.store.reading() as db:
        cursor = list_notes(db, Filter(), "title", 1).next_cursor
        for sort in SORTS:
            if sort != "title":
                with pytest.raises(Invalid):
                    list_notes(db, Filter(), sort, 1, cursor)
        assert [note.slug for note in list_notes(db, Filter(), "title", 1, cursor).items] == ["b"]
