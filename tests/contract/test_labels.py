"""Projects, types, statuses and tags, and the filters that take them all for tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from notewell_store import Invalid, NotFound
from notewell_store.models import Filter, Project, TagCount
from notewell_store.tables.labels import count_labels, tag_word
from notewell_store.tables.past import list_notes_at, read_moment
from notewell_store.tables.projects import list_projects, save_project

if TYPE_CHECKING:
    from tests.conftest import Knowledge


def counted(knowledge: Knowledge, prefix: str = "", project: str | None = None, limit: int = 100) -> dict[str, int]:
    with knowledge.store.reading() as db:
        return {entry.tag: entry.notes for entry in count_labels(db, prefix, project, limit)[1]}


def test_tags_are_kept_in_lower_case_sorted_and_once(knowledge: Knowledge) -> None:
    knowledge.put("a", "", tags=("Ops", "ops", " release train ", "API"))
    assert knowledge.note("a").metadata.tags == ("api", "ops", "release-train")


@pytest.mark.parametrize(
    ("tag", "asked"),
    [
        ("über", "uber"),
        ("uber", "Über"),
        ("cafe\u0301", "caf\u00e9"),
        ("\u1112\u1161\u11ab", "\ud55c"),
        ("straße", "STRASSE"),
        ("тёмный", "темный"),
        ("\uff41\uff42", "ab"),
        ("łódź:plan", "lodz:plan"),
    ],
)
def test_a_filter_finds_a_tag_however_it_is_written(knowledge: Knowledge, tag: str, asked: str) -> None:
    knowledge.put("a", "", tags=(tag,))
    knowledge.put("b", "", tags=("other",))
    assert knowledge.listed(tags=(tag_word(asked),)) == knowledge.listed(any_tags=(tag_word(asked), "x")) == ["a"]
    assert knowledge.note("a").metadata.tags == (tag,)
    with knowledge.store.reading() as db:
        then = list_notes_at(db, Filter(tags=(tag_word(asked),)), "slug", 10, None, read_moment("2100-01-01"))
    assert [note.slug for note in then.items] == ["a"]


def test_tags_are_replaced_added_and_removed_in_one_write(knowledge: Knowledge) -> None:
    knowledge.put("a", "", tags=("x", "y"))
    knowledge.put("a", add_tags=("z",), remove_tags=("X", "not-there"))
    assert knowledge.note("a").metadata.tags == ("y", "z")
    knowledge.put("a", tags=("p",), add_tags=("q",), remove_tags=("p",))
    assert knowledge.note("a").metadata.tags == ("q",)
    knowledge.put("a", tags=())
    assert knowledge.note("a").metadata.tags == ()


@pytest.mark.parametrize(
    "tag",
    [
        "story:superuser-deploy",
        "c++",
        "a/b",
        "#hash",
        "'quoted'",
        'x"y',
        "%",
        "_",
        "日本語",
        "é",
        "a*b",
        "-",
        "tag;drop",
    ],
)
def test_tags_of_odd_characters_are_kept_and_found(knowledge: Knowledge, tag: str) -> None:
    knowledge.put("a", "", tags=(tag,))
    knowledge.put("b", "", tags=("other",))
    assert knowledge.note("a").metadata.tags == (tag,)
    assert knowledge.listed(tags=(tag,)) == ["a"]
    assert counted(knowledge, tag) == {tag: 1}


@pytest.mark.parametrize(
    "wanted",
    [
        {"tags": ("sop", "active")},
        {"tags": ("active", "web", "ops")},
        {"any_tags": ("sop", "nothing")},
        {"note_type": "sop"},
        {"status": "active"},
        {"status": "ACTIVE"},
        {"project": "web"},
        {"tags": ("sop",), "any_tags": ("ops",), "note_type": "sop", "status": "active", "project": "web"},
    ],
)
def test_type_status_and_project_count_as_tags(knowledge: Knowledge, wanted: dict[str, Any]) -> None:
    save_project(knowledge.store, "web", "tester")
    knowledge.put("labelled", "", note_type="sop", status="Active", project="web", tags=("ops",))
    knowledge.put("other", "", note_type="plan", status="draft")
    assert knowledge.listed(**wanted) == ["labelled"]


def test_filters_find_a_word_however_it_was_given_to_the_note(knowledge: Knowledge) -> None:
    knowledge.put("by-type", "", note_type="sop", status="active")
    knowledge.put("by-tag", "", tags=("sop", "active"))
    knowledge.put("half", "", tags=("sop",))
    assert knowledge.listed(tags=("sop", "active")) == ["by-tag", "by-type"]
    assert knowledge.listed(note_type="sop") == ["by-type"]
    assert knowledge.listed(status="active") == ["by-type"]


@pytest.mark.parametrize("written", ["in-progress", "IN_PROGRESS", "In progress", "in  progress", " In\tProgress "])
@pytest.mark.parametrize("asked", ["in-progress", "in_progress", "In Progress", "IN-PROGRESS"])
def test_a_status_is_found_in_every_spelling(knowledge: Knowledge, written: str, asked: str) -> None:
    knowledge.put("a", "", status=written)
    knowledge.put("b", "", status="progress", tags=("in-progress",))
    assert knowledge.listed(status=asked) == ["a"]
    assert knowledge.listed(tags=(asked.replace(" ", "-").lower(),)) == ["a", "b"]
    assert "\n" not in (knowledge.note("a").metadata.status or "")


@pytest.mark.parametrize("written", ["won't fix", "Won\N{RIGHT SINGLE QUOTATION MARK}t Fix", "WONT_FIX", "wontfix"])
@pytest.mark.parametrize("asked", ["won't fix", "wont-fix", "WontFix", "wont_fix"])
def test_a_status_is_found_whether_its_words_are_joined_or_not(knowledge: Knowledge, written: str, asked: str) -> None:
    knowledge.put("a", "", status=written)
    assert knowledge.note("a").metadata.status == written
    assert knowledge.listed(status=asked) == knowledge.listed(tags=(tag_word(asked),)) == ["a"]


@pytest.mark.parametrize(("written", "asked"), [("Überholt", "überholt"), ("ГОТОВО", "готово"), ("完了", "完了")])
def test_a_status_is_found_whatever_its_script(knowledge: Knowledge, written: str, asked: str) -> None:
    knowledge.put("a", "", status=written)
    assert knowledge.note("a").metadata.status == written
    assert knowledge.listed(status=asked) == knowledge.listed(tags=(asked,)) == ["a"]


def test_arch_is_read_as_architecture(knowledge: Knowledge) -> None:
    knowledge.put("a", "", note_type="Arch")
    assert knowledge.note("a").metadata.note_type == "architecture"
    assert knowledge.listed(note_type="architecture") == knowledge.listed(tags=("architecture",)) == ["a"]


def test_a_runbook_is_found_as_an_sop_and_an_sop_not_as_a_runbook(knowledge: Knowledge) -> None:
    knowledge.put("deploy", "", note_type="sop")
    knowledge.put("restart", "", note_type="Runbook", tags=("ADR",))
    assert knowledge.note("restart").metadata.note_type == "runbook"
    assert knowledge.listed(note_type="sop") == knowledge.listed(tags=("sop",)) == ["deploy", "restart"]
    assert knowledge.listed(note_type="runbook") == knowledge.listed(tags=("runbook",)) == ["restart"]
    assert knowledge.listed(tags=("decision", "sop")) == ["restart"]
    assert counted(knowledge) == {"sop": 2, "runbook": 1, "adr": 1, "decision": 1}


def test_a_tag_arch_is_found_as_architecture(knowledge: Knowledge) -> None:
    knowledge.put("a", "", tags=("arch",))
    assert knowledge.note("a").metadata.tags == ("arch",)
    assert knowledge.listed(tags=("architecture",)) == knowledge.listed(tags=("arch",)) == ["a"]


def test_a_project_called_like_a_kind_makes_no_note_one(knowledge: Knowledge) -> None:
    save_project(knowledge.store, "task", "tester")
    knowledge.put("a", "", project="task")
    assert (knowledge.listed(tags=("task",)), knowledge.listed(tags=("todo",))) == (["a"], [])


def test_counts_of_tags_follow_changes_deletions_and_restores(knowledge: Knowledge) -> None:
    knowledge.put("a", "", note_type="sop", status="active", tags=("ops",))
    knowledge.put("b", "", note_type="sop", tags=("sop",))
    assert counted(knowledge) == {"sop": 2, "active": 1, "ops": 1}
    knowledge.delete("a")
    assert counted(knowledge) == {"sop": 1}
    assert knowledge.listed(tags=("ops",)) == []
    assert knowledge.listed(tags=("ops",), deleted=True) == ["a"]
    knowledge.restore("a")
    knowledge.put("b", note_type="none", tags=())
    assert counted(knowledge) == {"sop": 1, "active": 1, "ops": 1}


def test_counts_of_tags_take_a_prefix_a_project_and_a_limit(knowledge: Knowledge) -> None:
    save_project(knowledge.store, "web", "tester")
    knowledge.put("a", "", project="web", tags=("story:a", "story:b"))
    knowledge.put("b", "", tags=("story:a", "web", "stork"))
    assert counted(knowledge, "story:") == {"story:a": 2, "story:b": 1}
    assert counted(knowledge, "story:", "web") == {"story:a": 1, "story:b": 1}
    with knowledge.store.reading() as db:
        assert count_labels(db, "", None, 1) == (4, (TagCount("story:a", 2),))


def test_a_project_is_made_changed_in_parts_and_listed_with_its_living_notes(knowledge: Knowledge) -> None:
    save_project(knowledge.store, "web", "ann", name="Web app", platform="github", repo_url="https://example.org/web")
    save_project(knowledge.store, "api", "ann")
    saved = save_project(knowledge.store, "web", "ben", name="The web app")
    assert saved == Project("web", "The web app", "github", "https://example.org/web", 0)
    knowledge.put("a", "", project="web")
    knowledge.put("b", "", project="web")
    knowledge.delete("b")
    with knowledge.store.reading() as db:
        assert [(project.slug, project.notes) for project in list_projects(db)] == [("api", 0), ("web", 1)]
        assert [project.notes for project in list_projects(db, "web")] == [1]
        assert [project.name for project in list_projects(db, "api")] == ["api"]


def test_a_note_moves_between_projects_and_out_of_them(knowledge: Knowledge) -> None:
    for slug in ("web", "api"):
        save_project(knowledge.store, slug, "tester")
    knowledge.put("a", "", project="web")
    knowledge.put("a", project="api", if_revision=1)
    assert (knowledge.listed(project="web"), knowledge.listed(project="api")) == ([], ["a"])
    knowledge.put("a", project="none")
    assert knowledge.listed(project="api") == knowledge.listed(tags=("api",)) == []
    assert [knowledge.note(f"a@{n}").metadata.project for n in (1, 2, 3)] == ["web", "api", None]


@pytest.mark.parametrize("slug", ["Web App", "", "web_app", "123", "\ud83d", "none"])
def test_what_cannot_name_a_project_makes_none(knowledge: Knowledge, slug: str) -> None:
    with pytest.raises(Invalid):
        save_project(knowledge.store, slug, "tester")
    with knowledge.store.reading() as db:
        assert list_projects(db) == ()


def test_an_unknown_platform_and_an_unknown_project_are_refused(knowledge: Knowledge) -> None:
    with pytest.raises(Invalid) as raised:
        save_project(knowledge.store, "web", "tester", platform="svn")
    assert "forgejo" in str(raised.value)
    save_project(knowledge.store, "web", "tester")
    with knowledge.store.reading() as db, pytest.raises(NotFound) as missing:
        list_projects(db, "wbe")
    assert missing.value.nearest == ("web",)


@pytest.mark.parametrize("name", ["", " ", "a\x00b", "x" * 201])
def test_a_projects_name_is_one_readable_line(knowledge: Knowledge, name: str) -> None:
    with pytest.raises(Invalid, match="send one line"):
        save_project(knowledge.store, "web", "ann", name=name)
    assert save_project(knowledge.store, "web", "ann", name="Web\n  app").name == "Web app"


@pytest.mark.parametrize("url", ["\x03", "https://example.org/\n- more", "two words"])
def test_a_projects_url_holds_no_white_space_and_nothing_unreadable(knowledge: Knowledge, url: str) -> None:
    with pytest.raises(Invalid, match="send a URL"):
        save_project(knowledge.store, "web", "ann", repo_url=url)
    assert save_project(knowledge.store, "web", "ann", repo_url="").repo_url == ""
