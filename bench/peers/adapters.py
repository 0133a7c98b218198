"""How each server is asked for the same things: the shortest sensible call of its own tools, with its own defaults."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from peers.installing import PEER_INSTALLERS, Installed
from prose import asked, words
from stdio_client import FLOOR_SERVER, NOTEWELL_SERVER, Answer, ServerProcess

SIZE = 2_000
TAG = "runbook"


@dataclass(frozen=True)
class Page:
    """A note that all servers are given."""

    slug: str
    title: str
    markdown: str


Request = tuple[str, dict[str, Any]]
"""A tool's name and its arguments."""


@dataclass(frozen=True)
class Subject:
    """A server that is measured, and its calls."""

    name: str
    version: str
    command: list[str]
    settings: Callable[[Path], dict[str, str]]
    write: Callable[[Page], Request]
    read: Callable[[Page], Request]
    search: Callable[[str], Request]
    listing: Request
    kept: Callable[[ServerProcess, list[Page]], int]
    """How many of the pages are there."""
    write_all: Callable[[list[Page]], Request] | None = None
    """One call that writes many, where there is one."""

    def start(self, folder: Path) -> ServerProcess:
        folder.mkdir(parents=True, exist_ok=True)
        server = ServerProcess(self.command, folder / "notes.db", self.settings(folder))
        server.shake_hands()
        return server

    def call(self, server: ServerProcess, request: Request) -> Answer:
        answer = server.call(request[0], **request[1])
        _ = answer.result
        return answer


def page(number: int, batch: str = "page") -> Page:
    """A page of about 2 KB: a title, a paragraph, two sections."""
    dice = Random(f"{batch} {number}")
    title = f"{asked(2, dice)} {batch} {number}"
    half = words(SIZE // 11, dice)[: SIZE // 2]
    rest = words(SIZE // 11, dice)[: SIZE // 2 - 100]
    text = f"# {title.capitalize()}\n\n{half}\n\n## Steps\n\n1. {words(6, dice)}\n2. {words(6, dice)}\n\n{rest}\n"
    return Page(title.replace(" ", "-"), title.capitalize(), text)


def query(sought: Page) -> str:
    """The words of its title that no number gives away: this page has both, others may have one or both."""
    return " ".join(sought.title.lower().split()[:2])


def notewell() -> Subject:
    def kept(server: ServerProcess, pages: list[Page]) -> int:
        return sum(_answers(server, ("get_note", {"ref": one.slug, "view": "meta"})) for one in pages)

    return Subject(
        "notewell",
        "this commit",
        NOTEWELL_SERVER,
        lambda folder: {},
        lambda one: ("upsert_note", {"slug": one.slug, "content": one.markdown, "tags": TAG}),
        lambda one: ("get_note", {"ref": one.slug}),
        lambda text: ("search_notes", {"query": text}),
        ("list_notes", {"tags": TAG}),
        kept,
    )


def floor() -> Subject:
    nothing: Request = ("nothing", {})
    return Subject(
        "SDK's smallest server",
        "",
        FLOOR_SERVER,
        lambda folder: {},
        lambda one: nothing,
        lambda one: nothing,
        lambda text: nothing,
        nothing,
        lambda server, pages: 0,
    )


def server_memory(installed: Installed) -> Subject:
    def entity(one: Page) -> dict[str, Any]:
        return {"name": one.slug, "entityType": TAG, "observations": [one.markdown]}

    def kept(server: ServerProcess, pages: list[Page]) -> int:
        graph = json.loads(server.call("read_graph").text)
        names = {one["name"] for one in graph["entities"]}
        return sum(one.slug in names for one in pages)

    return Subject(
        "server-memory",
        installed.version,
        installed.command,
        lambda folder: {"MEMORY_FILE_PATH": str(folder / "memory.jsonl")},
        lambda one: ("create_entities", {"entities": [entity(one)]}),
        lambda one: ("open_nodes", {"names": [one.slug]}),
        lambda text: ("search_nodes", {"query": text.split()[0]}),
        ("read_graph", {}),
        kept,
        lambda pages: ("create_entities", {"entities": [entity(one) for one in pages]}),
    )


def basic_memory(installed: Installed) -> Subject:
    def kept(server: ServerProcess, pages: list[Page]) -> int:
        return sum(_answers(server, ("read_note", {"identifier": f"notes/{one.slug}"}), one.title) for one in pages)

    return Subject(
        "basic-memory",
        installed.version,
        installed.command,
        lambda folder: {
            "HOME": str(folder),
            "BASIC_MEMORY_HOME": str(folder / "pages"),
            "BASIC_MEMORY_CONFIG_DIR": str(folder / "config"),
        },
        lambda one: ("write_note", {"title": one.title, "content": one.markdown, "directory": "notes", "tags": [TAG]}),
        lambda one: ("read_note", {"identifier": f"notes/{one.slug}"}),
        lambda text: ("search_notes", {"query": text}),
        ("list_directory", {"dir_name": "/notes", "page_size": 20}),
        kept,
    )


def mcp_memory_service(installed: Installed) -> Subject:
    def kept(server: ServerProcess, pages: list[Page]) -> int:
        return sum(_answers(server, ("memory_list", {"tags": [one.slug]}), one.title) for one in pages)

    return Subject(
        "mcp-memory-service",
        installed.version,
        installed.command,
        lambda folder: {
            "HOME": str(folder),
            "MCP_MEMORY_SQLITE_PATH": str(folder / "memory.db"),
            "MCP_MEMORY_STORAGE_BACKEND": "sqlite_vec",
            "HF_HUB_OFFLINE": "1",
            "MCP_MEMORY_ALLOW_HASH_EMBEDDINGS": "1",  # else it starts only once where its model cannot be fetched
        },
        lambda one: ("memory_store", {"content": one.markdown, "metadata": {"tags": f"{TAG},{one.slug}"}}),
        lambda one: ("memory_list", {"tags": [one.slug], "page_size": 1}),
        lambda text: ("memory_search", {"query": text, "limit": 10}),
        ("memory_list", {"tags": [TAG], "page_size": 20}),
        kept,
    )


def _answers(server: ServerProcess, request: Request, told: str = "") -> bool:
    message = json.loads(server.call(request[0], **request[1]).line)
    result = message.get("result", {"isError": True})
    return not result.get("isError") and told in json.dumps(result, ensure_ascii=False)


MAKERS: dict[str, Callable[[Installed], Subject]] = {
    "server-memory": server_memory,
    "basic-memory": basic_memory,
    "mcp-memory-service": mcp_memory_service,
}
assert MAKERS.keys() == PEER_INSTALLERS.keys()
