"""The same calls through every door give the same answers: MCP over stdio and HTTP, the command line, REST."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from tests.server.conftest import CommandLine, Session, open_session
from tests.server.http.conftest import Door, opened_door, session_at
from tests.server.same_calls import CALLS, OUT_OF_RANGE, rest_of, words_of

from notewell_server.cli.wording import as_commands
from notewell_server.http.api.wording import as_requests
from notewell_store import Store, open_store
from notewell_tools.catalogue import CATALOGUE, call_tool
from notewell_tools.definition import Call
from notewell_tools.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mcp.types import CallToolResult

    from notewell_store.errors import Say

WHEN = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z|\d{4}-\d\d-\d\d(?: \d\d:\d\d)?")
WAY = re.compile(r', "door": "\w+"(?:, "client": "[^"]*")?')
ACTOR = {"NOTEWELL_ACTOR": "same"}
NAMES = [f"{number:02}-{tool}" for number, (tool, _) in enumerate(CALLS)]


@dataclass(frozen=True)
class Doors:
    """Each with a store of its own, so that all see the same history. Where REST has no path for a call, `beside`
    makes it on REST's store. `catalogue` is called without a door, to know how each words what comes next."""

    stdio: Session
    command: CommandLine
    http: Session
    rest: Door
    beside: Session
    catalogue: Store


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = tmp_path_factory.mktemp("doors")
    with ExitStack() as stack:
        stdio = stack.enter_context(open_session(folder / "stdio.db", ACTOR))
        served = stack.enter_context(opened_door(folder / "http.db"))
        rest = stack.enter_context(opened_door(folder / "rest.db"))
        for door in (served, rest):
            door.token = door.make_token("same", "admin")
        http, beside = (stack.enter_context(session_at(door)) for door in (served, rest))
        store = open_store(folder / "catalogue.db")
        stack.callback(store.close)
        yield Doors(stdio, CommandLine(folder / "command.db"), http, rest, beside, store)


@pytest.mark.parametrize(("tool", "arguments"), CALLS, ids=NAMES)
def test_a_call_answers_the_same_through_every_door(doors: Doors, tool: str, arguments: dict[str, Any]) -> None:
    result = doors.stdio.call(tool, **arguments, format="json")
    said, command, rest = worded(doors, tool, {**arguments, "format": "json"})
    assert said_by(result) == said
    over_http = said_by(doors.http.call(tool, **arguments, format="json"))
    if tool == "sync_issues":  # which has nothing read for who is not at the machine
        assert "for who works at the store's own machine only" in over_http
    else:
        assert over_http == said
    done = doors.command.run(*words_of(tool, arguments), "--json", added=ACTOR)
    if (tool, arguments) == OUT_OF_RANGE:  # which the command line knows to be no such number before it calls
        assert (done.returncode, b"0 is not in the range 1<=x<=200" in done.stderr) == (2, True)
    else:
        assert done.returncode == (1 if result.is_error else 0), done.stderr
        printed = done.stderr.decode().removeprefix("Error: ") if result.is_error else done.stdout.decode()
        assert untimed(printed.removesuffix("\n")) == command
    ask_rest(doors, tool, arguments, over_http, rest, failed=bool(result.is_error))


def worded(doors: Doors, tool: str, arguments: dict[str, Any]) -> list[str]:
    """What MCP, the command line and REST say of one and the same answer or refusal."""
    says: tuple[Say, ...] = (str, as_commands, as_requests)
    try:
        answers = [
            call_tool(lambda say=say: Call(doors.catalogue, "same", say=say, issue_tokens=""), tool, arguments).shown  # type: ignore[misc]
            for say in says[: 1 if writes(tool, arguments) else None]
        ]
    except ToolError as error:
        return [untimed(error.worded(say)) for say in says]
    return [untimed(answer) for answer in (answers * 3)[:3]]


def writes(tool: str, arguments: dict[str, Any]) -> bool:
    """Of these calls that write none is answered with a step, so that one call tells for all doors."""
    known = CATALOGUE[tool]
    return not known.hints.reads_only and not arguments.get("dry_run")


