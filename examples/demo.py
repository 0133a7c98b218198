"""A day of an agent: fills a new store with the sample knowledge, starts the real server, and talks to it
with the official MCP client over stdio, showing each call and its answer. On a terminal, the
pages of that store are opened in the end.

Run by `make demo`. It writes into `demo/` only, and begins anew each time.
"""

import json
import os
import shutil
import subprocess
import sys
import textwrap
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
from mcp import Client, StdioServerParameters

HERE = Path(__file__).resolve().parent
DEMO = HERE.parent / "demo"
STORE = DEMO / "notewell.db"
NOTEWELL = str(Path(sys.executable).with_name("notewell"))
ENVIRONMENT = {**os.environ, "NOTEWELL_DB": str(STORE), "NOTEWELL_PROJECT": "harbor-line"}
PULL_REQUEST = "https://github.com/kestrelmoor/harbor-line/pull/466"
BOLD, CYAN = 1, 36
WIDTH = 110
MOST_LINES = 16


DECISION = """\
# Decision 0006, longer windows for low traffic

## Context

Four of 31 holds were noise, all in services below 200 requests a window
([[plan-2026-q4-automatic-holds#where-it-stands]]).

## Decision

The window grows to 15 minutes where traffic is low. [[arch-beacon]] will say how it is measured.

## Consequences

[[todo-beacon-low-traffic]] can be closed once it is live.
"""


def main() -> None:
    shutil.rmtree(DEMO, ignore_errors=True)
    DEMO.mkdir()
    heading("The sample knowledge of a platform team becomes a store")
    command("notewell", "import", str(HERE))
    anyio.run(a_day)
    heading("The same store on the command line")
    command("notewell", "list", "--tags", "sop,active")
    heading("Connect Claude Code")
    print(connect())
    if sys.stdin.isatty() and sys.stdout.isatty():
        heading("The same store for people: Ctrl+C ends it")
        open_pages()


def heading(words: str) -> None:
    print(f"\n{painted(BOLD, words)}\n{'─' * min(len(words), WIDTH)}")


def painted(how: int, words: str) -> str:
    """In colour, on a terminal that may have it."""
    return f"\033[{how}m{words}\033[0m" if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else words


def command(*words: str) -> None:
    print(f"$ {' '.join(words)}")
    program = NOTEWELL if words[0] == "notewell" else words[0]
    done = subprocess.run([program, *words[1:]], env=ENVIRONMENT, stdout=subprocess.PIPE, text=True, check=True)
    show(done.stdout)


def open_pages() -> None:
    """In the browser of whoever looks on, until they end it."""
    sys.stdout.flush()
    with subprocess.Popen([NOTEWELL, "open"], env=ENVIRONMENT) as serving:
        with suppress(KeyboardInterrupt):  # which the server has been sent as well, and ends of
            serving.wait()
        serving.wait()


def show(text: str) -> None:
    """The answer, folded and cut for a person's eyes; the model gets all of it."""
    lines = [piece for line in text.splitlines() for piece in textwrap.wrap(line, WIDTH - 4) or [""]]
    for line in lines[:MOST_LINES]:
        print(f"    {line}")
    if len(lines) > MOST_LINES:
        print(f"    … {len(lines) - MOST_LINES} more lines")


