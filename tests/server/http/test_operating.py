"""Probes, figures, and where the server may listen."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from tests.conftest import Knowledge
from tests.server.http.conftest import Site, serving

from notewell_server.http.access.callers import Callers
from notewell_server.http.access.operator_access import operator_access
from notewell_server.http.guards.chain import guarded
from notewell_server.http.guards.settings import GuardSettings
from notewell_server.http.operations import metrics, probes
from notewell_server.http.operations.call_records import CallRecords
from notewell_server.http.operations.operated import operated
from notewell_server.http.operations.probes import Readiness
from notewell_server.http.operations.serving import check_listening
from notewell_store import Invalid, Store, Unusable, open_store
from notewell_store.access import tokens
from notewell_store.access.rights import Scope
from notewell_store.engines.sqlite.upkeep import environment_checks
from notewell_store.tables.projects import save_project

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "notewell.db")
    knowledge = Knowledge(opened)
    knowledge.put("a", "See [[nowhere]] and [[b]].\n")
    knowledge.put("b", "text\n")
    knowledge.put("c", "text\n")
    knowledge.delete("c")
    yield opened
    opened.close()


@contextmanager
def probed(store: Store, *, may_see: bool = True) -> Iterator[Site]:
    ready = Readiness(lambda: store, lambda request: may_see)
    app = guarded(Starlette(), GuardSettings(), routes=[], probes={"/readyz": ready, "/healthz": probes.healthz})
    with serving(app) as site:
        yield site


def test_a_probe_says_which_check_failed_to_those_who_may_see_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "FRESH", 0.0)
    with probed(store) as site, probed(store, may_see=False) as closed:
        ready = site.ask("/readyz", Host="10.1.2.3")  # as a load balancer asks, by address
        assert (ready.status, b'"ready"' in ready.body) == (200, True)
        assert closed.ask("/readyz").body == b'{"status":"ready"}'
        monkeypatch.setattr(environment_checks, "NO_SPACE", 10**18)
        refused = site.ask("/readyz")
        assert refused.status == 503
        assert re.search(rb'"name":"space","state":"problem","found":"[\d,.]+ MB free', refused.body)
        hidden = closed.ask("/readyz")
        assert (hidden.status, hidden.body) == (503, b'{"status":"not ready"}')
        assert site.ask("/healthz").body == b'{"status":"ok"}'
        assert site.ask("/healthz", "POST", b"").status == 405


def test_a_probe_that_was_just_made_stands_for_the_next(store: Store) -> None:
    with probed(store) as site:
        assert site.ask("/readyz").status == 200
        Path(store.address).rename(Path(store.address).with_name("elsewhere"))
        assert site.ask("/readyz").status == 200


def test_prometheus_reads_calls_and_the_store(store: Store) -> None:
    with metrics.counted("one_tool", "rest", lambda error: "refused"):
        pass
    with pytest.raises(Invalid), metrics.counted("one_tool", "mcp", lambda error: type(error).__name__.lower()):
        raise Invalid("x", "y")
    metrics.count_request("GET", "/one/{path}", 200)
    text = metrics.shown(lambda: store).decode()
    for line in (
        'notewell_calls_total{door="rest",outcome="ok",tool="one_tool"} 1.0',
        'notewell_calls_total{door="mcp",outcome="invalid",tool="one_tool"} 1.0',
        'notewell_call_seconds_count{door="rest",tool="one_tool"} 1.0',
        'notewell_requests_total{method="GET",route="/one/{path}",status="200"} 1.0',
        "notewell_notes 2.0",
        "notewell_revisions 4.0",
        "notewell_dangling_links 1.0",
        "notewell_store_up 1.0",
    ):
        assert line in text.splitlines()
    assert "notewell_backup_age_seconds" not in text
    store.engine.upkeep.backup(store)
    assert "notewell_backup_age_seconds" in metrics.shown(lambda: store).decode()


def test_a_store_that_cannot_be_read_is_a_figure_too(store: Store) -> None:
    Path(store.address).unlink()
    text = metrics.shown(lambda: store).decode()
    assert "notewell_store_up 0.0" in text
    assert "notewell_notes" not in text


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.9"])
def test_this_machine_is_always_served(host: str) -> None:
    check_listening(host, has_credentials=False, behind_tls_proxy=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "notes.example", ""])
def test_others_are_served_only_when_somebody_can_be_known_and_a_proxy_speaks_tls(host: str) -> None:
    with pytest.raises(Unusable, match=r"token create.*--behind-tls-proxy"):
        check_listening(host, has_credentials=False, behind_tls_proxy=False)
    with pytest.raises(Unusable, match="behind-tls-proxy") as refused:
        check_listening(host, has_credentials=True, behind_tls_proxy=False)
    assert "token create" not in str(refused.value)
    with pytest.raises(Unusable, match="token create"):
        check_listening(host, has_credentials=False, behind_tls_proxy=True)
    check_listening(host, has_credentials=True, behind_tls_proxy=True)


@pytest.mark.parametrize(
    ("client", "headers", "settings", "may_see"),
    [
        ("127.0.0.1", (), GuardSettings(), True),
        ("::1", (), GuardSettings(), True),
        ("192.0.2.1", (), GuardSettings(), False),
        ("127.0.0.1", (b"x-forwarded-for",), GuardSettings(), False),
        ("127.0.0.1", (b"forwarded",), GuardSettings(), False),
        ("127.0.0.1", (), GuardSettings(behind_tls_proxy=True), False),
        ("127.0.0.1", (), GuardSettings(proxies=("127.0.0.1",)), False),
    ],
)
def test_callers_on_this_machine_are_operators_where_no_proxy_calls_for_others(
    store: Store, client: str, headers: tuple[bytes, ...], settings: GuardSettings, may_see: bool
) -> None:
    scope = {"type": "http", "client": (client, 1), "headers": [(name, b"x") for name in headers]}
    assert operator_access(settings, Callers(lambda: store, None), None)(Request(scope)) is may_see


def test_administrators_of_the_whole_store_are_operators_behind_a_proxy(store: Store) -> None:
    save_project(store, "web", "ann", "The web")
    settings = GuardSettings(behind_tls_proxy=True)
    with serving(operated(Starlette(), settings, lambda: store, None)) as site:

        def asked(scope: Scope, project: str | None = None) -> list[int]:
            text, _ = tokens.create(store, f"{scope} {project}", scope, "ann", project)
            return [site.ask(path, Authorization=f"Bearer {text}").status for path in ("/metrics", "/readyz")]

        assert asked("admin") == [200, 200]
        assert asked("write") == [403, 200]
        assert asked("admin", "web") == [403, 200]
        assert site.ask("/metrics").status == 403
        assert site.ask("/metrics", Authorization="Bearer nwl_0_0").status == 401
        assert b"checks" not in site.ask("/readyz").body


def test_credentials_that_are_not_taken_are_refused_recorded_and_slowed_at_figures_and_probes(
    store: Store, tmp_path: Path
) -> None:
    records = CallRecords(tmp_path / "notewell.db")
    settings = GuardSettings(anonymous_rate=4)
    with serving(operated(Starlette(), settings, lambda: store, None, refusals=records)) as site:
        paths = ("/metrics", "/readyz", "/readyz", "/metrics", "/readyz", "/metrics")
        asked = [site.ask(path, Authorization="Bearer nwl_0_0") for path in paths]
        assert [answer.status for answer in asked] == [401] * 4 + [429] * 2
        assert asked[0].headers["www-authenticate"].startswith('Bearer realm="notewell", error="invalid_token"')
        assert site.ask("/readyz").status == 200
        text, _ = tokens.create(store, "ann", "admin", "ann")
        assert [site.ask(path, Authorization=f"Bearer {text}").status for path in paths] == [200] * 6
    records.close()
    (log,) = (tmp_path / "notewell.db.audit").iterdir()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["what"] for line in lines] == ["GET /metrics", "GET /readyz", "GET /readyz", "GET /metrics", "refused"]
    assert {line["outcome"] for line in lines[:4]} == {"refused: this token is not known"}
    assert lines[4]["count"] == 2


def test_a_token_counts_for_listening_as_long_as_it_is_valid(store: Store) -> None:
    def is_valid() -> bool:
        with store.reading() as db:
            return tokens.any_valid(db)

    assert not is_valid()
    tokens.create(store, "ann", "read", "ann")
    assert is_valid()
    tokens.revoke(store, "ann")
    assert not is_valid()


def test_figures_of_several_workers_are_added_up_by_any(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom notewell_server.http.operations import metrics\nfrom notewell_store import open_store\n"
        "metrics.count_request('GET', '/x', 200)\n"
        f"print(metrics.shown(lambda: open_store({str(tmp_path / 'n.db')!r})).decode())"
    )
    folder = tmp_path / "counts"
    folder.mkdir()
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder), "PYTHONPATH": os.pathsep.join(sys.path)}
    for number in (1, 2):
        done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
        assert f'notewell_requests_total{{method="GET",route="/x",status="200"}} {number}.0' in done.stdout, done.stderr
