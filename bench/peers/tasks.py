"""Twelve everyday tasks as the shortest sensible calls of each server; None where a server cannot do one.

A call names only what the model knows by then: what the task says, or an answer before. A task that reads is done if
the answers hold its needles: where an answer does, nothing more is asked, of any server.
"""

from __future__ import annotations

from peers.adapters import Request
from peers.knowledge_of_tasks import all_notes

Calls = list[Request] | None

DECISION = (
    "# Queue in PostgreSQL\n\nJobs wait in a table, with `SKIP LOCKED`.\n\n"
    "## Why\n\nOne store fewer to run, and jobs commit with what they are about.\n"
)
TODO = "# Index the titles\n\nThe first step of the plan.\n"
LOG_LINE = "- 2026-11-02 release 4.2, no trouble"
ROW = "| search | ada | 9200 |"
REVIEW = "This follows [[sop-signing-key]] and [[decision-queue]], see [[plan-serach]] and [[handbook-operations]]."

NEEDLES = {
    "find the procedure, follow its third step": ("keys revoke --former",),
    "check the references of a review": ("igning",),
    "say where the active plan stands": ("the next step is the ranking of offers",),
    "list all notes on a topic": tuple(note.title for note in all_notes() if "search" in note.tags),
    "answer a question from a long page": ("35 days",),
}

