"""`notewell copy`, as people and scripts call it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.postgres_server import server
from tests.server.cli.terminal import on_terminal
from tests.server.conftest import NOTEWELL, PATIENCE, environment
from tests.store.histories import put

from notewell_store import open_store
from notewell_store.access import tokens
from notewell_store.engines import engine_of

if TYPE_CHECKING:
    from tests.server.cli.terminal import Shown


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A store of two notes, three revisions and a token."""
    store = open_store(tmp_path / "source.db")
    put(store, "sop-deploy", "# Deploy\n")
    put(store, "plan", "# Plan\n")
    put(store, "plan", "# Plan\n\nmore\n")
    tokens.create(store, "ci", "read", "ann")
    store.close()
    return Path(store.address)


def notewell(tmp_path: Path, *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(NOTEWELL), *map(str, words)],
        env=environment(tmp_path / "unused.db"),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


HOLDS = "2 notes, 3 revisions, up to change 3, found whole"


def test_a_store_is_copied_and_what_was_is_said(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    done = notewell(tmp_path, "copy", source, target)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{target}: {HOLDS}; tokens stay behind: `notewell token create` makes new ones\n"
    asked = notewell(tmp_path, "copy", source, tmp_path / "other.db", "--tokens", "--json")
    answer = json.loads(asked.stdout)
    assert (answer["tokens"], answer["verdict"]["revisions"], answer["target"]) == (1, 3, str(tmp_path / "other.db"))
    assert not (tmp_path / "unused.db").exists()


def test_a_store_goes_to_a_database_and_back(source: Path, tmp_path: Path) -> None:
    database = server().address(server().new_database())
    there = notewell(tmp_path, "copy", source, database, "--tokens")
    assert (there.returncode, there.stdout) == (0, f"{database}: {HOLDS}; 1 token too\n"), there.stderr
    back = notewell(tmp_path, "copy", database, tmp_path / "back.db")
    assert (back.returncode, back.stdout.partition(": ")[2].partition(";")[0]) == (0, HOLDS), back.stderr


def test_a_refusal_is_one_sentence_with_status_1(source: Path, tmp_path: Path) -> None:
    done = notewell(tmp_path, "copy", tmp_path / "nothing.db", tmp_path / "copy.db")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith(f"Error: there is no store at {tmp_path / 'nothing.db'}: ")
    taken = notewell(tmp_path, "copy", source, source.parent / "source.db")
    assert taken.stderr == "Error: a store cannot be copied into itself: name another place.\n"
    other = open_store(tmp_path / "other.db")
    put(other, "mine", "text\n")
    other.close()
    held = notewell(tmp_path, "copy", source, other.address)
    assert held.stderr == (
        f"Error: {other.address} holds a store already: name a file that is not there yet, or an empty store.\n"
    )


def test_what_is_not_yet_complete_is_refused_by_all_commands_until_it_is(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    with engine_of(str(target)).filling(str(target)):
        busy = notewell(tmp_path, "copy", source, target)
        assert (busy.returncode, busy.stderr) == (
            1,
            f"Error: {target} is being copied into by another process. Send the same call again.\n",
        )
    refused = (
        f"{target} is a copy of another store, and not yet complete: the same `notewell copy` again goes on with it"
    )
    for words in (("list-notes",), ("verify",), ("backup", tmp_path / "b"), ("upsert-note", "a", "--content", "x")):
        done = notewell(tmp_path, *words, "--db", target)
        assert done.returncode == 1
        assert refused in done.stderr
    assert notewell(tmp_path, "doctor", "--db", target).returncode == 2
    assert notewell(tmp_path, "copy", source, target).returncode == 0
    assert notewell(tmp_path, "verify", "--db", target).returncode == 0


def test_on_a_terminal_a_bar_shows_how_far_it_is(source: Path, tmp_path: Path) -> None:
    shown: Shown = on_terminal(tmp_path / "unused.db", "copy", str(source), str(tmp_path / "copy.db"))
    assert shown.status == 0
    assert "copying" in shown.text
    assert "100%" in shown.text
