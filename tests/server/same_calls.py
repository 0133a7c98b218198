"""The calls that every door is asked, and how each is asked on a command line and of REST."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlencode

import click

from notewell_server.cli.commands import cli

PLAN = "# Plan\n\n## Vision\n\nOne store. See [[sop-deploy]] and [[nowhere]].\n\n## Steps\n\n- one\n"

BOARD = "---\ncolumns: [Todo, Doing (1), Done]\nmoves: {Doing: [Todo]}\n---\n# Todos\n"

OUT_OF_RANGE: tuple[str, dict[str, Any]] = ("list_notes", {"limit": "0"})

CALLS: list[tuple[str, dict[str, Any]]] = [
    (
        "projects",
        {"slug": "web", "name": "Web", "platform": "github", "repo_url": "https://github.com/x/web"},
    ),
    ("projects", {}),
    (
        "upsert_note",
        {"slug": "sop-deploy", "content": "# Deploy\n", "note_type": "sop", "tags": ["ops", "x"]},
    ),
    ("upsert_note", {"slug": "plan", "content": PLAN, "project": "web", "position": 2, "is_public": True}),
    ("upsert_note", {"slug": "plan", "content": "# Other\n"}),
    ("upsert_note", {"slug": "json", "content": '{"a": [1, null]}', "parent": "plan", "dry_run": True}),
    ("edit_note", {"ref": "plan#steps", "mode": "append", "new_text": "- [ ] two", "revised_by": "abc"}),
    ("edit_note", {"ref": "plan", "mode": "replace", "old_text": "One stroe", "new_text": "x"}),
    ("link_notes", {"source": "plan", "targets": ["sop-deploy"], "relation": "implements", "reason": "why"}),
    ("link_notes", {"source": "plan", "targets": ["later"], "allow_missing": True}),
    ("link_notes", {"source": "plan", "targets": ["sop-deploy"], "relation": "blocks", "mode": "set"}),
    ("update_notes", {"refs": ["plan", "sop-deploy"], "add_tags": ["both"], "reason": "together"}),
    ("update_notes", {"refs": ["plan", "nowhere"], "status": "done"}),
    ("list_notes", {"within": "plan", "sort": "oldest"}),
    ("list_notes", {"unlinked": True}),
    ("revisions", {"since": "1", "summary": True}),
    ("edit_note", {"ref": "plan", "mode": "replace_all", "old_text": "zebra", "new_text": "x"}),
    ("list_notes", {"tags": ["ops"], "sort": "title", "limit": 5}),
    ("list_notes", {"tags": ["web", "x"], "project": "web"}),
    ("list_notes", {"project": "web"}),
    OUT_OF_RANGE,
    ("list_notes", {"limit": 1}),
    ("list_notes", {"cursor": "zzz"}),
    ("search_notes", {"query": "one store", "project": "web"}),
    ("search_notes", {"query": "zebra"}),
    ("get_note", {"ref": "plan"}),
    ("get_note", {"ref": "plan@1"}),
    ("get_note", {"ref": "plan", "view": "meta", "include": ["links"]}),
    ("get_note", {"ref": "plan", "include": ["links", "children", "history"]}),
    ("get_note", {"ref": "plan#vision", "max_chars": 100}),
    ("get_note", {"ref": "plan", "view": "toc"}),
    ("get_note", {"ref": "plan@1", "view": "html"}),
    ("get_note", {"ref": "plam"}),
    ("revisions", {"ref": "plan", "limit": 2}),
    ("revisions", {"ref": "plam"}),
    ("revisions", {"ref": "plan", "diff": "1..2"}),
    ("revisions", {"ref": "plan", "blame": True}),
    ("revisions", {"since": "2", "revised_by": "abc"}),
    ("tags", {"prefix": "s"}),
    ("brief", {"project": "web", "since": "1", "max_chars": 2_000}),
    ("brief", {"project": "wep"}),
    ("check_refs", {"text": "[[plan]], sop-deplyo and story:x"}),
    ("check_refs", {"ref": "plan"}),
    ("check_refs", {"project": "web"}),
    ("check_refs", {}),
    ("upsert_note", {"slug": "todos", "content": BOARD, "note_type": "board"}),
    ("upsert_note", {"slug": "card", "content": "# Card\n", "parent": "todos", "status": "doing", "position": 1000}),
    ("board", {"ref": "todos", "limit": 5}),
    ("board", {"ref": "plan"}),
    ("sync_board", {"ref": "todos", "plan": "plan", "dry_run": True}),
    ("sync_board", {"ref": "todos", "plan": "plan"}),
    ("sync_board", {"ref": "todos"}),
    ("sync_issues", {"ref": "todos", "source": "http://example.com/"}),
    ("upsert_note", {"slug": "plan-two", "status": "doing"}),
    ("upsert_note", {"slug": "plan", "new_slug": "plan-a", "if_revision": 4}),
    ("upsert_note", {"slug": "plan-a", "title": "Plan A", "tags": ["x"], "reason": "named"}),
    ("restore_note", {"ref": "plan@1", "reason": "undo"}),
    ("delete_note", {"ref": "sop-deploy"}),
    ("get_note", {"ref": "sop-deploy"}),
    ("restore_note", {"ref": "sop-deploy", "idempotency_key": "k"}),
]


def words_of(tool: str, arguments: dict[str, Any]) -> list[str]:
    """The command line that stands for a call."""
    command = cli.commands[tool.replace("_", "-")]
    positional = [parameter.name for parameter in command.params if isinstance(parameter, click.Argument)]
    words = [tool.replace("_", "-")]
    for name in positional:
        value = arguments.get(str(name), [])
        words += value if isinstance(value, list) else [str(value)]
    for name, value in arguments.items():
        flag = f"--{name.replace('_', '-')}"
        if name in positional:
            continue
        if isinstance(value, bool):
            words.append(flag if value else f"--no-{flag[2:]}")
        else:
            words.append(f"{flag}={','.join(value) if isinstance(value, list) else value}")
    return words


class Asked(NamedTuple):
    """A request of REST; `shown` picks of the tool's data what the path answers."""

    method: str
    path: str
    body: dict[str, Any] | None = None
    if_match: str | None = None
    shown: Callable[[dict[str, Any]], dict[str, Any]] = dict


