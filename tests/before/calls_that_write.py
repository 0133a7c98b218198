"""Calls that fill the store and change what is in it."""

from __future__ import annotations

from tests.before.asked import both, tool

PLAN = """# Plan

One line above.

## Vision

One store. See [[sop-deploy]], [[nowhere]] and [the guide](guide.md#start).

## Steps

| step | by |
| --- | --- |
| measure | ann |

### Open

- [x] measure
- [ ] cut the queue

```python
# no heading
```
"""
DEPLOY = """# Deploy

## Before you start

Look at the queue first. The freeze must be over.

## Roll out

Start with one server, wait ten minutes, then go on with all others.

## Roll back

Run `undo-release` and tell everybody in the channel.
"""
PAGE = """# Page

<script>alert(1)</script>

[link](https://example.org/a?b=1&c=2) **bold** `code`

| a |
| - |
| 1 |
"""
STRICT = "# How to decide\n\n## Context\n\n## Decision\n\n## Notes (optional)\n"
RUNBOOK = "# Lights out\r\n\r\nWas für ein Ärger: 日本語, émoji 🚀.\r\n\r\n## Do\r\n\r\nSwitch it on.\r\n"
LONG = "# Long\n\n" + "".join(f"## Part {number}\n\nLine {number} of what is long.\n\n" for number in range(1, 31))
PATCHED = "# Queue\n\nThe file `src/queue.py` holds `undo_release()`.\n"

MAKING = (
    *both("no projects yet", "projects"),
    *both("no notes yet", "list_notes"),
    *both("nothing to find yet", "search_notes", query="deploy"),
    *both("no tags yet", "tags"),
    *both("no history yet", "revisions"),
    tool("a brief of a project that is not there", "brief", project="web"),
    *both("a brief of nothing", "brief"),
    tool(
        "make a project",
        "projects",
        slug="web",
        name="Web shop",
        platform="github",
        repo_url="https://github.com/x/web",
    ),
    tool("make another project", "projects", slug="api", name="The API", platform="local", format="json"),
    tool("make the same project again", "projects", slug="api", name="The API", format="json"),
    tool("rename a project", "projects", slug="api", name="API"),
    *both("all projects", "projects"),
    *both("one project", "projects", slug="web"),
    tool("a new sop", "upsert_note", slug="sop-deploy", content=DEPLOY, note_type="sop", status="active", tags="ops,x"),
    tool(
        "a new plan with links to nothing",
        "upsert_note",
        slug="plan",
        content=PLAN,
        note_type="plan",
        status="in_progress",
        project="web",
        tags=["story:queue", "ops"],
        position=2,
        is_public=True,
        revised_by="https://github.com/x/web/pull/7",
        reason="we begin",
    ),
    tool("a dry run of a new note", "upsert_note", slug="draft", content="# Draft\n\nText.\n", dry_run=True),
    tool("a new note, as json", "upsert_note", slug="page", content=PAGE, parent="plan", position=1, format="json"),
    tool("a note of the session's project", "upsert_note", home="web", slug="home-note", content="# Home\n\nHere.\n"),
    tool("a note without a title", "upsert_note", slug="untitled", content="Just text that mentions sop-deploy.\n"),
    tool("a note of json", "upsert_note", slug="facts", content='{"a": [1, null]}', title="Facts", tags='["x", "y"]'),
    tool("a note with carriage returns", "upsert_note", slug="runbook-lights", content=RUNBOOK, note_type="runbook"),
    tool("a long note", "upsert_note", slug="long", content=LONG, parent="plan", position=3, project="web"),
    tool("a type by its short name", "upsert_note", slug="arch-queue", content=PATCHED, note_type="arch"),
    tool(
        "a strict template",
        "upsert_note",
        slug="template-decision",
        content=STRICT,
        note_type="template",
        tags="strict",
    ),
    tool(
        "a template", "upsert_note", slug="template-review", content="# Review\n\n## Findings\n", note_type="template"
    ),
    tool(
        "a decision",
        "upsert_note",
        slug="decision-queues",
        content="# Queues are short\n\n## Context\n\nThey grow.\n\n## Decision\n\nAt most ten wait.\n",
        note_type="decision",
        status="accepted",
        project="web",
    ),
    tool(
        "a decision that the strict template refuses",
        "upsert_note",
        slug="decision-x",
        content="# X\n\n## Context\n",
        note_type="decision",
    ),
    tool(
        "a review that the template warns of",
        "upsert_note",
        slug="review-7",
        content="# PR 7\n",
        note_type="review",
        project="web",
    ),
    tool(
        "a todo",
        "upsert_note",
        slug="todo-banner",
        content="# Banner\n\n- [ ] paint it\n",
        note_type="todo",
        status="open",
        project="web",
    ),
    tool(
        "a todo that is over",
        "upsert_note",
        slug="todo-old",
        content="# Old\n\nDone.\n",
        note_type="todo",
        status="done",
        project="web",
    ),
    tool(
        "the page of a project",
        "upsert_note",
        slug="web",
        content="# Web shop\n\nSells things.\n\n## Rules\n\nNone.\n",
        project="web",
        note_type="project",
    ),
)

