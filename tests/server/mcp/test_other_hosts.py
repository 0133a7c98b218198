"""Hosts of other makers: our tools are converted by their rules, and called with what such a host sends."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from tests.server.conftest import Session, open_session, text_of
from tests.server.mcp import other_hosts
from tests.server.same_calls import CALLS
from tests.server.test_parity import ACTOR, untimed

from notewell_tools.catalogue import CATALOGUE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.mcp.other_hosts import Host, Json

HOSTS: dict[str, Host] = {
    "OpenAI, strict": other_hosts.sent_strictly,
    "OpenAI, strict, empty texts": other_hosts.sent_with_empty_texts,
    "lists of null": other_hosts.sent_with_listed_nulls,
    "Gemini": other_hosts.sent_by_gemini,
    "LangChain": other_hosts.sent_by_langchain,
}
Answered = tuple[bool, str]
"""Whether a call was refused, and its text without times."""
SHORT_OF_SCHEMA: dict[str, Any] = {"limit": "0"}
"""Sent by one of the calls, and no integer: a host that minds the schema cannot send it."""


@pytest.fixture(scope="module")
def schemas(session: Session) -> dict[str, Json]:
    return {tool["name"]: tool["inputSchema"] for tool in session.tools()}


def meant_calls() -> list[tuple[str, Json]]:
    return [(tool, arguments) for tool, arguments in CALLS if arguments != SHORT_OF_SCHEMA]


def test_the_calls_are_of_every_tool() -> None:
    assert {tool for tool, _ in meant_calls()} == set(CATALOGUE)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> list[Answered]:
    """What the calls are answered where they are sent as they are meant."""
    with open_session(tmp_path_factory.mktemp("plain") / "notewell.db", ACTOR) as session:
        return [answered(session, tool, arguments) for tool, arguments in meant_calls()]


def answered(session: Session, tool: str, arguments: Json) -> Answered:
    result = session.call(tool, **arguments)
    return bool(result.is_error), untimed(text_of(result))


@pytest.mark.parametrize("host", HOSTS)
def test_calls_as_a_host_sends_them_are_answered_as_plain_calls(
    host: str, plain: list[Answered], database: Path
) -> None:
    with open_session(database, ACTOR) as session:
        shown = {tool["name"]: tool["inputSchema"] for tool in session.tools()}
        for (tool, arguments), expected in zip(meant_calls(), plain, strict=True):
            sent = HOSTS[host](shown[tool], arguments)
            assert answered(session, tool, sent) == expected, (tool, sent)


def test_what_strict_hosts_send_keeps_to_the_strict_schema(schemas: dict[str, Json]) -> None:
    for tool, arguments in meant_calls():
        Draft202012Validator(other_hosts.strict(schemas[tool])).validate(
            other_hosts.sent_strictly(schemas[tool], arguments)
        )


@pytest.mark.parametrize("tool", CATALOGUE)
def test_a_strict_schema_says_all_that_ours_says(schemas: dict[str, Json], tool: str) -> None:
    levels = other_hosts.levels(schemas[tool])
    for level in levels:
        assert level.keys() <= other_hosts.STRICT_KEYWORDS
        assert isinstance(level["type"], str), "is made nullable by a list of types"
    assert len(levels) <= other_hosts.MOST_PROPERTIES
    assert sum(len(level.get("enum", ())) for level in levels) <= other_hosts.MOST_CHOICES


@pytest.mark.parametrize("tool", CATALOGUE)
def test_gemini_knows_every_keyword_of_a_schema(schemas: dict[str, Json], tool: str) -> None:
    assert schemas[tool]["properties"], "an object without properties is refused"
    for level in other_hosts.levels(schemas[tool]):
        assert level.keys() <= other_hosts.GEMINI_KEYWORDS
        assert other_hosts.gemini(level)["type"] in other_hosts.GEMINI_TYPES
        assert level["type"] != "array" or "items" in level
        assert "enum" not in level or (level["type"] == "string" and all(level["enum"]))


def test_names_and_descriptions_keep_to_the_limits_of_all_hosts(session: Session) -> None:
    for tool in session.tools():
        assert re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_-]*", tool["name"])
        assert len(tool["name"]) <= other_hosts.LONGEST_NAME
        for level in [tool, *other_hosts.levels(tool["inputSchema"])]:
            assert len(level.get("description", "")) <= other_hosts.LONGEST_DESCRIPTION


def test_a_number_that_is_not_whole_is_refused(session: Session) -> None:
    assert "limit=2.5: should be a valid integer" in session.refusal("list_notes", limit=2.5)
