"""link_notes: links set on purpose, stored once, read from both ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.tools.conftest import Agent


@pytest.fixture
def library(agent: Agent) -> Agent:
    agent.note("plan-a", "# A\n\n## Vision\n\nSee [[plan-c]].\n")
    agent.note("plan-b", "# B\n")
    agent.note("plan-c", "# C\n")
    return agent


def links(agent: Agent, source: str = "plan-a") -> set[tuple[str, str]]:
    answer = agent.ask("get_note", ref=source, include="links")["links"]
    return {(link["relation"], link["target"]) for link in answer if link["direction"] == "out"}


def test_links_answer_with_the_fields_of_the_design(library: Agent) -> None:
    answer = library.ask("link_notes", source="plan-a", targets=["plan-b"], relation="continues", reason="why")
    assert answer == {
        "source": "plan-a",
        "revision": 2,
        "outcome": "updated",
        "links": [
            {"target": "plan-b", "relation": "continues", "direction": "out", "exists": True, "title": "B"},
        ],
    }


def test_links_as_text_are_one_line_each(library: Agent) -> None:
    assert library.read("link_notes", source="plan-a", targets="plan-b,plan-c#c").splitlines() == [
        "updated plan-a@2",
        "→ relates plan-b · B",
        "→ relates plan-c#c · C",
    ]
    assert library.read("link_notes", source="plan-a", targets="plan-b").startswith("unchanged plan-a@2\n")
    emptied = library.read("link_notes", source="plan-a", targets=[], mode="set")
    assert emptied == "updated plan-a@3\nno links but those in its text"


def test_a_link_to_a_section_that_is_not_there_is_set_with_a_warning(library: Agent) -> None:
    library.note("page", '<a id="deep"></a>\n')
    said = library.read("link_notes", source="plan-b", targets="plan-a#vison,plan-a#vision,page#deep").splitlines()
    assert said[-1] == "warning: plan-a has no section #vison (nearest: vision)"
    assert len(said) == 5
    answer = library.ask("link_notes", source="plan-b", targets="plan-a#vison", mode="remove")
    assert "warnings" not in answer


def test_a_link_is_read_in_both_directions(library: Agent) -> None:
    library.ask("link_notes", source="plan-a", targets=["plan-b"], relation="supersedes")
    (incoming,) = library.ask("get_note", ref="plan-b", include="links")["links"]
    assert (incoming["target"], incoming["relation"], incoming["direction"]) == ("plan-a", "supersedes", "in")


def test_adding_keeps_setting_replaces_and_removing_takes_away(library: Agent) -> None:
    library.ask("link_notes", source="plan-a", targets=["plan-b"])
    library.ask("link_notes", source="plan-a", targets=["plan-c"], relation="blocks")
    library.ask("link_notes", source="plan-a", targets=["plan-c"], mode="add")
    mentioned = {("mentions", "plan-c")}
    assert links(library) == mentioned | {("relates", "plan-b"), ("relates", "plan-c"), ("blocks", "plan-c")}
    library.ask("link_notes", source="plan-a", targets=["plan-c"], mode="set")
    assert links(library) == mentioned | {("relates", "plan-c"), ("blocks", "plan-c")}
    library.ask("link_notes", source="plan-a", targets=["plan-c"], mode="remove")
    assert links(library) == mentioned | {("blocks", "plan-c")}


def test_of_many_sections_that_are_not_there_ten_are_told(library: Agent) -> None:
    targets = ["plan-a#vision", *(f"plan-a#nowhere-{number}" for number in range(30)), "plan-c"]
    answer = library.ask("link_notes", source="plan-b", targets=targets, relation="cites")
    assert len(answer["warnings"]) == 10
    assert "#nowhere-0" in answer["warnings"][0]
    library.note("p")
    every = [f"p#{number}" for number in range(1_001)]
    assert "links are too many" in library.refusal("link_notes", source="plan-a", targets=every)


def test_a_missing_target_is_refused_unless_it_is_allowed(library: Agent) -> None:
    assert library.refusal("link_notes", source="plan-a", targets=["plan-d"]) == (
        "There is no note 'plan-d' to link to. Nearest: plan-a, plan-b, plan-c. "
        "To link to it before it exists send allow_missing=true."
    )
    answer = library.ask("link_notes", source="plan-a", targets=["plan-d"], allow_missing=True)
    assert answer["links"] == [
        {"target": "plan-d", "relation": "relates", "direction": "out", "exists": False},
    ]
    shown = library.read("link_notes", source="plan-a", targets=["plan-d"], allow_missing=True)
    assert shown.endswith("→ relates plan-d (does not exist)")


def test_a_dangling_link_resolves_when_its_target_appears(library: Agent) -> None:
    library.ask("link_notes", source="plan-a", targets=["plan-d"], allow_missing=True)
    library.note("plan-d", "# D\n")
    (link,) = library.ask("link_notes", source="plan-a", targets=["plan-d"])["links"]
    assert link["exists"] is True


def test_a_link_follows_its_target_through_a_rename(library: Agent) -> None:
    library.ask("link_notes", source="plan-a", targets=["plan-b"])
    library.ask("upsert_note", slug="plan-b", new_slug="plan-z")
    assert ("relates", "plan-z") in links(library)


def test_links_are_kept_in_the_history_and_can_be_undone(library: Agent) -> None:
    library.ask("link_notes", source="plan-a", targets=["plan-b"], revised_by="abc", reason="why")
    newest = library.ask("revisions", ref="plan-a")["revisions"][0]
    assert (newest["changed"], newest["revised_by"], newest["reason"]) == (["links"], "abc", "why")
    library.ask("restore_note", ref="plan-a@1")
    assert links(library) == {("mentions", "plan-c")}


def test_links_that_make_no_sense_are_refused(library: Agent) -> None:
    assert "is the note itself" in library.refusal("link_notes", source="plan-a", targets=["plan-a"])
    assert "write [[slug]]" in library.refusal("link_notes", source="plan-a", targets=["plan-b"], relation="mentions")
    assert "Nearest: plan-a" in library.refusal("link_notes", source="plan-aa", targets=["plan-b"])
    assert "mode='replace'" in library.refusal("link_notes", source="plan-a", targets=["plan-b"], mode="replace")
