"""check_refs: whether what a text, a note or a project's notes cite exists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notewell_store.checking import texts

if TYPE_CHECKING:
    import pytest
    from tests.tools.conftest import Agent


def test_a_text_is_answered_with_what_does_not_exist_first(agent: Agent) -> None:
    agent.note("sop-deploy", "# Deploy\n\n## Steps\n", note_type="sop")
    text = "See [[sop-deploy]],\nsop-deplyo and [[sop-deploy#stps]]."
    assert agent.read("check_refs", text=text).splitlines() == [
        "3 references: 2 do not exist (searched 1 note, up to change 1)",
        "missing: sop-deplyo (line 2) · nearest: sop-deploy",
        "missing-section: sop-deploy#stps (line 2) · nearest: #steps",
        "exist: sop-deploy",
    ]


def test_each_reference_has_the_fields_of_the_design(agent: Agent) -> None:
    agent.note("sop-deploy", "# Deploy\n")
    answer = agent.ask("check_refs", text="SOP-Deploy")
    (ref,) = answer["refs"]
    created_at = agent.ask("get_note", ref="sop-deploy")["created_at"]
    assert ref == {
        "ref": "SOP-Deploy",
        "kind": "note",
        "state": "exact",
        "slug": "sop-deploy",
        "id": 1,
        "title": "Deploy",
        "created_at": created_at,
        "remark": "is written sop-deploy",
        "nearest": [],
        "lines": [1],
    }
    assert answer["searched"] == {"notes": 1, "seq": 1}


def test_good_references_cost_few_bytes(agent: Agent) -> None:
    agent.note("harbor", "# Harbor\n\n## Stories\n\n- story:x is this\n")
    agent.note("old", "# Old\n", revised_by="https://git.example.com/a/b/pull/1")
    agent.ask("upsert_note", slug="old", new_slug="new")
    text = "[[old]] story:x https://git.example.com/a/b/pull/1"
    assert agent.read("check_refs", text=text).splitlines()[1:] == [
        "exist: old → new, story:x → harbor#stories, https://git.example.com/a/b/pull/1 → new@1"
    ]


def test_a_note_is_checked_with_its_links_set_on_purpose(agent: Agent) -> None:
    agent.note("plan", "# Plan\n\nSee [[nowhere]] and [[plan]].\n")
    agent.ask("link_notes", source="plan", targets=["later"], relation="continues", allow_missing=True)
    refs = agent.ask("check_refs", ref="plan")["refs"]
    assert [(ref["ref"], ref["state"], ref["lines"]) for ref in refs] == [
        ("later", "missing", []),
        ("nowhere", "missing", [3]),
        ("plan", "exact", [3]),
    ]
    assert "missing: later · linked by continues" in agent.read("check_refs", ref="plan")


def test_the_notes_of_a_project_are_answered_with_their_problems_only(agent: Agent) -> None:
    agent.ask("projects", slug="web", name="Web")
    agent.note("a", "# A\n\n[[b]] [[nowhere]]\n", project="web")
    agent.note("b", "# B\n\n[[a]]\n", project="web")
    agent.note("c", "# C\n\n[[elsewhere]]\n")
    assert agent.read("check_refs", project="web").splitlines() == [
        "3 references in 2 notes: 1 does not exist (searched 3 notes, up to change 3)",
        "missing: nowhere (a:3)",
    ]


def test_problems_of_a_project_beyond_a_hundred_are_counted_and_said(agent: Agent) -> None:
    agent.ask("projects", slug="web", name="Web")
    agent.note("a", "".join(f"[[nowhere-{number}]]\n" for number in range(130)), project="web")
    answer = agent.ask("check_refs", project="web")
    assert (answer["problems"], len(answer["refs"])) == (130, 100)
    assert answer["left_out"] == {"problems": 30, "command": ["check", "--project", "web"]}
    last = agent.read("check_refs", project="web").splitlines()[-1]
    assert last == "[not shown: 30 more problems; all: `notewell check --project web`]"


def test_sections_of_former_texts_beyond_what_is_read_for_one_answer_are_left_to_the_next_call(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent.note("plan", "# Plan\n\n## One\n")
    agent.ask("edit_note", ref="plan", mode="append", new_text="more\n")
    monkeypatch.setattr(texts, "MOST_READ", 10)
    answer = agent.ask("check_refs", text="[[plan@1#one]]\n[[plan@2#two]]\n[[plan]]\n")
    assert [one["state"] for one in answer["refs"]] == ["exact"]
    assert answer["left_out"] == {"from_line": 2}
    assert agent.ask("check_refs", text="[[plan#one]]\n[[plan]]\n[[plan#one]]\n")["total"] == 2


def test_references_of_a_text_beyond_two_hundred_are_left_to_the_next_call(agent: Agent) -> None:
    text = "".join(f"[[nowhere-{number}]]\n" for number in range(230))
    assert agent.ask("check_refs", text=text)["left_out"] == {"from_line": 201}
    last = agent.read("check_refs", text=text).splitlines()[-1]
    assert last == "[these are the first; from line 201 on send the rest as text]"


def test_a_text_without_references_says_so(agent: Agent) -> None:
    assert agent.read("check_refs", text="Nothing here.").startswith("0 references: nothing to check (searched ")


def test_one_thing_is_checked_at_a_time(agent: Agent) -> None:
    assert "one of text, ref" in agent.refusal("check_refs")
    assert "one of text, ref" in agent.refusal("check_refs", text="x", ref="y")


def test_an_unknown_note_or_project_is_refused(agent: Agent) -> None:
    agent.note("plan")
    assert "Nearest: plan" in agent.refusal("check_refs", ref="plam")
    assert "no project 'web'" in agent.refusal("check_refs", project="web")


def test_a_note_is_named_as_it_is_also_where_its_name_ends_with_line(agent: Agent) -> None:
    agent.ask("projects", slug="web", name="Web")
    agent.note("pipeline", "See [[nowhere]].\n", project="web")
    assert "missing: nowhere (pipeline:1)" in agent.read("check_refs", project="web")


def test_an_invented_number_is_missing_and_a_true_one_is_read_as_the_note_that_it_begins(agent: Agent) -> None:
    agent.note("decision-0003-agents-pull", "# Agents pull\n", note_type="decision")
    agent.note("decision-0004-one-file", "# One file\n", note_type="decision")
    found = agent.ask("check_refs", text="As decision-0003 says and decision-0007 does not; the top-10 and covid-19.")
    told = {one["ref"]: (one["state"], one["slug"]) for one in found["refs"]}
    assert told == {
        "decision-0003": ("exact", "decision-0003-agents-pull"),
        "decision-0007": ("missing", None),
    }


def test_a_number_is_no_reference_where_notes_of_that_type_have_none(agent: Agent) -> None:
    agent.note("decision-agents-pull", "# Agents pull\n", note_type="decision")
    assert agent.ask("check_refs", text="As decision-0007 says.")["refs"] == []