def ask_rest(doors: Doors, tool: str, arguments: dict[str, Any], said: str, rest: str, *, failed: bool) -> None:
    asked = rest_of(tool, arguments)
    if asked is None:
        assert said_by(doors.beside.call(tool, **arguments, format="json")) == said
        return
    conditions = {"If_Match": asked.if_match} if asked.if_match else {}
    answer = doors.rest.send_json(asked.method, asked.path, asked.body, **conditions)
    if failed:
        # What stands is not replaced without a condition of HTTP's own, in words of its own.
        assert answer.status == 409 or untimed(answer.problem["detail"]) == rest
    else:
        assert answer.status in (200, 201), answer.body
        found = json.loads(answer.body)
        found.pop("html_content", None)
        assert json.loads(untimed(json.dumps(found))) == asked.shown(json.loads(rest))


def said_by(result: CallToolResult) -> str:
    (part,) = result.content
    return untimed(getattr(part, "text", ""))


def untimed(text: str) -> str:
    """Without what is another behind each door, or at each moment."""
    return WAY.sub("", WHEN.sub("<time>", text))


def test_text_answers_are_the_same_through_every_door(doors: Doors) -> None:
    for tool, arguments in CALLS:
        is_number = (tool, arguments) != OUT_OF_RANGE
        if is_number and tool in {"list_notes", "search_notes", "tags"} and "cursor" not in arguments:
            text, command, _ = worded(doors, tool, arguments)
            assert said_by(doors.stdio.call(tool, **arguments)) == text
            assert said_by(doors.http.call(tool, **arguments)) == text
            done = doors.command.run(*words_of(tool, arguments), added=ACTOR)
            assert untimed((done.stdout or done.stderr).decode().removeprefix("Error: ")) == f"{command}\n"


def test_most_tools_are_asked_of_rest_too() -> None:
    asked = {tool for tool, arguments in CALLS if rest_of(tool, arguments)}
    assert len(asked) >= 10


def test_a_warning_names_its_step_as_each_door_does(doors: Doors) -> None:
    def notes(write: Callable[..., object]) -> None:
        write("upsert_note", slug="named", content="# N\n\n## Gone\n\nx\n")
        write("upsert_note", slug="naming", content="See [[named#gone]].\n")

    told = "#gone is #there now, and 1 note links to named#gone; its links: "
    arguments = {"ref": "named", "mode": "replace", "old_text": "## Gone", "new_text": "## There"}
    for session in (doors.stdio, doors.http):
        notes(session.ask)
        warning = f"{told}get_note(ref='named', view='meta', include=['links'])"
        assert session.ask("edit_note", **arguments, dry_run=True)["warnings"] == [warning]
        assert f"\nwarning: {warning}" in session.read("edit_note", **arguments)
    notes(lambda tool, **sent: doors.command.ask(*words_of(tool, sent)))
    words = words_of("edit_note", arguments)
    warning = f"{told}`notewell get named --view meta --include links`"
    assert doors.command.ask(*words, "--dry-run")["warnings"] == [warning]
    assert f"\nwarning: {warning}" in doors.command.read(*words)
    notes(doors.beside.ask)
    del arguments["ref"]
    answer = doors.rest.data("POST", "/notes/named/edits", arguments)
    assert answer["warnings"] == [f"{told}`GET /notes/named/links`"]


def test_each_door_is_kept_with_what_came_by_it(doors: Doors) -> None:
    def ways(found: dict[str, Any]) -> set[tuple[str, str | None]]:
        return {(one["door"], one.get("client")) for one in found["revisions"]}

    for session in (doors.stdio, doors.http, doors.beside):
        session.ask("upsert_note", slug="last", content="# Last\n")
    doors.command.ask("upsert-note", "last", "--content", "# Last\n")
    assert ways(doors.stdio.ask("revisions", ref="last")) == {("stdio", "pytest 1")}
    assert {door for door, _ in ways(doors.http.ask("revisions", ref="last"))} == {"mcp"}
    assert ways(doors.command.ask("revisions", "last")) == {("cli", None)}
    assert {door for door, _ in ways(doors.beside.ask("revisions", limit=200))} == {"mcp", "rest"}