def rest_of(tool: str, arguments: dict[str, Any]) -> Asked | None:
    """The request that stands for a call; None where no path does just that."""
    make = REST.get(tool)
    return make(dict(arguments)) if make else None


def _projects(sent: dict[str, Any]) -> Asked:
    if not sent:
        return Asked("GET", "/projects")
    return Asked("POST", "/projects", sent, shown=lambda data: dict(data["projects"][0]))


def _upsert(sent: dict[str, Any]) -> Asked:
    if "content" in sent and "if_revision" not in sent:
        return Asked("POST", "/notes", sent)
    slug, revision = sent.pop("slug"), sent.pop("if_revision", None)
    return Asked("PUT", f"/notes/{slug}", sent, f'"{revision}"' if revision else "*")


def _edit(sent: dict[str, Any]) -> Asked:
    slug, _, anchor = sent.pop("ref").partition("#")
    return Asked("POST", f"/notes/{slug}/edits", sent | ({"anchor": anchor} if anchor else {}))


def _update(sent: dict[str, Any]) -> Asked:
    return Asked("PATCH", "/notes", sent)


def _links(sent: dict[str, Any]) -> Asked | None:
    if sent.pop("mode", None) != "set":
        return None
    return Asked("PUT", f"/notes/{sent.pop('source')}/links", sent)


def _list(sent: dict[str, Any]) -> Asked:
    if list(sent) == ["project"]:
        return Asked("GET", f"/projects/{sent['project']}/notes")
    return Asked("GET", _path("/notes", sent))


def _search(sent: dict[str, Any]) -> Asked:
    return Asked("GET", _path("/notes", {"q": sent.pop("query"), **sent}))


def _get(sent: dict[str, Any]) -> Asked | None:
    slug, _, revision = sent["ref"].partition("@")
    if sent == {"ref": slug, "view": "meta", "include": ["links"]}:
        names = ("slug", "revision", "links", "links_total")
        return Asked("GET", f"/notes/{slug}/links", shown=lambda data: {name: data[name] for name in names})
    if list(sent) != ["ref"]:
        return None
    return Asked("GET", f"/notes/{slug}/revisions/{revision}" if revision else f"/notes/{slug}")


def _revisions(sent: dict[str, Any]) -> Asked | None:
    return Asked("GET", _path(f"/notes/{sent.pop('ref')}/revisions", sent)) if "ref" in sent else None


REST: dict[str, Callable[[dict[str, Any]], Asked | None]] = {
    "projects": _projects,
    "upsert_note": _upsert,
    "edit_note": _edit,
    "update_notes": _update,
    "link_notes": _links,
    "list_notes": _list,
    "search_notes": _search,
    "get_note": _get,
    "revisions": _revisions,
    "tags": lambda sent: Asked("GET", _path("/tags", sent)),
    "delete_note": lambda sent: Asked("DELETE", _path(f"/notes/{sent.pop('ref')}", sent)),
}


def _path(path: str, sent: dict[str, Any]) -> str:
    query = {name: ",".join(value) if isinstance(value, list) else str(value) for name, value in sent.items()}
    return f"{path}?{urlencode(query)}" if query else path
