"""What the prompts show of the store: one moment of it, whatever is written meanwhile."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from notewell_store import open_store
from notewell_store.engines.sqlite.database import Database
from notewell_store.engines.sqlite.store import Store
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call
from notewell_tools.prompts import make_prompt, prompts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from notewell_store.engines.sqlite.connection import Connection

pytestmark = pytest.mark.of_sqlite("who reads is interrupted inside SQLite's store")

ARGUMENTS = {
    "plan": {"goal": "short queues"},
    "decide": {"question": "how long may a queue be"},
    "review": {"ref": "decision-queues"},
    "capture": {"learning": "the queue is empty at night"},
}


class Interrupted(Store):
    """A store in which somebody else writes about queues as soon as a snapshot of it was taken."""

    readings = 0

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        self.readings += 1
        with super().reading() as db:
            write(self.path, f"decision-meanwhile-{self.readings}", "# A queue may be endless\n")
            yield db


def write(path: Path, slug: str, content: str) -> None:
    store = open_store(path)
    kind = slug.partition("-")[0]
    arguments = {"slug": slug, "content": content, "note_type": kind, "status": "active"}
    call_tool(lambda: Call(store, "other"), "upsert_note", arguments)
    store.close()


@pytest.fixture
def interrupted(tmp_path: Path) -> Iterator[Interrupted]:
    path = tmp_path / "notewell.db"
    write(path, "decision-queues", "# Queues are short\n\nA queue has at most ten.\n")
    write(path, "plan-queues", "# Plan of the queues\n")
    store = Interrupted(Database(path.resolve()))
    yield store
    store.close()


@pytest.mark.parametrize("name", ARGUMENTS)
def test_a_prompt_shows_one_moment_though_somebody_writes_between_its_readings(
    interrupted: Interrupted, name: str
) -> None:
    text = make_prompt(Call(interrupted, "asker"), name, ARGUMENTS[name])
    assert interrupted.readings == 1
    assert "-queues" in text
    assert "meanwhile" not in text


def test_every_prompt_is_made_while_somebody_writes() -> None:
    assert {prompt.name for prompt in prompts()} == set(ARGUMENTS)


def test_prompts_name_calls_with_what_the_caller_is_to_fill_in(interrupted: Interrupted) -> None:
    text = make_prompt(Call(interrupted, "asker"), "capture", ARGUMENTS["capture"])
    assert text.endswith(
        "If one of these says it already, change nothing. If one is the place: get_note(ref='slug#anchor'), then "
        "edit_note(ref='slug#anchor', mode='append' or 'replace', …, reason=…). Else a new note: "
        "upsert_note(slug=…, title=…, note_type=…, content=…), with tags that others bear (tags())."
    )
