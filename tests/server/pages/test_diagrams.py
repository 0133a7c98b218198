"""The frame of a diagram, as it is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notewell_server.pages.static_files import StaticFiles

if TYPE_CHECKING:
    from tests.server.pages.conftest import Pages


def test_a_diagrams_frame_has_no_origin_runs_our_scripts_alone_and_fetches_nothing(demonstration: Pages) -> None:
    answer = demonstration.anybody().get("/diagram")
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'self'",
        "sandbox": "allow-scripts",
    }
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert "set-cookie" not in answer.headers


def test_only_what_that_frame_loads_may_be_loaded_without_an_origin(demonstration: Pages) -> None:
    files = StaticFiles()
    for name, site in (
        ("drawing.js", "cross-origin"),
        ("vendor/mermaid.tiny.js", "cross-origin"),
        ("diagrams.js", "same-origin"),
        ("pages.css", "same-origin"),
    ):
        answer = demonstration.anybody().get(files.address(name), Accept_Encoding="gzip")
        assert (answer.status, answer.headers["content-encoding"]) == (200, "gzip")
        assert answer.headers["cross-origin-resource-policy"] == site
        status = 200 if site == "cross-origin" else 403
        assert demonstration.anybody().get(files.address(name), Origin="null").status == status
    posted = demonstration.site.ask(files.address("drawing.js"), "POST", b"", Origin="null")
    assert posted.status == 403


def test_a_page_is_framed_by_nobody(demonstration: Pages) -> None:
    headers = demonstration.anybody().get("/sign-in").headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
