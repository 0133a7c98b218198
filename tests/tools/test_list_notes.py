"""list_notes and tags, projects: what there is, filtered, ordered and in pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.tools.conftest import Agent


@pytest.fixture
def library(agent: Agent) -> Agent:
    """Five notes that differ in each thing that can be filtered by."""
    agent.ask("projects", slug="web", name="Web shop", platform="github", repo_url="https://github.com/x/web")
    agent.note("index", "# Index\n")
    agent.note("sop-a", "# A\n", note_type="sop", status="active", project="web", parent="index", position=2)
    agent.note("sop-b", "# B\n", note_type="sop", status="draft", tags=["ops"], parent="index", position=1)
    agent.note("plan-c", "# C\n", note_type="plan", status="active", tags=["ops", "story:pay"])
    agent.note("tagged-d", "# D\n", tags=["sop", "active"])
    return agent


@pytest.mark.parametrize(
    ("filters", "slugs"),
    [
        ({}, "index plan-c sop-a sop-b tagged-d"),
        ({"tags": ["sop", "active"]}, "sop-a tagged-d"),
        ({"tags": "sop,active,web"}, "sop-a"),
        ({"any_tags": ["plan", "draft"]}, "plan-c sop-b"),
        ({"tags": ["ops"], "any_tags": "plan,web"}, "plan-c"),
        ({"note_type": "sop"}, "sop-a sop-b"),
        ({"note_type": "sop", "status": "ACTIVE"}, "sop-a"),
        ({"project": "web"}, "sop-a"),
        ({"parent": "index"}, "sop-a sop-b"),
        ({"parent": "none"}, "index plan-c tagged-d"),
        ({"tags": "Story:Pay"}, "plan-c"),
        ({"within": "index"}, "sop-a sop-b"),
        ({"within": "sop-a"}, ""),
        ({"updated_before": "2000-01-01"}, ""),
        ({"updated_before": "2100-01-01", "note_type": "plan"}, "plan-c"),
        ({"updated_since": "2100-01-01"}, ""),
        ({"updated_since": "2000-01-01", "note_type": "plan"}, "plan-c"),
        ({"tags": ["nobody-has-this"]}, ""),
    ],
)
def test_filters_take_the_notes_that_fit_all_of_them(library: Agent, filters: dict[str, Any], slugs: str) -> None:
    answer = library.ask("list_notes", sort="slug", **filters)
    assert " ".join(note["slug"] for note in answer["notes"]) == slugs
    assert answer["total"] == len(answer["notes"])


def test_a_listed_note_has_the_fields_of_the_design_and_no_body(library: Agent) -> None:
    (note,) = library.ask("list_notes", project="web")["notes"]
    assert note == {
        "id": 2,
        "slug": "sop-a",
        "title": "A",
        "note_type": "sop",
        "status": "active",
        "project": "web",
        "tags": [],
        "revision": 1,
        "updated_at": note["updated_at"],
        "chars": 4,
    }
    assert set(library.ask("list_notes")) == {"total", "notes", "next_cursor"}


@pytest.mark.parametrize(
    ("sort", "slugs"),
    [
        ("updated", "tagged-d plan-c sop-b sop-a index"),
        ("created", "tagged-d plan-c sop-b sop-a index"),
        ("title", "sop-a sop-b plan-c tagged-d index"),
        ("slug", "index plan-c sop-a sop-b tagged-d"),
    ],
)
def test_notes_come_in_the_order_asked_for(library: Agent, sort: str, slugs: str) -> None:
    assert " ".join(note["slug"] for note in library.ask("list_notes", sort=sort)["notes"]) == slugs


def test_children_come_in_their_positions(library: Agent) -> None:
    listed = library.ask("list_notes", parent="index", sort="position")["notes"]
    assert [note["slug"] for note in listed] == ["sop-b", "sop-a"]


@pytest.mark.parametrize("sort", ["updated", "created", "title", "slug", "position"])
def test_cursors_lead_through_all_notes_once(library: Agent, sort: str) -> None:
    whole = [note["slug"] for note in library.ask("list_notes", sort=sort)["notes"]]
    paged: list[str] = []
    cursor = None
    for _ in range(3):
        answer = library.ask("list_notes", sort=sort, limit=2, cursor=cursor)
        assert answer["total"] == 5
        paged += [note["slug"] for note in answer["notes"]]
        cursor = answer["next_cursor"]
    assert paged == whole
    assert cursor is None


def test_a_cut_list_says_how_much_there_is_and_how_to_go_on(library: Agent) -> None:
    head = library.read("list_notes", limit=2, sort="slug").splitlines()[0]
    count, cursor = head.split("; next: cursor=")
    assert count == "2 of 5 notes"
    assert library.read("list_notes", limit=2, sort="slug", cursor=cursor).splitlines()[1].startswith("sop-a · ")


def test_a_foreign_cursor_is_refused_with_what_to_send(library: Agent) -> None:
    assert "send the last answer's cursor" in library.refusal("list_notes", cursor="zzz")
    cursor = library.ask("list_notes", limit=1)["next_cursor"]
    assert "send the same arguments as before" in library.refusal("list_notes", cursor=cursor, sort="title")


def test_a_note_is_one_line_without_what_it_lacks(library: Agent) -> None:
    lines = library.read("list_notes", sort="slug").splitlines()
    day = library.ask("list_notes")["notes"][0]["updated_at"][:10]
    assert lines == [
        "5 notes",
        f"index · Index · r1 {day} 8",
        f"plan-c · C · plan active [ops, story:pay] · r1 {day} 4",
        f"sop-a · A · sop active web · r1 {day} 4",
        f"sop-b · B · sop draft [ops] · r1 {day} 4",
        f"tagged-d · D [active, sop] · r1 {day} 4",
    ]


def test_what_all_listed_notes_have_in_common_is_said_once(library: Agent) -> None:
    day = library.ask("list_notes")["notes"][0]["updated_at"][:10]
    assert library.read("list_notes", tags="active", sort="slug").splitlines() == [
        "3 notes, each active",
        f"plan-c · C · plan [ops, story:pay] · r1 {day} 4",
        f"sop-a · A · sop web · r1 {day} 4",
        f"tagged-d · D [sop] · r1 {day} 4",
    ]


def test_an_empty_list_says_where_to_look(library: Agent) -> None:
    assert library.read("list_notes", note_type="sopp").startswith("no note fits these filters; tags()")


def test_deleted_notes_are_listed_only_when_asked_for(library: Agent) -> None:
    library.ask("delete_note", ref="plan-c")
    assert [note["slug"] for note in library.ask("list_notes", deleted=True)["notes"]] == ["plan-c"]
    assert library.ask("list_notes")["total"] == 4
    assert library.ask("list_notes", tags="plan")["total"] == 0


def test_an_unknown_project_or_parent_is_refused_with_the_nearest(library: Agent) -> None:
    assert "There is no project 'wbe'. Nearest: web." in library.refusal("list_notes", project="wbe")
    assert "There is no note 'indx'. Nearest: index." in library.refusal("list_notes", parent="indx")
    assert "2026-11-21" in library.refusal("list_notes", updated_since="last week")


def test_tags_counts_types_statuses_and_projects_too(library: Agent) -> None:
    answer = library.ask("tags")
    assert answer["tags"][:2] == [{"tag": "active", "notes": 3}, {"tag": "sop", "notes": 3}]
    assert {entry["tag"]: entry["notes"] for entry in answer["tags"]} == {
        "active": 3,
        "sop": 3,
        "ops": 2,
        "draft": 1,
        "plan": 1,
        "story:pay": 1,
        "web": 1,
    }
    assert answer["total"] == 7


def test_tags_are_narrowed_by_prefix_project_and_limit(library: Agent) -> None:
    assert library.ask("tags", prefix="story:")["tags"] == [{"tag": "story:pay", "notes": 1}]
    assert {entry["tag"] for entry in library.ask("tags", project="web")["tags"]} == {"active", "sop", "web"}
    assert library.read("tags", limit=2) == "2 of 7 tags, most used first (limit= shows more)\nactive 3, sop 3"
    assert library.read("tags", prefix="zzz") == "no tag in use fits"
    assert "Nearest: web" in library.refusal("tags", project="wb")


def test_projects_lists_all_or_one(library: Agent) -> None:
    web = {
        "slug": "web",
        "name": "Web shop",
        "platform": "github",
        "repo_url": "https://github.com/x/web",
        "notes": 1,
    }
    assert library.ask("projects") == {"projects": [web]}
    library.ask("projects", slug="api", name="API")
    assert [project["slug"] for project in library.ask("projects")["projects"]] == ["api", "web"]
    assert library.ask("projects", slug="web") == {"projects": [web]}
    assert library.read("projects", slug="web") == "web · Web shop · github · https://github.com/x/web · 1 note"


def test_a_project_is_changed_field_by_field(library: Agent) -> None:
    (changed,) = library.ask("projects", slug="web", name="Shop")["projects"]
    assert (changed["name"], changed["platform"]) == ("Shop", "github")


def test_projects_says_how_to_make_one(agent: Agent) -> None:
    assert agent.read("projects") == "no projects yet: projects(slug=…, name=…) creates one"
    assert "create one: projects(slug=…, name=…)" in agent.refusal("projects", slug="nope")
    assert "slug is needed" in agent.refusal("projects", name="No slug")
    assert "such as web-app" in agent.refusal("projects", slug="Bad Slug", name="x")


@pytest.mark.parametrize("sort", ["updated", "created", "title", "slug", "position"])
def test_folders_come_last_in_lists_and_pages_go_on_behind_them(agent: Agent, sort: str) -> None:
    for number in range(3):
        agent.note(f"a-folder-{number}", note_type="folder")
        agent.note(f"note-{number}")
    listed = [note["slug"] for note in agent.ask("list_notes", sort=sort)["notes"]]
    assert [slug.startswith("note-") for slug in listed] == [True] * 3 + [False] * 3
    read: list[str] = []
    cursor = None
    for _ in range(6):
        answer = agent.ask("list_notes", sort=sort, limit=1, cursor=cursor)
        read += [note["slug"] for note in answer["notes"]]
        cursor = answer["next_cursor"]
    assert (read, cursor) == (listed, None)
    assert agent.ask("list_notes", note_type="folder", limit=2)["total"] == 3


def slugs(answer: dict[str, Any]) -> list[str]:
    return [note["slug"] for note in answer["notes"]]


def test_what_is_within_a_note_is_below_it_however_deep_now_and_then(library: Agent) -> None:
    library.note("step", "# Step\n", parent="sop-a")
    library.note("detail", "# Detail about widgets\n", parent="step")
    then = library.ask("revisions")["revisions"][0]["seq"]
    library.ask("upsert_note", slug="step", parent="none")
    assert sorted(slugs(library.ask("list_notes", within="index"))) == ["sop-a", "sop-b"]
    assert sorted(slugs(library.ask("list_notes", within="index", as_of=then))) == ["detail", "sop-a", "sop-b", "step"]
    assert [hit["slug"] for hit in library.ask("search_notes", query="widgets", within="step")["hits"]] == ["detail"]
    assert library.ask("search_notes", query="widgets", within="index")["total"] == 0


def test_oldest_first_is_newest_first_turned_round(library: Agent) -> None:
    newest = slugs(library.ask("list_notes"))
    first = library.ask("list_notes", sort="oldest", limit=2)
    rest = library.ask("list_notes", sort="oldest", cursor=first["next_cursor"])
    assert [*slugs(first), *slugs(rest)] == newest[::-1]


def test_unlinked_are_those_that_no_other_living_note_links_to(library: Agent) -> None:
    library.note("citing", "# Citing\n\n[[sop-a]] and [[citing]], [[plan-c]]\n")
    library.note("gone", "# Gone\n\n[[tagged-d]]\n")
    library.ask("delete_note", ref="gone")
    assert sorted(slugs(library.ask("list_notes", unlinked=True))) == ["citing", "index", "sop-b", "tagged-d"]
    assert slugs(library.ask("list_notes", unlinked=True, note_type="sop")) == ["sop-b"]
    with pytest.raises(Exception, match="known of today only"):
        library.ask("list_notes", unlinked=True, as_of="2100-01-01")
