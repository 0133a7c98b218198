"""`notewell suggest`: of one note all and why, of many what is sure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from notewell_server.cli.commands import cli

if TYPE_CHECKING:
    from pathlib import Path

ALERT = "# Lagging replica {0}\n\nThe pager rings when replica {0} lags: drain the broker, then rebalance its shards.\n"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("suggest") / "notes.db"
    for number in range(6):
        more = ["--note-type", "runbook"] if number else []
        run(database, "upsert-note", f"alert-{number}", "--content", ALERT.format(number), *more)
    run(database, "upsert-note", "lag", "--content", "# Stale Replica Lag Alert\n\nHow to silence it.\n")
    run(database, "upsert-note", "tea", "--content", "# Tea\n\nMind the stale replica lag alert while it draws.\n")
    return database


def run(database: Path, *words: str, code: int = 0) -> str:
    done = CliRunner().invoke(cli, ["--db", str(database), *words])
    assert done.exit_code == code, done.output
    return done.output


def in_json(database: Path, *words: str) -> Any:
    return json.loads(run(database, "suggest", *words, "--json"))


def test_of_one_note_all_is_told_with_why_and_the_command_that_takes_it(database: Path) -> None:
    told = run(database, "suggest", "alert-0").splitlines()
    assert told[0] == "alert-0 · Lagging replica 0"
    wanted = "others like it have type runbook (5 of 5): `notewell upsert-note alert-0 --note-type runbook`"
    assert wanted in told
    assert [line for line in told if line.startswith("near: alert-1 · Lagging replica 1 · 1.00: ")] != []


def test_the_same_comes_as_json(database: Path) -> None:
    found = in_json(database, "alert-0")
    assert found["proposed"] == [{"field": "note_type", "value": "runbook", "agreeing": 5, "voters": 5}]
    assert found["nearest"][0]["slug"] == "alert-1"


def test_an_option_narrows_it_to_one_kind(database: Path) -> None:
    assert in_json(database, "alert-0", "--tags")["nearest"] == []
    assert in_json(database, "tea", "--links")["unlinked"] == [{"slug": "lag", "words": "stale replica lag alert"}]


def test_of_all_notes_what_is_sure_is_told(database: Path) -> None:
    assert [one["slug"] for one in in_json(database, "--tags")["notes"]] == ["alert-0", "lag"]
    assert [one["slug"] for one in in_json(database, "--links")["notes"]] == ["tea"]
    every = run(database, "suggest", "--all")
    assert "tea · Tea\nmentions without a link: lag · stale replica lag alert" in every
    twice = in_json(database, "--duplicates")["notes"]
    assert [one["slug"] for one in twice] == [f"alert-{number}" for number in range(6)]
    assert all(one["unlinked"] == one["proposed"] == [] for one in twice)


@pytest.mark.parametrize("words", [[], ["tea", "--all"], ["tea", "--project", "web"]])
def test_a_note_or_all_is_asked_for(database: Path, words: list[str]) -> None:
    assert "Name a note" in run(database, "suggest", *words, code=2)


def test_what_there_is_not_is_refused(database: Path) -> None:
    assert "alert-0" in run(database, "suggest", "alert-o", code=1)
    assert "no project" in run(database, "suggest", "--all", "--project", "web", code=1).lower()