class Agent:
    """The official client, telling what it does."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def call(self, why: str, tool: str, **arguments: Any) -> str:
        print(f"\n# {why}")
        shown = ", ".join(f"{name}={_short(value)}" for name, value in arguments.items())
        print(painted(CYAN, f"→ {tool}({shown})"))
        result = await self.client.call_tool(tool, arguments)
        text = "".join(part.text for part in result.content if part.type == "text")
        show(f"[refused] {text}" if result.is_error else text)
        return text


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 160 else f"{text[:157]}…"


async def a_day() -> None:
    server = StdioServerParameters(command=NOTEWELL, args=["serve"], env=ENVIRONMENT)
    with anyio.fail_after(120):
        async with Client(server) as client:
            agent = Agent(client)
            await morning(client, agent)
            await noon(agent)
            await afternoon(agent)
            await mistakes(agent)


async def morning(client: Client, agent: Agent) -> None:
    heading("Morning: the agent finds out what holds")
    listed = await client.list_tools()
    wire = listed.model_dump(by_alias=True, exclude_none=True, mode="json")["tools"]
    size = len(json.dumps(wire, separators=(",", ":"), ensure_ascii=False).encode())
    print(f"{len(listed.tools)} tools in {size:,} bytes: {', '.join(tool.name for tool in listed.tools)}")
    await agent.call("What its session-start hook has told it already.", "brief", project="harbor-line")
    await agent.call("Which procedures are in force?", "list_notes", tags=["sop", "active"])
    await agent.call(
        "A task: a bad release must go back, and it brought a migration. Is there a rule?",
        "search_notes",
        query="how do I roll back across a migration?",
        limit=3,
    )
    await agent.call("Only that section, not the page.", "get_note", ref="sop-rollback#roll-back-across-a-migration")
    await agent.call("A long page: its contents first.", "get_note", ref="arch-rollout-engine", view="toc")
    await agent.call(
        "Where does the plan stand, and what is tied to it?",
        "get_note",
        ref="plan-2026-q4-automatic-holds#where-it-stands",
        include=["links"],
    )


async def noon(agent: Agent) -> None:
    heading("Noon: it writes back what it learned")
    await agent.call(
        "One paragraph more, without resending the plan.",
        "edit_note",
        ref="plan-2026-q4-automatic-holds#where-it-stands",
        mode="append",
        new_text="2026-11-20: five of ten volunteers hold by themselves now; no false hold since Monday.",
        revised_by=PULL_REQUEST,
        reason="progress after the fifth volunteer",
    )
    await agent.call(
        "One sentence of a procedure is out of date.",
        "edit_note",
        ref="sop-deploy#watch-the-first-wave",
        mode="replace",
        old_text="Fewer than 200 requests on one side",
        new_text="Under 200 requests on one side, even after 15 minutes",
        revised_by=PULL_REQUEST,
        reason="low-traffic services get longer windows",
    )
    await agent.call(
        "A decision was taken.",
        "upsert_note",
        slug="decision-0006-longer-windows",
        title="Decision 0006, longer windows for low traffic",
        note_type="decision",
        status="accepted",
        tags=["arch:beacon", "story:automatic-hold"],
        parent="harbor-line",
        content=DECISION,
        revised_by=PULL_REQUEST,
        reason="taken in the weekly meeting",
    )
    await agent.call(
        "It implements a step of the plan.",
        "link_notes",
        source="decision-0006-longer-windows",
        targets=["plan-2026-q4-automatic-holds#steps"],
        relation="implements",
    )
    await agent.call(
        "The page that two notes waited for is written: their links resolve by themselves.",
        "upsert_note",
        slug="arch-beacon",
        note_type="architecture",
        status="draft",
        content="# Beacon\n\nSays whether a wave is healthy: compares new with old instances over the same minutes.\n",
    )
    await agent.call("Who links to it?", "get_note", ref="arch-beacon", view="meta", include=["links"])

    await agent.call(
        "A review is to be written: does what it cites exist?",
        "check_refs",
        text="Against sop-rolback and [[decision-0006-longer-windows]], as arch-rollout-engine#wave says.",
    )


async def afternoon(agent: Agent) -> None:
    heading("Afternoon: what changed, who did it, and back again")
    await agent.call("What has this pull request changed?", "revisions", revised_by=PULL_REQUEST)
    await agent.call("How exactly?", "revisions", ref="sop-deploy", diff="1..2")
    await agent.call(
        "Who brought each line of that section?", "revisions", ref="sop-deploy#watch-the-first-wave", blame=True
    )
    await agent.call("That was too early: undo.", "restore_note", ref="sop-deploy@1", reason="not live before Monday")
    await agent.call("A note has a better name.", "upsert_note", slug="sop-incident", new_slug="sop-incident-response")
    await agent.call("Its old name still works.", "get_note", ref="sop-incident#severity", max_chars=400)


async def mistakes(agent: Agent) -> None:
    heading("Mistakes cost nothing, and say what to do next")
    await agent.call("A name mistyped.", "get_note", ref="sop-rolback")
    await agent.call("An argument that does not exist.", "search_notes", query="freeze", max_results=5)
    await agent.call(
        "Content replaced without having read the newest text.",
        "upsert_note",
        slug="plan-2026-q4-automatic-holds",
        content="# Plan\n\nrewritten from memory\n",
        if_revision=1,
    )
    await agent.call("Deleted …", "delete_note", ref="glossary", reason="by mistake")
    await agent.call("… and brought back.", "restore_note", ref="glossary")


def connect() -> str:
    return textwrap.dedent(
        f"""\
        claude mcp add notewell --env NOTEWELL_DB={STORE} -- {NOTEWELL} serve

        or copy mcp.json.example to .mcp.json at the root of your project. Without NOTEWELL_DB the store is one file
        in your data folder, shared by all your sessions. Look around in this one:

        NOTEWELL_DB={STORE} {NOTEWELL} search "roll back across a migration"
        """
    )


if __name__ == "__main__":
    main()
