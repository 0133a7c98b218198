"""A machine falls asleep while it writes: others get through before they lose patience, and it writes when it wakes."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from notewell_store.contract import PATIENCE
from notewell_store.engines.postgres.gate import SILENCE

if TYPE_CHECKING:
    from tests.conftest import Knowledge, Processes

SLEEPER = """
import sys
from functools import partial
from notewell_store import Attribution, Change, open_store
from notewell_store.engines.postgres import gate
from notewell_store.writing import drafts, pipeline

gate.SILENCE = 1
store = open_store(sys.argv[1])
times = 0

def compose(db):
    global times
    times += 1
    draft = drafts.upsert(db, slug="of-the-sleeper", change=Change(content="# Woken\\n"), if_revision=None)
    if times == 2:  # behind the gate, since another has written
        print("holds", flush=True)
        sys.stdin.readline()
    elif times == 1:
        print("drafts", flush=True)
        sys.stdin.readline()
    return draft

print(pipeline.write(store, compose, Attribution("sleeper")).outcome, times, flush=True)
store.close()
"""


def test_a_writer_that_waits_gets_through_before_its_patience_ends() -> None:
    assert SILENCE < PATIENCE


def test_who_falls_asleep_behind_the_gate_is_put_out_and_writes_when_it_wakes(
    knowledge: Knowledge, address: str, processes: Processes
) -> None:
    sleeper = processes.start(SLEEPER, address)
    assert sleeper.stdin and sleeper.stdout
    assert sleeper.stdout.readline() == "drafts\n"
    knowledge.put("one", "# One\n")
    sleeper.stdin.write("\n")
    sleeper.stdin.flush()
    assert sleeper.stdout.readline() == "holds\n"
    os.kill(sleeper.pid, signal.SIGSTOP)
    knowledge.put("two", "# Two\n")
    os.kill(sleeper.pid, signal.SIGCONT)
    sleeper.stdin.write("\n\n\n")
    assert processes.finish(sleeper).startswith("created")
    assert [f"{one.slug}@{one.revision}" for one in knowledge.history()] == ["of-the-sleeper@1", "two@1", "one@1"]
