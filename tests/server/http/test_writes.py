"""Every write over REST goes the same way: rights, body, condition, the write; one line and one count for one call."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import anyio.to_thread
import pytest
from tests.server.http.conftest import Answer, Site, serving

from notewell_server.http import calls
from notewell_server.http.api.routes import BY_NAME, NOTHING, OPERATIONS
from notewell_server.http.app import make_app
from notewell_server.http.backend import Backend
from notewell_server.http.guards.settings import GuardSettings
from notewell_server.http.operations.call_records import CallRecords
from notewell_server.http.operations.operated import operated
from notewell_server.settings import Settings
from notewell_store import Store
from notewell_store.access import tokens
from notewell_tools.catalogue import CATALOGUE, call_tool
from notewell_tools.definition import Call

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from notewell_store.access.rights import Scope


class Sent(NamedTuple):
    path: str
    body: bytes | None
    headers: Mapping[str, str] = NOTHING


class Ended(NamedTuple):
    """How a call is answered, and which outcome the audit log and the figures tell."""

    status: int
    outcome: str
    kind: str


class Case(NamedTuple):
    """One write, the same where its condition is not met, and how each ends."""

    met: Sent
    done: int
    unmet: Sent | None = None
    refused: Ended | None = None


def sending(path: str, fields: dict[str, Any], **headers: str) -> Sent:
    return Sent(path, json.dumps(fields).encode(), {"Content_Type": "application/json", **headers})


CASES = {
    "create_note": Case(
        sending("/notes", {"slug": "new", "content": "x"}),
        201,
        sending("/notes", {"slug": "standing", "content": "x"}),
        Ended(409, "refused: 409", "conflict"),
    ),
    "write_note": Case(
        sending("/notes/standing", {"content": "# Standing\n\nmore\n"}, If_Match='"1"'),
        200,
        sending("/notes/standing", {"content": "x"}),
        Ended(428, "refused: 428", "conflict"),
    ),
    "edit_note": Case(
        sending("/notes/standing/edits", {"mode": "append", "new_text": "more\n"}),
        200,
        sending("/notes/standing/edits", {"mode": "append", "new_text": "x"}, If_Match='"99"'),
        Ended(412, "conflict", "conflict"),
    ),
    "update_notes": Case(sending("/notes", {"refs": ["standing", "other"], "status": "done"}), 200),
    "set_links": Case(
        sending("/notes/standing/links", {"targets": ["other"]}),
        200,
        sending("/notes/standing/links", {"targets": []}, If_Match='"99"'),
        Ended(412, "refused: 412", "conflict"),
    ),
    "delete_note": Case(
        Sent("/notes/standing", None),
        200,
        Sent("/notes/standing", None, {"If_Match": '"99"'}),
        Ended(412, "conflict", "conflict"),
    ),
    "create_project": Case(
        sending("/projects", {"slug": "new"}),
        201,
        sending("/projects", {"slug": "web", "name": "Another"}),
        Ended(409, "refused: 409", "conflict"),
    ),
    "write_project": Case(sending("/projects/web", {"name": "Web"}), 200),
    "delete_project": Case(Sent("/projects/web", None), 200),
}
WRITES = sorted(CASES)


def broken(sent: Sent) -> Sent:
    """The same as nobody can understand it: with a body that is no JSON, or, without one, an unknown argument."""
    return sent._replace(path=f"{sent.path}?bodies=1") if sent.body is None else sent._replace(body=b"{")


class Kept(NamedTuple):
    """What came of one call, and what is kept of it."""

    answer: Answer
    lines: list[dict[str, str]]
    counts: dict[tuple[str, str, str], int]


class Server(Site):
    """The app in this process, on a store with two notes and a project."""

    def __init__(self, port: int, store: Store) -> None:
        super().__init__(port)
        self.store = store
        for tool, arguments in (
            ("projects", {"slug": "web", "name": "Web shop"}),
            ("upsert_note", {"slug": "standing", "content": "# Standing\n"}),
            ("upsert_note", {"slug": "other", "content": "x"}),
        ):
            call_tool(lambda: Call(store, "tester"), tool, arguments)

    def token(self, scope: Scope | None, name: str = "caller") -> str | None:
        return None if scope is None else tokens.create(self.store, name, scope, "tester")[0]

    def send_as(self, name: str, token: str | None, sent: Sent) -> Kept:
        known = {"Authorization": f"Bearer {token}"} if token else {}
        lines, counts = self.audit_lines(), self.counts()
        answer = self.ask(sent.path, BY_NAME[name].method, sent.body, **sent.headers, **known)
        return Kept(answer, self.audit_lines()[len(lines) :], dict(self.counts() - counts))

    def newest_change(self, token: str | None) -> int:
        answer = self.ask("/changes?limit=1000", Authorization=f"Bearer {token}")
        return int(json.loads(answer.body)["next"])

    def audit_lines(self) -> list[dict[str, str]]:
        folder = Path(f"{self.store.address}.audit")
        files = sorted(folder.iterdir()) if folder.exists() else []
        return [json.loads(line) for path in files for line in path.read_text().splitlines()]

    def counts(self) -> Counter[tuple[str, str, str]]:
        pattern = re.compile(r'notewell_calls_total\{door="(\w+)",outcome="([^"]+)",tool="([^"]+)"\} (\S+)')
        found = pattern.findall(self.ask("/metrics").body.decode())
        return Counter({(tool, door, outcome): int(float(number)) for door, outcome, tool, number in found})


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    database = tmp_path / "notewell.db"
    backend = Backend(Settings(str(database), None, None))
    app = make_app(backend, CallRecords(database))
    with serving(operated(app, GuardSettings(), backend.store, backend.verifier)) as site:
        yield Server(site.port, backend.store())


def assert_ended(kept: Kept, name: str, ended: Ended) -> None:
    tool = BY_NAME[name].asks
    assert (kept.answer.status, kept.counts) == (ended.status, {(tool, "rest", ended.kind): 1}), kept.answer.body
    assert [(line["what"], line["outcome"]) for line in kept.lines] == [(tool, ended.outcome)]


def test_every_operation_that_writes_is_tried_here() -> None:
    changing = {operation.name for operation in OPERATIONS if operation.method != "GET"}
    assert changing == set(CASES)
    assert not any(CATALOGUE[BY_NAME[name].asks].hints.reads_only for name in CASES)


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize(
    ("scope", "status", "outcome"), [(None, 401, "unauthorized"), ("read", 403, "forbidden")], ids=["nobody", "reader"]
)
def test_who_may_not_write_is_told_so_before_anything_is_looked_at(
    server: Server, name: str, scope: Scope | None, status: int, outcome: str
) -> None:
    case, token = CASES[name], server.token(scope)
    for sent in (case.met, case.unmet or case.met, broken(case.met), broken(case.unmet or case.met)):
        assert_ended(server.send_as(name, token, sent), name, Ended(status, outcome, outcome))


@pytest.mark.parametrize("name", WRITES)
def test_credentials_that_are_not_known_are_refused_as_the_call_that_they_came_with(server: Server, name: str) -> None:
    kept = server.send_as(name, "nwl_0123456789ab_" + "0" * 43, broken(CASES[name].met))
    assert_ended(kept, name, Ended(401, "refused: this token is not known", "unauthorized"))


@pytest.mark.parametrize("name", WRITES)
def test_a_body_that_is_broken_comes_before_a_condition_that_is_not_met(server: Server, name: str) -> None:
    case, token = CASES[name], server.token("admin")
    outcome = "invalid" if case.met.body is None else "refused: 400"
    for sent in (case.met, case.unmet or case.met):
        assert_ended(server.send_as(name, token, broken(sent)), name, Ended(400, outcome, "invalid"))


@pytest.mark.parametrize("name", WRITES)
def test_an_argument_that_is_unknown_comes_before_a_condition_that_is_not_met(server: Server, name: str) -> None:
    case, token = CASES[name], server.token("admin")
    sent = case.unmet or case.met
    wrong = broken(sent) if sent.body is None else sent._replace(body=sent.body[:-1] + b', "bodies": 1}')
    assert_ended(server.send_as(name, token, wrong), name, Ended(400, "invalid", "invalid"))


@pytest.mark.parametrize("name", [name for name in WRITES if CASES[name].unmet])
def test_a_condition_that_is_not_met_is_one_call_of_the_tool_that_was_meant(server: Server, name: str) -> None:
    case = CASES[name]
    assert case.unmet and case.refused
    token = server.token("admin")
    before = server.newest_change(token)
    assert_ended(server.send_as(name, token, case.unmet), name, case.refused)
    assert server.newest_change(token) == before


@pytest.mark.parametrize("name", WRITES)
def test_a_write_is_one_call_of_the_tool_that_was_meant(server: Server, name: str) -> None:
    case = CASES[name]
    token = server.token("admin" if BY_NAME[name].asks == "projects" else "write")
    assert_ended(server.send_as(name, token, case.met), name, Ended(case.done, "ok", "ok"))


@pytest.mark.parametrize("name", ["create_project", "write_project"])
def test_projects_are_an_administrators_matter_whether_there_is_one_or_not(server: Server, name: str) -> None:
    token = server.token("write")
    for sent in (CASES[name].met, CASES[name].unmet or CASES[name].met):
        assert_ended(server.send_as(name, token, sent), name, Ended(403, "forbidden", "forbidden"))


def test_nobody_in_particular_learns_whether_there_is_a_project(server: Server) -> None:
    there, absent = CASES["create_project"].unmet, CASES["create_project"].met
    assert there
    answers = [server.send_as("create_project", None, sent).answer for sent in (there, absent)]
    assert [answer.status for answer in answers] == [401, 401]
    assert answers[0].body == answers[1].body


def test_an_edit_with_a_broken_body_by_nobody_in_particular_is_unauthorized(server: Server) -> None:
    answer = server.send_as("edit_note", None, broken(CASES["edit_note"].met)).answer
    assert (answer.status, "www-authenticate" in answer.headers) == (401, True)


def test_a_put_on_a_note_that_is_not_there_creates_it_and_with_if_match_does_not(server: Server) -> None:
    token = server.token("write")
    for match in ('"1"', '"0"', "*"):
        sent = sending("/notes/absent", {"content": "x"}, If_Match=match)
        assert_ended(server.send_as("write_note", token, sent), "write_note", Ended(412, "refused: 412", "conflict"))
    made = server.send_as("write_note", token, sending("/notes/absent", {"content": "x"}))
    assert_ended(made, "write_note", Ended(201, "ok", "ok"))


def test_a_get_with_a_condition_is_one_call(server: Server) -> None:
    token = server.token("read")
    for known, status in (('"1"', 304), ('"9"', 200)):
        kept = server.send_as("read_note", token, Sent("/notes/standing", None, {"If_None_Match": known}))
        assert_ended(kept, "read_note", Ended(status, "ok", "ok"))


class Effort:
    """Counts hops to worker threads, and snapshots and transactions of the store."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
        self.counted: Counter[str] = Counter()
        run_sync = anyio.to_thread.run_sync

        async def hopping(*arguments: Any, **options: Any) -> Any:
            self.counted["hops"] += 1
            return await run_sync(*arguments, **options)

        monkeypatch.setattr(anyio.to_thread, "run_sync", hopping)
        monkeypatch.setattr(calls, "run_sync", hopping)
        for name in ("reading", "writing"):
            monkeypatch.setattr(type(store), name, self._counting(name, getattr(type(store), name)))

    def _counting(self, name: str, opened: Any) -> Any:
        def opening(*arguments: Any, **options: Any) -> Any:
            self.counted[name] += 1
            return opened(*arguments, **options)

        return opening


@pytest.mark.parametrize(
    ("name", "snapshots"),
    [
        ("write_note", 2),  # the token, the draft
        ("edit_note", 2),
        ("create_note", 3),  # and whether it is there
        ("set_links", 3),  # and the links that stand then
        ("delete_note", 3),  # and who links to it
        ("create_project", 2),
        ("write_project", 2),
    ],
)
def test_a_write_hops_once_and_opens_no_snapshot_that_it_does_not_need(
    server: Server, monkeypatch: pytest.MonkeyPatch, name: str, snapshots: int
) -> None:
    case, token = CASES[name], server.token("admin")
    effort = Effort(monkeypatch, server.store)
    answer = server.ask(
        case.met.path, BY_NAME[name].method, case.met.body, Authorization=f"Bearer {token}", **case.met.headers
    )
    assert answer.status == case.done
    assert effort.counted == {"hops": 1, "reading": snapshots, "writing": 1}
    effort.counted.clear()
    refused = server.ask(case.met.path, BY_NAME[name].method, case.met.body, **case.met.headers)
    assert (refused.status, effort.counted) == (401, {"hops": 1})
