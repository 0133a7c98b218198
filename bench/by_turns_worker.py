"""The part of by_turns.py that a checkout's own Python runs: makes calls when it is told to, and tells what they took.

    python by_turns_worker.py STORE < lines such as `search 20`

It uses nothing that is ever renamed: `open_store`, `call_tool`, `Call`. No question is asked
twice, for what is kept of one hides what it costs.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from itertools import count
from random import Random
from typing import Any

from notewell_store import open_store
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call
from prose import asked

Question = Callable[[], tuple[str, dict[str, Any]]]


def questions(slugs: list[str]) -> dict[str, Question]:
    """Each call by its name, with arguments that are the same in the same order wherever it is made."""
    dice, fresh = Random(1), count()

    def section() -> str:
        return f"{dice.choice(slugs)}#step-{dice.randint(1, 20)}"

    def edit() -> dict[str, Any]:
        text = f"Step written anew, {next(fresh)}. See [[{dice.choice(slugs)}]]."
        return {"ref": section(), "mode": "replace_section", "new_text": text}

    def append() -> dict[str, Any]:
        return {"ref": dice.choice(slugs), "mode": "append", "new_text": f"One line more, {next(fresh)}.\n"}

    def new_note() -> dict[str, Any]:
        text = f"# New\n\n{' '.join(dice.choices(slugs, k=20))}. See [[{dice.choice(slugs)}]].\n"
        return {"slug": f"new-{next(fresh)}", "content": text, "note_type": "sop", "tags": "a,b"}

    return {
        "get": lambda: ("get_note", {"ref": dice.choice(slugs), "max_chars": 20_000}),  # else a long page is cut
        "section": lambda: ("get_note", {"ref": section()}),
        "list": lambda: ("list_notes", {}),
        "list three tags": lambda: ("list_notes", {"tags": "sop,active,web"}),
        "search": lambda: ("search_notes", {"query": f"how is {dice.choice(slugs)} of {asked(2, dice)}"}),
        "brief": lambda: ("brief", {"project": "web"}),
        "edit": lambda: ("edit_note", edit()),
        "append": lambda: ("edit_note", append()),
        "new note": lambda: ("upsert_note", new_note()),
        "new status": lambda: ("upsert_note", {"slug": dice.choice(slugs), "status": f"status-{next(fresh)}"}),
    }


def seconds_of(file: str, batch: list[tuple[str, dict[str, Any]]]) -> float:
    """On a store that is opened for the batch and, within the time, closed: what a call leaves to be done after its
    answer belongs to it, and would else fall into whatever is measured next."""
    store = open_store(file)
    call = Call(store, "bench", "web")
    call_tool(lambda: call, "projects", {})
    gc.collect()
    started = time.process_time()
    for tool, arguments in batch:
        _ = call_tool(lambda: call, tool, arguments).shown
    store.close()
    return time.process_time() - started


def main() -> None:
    calls = questions([f"note-{number}" for number in range(100)])
    print(*calls, sep="\t", flush=True)
    for line in sys.stdin:
        name, _, times = line.strip().rpartition(" ")
        print(seconds_of(sys.argv[1], [calls[name]() for _ in range(int(times))]), flush=True)


if __name__ == "__main__":
    main()
