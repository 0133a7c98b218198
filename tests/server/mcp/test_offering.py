"""`--tools core`: the tools for boards are neither listed nor called, whichever door a server opens."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from tests.server.conftest import NOTEWELL, environment

from notewell_server.offering import BOARDS
from notewell_tools.catalogue import CATALOGUE

if TYPE_CHECKING:
    from pathlib import Path

CLIENT = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}}
MODERN = {
    "_meta": {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    }
}
CORE = [name for name in CATALOGUE if name not in BOARDS]
BOARD = {"name": "board", "arguments": {"ref": "x"}}


def served(folder: Path, words: list[str], lines: list[dict[str, Any]], **added: str) -> dict[Any, dict[str, Any]]:
    """The results of a server process, by the ids of what it was asked."""
    given = "".join(json.dumps({"jsonrpc": "2.0", **line}) + "\n" for line in lines)
    done = subprocess.run(
        [str(NOTEWELL), *words],
        input=given,
        env=environment(folder / "notewell.db", added),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return {answer["id"]: answer["result"] for answer in map(json.loads, done.stdout.splitlines())}


LIST: dict[str, Any] = {"id": 1, "method": "tools/list", "params": {}}
CALL: dict[str, Any] = {"id": 2, "method": "tools/call", "params": BOARD}
OPENING: list[dict[str, Any]] = [
    {"id": 0, "method": "initialize", "params": CLIENT},
    {"method": "notifications/initialized"},
]


@pytest.mark.parametrize("words", [["serve", "--tools", "core"], ["serve", "--tools=core"]])
def test_a_server_of_the_core_neither_lists_nor_calls_the_tools_for_boards(tmp_path: Path, words: list[str]) -> None:
    answers = served(tmp_path, words, [*OPENING, LIST, CALL])
    assert [tool["name"] for tool in answers[1]["tools"]] == CORE
    assert answers[2]["isError"] is True
    assert "leaves the tool board out" in answers[2]["content"][0]["text"]


def test_it_is_so_in_the_later_protocol_and_by_the_environment(tmp_path: Path) -> None:
    answers = served(tmp_path, ["serve"], [LIST | {"params": MODERN}], NOTEWELL_TOOLS="core")
    assert [tool["name"] for tool in answers[1]["tools"]] == CORE


def test_it_is_so_where_the_sdk_serves(tmp_path: Path) -> None:
    answers = served(tmp_path, ["serve", "--tools", "core"], [*OPENING, LIST, CALL], OTEL_SDK_DISABLED="true")
    assert [tool["name"] for tool in answers[1]["tools"]] == CORE
    assert "leaves the tool board out" in answers[2]["content"][0]["text"]


def test_all_tools_are_offered_unless_a_server_is_told(tmp_path: Path) -> None:
    answers = served(tmp_path, ["serve", "--tools", "all"], [*OPENING, LIST])
    assert [tool["name"] for tool in answers[1]["tools"]] == list(CATALOGUE)


def test_what_is_left_out_are_tools_for_boards() -> None:
    assert {name for name in CATALOGUE if "board" in name or "issues" in name} == BOARDS
