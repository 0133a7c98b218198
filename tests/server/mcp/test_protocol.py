"""The stdio door through the official client: what a session sees of the tools."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from notewell_server import VERSION
from notewell_server.mcp.server import INSTRUCTIONS
from notewell_tools.catalogue import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tests.server.conftest import Session

    Connect = Callable[..., AbstractContextManager[Session]]


@pytest.fixture(scope="module")
def tools(session: Session) -> dict[str, dict[str, Any]]:
    return {tool["name"]: tool for tool in session.tools()}


def test_the_tools_listed_are_those_of_the_catalogue_in_its_order(tools: dict[str, dict[str, Any]]) -> None:
    assert list(tools) == list(CATALOGUE)
    for name, tool in CATALOGUE.items():
        assert tools[name]["description"] == tool.description
        assert tools[name]["inputSchema"] == tool.schema


def test_the_tool_list_on_the_wire_is_small(session: Session) -> None:
    listed = session.tools()
    assert len(listed) == len(CATALOGUE)
    assert len(json.dumps(listed, separators=(",", ":"), ensure_ascii=False).encode()) <= 11_400


def test_hints_on_the_wire_are_those_of_the_catalogue(tools: dict[str, dict[str, Any]]) -> None:
    defaults = {
        "readOnlyHint": False,
        "destructiveHint": True,
        "idempotentHint": False,
        "openWorldHint": True,
    }
    for name, tool in CATALOGUE.items():
        hints = defaults | tools[name]["annotations"]
        assert hints["openWorldHint"] is tool.hints.open_world
        assert hints["readOnlyHint"] is tool.hints.reads_only
        if not tool.hints.reads_only:  # the others say nothing of a tool that only reads
            assert hints["destructiveHint"] is tool.hints.destructive
            assert hints["idempotentHint"] is tool.hints.idempotent


def test_no_output_schema_is_published(tools: dict[str, dict[str, Any]]) -> None:
    assert not any("outputSchema" in tool for tool in tools.values())


def test_the_server_names_itself_and_the_order_of_work(session: Session) -> None:
    server = session.client.server_info
    assert server
    assert (server.name, server.version) == ("notewell", VERSION)
    assert session.client.instructions == INSTRUCTIONS
    assert len(INSTRUCTIONS) <= 1_500
    for tool in ("search_notes", "list_notes", "get_note", "edit_note", "upsert_note", "restore_note"):
        assert tool in INSTRUCTIONS


def test_an_answer_is_text_alone_and_markdown_is_not_escaped(session: Session) -> None:
    content = 'A "quoted" line\n\n```json\n{"a": "\\n"}\n```\n'
    session.read("upsert_note", slug="quoted", content=content)
    assert session.read("get_note", ref="quoted").endswith(content)


def test_a_refusal_is_an_answer_marked_as_an_error(session: Session) -> None:
    assert session.refusal("get_note", ref="nothing-here") == (
        "There is no note 'nothing-here'. Find it with search_notes or list_notes."
    )
    assert session.refusal("get_notes").startswith("There is no tool 'get_notes'.")


@pytest.mark.parametrize(
    "content", ['{"a": [1, null]}', '["a"]', "true", "42", 'a\r\n\tb \\u00e9 "c" 👩‍👧\u2028\u0085\n']
)
def test_json_looking_content_arrives_unharmed(session: Session, content: str) -> None:
    slug = f"content-of-{len(content)}-characters"
    session.read("upsert_note", slug=slug, content=content)
    assert session.ask("get_note", ref=slug)["markdown"] == content


def test_a_large_note_goes_in_and_comes_out_whole(session: Session) -> None:
    content = "# Large\n\n" + 'Zeile mit Ümläuten 👩‍👧 \\ " | \t\r\n' * 20_000
    session.read("upsert_note", slug="large", content=content)
    assert session.ask("get_note", ref="large", max_chars=1_000_000)["markdown"] == content


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_clients_of_both_protocol_eras_are_served(connect: Connect, database: Path, mode: str) -> None:
    with connect(database, mode=mode) as session:
        assert session.client.protocol_version == {"legacy": "2025-11-25", "auto": "2026-07-28"}[mode]
        assert len(session.tools()) == len(CATALOGUE)
        assert session.ask("upsert_note", slug="a", content="x")["outcome"] == "created"
        assert session.refusal("get_note", ref="b").startswith("There is no note 'b'.")
        assert session.ask("revisions")["revisions"][0]["actor"] == "pytest"


def test_the_actor_that_the_environment_names_wins_over_the_client(connect: Connect, database: Path) -> None:
    settings = {"NOTEWELL_ACTOR": "release-bot", "NOTEWELL_PROJECT": "web"}
    with connect(database, settings) as session:
        session.read("projects", slug="web", name="Web")
        session.read("upsert_note", slug="a", content="x")
        assert session.ask("revisions")["revisions"][0]["actor"] == "release-bot"
        assert session.ask("get_note", ref="a")["project"] == "web"


def test_a_project_of_the_environment_that_does_not_exist_hinders_nothing(connect: Connect, database: Path) -> None:
    with connect(database, {"NOTEWELL_PROJECT": "nowhere"}) as session:
        session.read("upsert_note", slug="a", content="x")
        assert session.ask("get_note", ref="a")["project"] is None


def test_a_file_that_is_no_store_is_refused_with_its_name_and_left_alone(connect: Connect, tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_bytes(b"Dear all,\n" * 500)
    with connect(file) as session:
        assert str(file) in session.refusal("list_notes")
        assert len(session.tools()) == len(CATALOGUE)
    assert file.read_bytes() == b"Dear all,\n" * 500
