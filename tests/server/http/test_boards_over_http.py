"""Boards over HTTP: read and moved as behind every door; nobody has the server read files or ask addresses."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest
from tests.server.http.conftest import opened_door

from notewell_server.offering import BOARDS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.http.conftest import Door

PAGE = "---\ncolumns: [Todo, Doing (1), Done]\nmoves: {Done: []}\n---\n# Board\n"


def called(door: Door, tool: str, **arguments: Any) -> tuple[bool, str]:
    result = door.mcp("tools/call", name=tool, arguments=arguments)
    return result["isError"], result["content"][0]["text"]


def test_no_scope_has_the_server_read_a_file_or_ask_an_address(door: Door, tmp_path: Path) -> None:
    door.data("POST", "/notes", {"slug": "board", "content": PAGE, "note_type": "board"})
    file = tmp_path / "issues.json"
    file.write_text('[{"number": 1, "title": "x", "state": "open", "html_url": "https://a.example/b/c/issues/1"}]')
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        for source in (str(file), "/etc/passwd", f"http://127.0.0.1:{listening.getsockname()[1]}/"):
            failed, text = called(door, "sync_issues", ref="board", source=source)
            assert failed
            assert "for who works at the store's own machine only" in text
        with pytest.raises(BlockingIOError):
            listening.accept()
    assert door.ask("/notes/issue-c-1").status == 404


def test_a_refused_move_is_a_conflict(door: Door) -> None:
    door.data("POST", "/notes", {"slug": "moves", "content": PAGE, "note_type": "board"})
    door.data("POST", "/notes", {"slug": "card", "content": "x\n", "parent": "moves", "status": "done"})
    answer = door.send_json("PUT", "/notes/card", {"status": "doing"}, If_Match="*")
    assert answer.status == 409
    assert "card cannot move from done to doing on moves" in answer.problem["detail"]


def test_figures_tell_of_boards(door: Door) -> None:
    door.data("POST", "/notes", {"slug": "told", "content": PAGE, "note_type": "board"})
    door.data("POST", "/notes", {"slug": "told-card", "content": "x\n", "parent": "told", "status": "doing"})
    figures = door.ask("/metrics").body.decode().splitlines()
    assert 'notewell_board_cards{board="told",status="doing"} 1.0' in figures
    assert 'notewell_board_in_work{board="told"} 1.0' in figures


def test_a_server_of_the_core_neither_lists_nor_calls_the_tools_for_boards(tmp_path: Path) -> None:
    with opened_door(tmp_path / "notewell.db", NOTEWELL_TOOLS="core") as core:
        names = {tool["name"] for tool in core.mcp("tools/list")["tools"]}
        assert names.isdisjoint(BOARDS)
        assert "get_note" in names
        failed, text = called(core, "board", ref="x")
        assert failed
        assert "leaves the tool board out" in text
