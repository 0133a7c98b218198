"""A store that cannot be opened: each command says so in the same words, and ends with the status that is its own."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from notewell_server.cli.commands import cli
from notewell_store import open_store
from notewell_store.engines.sqlite.connection import SCHEMA_VERSION
from notewell_store.engines.sqlite.driver import sqlite3

WRITTEN_BY_3 = Path(__file__).parents[2] / "before" / "store-schema-3.db.gz"

READING = {
    "get-note a": 1,
    "search a --explain": 1,
    "impact --diff change.diff": 1,
    "export folder": 1,
    "token list": 1,
    "token revoke a": 1,
    "backup": 1,
    "verify": 1,
    "check": 2,
}
"""Commands that make no store, with the status that each has when it cannot do its work."""

WRITING = {
    "upsert-note a --content text": 1,
    "token create a --scope read": 1,
    "import folder": 1,
    "serve --http --port 0": 1,
}


def said(words: str, status: int) -> str:
    done = CliRunner().invoke(cli, words.split())
    assert (done.exit_code, done.stdout) == (status, ""), done.output
    return done.stderr


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the commands are run, with what they name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NOTEWELL_DB", str(database))  # put back afterwards: serving sets it too
    (tmp_path / "folder").mkdir()
    (tmp_path / "change.diff").touch()


@pytest.mark.parametrize("words", READING)
def test_a_store_that_is_missing_is_named_alike_by_all_commands_that_make_none(database: Path, words: str) -> None:
    missing = f"Error: there is no store at {database}: `notewell import` or any write makes one.\n"
    assert said(words, READING[words]) == missing
    assert not database.exists()


@pytest.mark.parametrize("words", READING | WRITING)
def test_a_store_of_a_newer_version_is_named_alike_by_all_commands(database: Path, words: str) -> None:
    open_store(database).close()
    db = sqlite3.connect(database)
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    db.close()
    newer = f"{database} was made by a newer Notewell (schema {SCHEMA_VERSION + 1}, this one knows"
    advice = f"{SCHEMA_VERSION}): update notewell and begin a new session, or name another file."
    assert said(words, (READING | WRITING)[words]) == f"Error: {newer} {advice}\n"


@pytest.mark.parametrize("words", READING | WRITING)
def test_a_file_of_another_program_is_named_alike_by_all_commands(database: Path, words: str) -> None:
    db = sqlite3.connect(database)
    db.execute("CREATE TABLE theirs (value)")
    db.close()
    before = database.read_bytes()
    foreign = "is an SQLite file of some other program, not a Notewell store: name another file."
    assert said(words, (READING | WRITING)[words]) == f"Error: {database} {foreign}\n"
    assert database.read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal is made by pty")
def test_a_command_on_a_terminal_shows_how_far_an_older_store_is_brought_up_to_date(database: Path) -> None:
    import pty

    database.write_bytes(gzip.decompress(WRITTEN_BY_3.read_bytes()))
    shown = []
    for _ in range(2):
        leader, follower = pty.openpty()
        command = [str(Path(sys.executable).with_name("notewell")), "list-notes"]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=follower) as process:
            os.close(follower)
            shown.append(_all_of(leader))
            assert process.wait(60) == 0
    assert "bringing the store up to date" in shown[0]
    assert "100%" in shown[0]
    assert shown[1] == ""


def _all_of(leader: int) -> str:
    """What is written to a terminal until nobody has it open any more; reading it then is an error on Linux."""
    read = b""
    try:
        while piece := os.read(leader, 65_536):
            read += piece
    except OSError:
        pass
    finally:
        os.close(leader)
    return read.decode()
