"""Pages and API beside each other, as the commands serve them."""

from __future__ import annotations

import json
import re
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from tests.server.conftest import NOTEWELL, PATIENCE, environment
from tests.server.http.conftest import Site

from notewell_server.cli import serve_http
from notewell_server.cli.commands import cli
from notewell_store import open_store
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def running(database: Path, *words: str, **settings: str) -> Iterator[tuple[subprocess.Popen[str], list[Site]]]:
    """A command that serves, and the sites that it says it serves, in their order."""
    process = subprocess.Popen(
        [NOTEWELL, *words],
        env=environment(database, {"NOTEWELL_LOG": "text", **settings}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process, list(sites_of(process, len({"--http", "--pages"} & set(words))))
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


def sites_of(process: subprocess.Popen[str], number: int) -> Iterator[Site]:
    assert process.stderr
    for line in process.stderr:
        if number == 0:
            return
        told = re.search(r" at http://127\.0\.0\.1:(\d+) ", line)
        if told:
            number -= 1
            yield Site(int(told[1]))
        if number == 0:
            return


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("doors") / "notewell.db"
    store = open_store(database)
    arguments = {"slug": "a", "content": "# A\n", "is_public": True}
    call_tool(lambda: Call(store, "ann"), "upsert_note", arguments)
    store.close()
    return database


def test_json_is_the_apis_and_html_the_pages_whatever_is_asked_for(filled: Path) -> None:
    words = ("serve", "--http", "--port", "0", "--pages", "--pages-port", "0", "--workers", "2")
    with running(filled, *words, NOTEWELL_PAGES_HOSTS="pages.example") as (_, (api, pages)):
        assert json.loads(api.ask("/notes/a", Accept="text/html").body)["slug"] == "a"
        answer = pages.ask("/notes/a", Accept="application/json")
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert pages.ask("/openapi.json").status == 404
        assert pages.ask("/mcp", "POST", b"{}", Origin=f"http://127.0.0.1:{pages.port}").status == 404
        assert api.ask("/static/x/pages.css").status == 404
        assert b"<!doctype html>" in api.ask("/notes/a", Host="pages.example").body  # as a proxy names it
        assert pages.ask("/notes/a", Host="api.example").status == 421
        assert pages.ask("/healthz").status == api.ask("/healthz").status == 200


def test_open_prints_an_address_that_lets_its_user_in_once(filled: Path) -> None:
    with running(filled, "open", "--no-browser", NOTEWELL_ACTOR="ann") as (process, _):
        assert process.stdout
        url = process.stdout.readline().strip()
        port, path = re.fullmatch(r"http://127\.0\.0\.1:(\d+)(/sign-in\?once=[\w-]{43})", url).groups()  # type: ignore[union-attr]
        site = Site(int(port))
        cookie = site.ask(path).headers["set-cookie"].partition(";")[0]
        assert "ann, who may do everything." in site.ask("/settings", Cookie=cookie).body.decode()
        assert site.ask(path).status == 403


@pytest.mark.parametrize("words", [("serve", "--pages"), ("open", "--no-browser")])
def test_without_the_extra_one_line_says_what_to_install(
    filled: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve_http, "find_spec", lambda name: None)
    done = CliRunner().invoke(cli, words, env={"NOTEWELL_DB": str(filled)})
    lacking = "Error: pages need Jinja2, which is not installed here: pip install 'notewell[pages]'\n"
    assert (done.exit_code, done.output) == (1, lacking)


def test_pages_that_others_could_reach_are_not_served_without_a_token_and_tls(tmp_path: Path) -> None:
    words = ["serve", "--pages", "--pages-host", "0.0.0.0"]
    done = CliRunner().invoke(cli, words, env={"NOTEWELL_DB": str(tmp_path / "notewell.db")})
    assert done.exit_code == 1
    assert "0.0.0.0 can be reached from other machines" in done.output
