"""Answers that are kept for readers with a token: as long as that is taken, and each of them written down as before."""

from __future__ import annotations

import json
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.server.conftest import PATIENCE
from tests.server.http.conftest import Door, Site, opened_door, serving

from notewell_server.http.app import make_app
from notewell_server.http.backend import Backend
from notewell_server.http.guards.response_cache import ResponseCache
from notewell_server.http.guards.settings import GuardSettings
from notewell_server.http.operations.call_records import CallRecords
from notewell_server.http.operations.operated import operated
from notewell_server.reads.record import folder_of
from notewell_server.reads.sums import ReadBack
from notewell_server.settings import read_settings
from notewell_store import open_store
from notewell_store.access import tokens
from notewell_store.engines.sqlite import token_record

if TYPE_CHECKING:
    from collections.abc import Iterator


def statuses(door: Site, path: str, token: str, times: int = 3) -> list[int]:
    return [door.ask(path, Authorization=f"Bearer {token}").status for _ in range(times)]


def audited(door: Door, actor: str) -> list[dict[str, str]]:
    files = sorted(Path(f"{door.database}.audit").iterdir())
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    return [line for line in lines if line["actor"] == actor]


def settle(door: Door, path: str) -> None:
    """Ask until the answer is kept: what is done behind a write commits once more."""
    for _ in range(1_000):
        before = door.readings()
        assert door.send_json("GET", path).status == 200
        after = door.readings()
        if (after[0] - before[0], after[1] - before[1]) == (1, 0):
            return
    raise AssertionError("it is never kept")


def test_a_kept_answer_is_the_same_and_each_is_counted_and_written_down(door: Door) -> None:
    door.data("PUT", "/notes/still", {"content": "# Still\n"})
    reader = door.make_token("still-reader", "read")
    settle(door, "/notes/still")
    before = door.readings()
    answers = [door.send_json("GET", "/notes/still", token=reader) for _ in range(5)]
    assert [after - was for after, was in zip(door.readings(), before, strict=True)] == [5, 1]
    assert {(answer.status, answer.body) for answer in answers} == {(200, answers[0].body)}
    changing = {"date", "x-request-id"}
    assert len({tuple((k, v) for k, v in answer.headers.items() if k not in changing) for answer in answers}) == 1
    assert "Authorization" in answers[-1].headers["vary"]
    assert answers[-1].headers["cache-control"] == "no-store"
    told = [{name: value for name, value in line.items() if name != "at"} for line in audited(door, "still-reader")]
    line = {"actor": "still-reader", "means": "token", "what": "get_note", "note": "still", "outcome": "ok"}
    assert told == [line | {"client": "127.0.0.1"}] * 5
    tag = answers[0].headers["etag"]
    assert door.send_json("GET", "/notes/still", token=reader, If_None_Match=tag).status == 304
    assert len(audited(door, "still-reader")) == 6


def test_a_token_that_another_process_revokes_is_refused_with_the_next_request(door: Door) -> None:
    door.data("PUT", "/notes/guarded", {"content": "# Guarded\n"})
    for number in range(5):
        token = door.make_token(f"brief-{number}", "read")
        settle(door, "/notes/guarded")
        assert statuses(door, "/notes/guarded", token) == [200] * 3
        door.run("token", "revoke", f"brief-{number}")
        assert statuses(door, "/notes/guarded", token) == [401] * 3
    assert statuses(door, "/notes/guarded", door.token) == [200] * 3


def test_a_token_that_the_record_alone_calls_revoked_is_refused_too(door: Door) -> None:
    door.data("PUT", "/notes/recorded", {"content": "# Recorded\n"})
    token = door.make_token("half-revoked", "read")
    settle(door, "/notes/recorded")
    assert statuses(door, "/notes/recorded", token) == [200] * 3
    token_record.amend(door.database, {token.split("_")[1]: "2026-11-21T00:00:00.000Z"})
    assert statuses(door, "/notes/recorded", token) == [401] * 3


def test_a_token_that_ends_while_its_answer_is_kept_is_refused(door: Door) -> None:
    door.data("PUT", "/notes/passing", {"content": "# Passing\n"})
    settle(door, "/notes/passing")
    store = open_store(door.database)
    end = datetime.now(UTC) + timedelta(seconds=2)
    stamp = end.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    token, _ = tokens.create(store, "short", "read", "ann", expires_at=stamp)
    store.close()
    given = 0
    while True:
        began = datetime.now(UTC)
        (status,) = statuses(door, "/notes/passing", token, 1)
        if began > end:
            break
        given += status == 200
        assert began < end + timedelta(seconds=PATIENCE)
    assert status == 401
    assert given > 1
    assert statuses(door, "/notes/passing", token) == [401] * 3


