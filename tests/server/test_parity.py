"""The same calls through MCP and through the command line give the same answers."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import click
import pytest

from notewell_server.command_line import cli

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.server.conftest import CommandLine, Session

PLAN = "# Plan\n\n## Vision\n\nOne store. See [[sop-deploy]] and [[nowhere]].\n\n## Steps\n\n- one\n"
WHEN = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z|\d{4}-\d\d-\d\d(?: \d\d:\d\d)?")

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
    ("list_notes", {"tags": ["ops"], "sort": "title", "limit": 5}),
    ("list_notes", {"limit": 1}),
    ("list_notes", {"cursor": "zzz"}),
    ("search_notes", {"query": "one store", "project": "web"}),
    ("search_notes", {"query": "zebra"}),
    ("get_note", {"ref": "plan", "include": ["links", "children", "history"]}),
    ("get_note", {"ref": "plan#vision", "max_chars": 100}),
    ("get_note", {"ref": "plan", "view": "toc"}),
    ("get_note", {"ref": "plan@1", "view": "html"}),
    ("get_note", {"ref": "plam"}),
    ("revisions", {"ref": "plan", "limit": 2}),
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
    ("upsert_note", {"slug": "plan", "new_slug": "plan-a", "if_revision": 4}),
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


@pytest.fixture(scope="module")
def doors(
    connect: Callable[..., AbstractContextManager[Session]],
    open_command: Callable[[Path], CommandLine],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Session, CommandLine]]:
    """Each door with a store of its own, so that both see the same history."""
    folder = tmp_path_factory.mktemp("doors")
    with connect(folder / "mcp.db", {"NOTEWELL_ACTOR": "same"}) as session:
        yield session, open_command(folder / "command.db")


@pytest.mark.parametrize(
    ("tool", "arguments"), CALLS, ids=[f"{number:02}-{tool}" for number, (tool, _) in enumerate(CALLS)]
)
def test_a_call_answers_the_same_through_both_doors(
    doors: tuple[Session, CommandLine], tool: str, arguments: dict[str, Any]
) -> None:
    session, command = doors
    result = session.call(tool, **arguments, format="json")
    done = command.run(*words_of(tool, arguments), "--json", added={"NOTEWELL_ACTOR": "same"})
    assert done.returncode == (1 if result.is_error else 0), done.stderr
    (part,) = result.content
    said = (done.stderr.decode().removeprefix("Error: ") if result.is_error else done.stdout.decode()).removesuffix(
        "\n"
    )
    assert untimed(said) == untimed(getattr(part, "text", ""))
    if not result.is_error:
        json.loads(said)


def untimed(text: str) -> str:
    return WHEN.sub("<time>", text)


def test_text_answers_are_the_same_through_both_doors(doors: tuple[Session, CommandLine]) -> None:
    session, command = doors
    for tool, arguments in CALLS:
        if tool in {"list_notes", "search_notes", "tags"} and "cursor" not in arguments:
            shown = command.read(*words_of(tool, arguments), added={"NOTEWELL_ACTOR": "same"})
            assert untimed(shown) == untimed(f"{session.read(tool, **arguments)}\n")
