"""What a model reads and writes for twelve everyday tasks, with Notewell and with its peers, in bytes.

    python bench/tokens.py --report docs/tokens.md

Each server holds the same notes. A task is the shortest sensible sequence of its own calls; counted are the tool's
name and arguments as JSON, which a model writes, and the text of the answer, which it reads. The list of tools, which
is paid for once in a session, is given apart. All calls are sent to real servers.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from beside_peers import subjects
from peers.adapters import Page, Request, Subject
from peers.knowledge_of_tasks import Noted, all_notes
from peers.tasks import NEEDLES, TASKS
from stdio_client import ServerProcess, compile_sources

OURS = "notewell"


class Spent(NamedTuple):
    """Bytes of a server's list of tools, and of each task that it can do."""

    tools: int
    tasks: dict[str, int]


def written(subject: Subject, note: Noted) -> Request:
    """The call by which a server is given a note, with its kind and tags."""
    tool, arguments = subject.write(Page(note.slug, note.title, note.markdown))
    match subject.name:
        case "notewell":
            labels: dict[str, Any] = {"note_type": note.kind, "status": note.status, "tags": list(note.tags)}
            arguments = {**arguments, **labels}
        case "server-memory":
            observed = [note.markdown, " ".join(f"#{tag}" for tag in note.tags)]
            arguments = {"entities": [{"name": note.slug, "entityType": note.kind, "observations": observed}]}
        case "basic-memory":
            arguments = {**arguments, "tags": list(note.tags), "note_type": note.kind}
        case _:
            arguments = {**arguments, "metadata": {"tags": ",".join({note.slug, *note.tags})}}
    return tool, arguments


def prepare(subject: Subject, server: ServerProcess) -> None:
    notes = all_notes()
    for note in notes:
        subject.call(server, written(subject, note))
    if subject.name == "notewell":  # so that there is something to tell of and to undo
        edit = {"ref": "plan-search#open", "mode": "append", "new_text": "Who pays?", "reason": "asked by finance"}
        subject.call(server, ("edit_note", edit))


def bytes_of(subject: Subject, server: ServerProcess, task: str, calls: list[Request]) -> int | None:
    """What the calls cost; None if their answers do not hold what the task asks for."""
    total, told = 0, ""
    for tool, arguments in calls:
        answer = subject.call(server, (tool, arguments))
        total += len(json.dumps({"name": tool, "arguments": arguments}, ensure_ascii=False).encode())
        total += len(answer.text.encode())
        told += answer.text
    return total if all(needle in told for needle in NEEDLES.get(task, ())) else None


def measure(subject: Subject, folder: Path) -> Spent:
    first = next(note for note in all_notes() if note.slug == "note-0")
    with subject.start(folder) as server:
        tools = server.ask("tools/list").result["tools"]
        prepare(subject, server)
        spent = Spent(len(json.dumps(tools, separators=(",", ":"), ensure_ascii=False).encode()), {})
        for task, calls_of in TASKS.items():
            calls = calls_of[subject.name]
            if calls is not None:
                named = f"notes/{first.title.lower().replace(' ', '-')}"
                filled = json.loads(json.dumps(calls).replace("{note-0}", named))
                cost = bytes_of(subject, server, task, [(tool, arguments) for tool, arguments in filled])
                if cost is None:
                    print(f"{subject.name}: {task}: the answers do not hold it")
                else:
                    spent.tasks[task] = cost
    return spent


def shares(found: dict[str, Spent], *, with_list: bool) -> list[float]:
    """Of each task that Notewell and a peer can do, Notewell's bytes through those of the best peer."""

    def cost(name: str, task: str) -> float:
        return found[name].tasks[task] + (found[name].tools / len(TASKS) if with_list else 0)

    peers = [name for name in found if name != OURS]
    able = {task: [name for name in peers if task in found[name].tasks] for task in found[OURS].tasks}
    return [cost(OURS, task) / min(cost(name, task) for name in names) for task, names in able.items() if names]


def report(found: dict[str, Spent]) -> str:
    names = [OURS, *(name for name in found if name != OURS)]
    lines = [f"| bytes | {' | '.join(names)} | of the best peer |", "| --- |" + " --- |" * (len(names) + 1)]
    for task in TASKS:
        costs = [found[name].tasks.get(task) for name in names]
        theirs = [cost for cost in costs[1:] if cost is not None]
        share = f"{costs[0] / min(theirs):.2f}" if costs[0] and theirs else ""
        lines.append(f"| {task} | {' | '.join('–' if cost is None else f'{cost:,}' for cost in costs)} | {share} |")
    lines.append(f"| the list of tools | {' | '.join(f'{found[name].tools:,}' for name in names)} | |")
    with_list, without = (median(shares(found, with_list=with_list)) for with_list in (True, False))
    median_task = (
        f"The median task that Notewell and a peer can do takes **{with_list:.2f}** of the best peer's bytes where the "
        f"list of tools is counted once in the twelve tasks, a twelfth with each; **{without:.2f}** without any list."
    )
    heading = ["| | tasks that both can do | its bytes, its list once | Notewell's | |", "| --- |" + " --- |" * 4]
    whole = []
    for name in names[1:]:
        both = [task for task in found[name].tasks if task in found[OURS].tasks]
        its, ours = (found[one].tools + sum(found[one].tasks[task] for task in both) for one in (name, OURS))
        whole.append(f"| {name} | {len(both)} | {its:,} | {ours:,} | {ours / its:.2f} |")
    return "\n".join([*lines, "", median_task, "", *heading, *whole, ""])


INTRODUCTION = """# What tasks cost in context

Made by `make bench-tokens`. Twelve everyday tasks on the same 150 notes, made up with the sizes of real ones: half of
them under 3.6 kB, nine in ten under 14 kB, two of 45 kB and more. Each task is the shortest sensible calls of each
server with its defaults; a call names only what the task says or an answer told, and where an answer holds what was
asked for, nothing more is asked. Counted are the bytes that a model writes (a tool's name and arguments) and reads (the
answer's text). `–`: the server has no way to do it, or what it answered does not hold what was asked for. Twenty tasks
of an agent's day, beside an older version of Notewell: [day.md](day.md).

mcp-memory-service finds by meaning, with a model that it could not fetch here, and was asked for exact words where that
failed; to append to a log it keeps a memory more. server-memory was given the tags as observations.

"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Count the bytes that tasks cost a model")
    parser.add_argument("--report", type=Path, help="file to write, beside printing")
    options = parser.parse_args()
    compile_sources()
    there, missing = subjects()
    found: dict[str, Spent] = {}
    with tempfile.TemporaryDirectory() as name:
        for subject in there:
            if subject.version:
                found[subject.name] = measure(subject, Path(name) / subject.name)
    text = report(found) + "".join(f"\n{peer} is left out: {reason}\n" for peer, reason in missing.items())
    print(text)
    if options.report:
        options.report.write_text(INTRODUCTION + text, encoding="utf-8")


if __name__ == "__main__":
    main()
