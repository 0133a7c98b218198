"""Tools, prompts, resources and completions, asked with arguments of all kinds through the MCP server, in a process.

The owner, a writer and a reader of a project and somebody without a token ask in turn. Each is answered, or refused in
words that say what is wrong and name no file; the store is whole behind all of it.
"""

from __future__ import annotations

import json
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import anyio
from anyio.from_thread import start_blocking_portal
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp.types import CallToolResult, Implementation, PromptReference, ResourceTemplateReference, TextContent
from tests.fuzz.hostile_values import NUMBERS, near, nested, text, value
from tests.fuzz.trials import Trial, Unexplained, require, require_whole

from notewell_server.mcp.server import make_server
from notewell_server.mcp.stdio import Handler
from notewell_server.session import Session
from notewell_server.settings import Settings
from notewell_store import open_store
from notewell_store.access.rights import ANYBODY, OWNER, Rights
from notewell_tools.catalogue import CATALOGUE, call_tool
from notewell_tools.definition import Call
from notewell_tools.errors import FAULT, ToolError, to_stranger
from notewell_tools.prompts import prompts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path
    from random import Random

    from notewell_server.mcp.resources import Context
    from notewell_tools.catalogue import Answer

CALLERS = {"owner": OWNER, "writer": Rights("write", "web"), "reader": Rights("read", "web"), "anybody": ANYBODY}
PATIENCE = 60.0  # seconds of the clock: a busy machine takes long for little
LONGEST_REFUSAL = 20_000  # characters

SLUGS = ["deploy", "web-plan", "web-guide", "shop-sop", "template-sop", "gone", "old-name", "none-such", "notes-1"]
REFS = [*SLUGS, "deploy#roll-out", "deploy@1", "deploy#nowhere", "web-plan@2", "web-plan@99", "1", "2", "note://deploy"]
TIMES = ["2026-11-21", "2026-11-21T10:00:00Z", "2020-01-01", "3", "12", "9999-12-31T23:59:59.999Z", "yesterday"]
TEXT = "# Deploy\n\nSee [[web-plan]] and [shop](shop-sop.md).\n\n## Roll out\n\n- one\n- two\n\n| a | b |\n|---|---|\n"
KNOWN: dict[str, list[Any]] = {
    "ref": REFS,
    "source": REFS,
    "slug": [*SLUGS, "web", "shop", "made-1", "made-2", "made-3"],
    "new_slug": ["moved-1", "deploy", "old-name", "gone"],
    "targets": [["deploy"], ["web-plan", "none-such"], ["deploy#roll-out"], "deploy,gone", []],
    "project": ["web", "shop", "none", "none-such"],
    "parent": [*SLUGS, "none"],
    "query": ["deploy", "roll out", '"one two"', "depl*", "web plan -shop", "guide OR sop", "webPlan APIs"],
    "text": [TEXT, "[[deploy#roll-out]] deploy@1 web-plan note://gone", "```\n[[deploy]]\n```"],
    "content": [TEXT, "# Two\n\ntext\n", "", "---\ntitle: x\n---\nbody\n"],
    "new_text": ["- three", "| 3 | 4 |", "## Roll out\n\nanew\n", ""],
    "old_text": ["- one", "one", "not there", "\n"],
    "tags": [["sop"], ["sop", "active"], "sop,active", '["web"]', []],
    "note_type": ["sop", "plan", "decision", "template", "none"],
    "status": ["active", "draft", "In progress", "none"],
    "relation": ["relates", "continues", "supersedes", "requires-reading", "mentions", "odd"],
    "diff": ["1", "1..2", "2..1", "99", "0"],
    "as_of": TIMES,
    "since": TIMES,
    "updated_since": TIMES,
    "prefix": ["", "s", "story:"],
    "idempotency_key": ["key-1", "key-2"],
    "repo_url": ["https://github.com/acme/app", "git@github.com:acme/app.git"],
    "revised_by": ["https://github.com/acme/app/pull/7", "abc1234"],
    "title": ["Deploying", "x" * 300],
}
KNOWN |= {"any_tags": KNOWN["tags"], "add_tags": KNOWN["tags"], "remove_tags": KNOWN["tags"]}


