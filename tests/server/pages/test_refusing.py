"""What guards refuse, as pages with what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.server.pages.conftest import served
from tests.server.pages.test_reading import in_words

from notewell_server.http.guards.security_headers import PAGE_POLICY
from notewell_server.http.guards.settings import GuardSettings
from notewell_server.pages.refusing import in_words as seconds_in_words
from notewell_server.pages.settings import PageSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.server.http.conftest import Answer
    from tests.server.pages.conftest import Pages

FEW = GuardSettings(anonymous_rate=30, max_body=1_000)


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    settings = PageSettings(user_header="remote-user")
    with served(tmp_path_factory.mktemp("strict") / "notewell.db", settings, FEW) as pages:
        yield pages


def words_of(answer: Answer) -> str:
    """Of a page that has the policy of all pages, and is kept by nobody."""
    headers = answer.headers
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["content-security-policy"] == PAGE_POLICY.decode()
    assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")
    assert headers["content-length"] == str(len(answer.body))
    assert b"<script" not in answer.body
    return in_words(answer.body.decode())


def test_a_host_that_is_not_ours_is_told_who_can_help(strict: Pages) -> None:
    answer = strict.site.ask("/", Host="evil.example", Accept="application/json")
    assert answer.status == 421
    words = "421 No pages are served under this name Whoever keeps the server says in NOTEWELL_PAGES_HOSTS"
    assert words in words_of(answer)


def test_what_another_site_sends_is_refused_with_a_way_back(strict: Pages) -> None:
    own = f"http://127.0.0.1:{strict.site.port}"
    for headers in ({"Origin": "https://evil.example"}, {"Origin": own, "Sec_Fetch_Site": "cross-site"}, {}):
        answer = strict.site.ask("/settings", "POST", b"theme=dark", **headers)
        assert answer.status == 403
        words = words_of(answer)
        assert "Load the page here anew" in words
        assert "Nothing was done. Go back in the browser" in words
        assert "NOTEWELL_ALLOWED" not in words


def test_who_names_a_person_without_being_a_trusted_proxy_gets_a_page_too(strict: Pages) -> None:
    answer = strict.site.ask("/notes", Remote_User="ann")
    assert answer.status == 400
    assert "Who you are is told by a trusted proxy only, once." in words_of(answer)


def test_what_is_too_large_says_how_much_may_come_and_that_nothing_is_lost(strict: Pages) -> None:
    own = f"http://127.0.0.1:{strict.site.port}"
    answer = strict.site.ask("/new", "POST", b"x" * 1_001, Origin=own)
    assert answer.status == 413
    assert "A request holds at most 1,000 bytes" in words_of(answer)
    assert "what you typed is still there" in words_of(answer)


@pytest.mark.parametrize(("path", "status"), [(f"/search?q={'x' * 9_000}", 414), ("/notes/%2e%2e%2fx", 400)])
def test_an_address_that_cannot_be_meant_is_told_so(strict: Pages, path: str, status: int) -> None:
    answer = strict.site.ask(path)
    assert answer.status == status
    words_of(answer)


def test_what_no_person_reads_is_refused_as_programs_are_told(strict: Pages) -> None:
    for path in ("/live", "/static/x/pages.css", "/healthz"):
        answer = strict.site.ask(path, "DELETE", Host="evil.example")
        assert answer.headers["content-type"] == "application/problem+json", path


def test_a_method_that_a_page_has_not_is_told_with_those_that_it_has(strict: Pages) -> None:
    answer = strict.site.ask("/settings", "DELETE", Origin=f"http://127.0.0.1:{strict.site.port}")
    assert answer.status == 405
    assert "GET" in answer.headers["allow"]
    assert "text/html" in answer.headers["content-type"]


def test_who_asks_too_often_is_told_in_words_when_to_come_again(tmp_path: Path) -> None:
    with served(tmp_path / "notewell.db", guards=GuardSettings(anonymous_rate=2)) as pages:
        answers = [pages.site.ask("/sign-in") for _ in range(3)]
        assert [answer.status for answer in answers] == [200, 200, 429]
        wait = int(answers[2].headers["retry-after"])
        assert f"429 Too many requests Try again in {wait} seconds." in words_of(answers[2])


def test_a_time_is_said_as_people_say_it() -> None:
    assert [seconds_in_words(number) for number in (1, 2, 90, 91, 600)] == [
        "a second",
        "2 seconds",
        "90 seconds",
        "2 minutes",
        "10 minutes",
    ]
