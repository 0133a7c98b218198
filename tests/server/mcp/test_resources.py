"""Resources, their completion and subscriptions to them, through the official client over real stdio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp.shared.exceptions import MCPError
from mcp.shared.subscriptions import ResourcesListChanged, ResourceUpdated
from mcp.types import (
    PromptReference,
    ResourceTemplateReference,
    ResourceUpdatedNotification,
    TextResourceContents,
)
from tests.server.conftest import NOTEWELL, PATIENCE, CommandLine, environment, open_session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.server.conftest import Session

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("library") / "notewell.db"
    command = CommandLine(database)
    command.read("projects", "web", "--name", "Web shop")
    notes = {
        "sop-deploy": "# Deploy\n\n## Roll out\n\nSlowly.\n",
        "sop-backup": "# Backup\n",
        "plan-2026": "# The shop in 2026\n",
    }
    for slug, text in notes.items():
        command.read("upsert-note", slug, "--project", "web", "--note-type", slug[:3], "--content", text)
    return database


@pytest.fixture(scope="module", params=["legacy", "auto"])
def reader(request: pytest.FixtureRequest, library: Path) -> Iterator[Session]:
    with open_session(library, mode=request.param) as opened:
        yield opened


def client_of(database: Path, mode: Any, **options: Any) -> Client:
    server = StdioServerParameters(command=str(NOTEWELL), env=environment(database))
    return Client(server, mode=mode, read_timeout_seconds=PATIENCE, **options)


def content_of(reader: Session, uri: str) -> TextResourceContents:
    (content,) = reader.do(lambda client: client.read_resource(uri)).contents
    assert isinstance(content, TextResourceContents)
    assert content.mime_type == "text/markdown"
    return content


def test_every_note_and_every_projects_brief_is_a_resource(reader: Session) -> None:
    listed = reader.do(lambda client: client.list_resources()).resources
    assert [resource.uri for resource in listed] == [
        "brief://web",
        "note://plan-2026",
        "note://sop-backup",
        "note://sop-deploy",
    ]
    assert (listed[1].name, listed[1].title, listed[1].description) == ("plan-2026", "The shop in 2026", "pla web")
    assert listed[1].annotations
    assert listed[1].annotations.last_modified
    templates = reader.do(lambda client: client.list_resource_templates()).resource_templates
    assert [template.uri_template for template in templates] == ["note://{slug}", "brief://{project}"]


def test_a_note_a_section_a_revision_and_a_brief_are_read(reader: Session) -> None:
    assert content_of(reader, "note://sop-deploy").text == "# Deploy\n\n## Roll out\n\nSlowly.\n"
    assert content_of(reader, "note://sop-deploy#roll-out").text == "## Roll out\n\nSlowly.\n"
    assert content_of(reader, "note://sop-deploy@1").text == "# Deploy\n\n## Roll out\n\nSlowly.\n"
    assert content_of(reader, "note://sop-deploy").meta == {"revision": "sop-deploy@1"}
    assert content_of(reader, "brief://web").text.startswith("# Brief of project web (Web shop): 3 notes")


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("note://sop-deplyo", "There is no note 'sop-deplyo'. Nearest: sop-deploy"),
        ("brief://nowhere", "There is no project 'nowhere'."),
        ("note://", "There is no resource 'note://'. Nearest: note://slug, brief://project."),
        ("other://x", "There is no resource 'other://x'."),
    ],
)
def test_a_resource_that_is_not_there_is_refused_with_what_there_is(reader: Session, uri: str, words: str) -> None:
    with pytest.raises(MCPError) as refused:
        reader.do(lambda client: client.read_resource(uri))
    assert refused.value.error.code == -32602
    assert refused.value.error.message.startswith(words)
    assert refused.value.error.data == {"uri": uri}


@pytest.mark.parametrize(
    ("argument", "typed", "values"),
    [
        ("slug", "sop", ["sop-backup", "sop-deploy"]),
        ("slug", "SOP D", ["sop-deploy"]),
        ("slug", "deplo", ["sop-deploy"]),
        ("slug", "shop", ["plan-2026"]),
        ("slug", "", ["plan-2026", "sop-backup", "sop-deploy"]),
        ("slug", "zzz", []),
        ("slug", '"*(', []),
        ("project", "w", ["web"]),
        ("project", "x", []),
        ("other", "w", []),
    ],
)
def test_what_is_typed_is_completed(reader: Session, argument: str, typed: str, values: list[str]) -> None:
    template = ResourceTemplateReference(uri="note://{slug}")
    found = reader.do(lambda client: client.complete(template, {"name": argument, "value": typed})).completion
    assert (found.values, found.has_more) == (values, False)


def test_arguments_of_prompts_are_completed_too(reader: Session) -> None:
    asked = PromptReference(name="review"), {"name": "ref", "value": "plan"}
    assert reader.do(lambda client: client.complete(*asked)).completion.values == ["plan-2026"]


async def test_many_notes_are_listed_and_completed_in_pieces(database: Path) -> None:
    async with client_of(database, "legacy") as client:
        for number in range(103):
            await client.call_tool("upsert_note", {"slug": f"note-{number}", "content": ""})
        first = await client.list_resources()
        second = await client.list_resources(cursor=first.next_cursor)
        assert (len(first.resources), len(second.resources), second.next_cursor) == (100, 3, None)
        found = await client.complete(ResourceTemplateReference(uri="note://{slug}"), {"name": "slug", "value": "note"})
        assert (len(found.completion.values), found.completion.has_more) == (100, True)


@pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")
async def test_an_older_client_hears_of_what_another_process_changes_in_what_it_subscribed_to(database: Path) -> None:
    command = CommandLine(database)
    command.read("projects", "web", "--name", "Web")
    for slug in ("a", "b"):
        command.read("upsert-note", slug, "--content", "x", "--project", "web")
    heard: list[str] = []
    told = anyio.Event()

    async def hear(message: Any) -> None:
        if isinstance(message, ResourceUpdatedNotification):
            heard.append(message.params.uri)
            told.set()

    async with client_of(database, "legacy", message_handler=hear) as client:
        assert client.server_capabilities.resources and client.server_capabilities.resources.subscribe
        await client.subscribe_resource("note://a")
        await anyio.to_thread.run_sync(lambda: command.read("upsert-note", "b", "--status", "active"))
        await anyio.to_thread.run_sync(lambda: command.read("upsert-note", "a", "--status", "active"))
        with anyio.fail_after(PATIENCE):
            await told.wait()
        assert heard == ["note://a"]
        await client.unsubscribe_resource("note://a")
        await client.subscribe_resource("brief://web")
        await anyio.to_thread.run_sync(lambda: command.read("upsert-note", "a", "--status", "draft"))
        with anyio.fail_after(PATIENCE):
            while heard != ["note://a", "brief://web"]:
                await anyio.lowlevel.checkpoint()


async def test_a_client_of_today_hears_of_changes_and_of_new_notes(database: Path) -> None:
    command = CommandLine(database)
    command.read("upsert-note", "a", "--content", "x")
    async with (
        client_of(database, "auto") as client,
        client.listen(resources_list_changed=True, resource_subscriptions=["note://a", "note://old"]) as heard,
    ):
        await anyio.to_thread.run_sync(lambda: command.read("upsert-note", "b", "--content", "x"))
        with anyio.fail_after(PATIENCE):
            assert await anext(heard) == ResourcesListChanged()
        await anyio.to_thread.run_sync(lambda: command.read("upsert-note", "a", "--status", "active"))
        with anyio.fail_after(PATIENCE):
            assert await anext(heard) == ResourceUpdated("note://a")


async def test_a_server_that_nobody_listens_to_any_more_ends_in_peace(database: Path) -> None:
    CommandLine(database).read("upsert-note", "a", "--content", "x")
    async with client_of(database, "auto") as client:
        async with client.listen(resource_subscriptions=["note://a"]):
            pass
        assert (await client.list_resources()).resources[0].uri == "note://a"


@pytest.mark.parametrize("asked", ["read_resource", "list_resources"])
def test_a_name_without_end_is_refused_in_few_words(reader: Session, asked: str) -> None:
    given = {"uri": f"note://{'a' * 1_000_000}"} if asked == "read_resource" else {"cursor": "a" * 1_000_000}
    with pytest.raises(MCPError) as refused:
        reader.do(lambda client: getattr(client, asked)(**given))
    assert "characters, and may have 10,000." in refused.value.error.message
    assert len(str(refused.value.error)) < 1_000