class Caller(Handler):
    """The door on standard input, for somebody with rights of their own; strangers are worded as over HTTP."""

    def __init__(self, database: Path, name: str, rights: Rights) -> None:
        session = Session(Settings(str(database), None, name))
        super().__init__(session)
        self.close = session.close
        self._name, self._rights = name, rights

    def call_for(self, context: Context) -> Call:
        return Call(self.followed(), self._name, None, self._rights)

    def run(self, context: Context, name: str, arguments: dict[str, Any]) -> Answer:
        try:
            return call_tool(lambda: self.call_for(context), name, arguments)
        except ToolError as error:
            raise self.refusal(error, name) from error

    def refusal(self, error: ToolError, what: str) -> ToolError:
        return error if self._rights is OWNER else to_stranger(error)


class Faults(logging.Handler):
    """What the server's log says of errors that nobody foresaw."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(logging.Formatter().format(record))


class Tools(Trial):
    def __init__(self, folder: Path, dice: Random) -> None:
        super().__init__(folder, dice)
        database = folder / "notewell.db"
        fill(database)
        self.faults = Faults()
        logging.getLogger().addHandler(self.faults)
        self.open.callback(logging.getLogger().removeHandler, self.faults)
        self.portal = self.open.enter_context(start_blocking_portal())
        self.callers = {name: Caller(database, name, rights) for name, rights in CALLERS.items()}
        self.clients = {name: self._client(caller) for name, caller in self.callers.items()}
        self.cursors: list[str] = []
        self.malice = 0.0
        """How much of a call is to be wrong."""

    def _client(self, caller: Caller) -> Client:
        self.open.callback(caller.close)
        client = Client(make_server(caller), client_info=Implementation(name="fuzz", version="1"))
        return self.open.enter_context(self.portal.wrap_async_context_manager(client))

    def attempt(self) -> str:
        caller = self.dice.choices(list(CALLERS), (4, 3, 1, 2))[0]
        self.malice = self.dice.choice((0.0, 0.0, 0.0, 0.1, 0.5, 1.0))
        ask = self.dice.choices((self.tool, self.prompt, self.resource, self.completion), (8, 1, 1, 1))[0]
        what, question = ask()
        self.given = (caller, *what)
        try:
            said = self.portal.call(bounded, self.clients[caller], question)
        except MCPError as error:
            return self.refused(what[0], caller, error.error.message, error.error.code)
        except UnicodeEncodeError:  # the client sends no halves of surrogate pairs; whoever writes JSON by hand can
            return self.directly(caller, *what)
        if isinstance(said, CallToolResult):
            return self.answered(what[0], caller, said)
        return f"{what[0]} answered"

    def directly(self, caller: str, name: str, *given: Any) -> str:
        if name not in CATALOGUE:
            return "not to be sent"
        try:
            require(self.callers[caller].run(cast("Context", None), name, *given).shown, "an empty answer")
        except ToolError as error:
            return self.refused(name, caller, error.message)
        return f"{name} answered"

    def answered(self, name: str, caller: str, said: CallToolResult) -> str:
        (part,) = said.content
        assert isinstance(part, TextContent)
        if said.is_error:
            return self.refused(name, caller, part.text)
        if '"next_cursor": "' in part.text:
            self.cursors = [*self.cursors[-9:], json.loads(part.text)["next_cursor"]]
        return f"{name} answered"

    def refused(self, name: str, caller: str, words: str, code: int = 0) -> str:
        if self.faults.said or FAULT in words or "Traceback" in words:
            said, self.faults.said = self.faults.said, []
            raise Unexplained(f"{words[:300]}: {' '.join(said)[-3000:]}")
        require(words.strip(), "a refusal without words")
        require(len(words) <= LONGEST_REFUSAL, f"a refusal of {len(words):,} characters")
        require(caller == "owner" or str(self.folder) not in words, f"a stranger is told of a file: {words[:500]}")
        require(code != -32603, f"an internal error: {words[:500]}")
        return f"{name} refused"

    def tool(self) -> tuple[tuple[Any, ...], Callable[[Client], Awaitable[Any]]]:
        tool = self.dice.choice(list(CATALOGUE.values()))
        arguments = self.arguments(tool.schema)
        return (tool.name, arguments), lambda client: client.call_tool(tool.name, arguments)

    def prompt(self) -> tuple[tuple[Any, ...], Callable[[Client], Awaitable[Any]]]:
        prompt = self.dice.choice(prompts())
        given = {one.name: str(self.known(one.name)) for one in prompt.arguments if self.dice.random() < 0.8}
        if self.dice.random() < 0.3:
            given[text(self.dice, 8)] = text(self.dice)
        return ("prompt", prompt.name, given), lambda client: client.get_prompt(prompt.name, given)

    def resource(self) -> tuple[tuple[Any, ...], Callable[[Client], Awaitable[Any]]]:
        if self.dice.random() < 0.2:
            cursor = self.perhaps_near(self.dice.choice([*self.cursors, "x"]))
            return ("resources", cursor), lambda client: client.list_resources(cursor=cursor)
        scheme = self.dice.choice(("note://", "brief://", "note:", "file:///", ""))
        uri = scheme + str(self.known(self.dice.choice(("ref", "project"))))
        return ("resource", uri), lambda client: client.read_resource(uri)

    def completion(self) -> tuple[tuple[Any, ...], Callable[[Client], Awaitable[Any]]]:
        name = self.dice.choice(("slug", "project", "ref", text(self.dice, 8)))
        typed = {"name": name, "value": str(self.known("prefix" if self.dice.random() < 0.5 else "ref"))}
        of: Any = self.dice.choice(
            (
                ResourceTemplateReference(type="ref/resource", uri="note://{slug}"),
                PromptReference(type="ref/prompt", name="plan"),
                PromptReference(type="ref/prompt", name=text(self.dice, 9)),
            )
        )
        return ("completion", typed), lambda client: client.complete(of, typed)

    def arguments(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """What the schema asks for, most of it; and now and then what it does not know."""
        needed, chance = schema.get("required", ()), self.dice.choice((0.0, 0.1, 0.3, 0.6))
        given = {
            name: self.argument(name, field)
            for name, field in schema["properties"].items()
            if self.dice.random() < (0.95 if name in needed else chance)
        }
        if self.dice.random() < 0.03:
            given[near(self.dice, self.dice.choice(list(KNOWN)))] = value(self.dice)
        return given

    def argument(self, name: str, field: Mapping[str, Any]) -> Any:
        if self.dice.random() < self.malice / 4:
            return nested(self.dice) if self.dice.random() < 0.1 else value(self.dice)
        if "enum" in field:
            return self.perhaps_near(self.dice.choice(field["enum"]))
        if field["type"] == "boolean":
            return self.dice.random() < 0.5
        if field["type"] == "integer":
            return self.dice.choice(NUMBERS) if self.dice.random() < self.malice else self.dice.randrange(1, 12)
        if field["type"] == "array" and "enum" in field["items"]:
            return self.dice.sample(field["items"]["enum"], k=self.dice.randrange(len(field["items"]["enum"]) + 1))
        return self.perhaps_near(self.dice.choice([*self.cursors, "x"])) if name == "cursor" else self.known(name)

    def known(self, name: str) -> Any:
        """A value that such an argument may have here, one that is nearly so, or any text."""
        if self.dice.random() < self.malice / 3:
            return text(self.dice, 300)
        return self.perhaps_near(self.dice.choice(KNOWN.get(name, ["deploy", "words"])))

    def perhaps_near(self, good: Any) -> Any:
        return near(self.dice, good) if isinstance(good, str) and self.dice.random() < self.malice / 3 else good

    def finish(self) -> None:
        require(not self.faults.said, f"the log names faults: {' '.join(self.faults.said)[-3000:]}")
        store = open_store(self.folder / "notewell.db", create=False)
        try:
            require_whole(store)
        finally:
            store.close()


async def bounded(client: Client, question: Callable[[Client], Awaitable[Any]]) -> Any:
    with anyio.fail_after(PATIENCE):
        return await question(client)


def fill(database: Path) -> None:
    """Two projects and a note of none, private and public ones; one that was deleted, one with a former name."""
    store = open_store(database)
    owner = partial(call_tool, lambda: Call(store, "ann", None, OWNER))
    try:
        for slug in ("web", "shop"):
            owner("projects", {"slug": slug, "name": f"The {slug}", "repo_url": f"https://github.com/acme/{slug}"})
        for number, slug in enumerate(SLUGS[:-2]):
            more = {"project": ("web", "shop")[number % 2]} if number % 3 else {"is_public": True}
            kind = "template" if slug.startswith("template") else ("sop", "plan", "decision")[number % 3]
            owner("upsert_note", {"slug": slug, "content": TEXT, "note_type": kind, "tags": ["sop"], **more})
        owner("edit_note", {"ref": "deploy", "mode": "append", "new_text": "More."})
        owner("edit_note", {"ref": "web-plan#roll-out", "mode": "append", "new_text": "- three"})
        owner("link_notes", {"source": "web-plan", "targets": ["deploy"], "relation": "requires-reading"})
        owner("upsert_note", {"slug": "old-name", "new_slug": "notes-1"})
        owner("delete_note", {"ref": "gone"})
    finally:
        store.close()
