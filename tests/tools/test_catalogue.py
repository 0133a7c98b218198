"""The catalogue: which tools there are, what a model reads of them, and whether that is true."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from notewell_tools.catalogue import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.tools.conftest import Agent

ROOT = Path(__file__).parents[2]
WRITING = {"upsert_note", "edit_note", "link_notes", "restore_note", "delete_note", "projects"}
LAST_OF_UPSERT = "if_revision revised_by reason idempotency_key dry_run"

DESIGN = {
    "list_notes": "tags any_tags note_type project status parent updated_since sort limit cursor deleted",
    "search_notes": "query tags any_tags note_type project status parent updated_since limit",
    "get_note": "ref view as_of include max_chars offset",
    "upsert_note": "slug title content note_type status project tags add_tags remove_tags parent position "
    f"is_public new_slug {LAST_OF_UPSERT}",
    "edit_note": f"ref mode old_text new_text {LAST_OF_UPSERT}",
    "link_notes": "source targets relation mode allow_missing revised_by reason",
    "revisions": "ref revised_by actor since diff blame limit cursor",
    "restore_note": "ref revised_by reason",
    "delete_note": "ref if_revision revised_by reason",
    "projects": "slug name platform repo_url",
    "tags": "prefix project limit",
    "brief": "project max_chars since",
    "check_refs": "text ref project",
}
OF_THE_STORE = set(DESIGN) - {"brief", "check_refs"}
LATER = {
    "list_notes": {"as_of"},  # the store as it was, with issue 3
    "upsert_note": {"is_whole"},  # confirms a text that looks like a cut read, with issue 3
}

READING_CALLS: list[tuple[str, dict[str, Any]]] = [
    ("list_notes", {"tags": ["sop"], "any_tags": ["active"], "note_type": "sop", "limit": 1}),
    ("list_notes", {"deleted": True, "sort": "title"}),
    ("search_notes", {"query": "button", "tags": ["sop"]}),
    ("get_note", {"ref": "sop-deploy", "include": ["links", "children", "history"]}),
    ("get_note", {"ref": "sop-deploy#steps", "max_chars": 100}),
    ("get_note", {"ref": "sop-deploy@1", "view": "html"}),
    ("get_note", {"ref": "sop-deploy", "view": "toc", "as_of": "2100-01-01"}),
    ("revisions", {}),
    ("revisions", {"ref": "sop-deploy", "diff": "1..2"}),
    ("revisions", {"ref": "sop-deploy#steps", "blame": True}),
    ("tags", {"prefix": "s"}),
    ("brief", {"since": "1"}),
    ("check_refs", {"text": "sop-deploy, [[nowhere]] and story:x"}),
    ("check_refs", {"ref": "sop-deploy"}),
]


def test_the_catalogue_holds_the_tools_of_the_design_and_no_other() -> None:
    assert set(CATALOGUE) == set(DESIGN)


@pytest.mark.parametrize("name", DESIGN)
def test_a_tool_takes_the_arguments_of_the_design_and_no_other(name: str) -> None:
    shared = {"format", "idempotency_key"} if name in WRITING else {"format"}
    taken = set(CATALOGUE[name].schema["properties"])
    assert set(DESIGN[name].split()) | shared == taken - LATER.get(name, set())


def size(described: object) -> int:
    return len(json.dumps(described, separators=(",", ":"), ensure_ascii=False).encode())


def test_the_eleven_tools_of_the_store_cost_at_most_9000_bytes(listed: list[dict[str, Any]]) -> None:
    of_the_store = [tool for tool in listed if tool["name"] in OF_THE_STORE]
    assert len(of_the_store) == 11
    assert size(of_the_store) <= 9_000


def test_brief_and_check_refs_cost_less_than_350_bytes_each(listed: list[dict[str, Any]]) -> None:
    assert [size(tool) < 350 for tool in listed if tool["name"] not in OF_THE_STORE] == [True, True]


def test_no_schema_spends_bytes_on_nulls_or_titles(listed: list[dict[str, Any]]) -> None:
    for tool in listed:
        assert "outputSchema" not in tool
        for schema in _schemas(tool["inputSchema"]):
            assert not {"anyOf", "title", "default"} & schema.keys(), tool["name"]


def test_every_tool_says_what_it_is_for(listed: list[dict[str, Any]]) -> None:
    for tool in listed:
        assert 40 <= len(tool["description"]) < 2_000, tool["name"]  # Claude Code cuts behind 2 KB
        assert tool["description"][0].isupper()
        assert tool["description"].endswith(".")


def test_schemas_close_their_arguments_and_name_the_required_ones(listed: list[dict[str, Any]]) -> None:
    required = {tool["name"]: set(tool["inputSchema"].get("required", ())) for tool in listed}
    assert all(tool["inputSchema"]["additionalProperties"] is False for tool in listed)
    assert required == {
        "get_note": {"ref"},
        "list_notes": set(),
        "search_notes": {"query"},
        "revisions": set(),
        "tags": set(),
        "brief": set(),
        "upsert_note": {"slug"},
        "edit_note": {"ref", "mode", "new_text"},
        "link_notes": {"source", "targets"},
        "restore_note": {"ref"},
        "delete_note": {"ref"},
        "projects": set(),
        "check_refs": set(),
    }


def test_only_tools_that_never_write_are_marked_as_reading() -> None:
    reading = {name for name, tool in CATALOGUE.items() if tool.hints.reads_only}
    assert reading == {"list_notes", "search_notes", "get_note", "revisions", "tags", "brief", "check_refs"}
    assert {tool for tool, _ in READING_CALLS} == reading


@pytest.mark.parametrize(("tool", "arguments"), READING_CALLS)
def test_a_tool_marked_as_reading_leaves_the_file_as_it_is(agent: Agent, tool: str, arguments: dict[str, Any]) -> None:
    agent.note("sop-deploy", "# Deploy\n\n## Steps\n\nPush the button. See [[nowhere]].\n", note_type="sop")
    agent.ask("edit_note", ref="sop-deploy", mode="append", new_text="Done.")
    before = agent.content()
    agent.read(tool, **arguments)
    agent.ask(tool, **arguments)
    assert agent.content() == before


def test_a_tool_marked_as_idempotent_changes_nothing_the_second_time(agent: Agent) -> None:
    agent.note("one", "# One\n")
    calls: list[tuple[str, dict[str, Any]]] = [
        ("upsert_note", {"slug": "two", "content": "# Two\n", "tags": ["x"]}),
        ("link_notes", {"source": "one", "targets": ["two"]}),
        ("projects", {"slug": "web", "name": "Web"}),
        ("delete_note", {"ref": "two"}),
    ]
    assert {tool for tool, _ in calls} == {
        name for name, tool in CATALOGUE.items() if tool.hints.idempotent and not tool.hints.reads_only
    }
    for tool, arguments in calls:
        agent.ask(tool, **arguments)
        once = agent.content()
        agent.ask(tool, **arguments)
        assert agent.content() == once, tool


def test_only_deleting_is_marked_as_destructive() -> None:
    assert [name for name, tool in CATALOGUE.items() if tool.hints.destructive] == ["delete_note"]


def test_pages_made_from_the_catalogue_are_up_to_date() -> None:
    checked = subprocess.run(
        [sys.executable, str(ROOT / "docs/make_pages.py"), "--check"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert checked.returncode == 0, checked.stderr


def test_the_page_on_tools_names_every_tool_and_argument() -> None:
    page = (ROOT / "docs/tools.md").read_text()
    for name, tool in CATALOGUE.items():
        section = page.split(f"## `{name}`\n")[1].split("\n## ")[0]
        assert tool.description in section.replace("`[[", "[[").replace("]]`", "]]")
        assert all(f"| `{argument}` |" in section for argument in tool.schema["properties"] if argument != "format")


@pytest.fixture(scope="module")
def listed() -> list[dict[str, Any]]:
    """The tools as the stdio door lists them."""
    tools: list[dict[str, Any]] = json.loads((ROOT / "server/notewell_server/mcp/tools.json").read_text())["tools"]
    return tools


def _schemas(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for inner in [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]:
        yield from _schemas(inner)


def test_every_tool_stands_in_the_module_of_its_name() -> None:
    assert {tool.run.__module__ for tool in CATALOGUE.values()} == {f"notewell_tools.{name}" for name in CATALOGUE}
    assert CATALOGUE.get("results") is None
    assert "notewell_store.errors" not in CATALOGUE
