"""The tasks that tools without these needed more calls for: as an agent had to do them at version 0.1.0's first state,
commit b1b7103, which has no `update_notes`, `within`, `unlinked`, `summary`, `supersedes`, `move` and no cut of long
pages. All other tasks take the calls of today."""

from __future__ import annotations

from day.agent import Agent
from day.knowledge import ORPHANS, PROJECT
from day.tasks import DECISION, REVIEW, Script, slugs


def supersede(agent: Agent) -> None:
    new, old = "decision-0004-queue-in-the-store", "decision-0001-queue-in-redis"
    agent.call("upsert_note", slug=new, content=DECISION, note_type="decision", status="active", project=PROJECT)
    agent.call("link_notes", source=new, targets=old, relation="supersedes")
    agent.call("upsert_note", slug=old, status="superseded")


def retag(agent: Agent) -> None:
    for slug in slugs(agent.call("list_notes", tags="api-v1")):
        agent.call("upsert_note", slug=slug, add_tags="api-v2", remove_tags="api-v1", reason="v2 is out")


def all_below(agent: Agent) -> None:
    """Level by level: no list tells which of its notes have children."""
    level = ["plan-billing"]
    while level:
        level = [child for parent in level for child in slugs(agent.call("list_notes", parent=parent))]


def this_week(agent: Agent) -> None:
    """The whole store's changes: a project's alone could not be asked for."""
    agent.call("revisions", since="2026-01-01", limit=100)


def section_of(answer: str) -> str:
    """The Markdown below the line that heads an answer."""
    return answer.split("\n\n", 1)[1].rstrip("\n") + "\n"


def taken_out(agent: Agent, ref: str) -> str:
    """A section read, and taken out of its note with its heading, which needs its whole text once more."""
    text = section_of(agent.call("get_note", ref=ref))
    agent.call("edit_note", ref=ref.partition("#")[0], mode="replace", old_text=text, new_text="")
    return text


def split(agent: Agent) -> None:
    parts = [taken_out(agent, f"guide-operations#{anchor}") for anchor in ("backups", "networks")]
    agent.call(
        "upsert_note", slug="guide-backups", content="# Backups and networks\n\n" + "\n".join(parts), project=PROJECT
    )
    agent.call(
        "edit_note", ref="guide-operations", mode="append", new_text="Backups and networks: [[guide-backups]].\n"
    )


def move_section(agent: Agent) -> None:
    text = taken_out(agent, "guide-operations#backups")
    agent.call("edit_note", ref="sop-deploy", mode="append", new_text=text)


def review(agent: Agent) -> None:
    """A name that only looks like a decision's was not checked: the agent asks which decisions there are."""
    agent.call("check_refs", text=REVIEW)
    agent.call("list_notes", note_type="decision")
    corrected = REVIEW.replace("; decision-0007 says why", "")
    agent.call("upsert_note", slug="review-canaries", content=corrected, note_type="review", project=PROJECT)


def image(agent: Agent) -> None:
    """Of a page that was cut no contents were told."""
    agent.call("get_note", ref="dashboard")
    agent.call("get_note", ref="dashboard", view="toc")
    agent.call("get_note", ref="dashboard#how-to-read-it")
    agent.call("edit_note", ref="dashboard", mode="append", new_text="![load](img/load.png)\n")


def orphans(agent: Agent) -> None:
    """Every note is asked for its links, from the oldest on, until as many are found."""
    found = 0
    for slug in reversed(slugs(agent.call("list_notes", limit=200))):
        links = agent.call("get_note", ref=slug, view="meta", include="links")
        found += "←" not in links
        if found == len(ORPHANS):
            break


def who_why_when(agent: Agent) -> None:
    """Blame named the revision and whoever made it."""
    agent.call("revisions", ref="convention-names#slugs", blame=True)
    agent.call("revisions", ref="convention-names")


BEFORE: dict[str, Script] = {
    "a decision supersedes another": supersede,
    "split a page": split,
    "retag fifteen notes": retag,
    "all below a plan": all_below,
    "what happened this week": this_week,
    "write a review": review,
    "move a section": move_section,
    "a page with a picture": image,
    "what nobody links to, oldest first": orphans,
    "who wrote this, when and why": who_why_when,
}