TASKS: dict[str, dict[str, Calls]] = {
    "find the procedure, follow its third step": {
        "notewell": [
            ("search_notes", {"query": "rotate signing key step 3", "limit": 1}),
        ],
        "server-memory": [("search_nodes", {"query": "signing key"})],
        "basic-memory": [
            ("grep", {"pattern": "signing key", "context_lines": 6, "max_matches": 5, "page_size": 1}),
        ],
        "mcp-memory-service": [("memory_search", {"query": "signing key", "mode": "exact", "limit": 2})],
    },
    "what changed in a plan since Monday, and why": {
        "notewell": [
            ("revisions", {"ref": "plan-search", "since": "2026-01-01"}),
            ("revisions", {"ref": "plan-search", "diff": "1..2"}),
        ],
        "server-memory": None,
        "basic-memory": None,
        "mcp-memory-service": None,
    },
    "record a decision that supersedes another": {
        "notewell": [
            (
                "upsert_note",
                {
                    "slug": "decision-queue-2",
                    "content": DECISION,
                    "note_type": "decision",
                    "status": "active",
                    "tags": "queue",
                    "supersedes": "decision-queue",
                },
            ),
        ],
        "server-memory": [
            (
                "create_entities",
                {"entities": [{"name": "decision-queue-2", "entityType": "decision", "observations": [DECISION]}]},
            ),
            (
                "create_relations",
                {"relations": [{"from": "decision-queue-2", "to": "decision-queue", "relationType": "supersedes"}]},
            ),
            (
                "add_observations",
                {"observations": [{"entityName": "decision-queue", "contents": ["status: superseded"]}]},
            ),
        ],
        "basic-memory": [
            (
                "write_note",
                {
                    "title": "Queue in PostgreSQL",
                    "content": f"{DECISION}\n- supersedes [[Queue in Redis]]\n",
                    "directory": "notes",
                    "tags": ["decision", "queue"],
                    "note_type": "decision",
                },
            ),
            (
                "edit_note",
                {"identifier": "notes/queue-in-redis", "operation": "append", "content": "\nstatus: superseded\n"},
            ),
        ],
        "mcp-memory-service": None,
    },
    "add a row to a table": {
        "notewell": [("edit_note", {"ref": "services#owners", "mode": "append", "new_text": ROW})],
        "server-memory": None,
        "basic-memory": [
            ("cat", {"identifier": "notes/services", "section": "Owners"}),
            (
                "edit_note",
                {
                    "identifier": "notes/services",
                    "operation": "find_replace",
                    "find_text": "| queue | grace | 5672 |",
                    "content": f"| queue | grace | 5672 |\n{ROW}",
                },
            ),
        ],
        "mcp-memory-service": None,
    },
    "check the references of a review": {
        "notewell": [("check_refs", {"text": REVIEW})],
        "server-memory": [
            (
                "open_nodes",
                {"names": ["sop-signing-key", "decision-queue", "plan-serach", "handbook-operations"]},
            )
        ],
        "basic-memory": [
            ("search_notes", {"query": name, "search_type": "title", "page_size": 3})
            for name in ("Rotate the signing key", "Queue in Redis", "Serach for the shop", "Handbook of operations")
        ],
        "mcp-memory-service": None,
    },
    "say where the active plan stands": {
        "notewell": [
            ("search_notes", {"query": "where the plan stands", "tags": "plan,active"}),
        ],
        "server-memory": [("search_nodes", {"query": "#plan #search #active"})],
        "basic-memory": [
            ("search_notes", {"tags": ["plan", "active"]}),
            ("cat", {"identifier": "notes/search-for-the-shop", "section": "Where the plan stands"}),
        ],
        "mcp-memory-service": [("memory_list", {"tags": ["plan", "active"], "tag_match": "all"})],
    },
    "append to a log": {
        "notewell": [("edit_note", {"ref": "log-deploys", "mode": "append", "new_text": LOG_LINE})],
        "server-memory": [
            ("add_observations", {"observations": [{"entityName": "log-deploys", "contents": [LOG_LINE]}]})
        ],
        "basic-memory": [
            (
                "edit_note",
                {"identifier": "notes/log-of-deployments", "operation": "append", "content": f"{LOG_LINE}\n"},
            )
        ],
        "mcp-memory-service": [("memory_store", {"content": LOG_LINE, "metadata": {"tags": "log-deploys"}})],
    },
    "list all notes on a topic": {
        "notewell": [("list_notes", {"tags": "search"})],
        "server-memory": [("search_nodes", {"query": "#search"})],
        "basic-memory": [("search_notes", {"tags": ["search"], "page_size": 20})],
        "mcp-memory-service": [("memory_list", {"tags": ["search"], "page_size": 20})],
    },
    "rename a note": {
        "notewell": [("upsert_note", {"slug": "note-0", "new_slug": "note-zero"})],
        "server-memory": None,
        "basic-memory": [("move_note", {"identifier": "{note-0}", "destination_path": "notes/note-zero.md"})],
        "mcp-memory-service": None,
    },
    "undo another's bad edit": {
        "notewell": [
            ("revisions", {"ref": "plan-search", "limit": 3}),
            ("restore_note", {"ref": "plan-search@1"}),
        ],
        "server-memory": None,
        "basic-memory": None,
        "mcp-memory-service": None,
    },
    "create a todo below a plan": {
        "notewell": [
            (
                "upsert_note",
                {
                    "slug": "todo-titles",
                    "content": TODO,
                    "note_type": "todo",
                    "status": "open",
                    "parent": "plan-search",
                },
            )
        ],
        "server-memory": [
            (
                "create_entities",
                {"entities": [{"name": "todo-titles", "entityType": "todo", "observations": [TODO]}]},
            ),
            (
                "create_relations",
                {"relations": [{"from": "todo-titles", "to": "plan-search", "relationType": "part of"}]},
            ),
        ],
        "basic-memory": [
            (
                "write_note",
                {
                    "title": "Index the titles",
                    "content": f"{TODO}\n- part_of [[Search for the shop]]\n",
                    "directory": "todos",
                    "note_type": "todo",
                },
            )
        ],
        "mcp-memory-service": [("memory_store", {"content": TODO, "metadata": {"tags": "todo,plan-search"}})],
    },
    "answer a question from a long page": {
        "notewell": [
            ("search_notes", {"query": "how long are backups kept", "limit": 1}),
        ],
        "server-memory": [("search_nodes", {"query": "backups"})],
        "basic-memory": [("grep", {"pattern": "backups", "context_lines": 2, "max_matches": 5, "page_size": 1})],
        "mcp-memory-service": [("memory_search", {"query": "how long are backups kept", "limit": 1})],
    },
}
