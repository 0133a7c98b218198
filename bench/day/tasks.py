"""Twenty tasks of an agent's day: the shortest sensible calls of today's tools, and whether it is done in the end.

A call names only what the task says, or an answer before it told. `before.py` has those that older tools need.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from day.agent import Agent, Look
from day.knowledge import ORPHANS, OTHER, PROJECT, STEPS, TAGGED

Script = Callable[[Agent], object]


class Task(NamedTuple):
    now: Script
    is_done: Callable[[Look, str], bool]
    """Asked of the store, and of all that the answers told."""


DECISION = "# Queue in the store\n\nJobs wait in a table.\n\n## Why\n\nOne service fewer to run.\n"
REVIEW = "# Review of the canaries\n\nFollows [[sop-deploy]] and [[decision-0003-canaries]]; decision-0007 says why.\n"
ROWS = "| mail | alan | 2525 |\n| maps | ada | 9200 |"
TODOS = ("invoices as files", "a reminder each Monday", "prices in euros")


def slugs(answer: str) -> list[str]:
    """Those that a list names, each at the beginning of a line."""
    return re.findall(r"^([a-z0-9-]+) · ", answer, re.MULTILINE)


def brief_then_sop(agent: Agent) -> None:
    agent.call("brief", project=PROJECT)
    agent.call("get_note", ref="sop-deploy#roll-out")


def plan(agent: Agent) -> None:
    agent.call("get_note", ref="plan-billing#steps")
    agent.call(
        "edit_note",
        ref="plan-billing",
        mode="replace",
        old_text="- [ ] Export the invoices",
        new_text="- [x] Export the invoices",
    )
    agent.call(
        "edit_note", ref="plan-billing#where-the-plan-stands", mode="replace_section", new_text="Invoices are out.\n"
    )


def supersede(agent: Agent) -> None:
    agent.call(
        "upsert_note",
        slug="decision-0004-queue-in-the-store",
        content=DECISION,
        note_type="decision",
        status="active",
        project=PROJECT,
        supersedes="decision-0001-queue-in-redis",
    )


def todos(agent: Agent) -> None:
    for title in TODOS:
        agent.call(
            "upsert_note",
            slug=f"todo-{title.replace(' ', '-').lower()}",
            title=title,
            content="",
            note_type="todo",
            status="open",
            parent="plan-billing",
        )
    agent.call("upsert_note", slug="todo-prices-in-euros", status="done")
    agent.call("list_notes", parent="plan-billing", tags="todo,open")


def table(agent: Agent) -> None:
    agent.call("edit_note", ref="services#owners", mode="append", new_text=ROWS)
    agent.call(
        "edit_note", ref="services#owners", mode="replace", old_text="| grace | 5672 |", new_text="| ada | 5673 |"
    )


def split(agent: Agent) -> None:
    agent.call("upsert_note", slug="guide-backups", content="# Backups and networks\n", project=PROJECT)
    agent.call("edit_note", ref="guide-operations#backups", mode="move", to="guide-backups")
    agent.call("edit_note", ref="guide-operations#networks", mode="move", to="guide-backups")
    agent.call(
        "edit_note", ref="guide-operations", mode="append", new_text="Backups and networks: [[guide-backups]].\n"
    )


def rename(agent: Agent) -> None:
    agent.call("upsert_note", slug="guide-operations", new_slug="guide-ops")


def retag(agent: Agent) -> None:
    found = slugs(agent.call("list_notes", tags="api-v1"))
    agent.call("update_notes", refs=",".join(found), add_tags="api-v2", remove_tags="api-v1", reason="v2 is out")


def all_about(agent: Agent) -> None:
    agent.call("list_notes", within="plan-billing")


def this_week(agent: Agent) -> None:
    agent.call("revisions", project=PROJECT, since="7d", summary=True, limit=100)


def conflict(agent: Agent) -> None:
    """A colleague changed the page after it was read at revision 1."""
    agent.call(
        "edit_note", ref="convention-names#slugs", mode="replace_section", new_text="Few words.\n", if_revision=1
    )
    agent.call(
        "edit_note",
        ref="convention-names#slugs",
        mode="replace_section",
        new_text="Few words, or numbers.\n",
        if_revision=2,
    )


def undo(agent: Agent) -> None:
    agent.call("revisions", ref="convention-names")
    agent.call("restore_note", ref="convention-names@1", reason="names are words")


def review(agent: Agent) -> None:
    agent.call("check_refs", text=REVIEW)
    corrected = REVIEW.replace("; decision-0007 says why", "")
    agent.call("upsert_note", slug="review-canaries", content=corrected, note_type="review", project=PROJECT)


def huge_page(agent: Agent) -> None:
    """The page is read first, as whoever is told to read it does."""
    agent.call("get_note", ref="handbook")
    agent.call("search_notes", query="how long are backups kept", limit=1)


def move_section(agent: Agent) -> None:
    agent.call("edit_note", ref="guide-operations#backups", mode="move", to="sop-deploy")


def orphans(agent: Agent) -> None:
    agent.call("list_notes", unlinked=True, sort="oldest", limit=len(ORPHANS))


def image(agent: Agent) -> None:
    """The picture stands in the text, so that the page is long."""
    agent.call("get_note", ref="dashboard")
    agent.call("get_note", ref="dashboard#how-to-read-it")
    agent.call("edit_note", ref="dashboard", mode="append", new_text="![load](img/load.png)\n")


def other_words(agent: Agent) -> None:
    agent.call("search_notes", query="rolling bakc a failed deployment", limit=3)
    agent.call("get_note", ref="sop-deploy#roll-back")


def several_projects(agent: Agent) -> None:
    agent.call(
        "upsert_note", slug="sop-incident", content="# Incident\n\nCall the pier.\n", note_type="sop", project=PROJECT
    )
    agent.call(
        "upsert_note",
        slug=f"{PROJECT}-sop-incident",
        content="# Incident\n\nCall the pier.\n",
        note_type="sop",
        project=PROJECT,
    )


def who_why_when(agent: Agent) -> None:
    agent.call("revisions", ref="convention-names#slugs", blame=True)


def _superseded(look: Look, told: str) -> bool:
    old = look.ask("get_note", ref="decision-0001-queue-in-redis", include="links")
    links = [(link["relation"], link["target"]) for link in old["links"] if link["direction"] == "in"]
    return old["status"] == "superseded" and ("supersedes", "decision-0004-queue-in-the-store") in links


def _retagged(look: Look, told: str) -> bool:
    return [look.ask("list_notes", tags=tag)["total"] for tag in ("api-v1", "api-v2")] == [0, TAGGED]


def _renamed(look: Look, told: str) -> bool:
    links = look.ask("get_note", ref="guide-quays", include="links")["links"]
    return ("guide-ops", True) in [(link["target"], link["exists"]) for link in links]


def _split(look: Look, told: str) -> bool:
    rest, new = look.markdown("guide-operations"), look.markdown("guide-backups")
    moved = all(heading in new and heading not in rest for heading in ("## Backups", "## Networks"))
    return moved and "night job" in new and "[[guide-backups]]" in rest


def _moved(look: Look, told: str) -> bool:
    rest, new = look.markdown("guide-operations"), look.markdown("sop-deploy")
    return "## Backups" in new and "night job" in new and "## Backups" not in rest


def _planned(look: Look, told: str) -> bool:
    text = look.markdown("plan-billing")
    return "- [x] Export the invoices" in text and "Invoices are out." in text and "are in the store" not in text


def _todos(look: Look, told: str) -> bool:
    found = look.ask("list_notes", parent="plan-billing", note_type="todo", status="open")
    return found["total"] == len(TODOS) - 1 and "todo-invoices-as-files" in told


def _reviewed(look: Look, told: str) -> bool:
    """The review cites what exists, and the agent knows which decisions do."""
    return look.ask("check_refs", ref="review-canaries")["refs"] != [] and "decision-0001-queue-in-redis" in told


def _named(look: Look, told: str) -> bool:
    owners = {note["project"] for note in look.ask("list_notes", note_type="sop")["notes"]}
    theirs = look.ask("get_note", ref="sop-incident")
    ours = look.ask("get_note", ref=f"{PROJECT}-sop-incident")
    return owners == {PROJECT, OTHER} and theirs["revision"] == 1 and ours["project"] == PROJECT


TASKS: dict[str, Task] = {
    "the brief, then a procedure": Task(brief_then_sop, lambda look, told: STEPS in told),
    "go on with the plan": Task(plan, _planned),
    "a decision supersedes another": Task(supersede, _superseded),
    "three todos, one done": Task(todos, _todos),
    "two rows of a table, and a cell": Task(
        table, lambda look, told: f"| web | ada | 8080 |\n| queue | ada | 5673 |\n{ROWS}\n" in look.markdown("services")
    ),
    "split a page": Task(split, _split),
    "rename a note": Task(rename, _renamed),
    "retag fifteen notes": Task(retag, _retagged),
    "all below a plan": Task(
        all_about,
        lambda look, told: (
            {f"billing-{name}" for name in ("invoices", "prices", "reminders", "layout", "numbers")} <= set(slugs(told))
        ),
    ),
    "what happened this week": Task(
        this_week, lambda look, told: "colleague" in told and "decision-0003-canaries" in told
    ),
    "a colleague was faster": Task(
        conflict, lambda look, told: "Few words, or numbers." in look.markdown("convention-names") and "Numbers" in told
    ),
    "undo a bad edit": Task(undo, lambda look, told: "Words, not numbers." in look.markdown("convention-names")),
    "write a review": Task(review, _reviewed),
    "a question to a huge page": Task(huge_page, lambda look, told: "35 days" in told),
    "move a section": Task(move_section, _moved),
    "what nobody links to, oldest first": Task(orphans, lambda look, told: all(slug in told for slug in ORPHANS)),
    "a page with a picture": Task(
        image, lambda look, told: "red line" in told and "](img/load.png)" in look.markdown("dashboard")
    ),
    "find it by other words": Task(other_words, lambda look, told: "deploy --back" in told),
    "another project has that name": Task(several_projects, _named),
    "who wrote this, when and why": Task(
        who_why_when, lambda look, told: "pull/12" in told and "shorter" in told and "colleague" in told
    ),
}
