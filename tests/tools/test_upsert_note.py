"""upsert_note: notes made and changed, and what it says of what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.tools.conftest import Agent

if TYPE_CHECKING:
    from notewell_store import Store

PLAN = "# Plan\n\n## Vision\n\nOne store.\n\n## Steps\n\n- [ ] one\n- [ ] two\n"


def test_a_new_note_answers_with_the_fields_of_the_design(agent: Agent) -> None:
    assert agent.ask("upsert_note", slug="plan-x", content=PLAN) == {
        "slug": "plan-x",
        "revision": 1,
        "outcome": "created",
        "project": None,
        "dangling": [],
        "warnings": [],
    }
    assert agent.read("upsert_note", slug="plan-y", content="# Another\n") == "created plan-y@1 in no project"


def test_dangling_links_are_told_with_the_nearest_notes(agent: Agent) -> None:
    agent.note("sop-rollback")
    answer = agent.ask("upsert_note", slug="plan-x", content="See [[sop-rolback]] and [[plan-x]].\n")
    assert answer["dangling"] == [{"ref": "sop-rolback", "nearest": ["sop-rollback"]}]
    assert agent.read("edit_note", ref="plan-x", mode="append", new_text="Also [[zzz#a]].").splitlines() == [
        "updated plan-x@2",
        "dangling link: zzz#a",
    ]


def test_links_that_dangled_before_are_not_told_again_and_stay_in_the_data(agent: Agent) -> None:
    agent.note("plan-x", "See [[later]], [[gone]] and [[there]].\n")
    agent.note("gone")
    agent.note("there")
    agent.ask("delete_note", ref="gone")
    assert agent.read("upsert_note", slug="plan-x", status="active") == "updated plan-x@2"
    assert agent.read("upsert_note", slug="plan-x", status="active").startswith("unchanged plan-x@2: it already")
    assert "dangling" not in agent.read("upsert_note", slug="plan-x", new_slug="plan-y")
    answer = agent.ask("edit_note", ref="plan-y", mode="append", new_text="[[theer]]")
    assert [link["ref"] for link in answer["dangling"]] == ["theer", "later", "gone"]
    assert (answer["dangling"][0]["nearest"], answer["dangling_before"]) == (["there"], 2)
    assert agent.read("restore_note", ref="plan-y@1").splitlines() == ["updated plan-y@5"]


def test_a_note_brought_back_tells_of_its_dangling_links(agent: Agent) -> None:
    agent.note("plan-x", "See [[later]].\n")
    agent.ask("delete_note", ref="plan-x")
    assert "dangling link: later" in agent.read("restore_note", ref="plan-x")


def test_many_new_dangling_links_are_counted(agent: Agent) -> None:
    agent.note("plan-x", "[[a-0]] [[a-1]]")
    text = " ".join(f"[[b-{number}]]" for number in range(23))
    lines = agent.read("edit_note", ref="plan-x", mode="append", new_text=text).splitlines()
    assert (len(lines), lines[1], lines[-1]) == (22, "dangling link: b-0", "and 3 more dangling links")


def test_what_is_not_sent_stays(agent: Agent) -> None:
    agent.note("index")
    sent: dict[str, Any] = {
        "note_type": "plan",
        "status": "draft",
        "tags": ["ops"],
        "parent": "index",
        "is_public": True,
    }
    agent.note("plan-x", PLAN, **sent)
    assert agent.ask("upsert_note", slug="plan-x", title="The plan")["outcome"] == "updated"
    kept = agent.ask("get_note", ref="plan-x")
    assert kept | sent | {"title": "The plan", "markdown": PLAN} == kept


@pytest.mark.parametrize("field", ["note_type", "status", "project", "parent"])
def test_none_clears_a_field(agent: Agent, field: str) -> None:
    agent.ask("projects", slug="web", name="Web")
    agent.note("web")
    agent.note("plan-x", PLAN, **{field: "web"})
    assert agent.ask("get_note", ref="plan-x")[field] == "web"
    agent.ask("upsert_note", slug="plan-x", **{field: "none"})
    assert agent.ask("get_note", ref="plan-x")[field] is None


def test_tags_are_replaced_added_and_removed(agent: Agent) -> None:
    agent.note("plan-x", tags=["a", "b"])
    agent.ask("upsert_note", slug="plan-x", add_tags="c", remove_tags=["a"])
    assert agent.ask("get_note", ref="plan-x")["tags"] == ["b", "c"]
    agent.ask("upsert_note", slug="plan-x", tags=["z"])
    assert agent.ask("get_note", ref="plan-x")["tags"] == ["z"]


def test_a_renamed_note_answers_to_both_names(agent: Agent) -> None:
    agent.note("plan-x", PLAN)
    assert agent.read("upsert_note", slug="plan-x", new_slug="plan-2026") == "updated plan-2026@2"
    assert agent.ask("get_note", ref="plan-x")["slug"] == "plan-2026"
    agent.note("other")
    assert "already names plan-2026" in agent.refusal("upsert_note", slug="other", new_slug="plan-x")


def test_the_same_content_again_is_unchanged(agent: Agent) -> None:
    agent.note("plan-x", PLAN)
    assert agent.ask("upsert_note", slug="plan-x", content=PLAN)["outcome"] == "unchanged"
    assert agent.read("upsert_note", slug="plan-x", content=PLAN) == "unchanged plan-x@1: it already reads so"


def test_replacing_content_without_a_revision_is_refused_and_names_it(agent: Agent) -> None:
    agent.note("plan-x", PLAN, reason="first")
    refusal = agent.refusal("upsert_note", slug="plan-x", content="# New\n")
    assert refusal.startswith("plan-x exists, at revision 1; replacing its content needs the revision you read.")
    assert "send if_revision=1, or change a part with edit_note" in refusal
    assert " tester: created · first" in refusal
    assert agent.markdown("plan-x") == PLAN


def test_a_stale_revision_that_overlaps_names_who_changed_what_and_the_next_call(agent: Agent, store: Store) -> None:
    agent.note("plan-x", PLAN)
    agent.ask(
        "edit_note",
        ref="plan-x",
        mode="replace",
        old_text="One store.",
        new_text="One file.",
        revised_by="https://forge.example/pull/7",
        reason="agreed on Monday",
    )
    mine = PLAN.replace("One store.", "Two stores.")
    lines = agent.refusal("upsert_note", slug="plan-x", content=mine, if_revision=1).splitlines()
    assert lines[0] == (
        "plan-x is at revision 2, you sent if_revision=1. Both change: content. Nothing was written. Changed since:"
    )
    assert lines[1].startswith("@2 ")
    assert lines[1].endswith(" tester: content · agreed on Monday · https://forge.example/pull/7 · seq 2")
    assert {"-One store.", "+One file."} < set(lines)
    assert lines[-1] == "Merge your text with it and send if_revision=2."


def test_a_conflict_in_metadata_shows_the_values_and_ends_on_a_line_of_its_own(agent: Agent) -> None:
    agent.note("plan-x", PLAN, status="draft", tags=["a"])
    agent.ask("upsert_note", slug="plan-x", status="active", add_tags=["b"])
    lines = agent.refusal("upsert_note", slug="plan-x", status="done", if_revision=1).splitlines()
    assert "Both change: status." in lines[0]
    assert lines[2:] == [
        "- status: draft",
        "+ status: active",
        "- tags: a",
        "+ tags: a, b",
        "If it is still meant, send if_revision=2.",
    ]


def test_a_conflict_after_many_changes_shows_the_newest_and_counts_the_others(agent: Agent) -> None:
    agent.note("plan-x", "# Plan\n\nline 0\n")
    for n in range(1, 15):
        agent.ask("edit_note", ref="plan-x", mode="replace", old_text=f"line {n - 1}", new_text=f"line {n}")
    lines = agent.refusal("upsert_note", slug="plan-x", content="# Plan\n\nmine\n", if_revision=1).splitlines()
    assert [line.split()[0] for line in lines[1:11]] == [f"@{n}" for n in range(15, 5, -1)]
    assert lines[11] == "and 4 before: revisions(ref='plan-x')"


def test_a_stale_change_elsewhere_is_merged_and_says_with_what(agent: Agent) -> None:
    agent.note("plan-x", PLAN)
    agent.ask("edit_note", ref="plan-x", mode="replace", old_text="One store.", new_text="One file.")
    mine = PLAN.replace("- [ ] two", "- [x] two")
    answer = agent.ask("upsert_note", slug="plan-x", content=mine, if_revision=1)
    assert (answer["outcome"], answer["revision"], answer["merged_with"]) == ("merged", 3, [2])
    assert agent.markdown("plan-x") == mine.replace("One store.", "One file.")


def test_a_revision_that_never_was_is_refused(agent: Agent) -> None:
    agent.note("plan-x", PLAN)
    refusal = agent.refusal("upsert_note", slug="plan-x", content="x", if_revision=7)
    assert refusal == "plan-x is at revision 1, there is no revision 7. Nothing was written."


def test_an_unknown_slug_without_content_says_how_to_create_it(agent: Agent) -> None:
    agent.note("plan-y")
    assert agent.refusal("upsert_note", slug="plan-x", title="X") == (
        "There is no note 'plan-x' to change. Nearest: plan-y. To create it send content."
    )


@pytest.mark.parametrize("slug", ["New Note", "123x_", "-a", "a--b", "é", "a" * 201])
def test_a_bad_slug_is_refused_with_the_rule(agent: Agent, slug: str) -> None:
    assert "a-z and 0-9 in words joined by single hyphens" in agent.refusal("upsert_note", slug=slug, content="x")


def test_a_reference_to_a_part_is_refused_where_the_whole_would_change(agent: Agent) -> None:
    agent.note("plan-x", PLAN)
    assert "names a part" in agent.refusal("upsert_note", slug="plan-x#vision", content="x", if_revision=1)
    assert "names a part" in agent.refusal("delete_note", ref="plan-x#vision")


def test_an_unknown_project_or_parent_is_refused(agent: Agent) -> None:
    assert "There is no project 'web'" in agent.refusal("upsert_note", slug="a", content="x", project="web")
    assert "There is no note 'index'" in agent.refusal("upsert_note", slug="a", content="x", parent="index")


def test_a_deleted_slug_is_not_written_over(agent: Agent) -> None:
    agent.note("plan-x", PLAN)
    agent.ask("delete_note", ref="plan-x")
    assert "restore_note(ref='plan-x')" in agent.refusal("upsert_note", slug="plan-x", content="new")


def test_a_dry_run_shows_the_diff_and_writes_nothing(agent: Agent) -> None:
    agent.note("plan-x", PLAN)
    before = agent.content()
    mine = PLAN.replace("One store.", "One file.")
    answer = agent.ask("upsert_note", slug="plan-x", content=mine, if_revision=1, dry_run=True)
    assert (answer["outcome"], answer["revision"]) == ("updated", 1)
    assert "\n-One store.\n+One file.\n" in answer["diff"]
    shown = agent.read("upsert_note", slug="plan-x", status="active", dry_run=True)
    assert shown == "dry run, nothing written: would be updated: plan-x\n- status: \n+ status: active"
    assert agent.content() == before


def test_a_text_that_is_too_large_or_cannot_be_kept_is_refused(agent: Agent) -> None:
    assert "split it into child notes" in agent.refusal("upsert_note", slug="big", content="x" * 1_000_001)
    assert "NUL at character 1" in agent.refusal("upsert_note", slug="nul", content="a\0b")
    assert "surrogate" in agent.refusal("upsert_note", slug="half", content="a\ud800b")


def test_a_write_keeps_who_on_whose_account_and_why(agent: Agent) -> None:
    agent.note("plan-x", revised_by="8ac1f2e", reason="starting")
    (revision,) = agent.ask("revisions", ref="plan-x")["revisions"]
    assert (revision["actor"], revision["revised_by"], revision["reason"]) == (
        "tester",
        "8ac1f2e",
        "starting",
    )


def test_the_same_key_gives_the_first_answer_and_writes_once(agent: Agent) -> None:
    agent.note("plan-x", PLAN)
    call = {"ref": "plan-x", "mode": "append", "new_text": "- [ ] three", "idempotency_key": "k1"}
    first = agent.ask("edit_note", **call)
    agent.ask("upsert_note", slug="plan-x", title="Newer")
    before = agent.content()
    assert agent.ask("edit_note", **call) == first
    assert agent.content() == before
    assert agent.markdown("plan-x").count("three") == 1


def test_the_same_key_for_another_call_is_refused(agent: Agent) -> None:
    agent.note("plan-x", PLAN, idempotency_key="k1")
    refusal = agent.refusal("upsert_note", slug="plan-y", content=PLAN, idempotency_key="k1")
    assert "this idempotency_key was used for a call with other arguments: send a new key" in refusal
    agent.note("plan-y", PLAN, idempotency_key="k2")


def test_a_slug_that_is_none_is_named_as_it_was_sent(agent: Agent) -> None:
    assert "slug='Plan X' is no slug" in agent.refusal("upsert_note", slug="Plan X", content="x")


@pytest.fixture
def of_harbor(store: Store) -> Agent:
    """An agent whose session is of a project; there is another."""
    agent = Agent(store, project="harbor-line")
    agent.ask("projects", slug="harbor-line", name="Harbor Line")
    agent.ask("projects", slug="ops", name="Ops")
    return agent


def test_a_new_note_is_of_the_sessions_project_and_the_answer_says_so(of_harbor: Agent) -> None:
    assert of_harbor.read("upsert_note", slug="x", content="text\n") == "created x@1 in harbor-line"
    assert of_harbor.ask("get_note", ref="x")["project"] == "harbor-line"
    assert of_harbor.read("upsert_note", slug="x", status="draft") == "updated x@2"


def test_a_new_note_without_a_project_is_of_its_parents(of_harbor: Agent) -> None:
    of_harbor.note("runbooks", project="ops")
    assert of_harbor.read("upsert_note", slug="y", content="text\n", parent="runbooks") == "created y@1 in ops"
    assert of_harbor.read("upsert_note", slug="z", content="t\n", parent="runbooks", project="none").endswith(
        "created z@1 in no project"
    )
    of_harbor.note("loose", project="none")
    assert of_harbor.ask("upsert_note", slug="w", content="t\n", parent="loose")["project"] == "harbor-line"


def test_a_note_of_no_project_is_said_to_be_in_none(agent: Agent) -> None:
    assert agent.read("upsert_note", slug="x", content="text\n") == "created x@1 in no project"
    shown = agent.read("upsert_note", slug="y", content="text\n", dry_run=True)
    assert shown.startswith("dry run, nothing written: would be created: y in no project\n")


@pytest.fixture
def of_web_app(store: Store) -> Agent:
    """An agent of one project beside a note of another."""
    ops = Agent(store, project="ops")
    for slug in ("ops", "web-app"):
        ops.ask("projects", slug=slug, name=slug.title())
    ops.note("sop-incident", "# Incidents\n\nCall Bo.\n", note_type="sop")
    return Agent(store, project="web-app")


def test_a_slug_that_another_project_has_is_refused_with_whose_it_is_and_one_that_is_free(of_web_app: Agent) -> None:
    said = of_web_app.refusal("upsert_note", slug="sop-incident", content="# Ours\n")
    assert said == (
        "sop-incident is a note of the project ops ('Incidents', sop). Nothing was written. For a note of web-app send "
        "slug=web-app-sop-incident; to change that one read it and send if_revision=1."
    )
    of_web_app.note("web-app-sop-incident", "# Ours\n")
    said = of_web_app.refusal("upsert_note", slug="sop-incident", content="# Ours too\n", if_revision=0)
    assert "slug=web-app-sop-incident-2;" in said


def test_another_projects_note_is_taken_over_by_who_names_the_revision_they_read(of_web_app: Agent) -> None:
    said = of_web_app.refusal("upsert_note", slug="sop-incident", project="web-app", status="active")
    assert said.endswith("to take that one over read it and send if_revision=1 and project=web-app.")
    moved = of_web_app.ask("upsert_note", slug="sop-incident", project="web-app", if_revision=1)
    assert moved["outcome"] == "updated"
    assert of_web_app.ask("get_note", ref="sop-incident")["project"] == "web-app"


def test_metadata_of_another_projects_note_may_be_changed_where_it_stays(of_web_app: Agent) -> None:
    assert of_web_app.ask("upsert_note", slug="sop-incident", status="active")["outcome"] == "updated"
    assert of_web_app.ask("upsert_note", slug="sop-incident", content="# Incidents\n\nCall Bo.\n")["outcome"] == (
        "unchanged"
    )


def test_who_is_of_the_notes_own_project_gives_it_away_by_naming_another(store: Store, of_web_app: Agent) -> None:
    ops = Agent(store, project="ops")
    assert ops.ask("upsert_note", slug="sop-incident", project="web-app")["outcome"] == "updated"


def test_a_note_that_still_holds_is_confirmed_without_changing_it(agent: Agent) -> None:
    agent.ask("upsert_note", slug="a", content="# A\n")
    assert agent.read("upsert_note", slug="a", confirm=True, reason="read it") == "confirmed a@2"
    assert ": confirmed · read it" in agent.read("revisions", ref="a")
