"""`notewell search`: the tool, and with --explain the reasons."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from notewell_server.cli.commands import cli

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path / "notes.db")


class Run:
    """The command on one store."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self("upsert-note", "sop-deploy", "--content", "# How we deploy\n\nPush it.\n\n## Rolling back\n\nRevert it.\n")
        self("upsert-note", "lunch", "--content", "# Lunch\n\nPush the pizza.\n", "--note-type", "food")

    def __call__(self, *words: str, code: int = 0) -> str:
        done = CliRunner().invoke(cli, ["--db", str(self._database), *words])
        assert done.exit_code == code, done.output
        return done.output


def test_search_answers_as_the_tool_does(run: Run) -> None:
    assert run("search", "pizza") == run("search-notes", "pizza")
    assert json.loads(run("search", "pizza", "--json"))["total"] == 1
    assert run("search", "push", "--note-type", "food") == run("search-notes", "push", "--note-type", "food")


def test_explain_says_how_the_query_was_read_and_what_each_score_is_of(run: Run) -> None:
    lines = run("search", "--explain", 'how do we depoly "push it"').splitlines()
    assert lines[:6] == [
        "read as",
        '  no note has "depoly": deploy in its place',
        "  push it · phrase · in 1 passage, worth up to 8.8",
        "  deploy · word · in 2 passages, worth up to 8.3",
        "  how, do, we: tell only beside another word",
        "asked of the index",
    ]
    assert lines[6:8] == ['  ("push it") AND ("deploy")', '  "push it"']
    assert lines[8] == "found in 1 note; weighed: 1 passage"
    assert lines[9].endswith("sop-deploy · How we deploy")
    place, score = lines[9].split()[:2]
    assert place == "1."
    assert "deploy" in lines[10]
    assert "for the title" in lines[10]
    assert float(score) > 0
    assert lines[11] == "   **Push** **it**."


def test_the_parts_of_a_score_make_the_whole(run: Run) -> None:
    lines = run("search", "--explain", "pizza").splitlines()
    score, parts = next((line, lines[at + 1]) for at, line in enumerate(lines) if line.startswith("1."))
    assert parts.strip() == f"= pizza {score.split()[1]}"


def test_explain_takes_filters_and_refuses_what_it_can_not_do(run: Run) -> None:
    assert "found in 1 note" in run("search", "--explain", "push", "--note-type", "food")
    assert "--explain answers with text" in run("search", "--explain", "push", "--json", code=2)
    assert "query is empty" in run("search", "--explain", " ", code=1)
    assert "found in 0 notes" in run("search", "--explain", "zebra")
