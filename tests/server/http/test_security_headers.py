"""What every answer tells a browser and a cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from notewell_server.http.guards.settings import GuardSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tests.server.http.conftest import Site


@pytest.mark.parametrize("path", ["/notes/a", "/page", "/nowhere", "/fails", "/healthz"])
def test_every_answer_forbids_guessing_framing_and_embedding(site: Site, path: str) -> None:
    headers = site.ask(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert {"Authorization", "Origin"} <= set(headers["vary"].split(", "))


def test_a_refusal_has_them_too(site: Site) -> None:
    for answer in (site.ask(Host="evil.example"), site.ask(Origin="null"), site.ask(method="PUT", body=b"x" * 100_001)):
        assert answer.status in (421, 403, 413)
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_page_may_load_from_here_alone_and_run_nothing_of_its_own_text(site: Site) -> None:
    policy = site.ask("/page").headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "base-uri 'none'" in policy and "form-action 'self'" in policy
    assert "unsafe" not in policy and "*" not in policy and "http" not in policy
    assert "sandbox" in site.ask().headers["content-security-policy"]


def test_what_was_asked_with_credentials_is_stored_nowhere(site: Site) -> None:
    assert site.ask(Authorization="Bearer good").headers["cache-control"] == "no-store"
    assert site.ask().headers["cache-control"] == "no-cache"


def test_tls_is_asked_for_only_where_there_is_tls(
    site: Site, serve: Callable[[GuardSettings], AbstractContextManager[Site]]
) -> None:
    assert "strict-transport-security" not in site.ask().headers
    with serve(GuardSettings(behind_tls_proxy=True)) as behind:
        assert behind.ask().headers["strict-transport-security"] == "max-age=31536000"
