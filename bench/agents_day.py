"""Twenty tasks of an agent's day, in calls and bytes, with the tools of this checkout and maybe of an older one.

    python bench/agents_day.py --before ../older-checkout --report docs/day.md

Each task is scripted: the shortest sensible calls, each naming only what the task says or an answer told. It runs over
standard input and output on a copy of the same store, and counts only if the store, or what was told, is in the end
as the task wants it. `–`: what was done so did not come out.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from statistics import median
from typing import NamedTuple

from day.agent import Agent, Look
from day.before import BEFORE
from day.knowledge import EDITS, OTHER, PROJECT, URL, notes
from day.tasks import TASKS, Script
from stdio_client import NOTEWELL_SERVER, ServerProcess, compile_sources

INTRODUCTION = """# Twenty tasks of an agent's day

Made by `python bench/agents_day.py --before CHECKOUT --report docs/day.md`; `before` is version b1b7103, installed in a
`.venv` of its checkout. Each task is scripted (`bench/day/`): the shortest sensible calls, each naming only what the
task says or an answer told. It runs over standard input and output on a copy of the same store, two projects with 40
notes, and counts only if the store, or what was told, is in the end as the task wants it. *Written* are the bytes that
a model writes (a tool's name and arguments), *read* those of the answers. `--shown` prints each call and answer.

"""


class Spent(NamedTuple):
    calls: int
    written: int
    read: int
    """In bytes."""


def opened(command: list[str], database: Path, actor: str) -> ServerProcess:
    server = ServerProcess(command, database, {"NOTEWELL_ACTOR": actor, "NOTEWELL_PROJECT": PROJECT})
    server.shake_hands()
    return server


def fill(command: list[str], database: Path) -> None:
    """Write the notes, and what a colleague changed since."""
    with opened(command, database, "ada") as server:
        for slug in (PROJECT, OTHER):
            _ = server.call("projects", slug=slug, name=slug.title(), repo_url=URL.replace(PROJECT, slug)).result
        for slug, content, kind, status, project, more in notes():
            _ = server.call(
                "upsert_note", slug=slug, content=content, note_type=kind, status=status, project=project, **dict(more)
            ).result
    with opened(command, database, "colleague") as server:
        for edit in EDITS:
            _ = server.call("edit_note", **edit).result


def spent(command: list[str], filled: Path, script: Script, task: str, *, shown: bool) -> Spent | None:
    """What a task costs on a copy of the store; None if it is not done in the end."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(shutil.copy(filled, folder))
        with opened(command, database, "agent") as server:
            agent = Agent(server)
            script(agent)
            if shown:
                print(f"\n=== {task}\n{agent.shown}")
            is_done = _is_done(task, Look(server), agent.told)
    return Spent(agent.calls, agent.written, agent.read) if is_done else None


def _is_done(task: str, look: Look, told: str) -> bool:
    try:
        return TASKS[task].is_done(look, told)
    except RuntimeError:  # refused: what is looked for is not there
        return False


def measure(command: list[str], scripts: dict[str, Script], *, shown: bool = False) -> dict[str, Spent | None]:
    with tempfile.TemporaryDirectory() as folder:
        filled = Path(folder) / "notes.db"
        fill(command, filled)
        return {task: spent(command, filled, script, task, shown=shown) for task, script in scripts.items()}


def report(now: dict[str, Spent | None], before: dict[str, Spent | None] | None) -> str:
    columns = [now] if before is None else [before, now]
    names = ["now"] if before is None else ["before", "now"]
    heads = [f"{what}, {name}" for what in ("calls", "written", "read") for name in names]
    lines = [f"| task | {' | '.join(heads)} |", "| --- |" + " --- |" * len(heads)]
    for task in TASKS:
        cells = [_cell(column[task], field) for field in range(3) for column in columns]
        lines.append(f"| {task} | {' | '.join(cells)} |")
    sums = [f"{sum(one[field] for one in column.values() if one):,}" for field in range(3) for column in columns]
    lines.append(f"| all | {' | '.join(sums)} |")
    if before is not None:
        shares = [
            (mine.written + mine.read) / (theirs.written + theirs.read)
            for task, theirs in before.items()
            if theirs and (mine := now[task])
        ]
        lines += ["", f"The median task takes {median(shares):.2f} of the bytes that it took before."]
    return "\n".join([*lines, ""])


def _cell(found: Spent | None, field: int) -> str:
    return "–" if found is None else f"{found[field]:,}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Count calls and bytes of the tasks of an agent's day")
    parser.add_argument("--before", type=Path, help="an older checkout, with its .venv")
    parser.add_argument("--report", type=Path, help="file to write, beside printing")
    parser.add_argument("--shown", action="store_true", help="print each call and answer of today's")
    options = parser.parse_args()
    compile_sources()
    scripts = {task: one.now for task, one in TASKS.items()}
    now = measure(NOTEWELL_SERVER, scripts, shown=options.shown)
    before = None
    if options.before:
        older = [str(options.before / ".venv" / "bin" / "python"), "-E", "-m", "notewell_server.main", "serve"]
        before = measure(older, scripts | BEFORE)
    table = report(now, before)
    print(table)
    if options.report:
        options.report.write_text(INTRODUCTION + table, encoding="utf-8")
    if None in now.values():
        raise SystemExit("not done: " + ", ".join(task for task, found in now.items() if found is None))


if __name__ == "__main__":
    main()
