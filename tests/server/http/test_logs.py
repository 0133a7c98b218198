"""What is written of a request, and what never is."""

from __future__ import annotations

import io
import json
import logging
import re
import time
from contextlib import redirect_stderr
from typing import TYPE_CHECKING, Any

import pytest
from tests.server.http.conftest import PATIENCE

from notewell_server.http.guards.settings import GuardSettings
from notewell_server.http.operations.logs import set_up_logs, tell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.server.http.conftest import Site

    from notewell_server.http.guards.settings import LogFormat

    Logs = Callable[[LogFormat], "Output"]


class Output:
    """What the logs of this process say from now on."""

    def __init__(self, form: LogFormat) -> None:
        self._stream = io.StringIO()
        with redirect_stderr(self._stream):
            set_up_logs(form)

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    def lines(self, number: int, event: str = "request") -> list[dict[str, Any]]:
        """So many of them: a line is written once its answer is gone, so that it may be waited for."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = [json.loads(line) for line in self.text.splitlines() if line.endswith("}")]
            found = [line for line in found if line["event"] == event]
            if len(found) >= number:
                return found
        raise AssertionError(f"{number} lines were waited for: {self.text}")


@pytest.fixture
def logs() -> Iterator[Callable[[LogFormat], Output]]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield Output
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("uvicorn.access").disabled = False


def test_a_request_is_told_of_by_its_template_alone(site: Site, logs: Logs) -> None:
    output = logs("json")
    answer = site.ask("/notes/secret-plan?q=quokka", Authorization="Bearer sesame", X_Request_Id="abc-1")
    site.ask("/secret-path/quokka")
    first, second = output.lines(2)
    assert first.keys() == {"at", "level", "event", "id", "method", "route", "status", "ms", "client"}
    assert (first["method"], first["route"], first["status"], first["id"]) == ("GET", "/notes/{slug}", 200, "abc-1")
    assert (second["route"], second["status"]) == ("-", 404)
    assert answer.headers["x-request-id"] == "abc-1"
    assert not re.search("secret|quokka|sesame", output.text)


@pytest.mark.parametrize("sent", ['a"b', "x" * 65, "a b", "{}", ""])
def test_an_id_that_is_no_plain_word_is_not_taken(site: Site, logs: Logs, sent: str) -> None:
    output = logs("json")
    given = site.ask(X_Request_Id=sent).headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{16}", given)
    assert output.lines(1)[0]["id"] == given


def test_a_failure_is_told_of_by_its_kind_and_places_not_by_its_words(site: Site, logs: Logs) -> None:
    output = logs("json")
    assert site.ask("/fails").status == 500
    failure = output.lines(1, "uvicorn")[0]
    assert failure["error"] == "ValueError"
    assert any("conftest.py" in place for place in failure["places"])
    assert "secret text" not in output.text


def test_a_refused_host_is_told_of_too(site: Site, logs: Logs) -> None:
    output = logs("json")
    site.ask(Host="evil.example")
    assert output.lines(1)[0]["status"] == 421


def test_a_log_for_eyes_is_one_line_for_each_event(logs: Logs) -> None:
    output = logs("text")
    logging.getLogger("a").warning("two\nlines %s", 1)
    tell("request", status=200)
    logging.getLogger("mcp.server").info("chatter")
    first, second = output.text.splitlines()
    assert first.endswith('warning event=a message="two\\nlines 1"')
    assert second.endswith("info    event=request status=200")


def test_requests_are_counted_by_template_and_status(site: Site) -> None:
    assert site.app is not None
    site.app.counts.clear()
    site.ask("/notes/a")
    site.ask("/other")
    site.ask("/notes/b", "BREW")
    wanted = [("GET", "/notes/{slug}", 200), ("GET", "-", 404), ("other", "/notes/{slug}", 405)]
    deadline = time.monotonic() + PATIENCE
    while site.app.counts != wanted:
        assert time.monotonic() < deadline, site.app.counts


def test_what_nobody_known_asks_beyond_a_rate_is_summed(
    serve: Callable[[GuardSettings], AbstractContextManager[Site]], logs: Logs
) -> None:
    output = logs("json")
    with serve(GuardSettings(anonymous_rate=2)) as site:
        assert [site.ask().status for _ in range(6)] == [200, 200, 429, 429, 429, 429]
    (told,) = output.lines(1, "requests summed")
    assert (told["client"], told["count"]) == ("127.0.0.1", 4)
    assert len(output.lines(2)) == 2


def test_the_same_complaint_is_told_so_often_a_minute(logs: Logs) -> None:
    output = logs("json")
    for number in range(500):
        logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
        logging.getLogger("other").error("no room for %s", number)
    assert len(output.lines(60, "uvicorn")) <= 61
    assert len(output.lines(60, "other")) <= 61
