"""search_notes: one hit for each note, naming the section that answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from notewell_store.search import candidates, search

if TYPE_CHECKING:
    from tests.tools.conftest import Agent

DEPLOY = "# Deploy\n\nHow we ship.\n\n## During a freeze\n\nAsk the release captain before any roll-out.\n"


@pytest.fixture
def library(agent: Agent) -> Agent:
    agent.ask("projects", slug="web", name="Web")
    agent.note("sop-deploy", DEPLOY, note_type="sop", status="active", project="web")
    agent.note("captain", "# The release captain\n\nWho decides about roll-outs in a freeze.\n", tags=["role"])
    agent.note("lunch", "# Lunch\n\nPizza on Fridays.\n")
    return agent


def test_a_hit_has_the_fields_of_the_design(library: Agent) -> None:
    answer = library.ask("search_notes", query="pizza")
    assert set(answer) == {"total", "hits"}
    (hit,) = answer["hits"]
    assert set(hit) == {
        *("slug", "anchor", "title", "heading", "snippet", "score", "revision"),
        *("status", "note_type", "project"),
    }
    assert (hit["slug"], hit["title"], hit["revision"]) == ("lunch", "Lunch", 1)
    assert hit["snippet"] == "**Pizza** on Fridays."


def test_a_question_finds_the_section_that_answers_it_ready_to_be_read(library: Agent) -> None:
    hits = library.ask("search_notes", query="may I roll out during a freeze?")["hits"]
    by_slug = {hit["slug"]: hit for hit in hits}
    assert sorted(by_slug) == ["captain", "sop-deploy"]
    found = by_slug["sop-deploy"]
    assert (found["anchor"], found["heading"]) == ("during-a-freeze", "During a freeze")
    section = library.ask("get_note", ref=f"{found['slug']}#{found['anchor']}")["markdown"]
    assert section.startswith("## During a freeze")


def test_a_hit_is_two_lines_of_text(library: Agent) -> None:
    assert library.read("search_notes", query="ask the captain", project="web").splitlines() == [
        "sop-deploy#during-a-freeze",
        "  **Ask** the release **captain** before any roll-out.",
    ]


@pytest.mark.parametrize(
    ("filters", "slugs"),
    [
        ({}, {"captain", "sop-deploy"}),
        ({"note_type": "sop"}, {"sop-deploy"}),
        ({"tags": "role"}, {"captain"}),
        ({"any_tags": ["role", "active"]}, {"captain", "sop-deploy"}),
        ({"project": "web", "status": "active"}, {"sop-deploy"}),
        ({"parent": "none", "updated_since": "2100-01-01"}, set()),
    ],
)
def test_filters_narrow_a_search_as_they_narrow_a_list(
    library: Agent, filters: dict[str, str], slugs: set[str]
) -> None:
    answer = library.ask("search_notes", query="freeze", **filters)
    assert {hit["slug"] for hit in answer["hits"]} == slugs
    assert answer["total"] == len(slugs)


def test_a_search_that_is_cut_says_how_many_there_are(library: Agent) -> None:
    answer = library.ask("search_notes", query="freeze", limit=1)
    assert (len(answer["hits"]), answer["total"]) == (1, 2)
    shown = library.read("search_notes", query="freeze", limit=1)
    assert shown.startswith("1 of 2 notes (limit= shows more)\n")


def test_a_correction_is_said_before_the_hits(library: Agent) -> None:
    shown = library.read("search_notes", query="piza on Fridays").splitlines()
    assert shown == [
        'no note has "piza": searched pizza',
        "lunch",
        "  **Pizza** on **Fridays**.",
    ]
    answer = library.ask("search_notes", query="piza")
    assert answer["corrected"] == [{"asked": "piza", "searched": "pizza"}]
    assert answer["total"] == 1


def test_a_count_that_was_broken_off_is_called_a_beginning(library: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "MOST_COUNTED", 2)
    monkeypatch.setattr(search, "WEIGHED", 2)
    monkeypatch.setattr(search, "WEIGHED_FOR_EACH", 2)
    for number in range(4):
        library.note(f"freezer-{number}", f"# Freezer {number}\n\nIt will freeze.\n")
    answer = library.ask("search_notes", query="freeze", limit=1)
    assert (answer["total"], answer["more"]) == (2, True)
    shown = library.read("search_notes", query="freeze", limit=1)
    assert shown.startswith("1 of more than 2 notes (limit= shows more)\n")


def test_a_search_without_hits_says_what_to_try(library: Agent) -> None:
    assert library.ask("search_notes", query="zebra") == {"total": 0, "hits": []}
    assert library.read("search_notes", query="zebra") == "nothing found: try other words, or fewer filters"


@pytest.mark.parametrize("query", ['"roll', "a AND (b", "x* NEAR y", "-freeze", "title:freeze", "^", "'", "#@!", "💥"])
def test_what_looks_like_query_syntax_is_only_words(library: Agent, query: str) -> None:
    library.ask("search_notes", query=query)


def test_deleted_notes_are_not_found(library: Agent) -> None:
    library.ask("delete_note", ref="lunch")
    assert library.ask("search_notes", query="pizza")["total"] == 0


def test_what_was_just_written_is_found_and_what_was_replaced_is_not(library: Agent) -> None:
    library.ask("edit_note", ref="lunch", mode="replace", old_text="Pizza", new_text="Soup")
    assert library.ask("search_notes", query="soup")["hits"][0]["revision"] == 2
    assert library.ask("search_notes", query="pizza")["total"] == 0


@pytest.fixture
def decisions(agent: Agent) -> Agent:
    pushed = (
        "# Agents push\n\n## Decision\n\nAgents push releases. Releases are pushed by agents, and agents push them.\n"
    )
    pulled = "# Agents pull\n\n## Decision\n\nAgents pull releases every hour.\n"
    agent.note("decision-0002-agents-push", pushed, note_type="decision", status="superseded")
    agent.note("decision-0004-agents-pull", pulled, note_type="decision", status="accepted")
    return agent


def test_a_hit_that_is_over_says_so_and_names_what_was_linked_as_its_successor(decisions: Agent) -> None:
    decisions.ask(
        "link_notes", source="decision-0004-agents-pull", targets="decision-0002-agents-push", relation="supersedes"
    )
    first, _, second, _ = decisions.read("search_notes", query="how do agents push releases").splitlines()
    assert first == "decision-0004-agents-pull#decision"
    assert second == ("decision-0002-agents-push#decision · superseded by decision-0004-agents-pull")


@pytest.mark.parametrize(
    "said",
    [
        "Superseded by [[decision-0004-agents-pull]].",
        "Status: superseded by decision-0004-agents-pull, since May",
        "**Replaced by** [the pull](decision-0004-agents-pull.md#decision)",
        "superceded by `decision-0004-agents-pull`",
        "2026-03-03, João. Superseded on 2026-07-09 by [[decision-0004-agents-pull]].",
        "Replaced (in March 2026) by decision-0004-agents-pull",
        "Retired, see [[decision-0002-agents-push]]. [[decision-0004-agents-pull]] supersedes it.",
        "Übrigens „überholt“ – OBSOLETED \t **BY** decision-0004-agents-pull",
    ],
)
def test_a_hit_that_is_over_names_the_successor_that_its_text_names(decisions: Agent, said: str) -> None:
    decisions.note("old-way", f"# The old way\n\n{said}\n\nCarrier pigeons.\n", status="Retired")
    (hit,) = decisions.ask("search_notes", query="pigeons")["hits"]
    assert (hit["status"], hit["over"], hit["successor"]) == ("Retired", "retired", "decision-0004-agents-pull")
    shown = decisions.read("search_notes", query="pigeons").splitlines()[0]
    assert shown == "old-way · retired, superseded by decision-0004-agents-pull · The old way"


def test_of_several_notes_in_a_sentence_the_one_before_the_verb_is_the_successor(decisions: Agent) -> None:
    decisions.note("plan-pull", "# The plan\n")
    said = "What [[plan-pull]] says is done, and [[decision-0004-agents-pull]] supersedes it.\n"
    decisions.ask("edit_note", ref="decision-0002-agents-push", mode="append", new_text=said)
    hits = decisions.ask("search_notes", query="agents push releases")["hits"]
    (successor,) = [hit["successor"] for hit in hits if "successor" in hit]
    assert successor == "decision-0004-agents-pull"


def test_a_text_that_names_no_living_note_names_no_successor(decisions: Agent) -> None:
    decisions.note("old-way", "# The old way\n\nSuperseded by [[nowhere]] and old-way.\n\nPigeons.\n", status="retired")
    (hit,) = decisions.ask("search_notes", query="pigeons")["hits"]
    assert "successor" not in hit
    assert decisions.read("search_notes", query="pigeons").splitlines()[0] == "old-way · retired · The old way"


def test_what_is_named_in_a_query_comes_first_though_it_is_over(decisions: Agent) -> None:
    hits = decisions.ask("search_notes", query="decision-0002-agents-push")["hits"]
    assert hits[0]["slug"] == "decision-0002-agents-push"


def test_a_note_that_is_over_comes_first_where_the_query_is_its_name_and_others_speak_of_it(decisions: Agent) -> None:
    for slug, word in (("how-we-decide", "Compare"), ("template-x", "As in")):
        decisions.note(slug, f"# How a decision is made\n\n{word} [[decision-0002-agents-push]]: agents push.\n")
    hits = decisions.ask("search_notes", query="please read decision-0002-agents-push")["hits"]
    assert hits[0]["slug"] == "decision-0002-agents-push"


def test_a_hit_names_its_project_where_there_are_several_and_none_was_asked_for(library: Agent) -> None:
    shown = library.read("search_notes", query="release captain roll-out").splitlines()
    assert "sop-deploy#during-a-freeze" in shown
    library.ask("projects", slug="ops", name="Ops")
    shown = library.read("search_notes", query="release captain roll-out").splitlines()
    assert "sop-deploy#during-a-freeze · web" in shown
    of_one = library.read("search_notes", query="release captain roll-out", project="web").splitlines()
    assert of_one[0] == "sop-deploy#during-a-freeze"


def test_the_head_of_a_hit_says_nothing_twice(agent: Agent) -> None:
    agent.note("sop-roll-out", "# Roll-out\n\n## What C++ needs\n\nA compiler.\n\n## Was für Ärger\n\nKeiner.\n")
    agent.note("x-9", "# How the compiler is built\n\n## Twice\n\nNo.\n\n## Twice\n\nA linker.\n")
    heads = {
        query: agent.read("search_notes", query=query).splitlines()[0] for query in ("compiler", "Keiner", "linker")
    }
    assert heads["linker"] == "x-9#twice-1 · How the compiler is built"
    assert heads["Keiner"] == "sop-roll-out#was-für-ärger"
    assert agent.read("search_notes", query="needs a compiler").splitlines()[0] == (
        "sop-roll-out#what-c-needs · What C++ needs"
    )


def test_no_marks_stand_inside_links_code_and_names(agent: Agent) -> None:
    text = "Queue: see [[the-queue]], [the queue](queue.md), `drain_queue()`, src/queue.py, https://x.org/queue and a "
    agent.note("page", f"{text}queue.\n")
    snippet = agent.read("search_notes", query="queue").splitlines()[1].strip()
    assert snippet == (
        "**Queue**: see [[the-queue]], [the queue], `drain_queue()`, src/queue.py, https://x.org/queue and a **queue**."
    )