WRITING = (
    tool("append an item", "edit_note", ref="plan#open", mode="append", new_text="- [ ] tell all", revised_by="abc"),
    tool(
        "append a row, as json", "edit_note", ref="plan#steps", mode="append", new_text="| cut | bob |", format="json"
    ),
    tool("prepend", "edit_note", ref="plan#vision", mode="prepend", new_text="First of all.\n"),
    tool("replace a text", "edit_note", ref="plan", mode="replace", old_text="One store.", new_text="A single store."),
    tool(
        "replace a section",
        "edit_note",
        ref="sop-deploy#roll-back",
        mode="replace_section",
        new_text="Run `undo-release`.",
    ),
    tool(
        "replace a section and its heading",
        "edit_note",
        ref="sop-deploy#roll-back",
        mode="replace_section",
        new_text="## Undo\n\nRun `undo-release`.",
    ),
    tool("a dry run of an edit", "edit_note", ref="plan", mode="append", new_text="Never.", dry_run=True),
    tool("an edit that changes nothing", "edit_note", ref="plan", mode="replace", old_text="ann", new_text="ann"),
    tool(
        "an edit of an older revision that merges",
        "edit_note",
        ref="plan",
        mode="replace",
        old_text="One line above.",
        new_text="A line above.",
        if_revision=2,
    ),
    tool(
        "an edit that was read at a revision of the reference",
        "edit_note",
        ref="plan@1",
        mode="append",
        new_text="The end.\n",
    ),
    tool("replace content without having read it", "upsert_note", slug="plan", content="# Other\n"),
    tool(
        "replace content read too early",
        "upsert_note",
        slug="sop-deploy",
        content=DEPLOY.replace("Run `undo-release` and", "Never"),
        if_revision=1,
    ),
    tool(
        "replace content in another place, which merges",
        "upsert_note",
        slug="sop-deploy",
        content=DEPLOY.replace("ten minutes", "an hour"),
        if_revision=1,
    ),
    tool("a revision that is still to come", "upsert_note", slug="plan", content=PLAN, if_revision=99),
    tool("metadata that changed since", "upsert_note", slug="facts", title="Facts one", if_revision=1),
    tool("metadata that changed since, the same field", "upsert_note", slug="facts", title="Facts two", if_revision=1),
    tool("content that is a part of the note", "upsert_note", slug="long", content=LONG[:400], if_revision=1),
    tool(
        "content that is meant to be shorter",
        "upsert_note",
        slug="long",
        content=LONG[:400],
        if_revision=1,
        is_whole=True,
    ),
    tool("the same again is unchanged", "upsert_note", slug="todo-banner", status="open", format="json"),
    tool("add and remove tags", "upsert_note", slug="sop-deploy", add_tags="story:queue,night", remove_tags=["x"]),
    tool(
        "clear a project and a status",
        "upsert_note",
        slug="home-note",
        project="none",
        status="none",
        reason="homeless",
    ),
    tool("a call with a key", "upsert_note", slug="keyed", content="# Keyed\n", idempotency_key="k1"),
    tool("the same call with the same key", "upsert_note", slug="keyed", content="# Keyed\n", idempotency_key="k1"),
    tool("another call with the same key", "upsert_note", slug="keyed", content="# Other\n", idempotency_key="k1"),
    tool("rename a note", "upsert_note", slug="untitled", new_slug="titled", title="Titled"),
    tool("change a note by its alias", "upsert_note", slug="untitled", status="draft"),
    tool("rename to a name that is taken", "upsert_note", slug="titled", new_slug="plan"),
    tool("the target of a dangling link appears", "upsert_note", slug="nowhere", content="# Nowhere\n\nIt came.\n"),
    tool(
        "link a note",
        "link_notes",
        source="plan",
        targets=["sop-deploy", "decision-queues"],
        relation="implements",
        reason="why",
    ),
    tool("link to what does not exist", "link_notes", source="plan", targets=["later"]),
    tool(
        "link to what does not exist yet",
        "link_notes",
        source="plan",
        targets=["later"],
        allow_missing=True,
        format="json",
    ),
    tool(
        "set the links of a relation",
        "link_notes",
        source="plan",
        targets="nowhere,sop-deploy#roll-out",
        relation="blocks",
        mode="set",
    ),
    tool("remove a link", "link_notes", source="plan", targets=["later"], mode="remove"),
    tool("remove a link that is not there", "link_notes", source="plan", targets=["long"], mode="remove"),
    tool(
        "a plan that continues another",
        "upsert_note",
        slug="plan-two",
        content="# Plan two\n\n## Vision\n\nMore.\n",
        note_type="plan",
        status="active",
        project="web",
    ),
    tool("link a plan to the one before", "link_notes", source="plan-two", targets="plan", relation="continues"),
    tool("delete a note that is linked", "delete_note", ref="nowhere", reason="gone again"),
    tool("delete it again", "delete_note", ref="nowhere"),
    tool("delete at a revision that is old", "delete_note", ref="sop-deploy", if_revision=1),
    tool("delete, as json", "delete_note", ref="todo-old", format="json"),
    tool("restore a deleted note", "restore_note", ref="todo-old", revised_by="pr/9"),
    tool("restore an earlier revision", "restore_note", ref="decision-queues@1", reason="as it was"),
    tool("restore an earlier revision that differs, as json", "restore_note", ref="titled@1", format="json"),
    tool("restore what is neither deleted nor old", "restore_note", ref="plan"),
)
