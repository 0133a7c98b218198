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
from typing import Any

from beside_peers import subjects
from peers.adapters import Page, Request, Subject
from peers.knowledge_of_tasks import Noted, all_notes
from peers.tasks import TASKS
from stdio_client import ServerProcess, compile_sources


def written(subject: Subject, note: Noted) -> Request:
    """The call by which a server is given a note, with its kind and tags."""
    tool, arguments = subject.write(Page(note.slug, note.title, note.markdown))
    match subject.name:
        case "notewell":
            labels: dict[str, Any] = {"note_type": note.kind, "status": note.status, "tags": list(note.tags)}
            arguments = {**arguments, **labels}
        case "server-memory":
            arguments = {"entities": [{"name": note.slug, "entityType": note.kind, "observations": [note.markdown]}]}
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


def bytes_of(subject: Subject, server: ServerProcess, calls: list[Request]) -> int:
    total = 0
    for tool, arguments in calls:
        answer = subject.call(server, (tool, arguments))
        total += len(json.dumps({"name": tool, "arguments": arguments}, ensure_ascii=False).encode())
        total += len(answer.text.encode())
    return total


def measure(subject: Subject, folder: Path) -> tuple[int, dict[str, int | None]]:
    """Bytes of the list of tools, and of each task; None where it cannot be done."""
    first = next(note for note in all_notes() if note.slug == "note-0")
    with subject.start(folder) as server:
        tools = server.ask("tools/list").result["tools"]
        size = len(json.dumps(tools, separators=(",", ":"), ensure_ascii=False).encode())
        known = {tool["name"] for tool in tools}
        prepare(subject, server)
        spent: dict[str, int | None] = {}
        for task, calls_of in TASKS.items():
            calls = calls_of[subject.name]
            if calls is None or not {tool for tool, _ in calls} <= known:
                spent[task] = None
                continue
            named = f"notes/{first.title.lower().replace(' ', '-')}"
            filled = json.loads(json.dumps(calls).replace("{note-0}", named))
            spent[task] = bytes_of(subject, server, [(tool, arguments) for tool, arguments in filled])
    return size, spent


def report(found: dict[str, tuple[int, dict[str, int | None]]]) -> str:
    names = list(found)
    lines = [f"| bytes | {' | '.join(names)} | of the best peer |", "| --- |" + " --- |" * (len(names) + 1)]
    shares = []
    for task in TASKS:
        spent = [found[name][1][task] for name in names]
        ours, theirs = spent[0], [value for value in spent[1:] if value is not None]
        share = ours / min(theirs) if ours and theirs else None
        if share is not None:
            shares.append(share)
        cells = ["–" if value is None else f"{value:,}" for value in spent]
        lines.append(f"| {task} | {' | '.join(cells)} | {'' if share is None else f'{share:.2f}'} |")
    lines.append(f"| the list of tools, once | {' | '.join(f'{found[name][0]:,}' for name in names)} | |")
    both = [task for task in TASKS if found[names[0]][1][task] is not None]
    whole = []
    for name in names:
        done = [task for task in both if found[name][1][task] is not None]
        with_list = sum(found[name][1][task] or 0 for task in done) + found[name][0]
        ours = sum(found[names[0]][1][task] or 0 for task in done) + found[names[0]][0]
        whole.append(f"| {name} | {len(done)} | {with_list:,} | {ours:,} | {ours / with_list:.2f} |")
    heading = [
        "| | tasks that both can do | bytes with its list | Notewell's with its list | |",
        "| --- |" + " --- |" * 4,
    ]
    middle = f"The median task that Notewell and a peer can do takes {median(shares):.2f} of the best peer's bytes."
    return "\n".join([*lines, "", middle, "", *heading, *whole, ""])


INTRODUCTION = """# What tasks cost in context

Made by `python bench/tokens.py --report docs/tokens.md`. Twelve everyday tasks on the same 66 made-up notes, each as
the shortest sensible calls of each server with its defaults: bytes that a model writes (a tool's name and arguments)
and reads (the answer's text). `–`: the server has no way to do it. Where a peer's answer is short it may be that it
did not find the note, which is not counted against it.

"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Count the bytes that tasks cost a model")
    parser.add_argument("--report", type=Path, help="file to write, beside printing")
    options = parser.parse_args()
    compile_sources()
    there, missing = subjects()
    found = {}
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
