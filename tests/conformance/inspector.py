"""The official inspector's command line: whether a client of others finds, reads and calls what is served."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.conformance.clients import FOLDER, MODULES, node, run
from tests.server.conftest import NOTEWELL, environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.server.http.conftest import Door

PROGRAM = MODULES / "@modelcontextprotocol" / "inspector" / "clients" / "launcher" / "build" / "index.js"
ERAS = ("legacy", "modern")
Question = tuple[str, list[str], "Callable[[Any], bool]"]

QUESTIONS: list[Question] = [
    ("tools/list", ["--strict"], lambda said: {"get_note", "upsert_note"} <= {tool["name"] for tool in said["tools"]}),
    (
        "tools/call",
        ["--tool-name", "edit_note", "--tool-args-json", '{"ref":"sop-deploy","mode":"append","new_text":"- look"}'],
        lambda said: said["content"][0]["text"].startswith("updated sop-deploy@"),
    ),
    (
        "tools/call",
        ["--tool-name", "get_note", "--tool-arg", "ref=sop-deploy"],
        lambda said: "- look" in said["content"][0]["text"],
    ),
    ("resources/list", [], lambda said: "note://sop-deploy" in [one["uri"] for one in said["resources"]]),
    ("resources/templates/list", [], lambda said: len(said["resourceTemplates"]) == 2),
    ("resources/read", ["--uri", "note://sop-deploy"], lambda said: "- look" in said["contents"][0]["text"]),
    ("prompts/list", [], lambda said: "plan" in [prompt["name"] for prompt in said["prompts"]]),
    (
        "prompts/get",
        ["--prompt-name", "plan", "--prompt-args", "goal=deploy faster"],
        lambda said: "deploy faster" in said["messages"][0]["content"]["text"],
    ),
]


def try_inspector(door: Door) -> list[str]:
    """Ask all through both doors in both eras of the protocol and print how that went. Returns what is wrong."""
    url = f"http://127.0.0.1:{door.port}/mcp"
    over_http = ["--server-url", url, "--transport", "http", "--header", f"Authorization: Bearer {door.token}"]
    over_stdio = ["--", str(NOTEWELL), "--db", str(door.database), "serve"]
    wrong = []
    for title, target in (("HTTP", over_http), ("stdio", over_stdio)):
        for era in ERAS:
            found = [_asked(door, question, ["--protocol-era", era], target) for question in QUESTIONS]
            print(f"inspector over {title}, {era}: {found.count(None)} of {len(found)} answers are right")
            wrong += [f"inspector over {title}, {era}: {said}" for said in found if said]
    return wrong


def _asked(door: Door, question: Question, options: list[str], target: list[str]) -> str | None:
    """What is wrong with the answer."""
    method, arguments, is_right = question
    words = [node(), str(PROGRAM), "--cli", "--format", "json", "--quiet", *options, "--method", method, *arguments]
    done = run([*words, *target], environment(door.database, {"HOME": str(FOLDER)}))
    try:
        right = done.returncode == 0 and is_right(json.loads(done.stdout)["result"])
    except (ValueError, LookupError):
        right = False
    return None if right else f"{method} ({done.returncode}): {(done.stdout + done.stderr)[:600].strip()}"
