"""Several server processes on one file: what one writes, the next call of another reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.server.conftest import CommandLine, Pipes, Session

    Connect = Callable[..., AbstractContextManager[Session]]

PLAN = "# Plan\n\n## Vision\n\nOne store.\n\n## Steps\n\n- one\n- two\n"


@pytest.fixture(scope="module")
def both(connect: Connect, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Session, Session, Path]]:
    file = tmp_path_factory.mktemp("both") / "notewell.db"
    with connect(file, client="ann") as ann, connect(file, client="ben") as ben:
        yield ann, ben, file


def test_a_write_of_one_is_read_by_the_next_call_of_the_other(both: tuple[Session, Session, Path]) -> None:
    ann, ben, _ = both
    ann.read("list_notes")
    ben.read("list_notes")
    for n in range(10):
        writer, reader = (ann, ben) if n % 2 else (ben, ann)
        writer.read("upsert_note", slug=f"turn-{n}", content=f"# Turn {n}\n\nuncommonword{n}\n")
        assert reader.ask("get_note", ref=f"turn-{n}")["title"] == f"Turn {n}"
        assert reader.ask("search_notes", query=f"uncommonword{n}")["hits"][0]["slug"] == f"turn-{n}"
        writer.read("delete_note", ref=f"turn-{n}")
        assert "was deleted" in reader.refusal("get_note", ref=f"turn-{n}")


def test_each_server_writes_as_its_own_client(both: tuple[Session, Session, Path]) -> None:
    ann, ben, _ = both
    ann.read("upsert_note", slug="shared", content="one\n")
    ben.read("edit_note", ref="shared", mode="append", new_text="two")
    actors = [revision["actor"] for revision in ann.ask("revisions", ref="shared")["revisions"]]
    assert actors == ["ben", "ann"]


def test_a_stale_write_is_told_of_the_other_one(both: tuple[Session, Session, Path]) -> None:
    ann, ben, _ = both
    ann.read("upsert_note", slug="plan", content=PLAN)
    ben.read("edit_note", ref="plan", mode="replace", old_text="One store.", new_text="One file.", reason="agreed")
    mine = PLAN.replace("One store.", "Two stores.")
    refusal = ann.refusal("upsert_note", slug="plan", content=mine, if_revision=1)
    assert "ben: content · agreed" in refusal
    assert "+One file." in refusal
    elsewhere = ann.ask("upsert_note", slug="plan", content=PLAN.replace("- two", "- 2"), if_revision=1)
    assert elsewhere["outcome"] == "merged"


def test_the_same_key_is_one_write_in_whichever_process(both: tuple[Session, Session, Path]) -> None:
    ann, ben, _ = both
    ann.read("upsert_note", slug="log", content="# Log\n")
    call = {"ref": "log", "mode": "append", "new_text": "- once", "idempotency_key": "log-1"}
    first = ann.ask("edit_note", **call)
    assert ben.ask("edit_note", **call) == first
    assert ben.ask("get_note", ref="log")["markdown"].count("once") == 1
    assert "was used for a call with other arguments" in ben.refusal("edit_note", **(call | {"new_text": "- twice"}))


def test_a_key_outlives_the_process_that_used_it(command: CommandLine) -> None:
    words = ("upsert-note", "log", "--content", "# Log\n", "--idempotency-key", "k")
    first = command.ask(*words)
    assert command.ask(*words) == first
    assert first["outcome"] == "created"


def test_appends_of_many_servers_at_once_are_all_kept(pipes: Pipes) -> None:
    servers = [pipes.open() for _ in range(3)]
    servers[0].call("upsert_note", slug="log", content="# Log\n")
    servers[0].answer()
    for n in range(10):
        for name, server in enumerate(servers):
            server.call("edit_note", ref="log", mode="append", new_text=f"- {name}.{n}")
    answers = [server.answer() for server in servers for _ in range(10)]
    assert not [answer for answer in answers if answer["result"]["isError"]]
    servers[0].call("get_note", ref="log")
    text = servers[0].answer()["result"]["content"][0]["text"]
    assert sorted(re.findall(r"^- (\d\.\d)$", text, re.MULTILINE)) == [f"{s}.{n}" for s in range(3) for n in range(10)]
    servers[0].call("revisions", ref="log", limit=50)
    history = servers[0].answer()["result"]["content"][0]["text"].splitlines()
    assert [line.split()[0] for line in history[1:]] == [f"@{n}" for n in range(31, 0, -1)]
