"""What the session hook costs in processor time, beside `python -c pass`.

    python bench/hook.py --runs 21

Makes a store of made-up notes, each revised several times, and a git checkout of its project; starts both programs
by turns, cold processes each, and compares the processor time of the children, which a busy machine distorts least.
`--store FILE` keeps the store for the next time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple

from notewell_store import Attribution, open_store
from notewell_store.files.importing import import_folder
from notewell_store.files.summary import ImportOptions
from sample_notes import paragraph, write_notes
from stdio_client import compile_sources, environment, show

REPOSITORY = "https://github.com/bench/sample"
BARE = [sys.executable, "-c", "pass"]
HOOK = [str(Path(sys.executable).with_name("notewell")), "hook", "session-start"]


class Run(NamedTuple):
    cpu: float
    wall: float
    output: bytes


def make_store(file: Path, notes: int, revisions: int, folder: Path) -> None:
    """Import the notes, then again and again with a line more each, until there are so many revisions."""
    slugs = write_notes(folder, notes, seed=1)
    dice = Random(2)
    store = open_store(file)
    options = ImportOptions(project="sample", repo_url=REPOSITORY)
    done = 0
    while done < revisions:
        changed = slugs[: revisions - done]
        for slug in changed if done else ():
            with (folder / f"{slug}.md").open("a", encoding="utf-8") as page:
                page.write(f"\n{paragraph(slugs, dice)}")
        import_folder(store, folder, options, Attribution("bench"))
        done += len(changed)
    store.close()


def make_checkout(folder: Path) -> Path:
    (folder / ".git").mkdir(parents=True)
    (folder / ".git/config").write_text(f'[remote "origin"]\n\turl = {REPOSITORY}.git\n')
    return folder


def run(command: list[str], variables: dict[str, str], given: bytes) -> Run:
    started = time.perf_counter()
    process = subprocess.Popen(command, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin and process.stdout
    process.stdin.write(given)
    process.stdin.close()
    output = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    return Run(used.ru_utime + used.ru_stime, time.perf_counter() - started, output)


def main() -> None:
    parser = argparse.ArgumentParser(description="Processor time of the session hook, beside a bare Python")
    parser.add_argument("--runs", type=int, default=21, help="starts of each (%(default)s)")
    parser.add_argument("--notes", type=int, default=3_000)
    parser.add_argument("--revisions", type=int, default=20_000)
    parser.add_argument("--store", type=Path, help="keep the store here, or take the one that is here")
    arguments = parser.parse_args()
    compile_sources()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file: Path = arguments.store or folder / "notes.db"
        if not file.exists():
            (folder / "notes").mkdir()
            make_store(file, arguments.notes, arguments.revisions, folder / "notes")
        facts = {"session_id": "bench", "cwd": str(make_checkout(folder / "checkout")), "source": "startup"}
        variables = {**environment(file), "XDG_STATE_HOME": str(folder / "state")}
        measure(arguments.runs, variables, json.dumps(facts).encode())


def measure(runs: int, variables: dict[str, str], given: bytes) -> None:
    done: dict[str, list[Run]] = {"bare": [], "hook": []}
    for number in range(-1, runs):  # the first fills the system's caches
        for name in sorted(done, reverse=number % 2 == 1):
            one = run(BARE if name == "bare" else HOOK, variables, given)
            if number >= 0:
                done[name].append(one)
    bare, hook = done["bare"], done["hook"]
    if not all(one.output for one in hook):
        raise SystemExit("the hook printed nothing")
    ratio = median(one.cpu / floor.cpu for one, floor in zip(hook, bare, strict=True))
    show(
        [f"ms, {runs} runs each", "python -c pass", "hook", "least", "ratio"],
        [
            [
                "processor time",
                *_ms(bare, "cpu"),
                *_ms(hook, "cpu"),
                f"{min(h.cpu for h in hook) * 1e3:.1f}",
                f"{ratio:.2f}",
            ],
            ["wall", *_ms(bare, "wall"), *_ms(hook, "wall"), f"{min(h.wall for h in hook) * 1e3:.1f}", ""],
        ],
    )
    printed = {one.output.decode() for one in hook}
    print(f"printed: {max(map(len, printed)):,} characters; all runs alike: {len(printed) == 1}")


def _ms(runs: list[Run], name: str) -> list[str]:
    return [f"{median(getattr(one, name) for one in runs) * 1_000:.1f}"]


if __name__ == "__main__":
    main()