def test_who_has_other_rights_never_gets_what_was_kept(door: Door) -> None:
    for project in ("east", "west"):
        door.data("PUT", f"/projects/{project}", {"name": project})
        door.data("PUT", f"/notes/{project}-plan", {"content": f"# Plan of {project}\n", "project": project})
    whole = door.make_token("whole", "read")
    east, west = (door.make_token(f"{name}-bot", "write", "--project", name) for name in ("east", "west"))
    settle(door, "/notes/east-plan")
    for _ in range(3):
        assert statuses(door, "/notes/east-plan", whole) == [200] * 3
        assert statuses(door, "/notes/east-plan", east) == [200] * 3
        assert statuses(door, "/notes/east-plan", west) == [404] * 3
        assert door.ask("/notes/east-plan").status == 404
        assert statuses(door, "/notes/east-plan", east[:-1] + ("0" if east[-1] != "0" else "1")) == [401] * 3
        titles = [
            [note["slug"] for note in json.loads(door.send_json("GET", "/notes?sort=slug", token=token).body)["notes"]]
            for token in (east, west)
        ]
        assert ["east-plan" in titles[0], "west-plan" in titles[0]] == [True, False]
        assert ["east-plan" in titles[1], "west-plan" in titles[1]] == [False, True]


def test_what_is_written_moved_or_made_private_is_in_the_next_answer(door: Door) -> None:
    for project in ("north", "south"):
        door.data("PUT", f"/projects/{project}", {"name": project})
    door.data("PUT", "/notes/moving", {"content": "# One\n", "project": "north"})
    north = door.make_token("north-bot", "read", "--project", "north")
    settle(door, "/notes/moving")
    assert [door.data("GET", "/notes/moving", token=north)["revision"] for _ in range(3)] == [1] * 3
    door.run("edit-note", "moving", "--mode", "append", "--new-text", "line two")
    assert [door.data("GET", "/notes/moving", token=north)["revision"] for _ in range(3)] == [2] * 3
    door.run("upsert-note", "moving", "--project", "south", "--if-revision", "2")
    assert statuses(door, "/notes/moving", north) == [404] * 3
    door.run("upsert-note", "moving", "--is-public")
    assert statuses(door, "/notes/moving", north) == [200] * 3
    door.run("upsert-note", "moving", "--no-is-public")
    assert statuses(door, "/notes/moving", north) == [404] * 3
    door.data("PUT", "/notes/moving", {"project": "north"}, If_Match="*")
    assert [door.data("GET", "/notes/moving", token=north)["project"] for _ in range(3)] == ["north"] * 3
    door.run("projects", "north", "--new-slug", "arctic")
    assert [door.data("GET", "/notes/moving", token=north)["project"] for _ in range(3)] == ["arctic"] * 3


def test_kept_answers_of_a_token_use_nothing_of_what_its_address_may_ask_without_one(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    database = tmp_path_factory.mktemp("narrow") / "notewell.db"
    with opened_door(database, NOTEWELL_ANONYMOUS_RATE="6") as narrow:
        narrow.data("PUT", "/notes/plain", {"content": "# Plain\n", "is_public": True})
        assert statuses(narrow, "/notes/plain", narrow.token, 30) == [200] * 30
        assert narrow.ask("/notes/plain").status == 200
        assert statuses(narrow, "/notes/plain", "nwl_000000000000_" + "0" * 64, 30)[-1] == 429
        assert statuses(narrow, "/notes/plain", narrow.token) == [200] * 3


@pytest.fixture
def backend(database: Path, monkeypatch: pytest.MonkeyPatch) -> Backend:
    monkeypatch.setenv("NOTEWELL_DB", str(database))
    return Backend(read_settings())


@contextmanager
def served(backend: Backend, database: Path) -> Iterator[tuple[Site, list[str]]]:
    """In this very process; and what was answered from memory."""
    records = CallRecords(database)
    again: list[str] = []

    def cached(app: object) -> ResponseCache:
        return ResponseCache(app, backend.version, lambda scope, reading: again.append(reading.what))  # type: ignore[arg-type]

    app = make_app(backend, records)
    with serving(operated(app, GuardSettings(), backend.store, backend.verifier, cached, records)) as site:
        yield site, again


def test_a_token_that_this_process_revokes_is_refused_with_the_next_request(backend: Backend, database: Path) -> None:
    token, _ = tokens.create(backend.store(), "ci", "read", "ann")
    with served(backend, database) as (site, again):
        assert statuses(site, "/tags", token) == [200] * 3
        assert len(again) == 2
        tokens.revoke(backend.store(), "ci")
        assert statuses(site, "/tags", token) == [401] * 3
        assert len(again) == 2


def test_each_answer_that_is_given_again_is_read_again(tmp_path: Path) -> None:
    with opened_door(tmp_path / "notewell.db") as door:
        door.token = door.make_token("writer", "write")
        door.data("PUT", "/notes/still", {"content": "# Still\n", "is_public": True})
        reader = door.make_token("bot", "read")
        settle(door, "/notes/still")
        assert statuses(door, "/notes/still", reader, 7) == [200] * 7
        assert [door.ask("/notes/still").status for _ in range(3)] == [200] * 3
    found = ReadBack(folder_of(str(door.database))).since(date(2000, 1, 1))
    assert found.notes[1].agents == 7
