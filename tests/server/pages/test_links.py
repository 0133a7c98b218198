"""HTML of a note as a page shows it."""

from __future__ import annotations

import pytest
from tests.store.markdown.injections import INJECTIONS

from notewell_server.pages.links import prose
from notewell_store.markdown.rendering import render


def test_a_heading_that_says_the_title_is_shown_once() -> None:
    assert prose('<h1 id="x">A &amp; <em>B</em></h1>\n<p>text</p>', "A & B") == ("<p>text</p>", "x")
    assert prose("<h1>Other</h1>\n<p>text</p>", "A").anchor is None
    assert prose("<p>text</p>\n<h1>A</h1>", "A").html.endswith("<h1>A</h1>")


def test_an_attribute_that_holds_a_tag_is_no_tag() -> None:
    html = '<p><abbr title="<a href=x> <img src=y>">A</abbr></p>'
    assert prose(html, "").html == html


def test_wide_tables_and_code_can_be_reached_by_keys() -> None:
    assert prose("<table></table>", "").html.startswith(
        '<div class="wide" role="region" aria-label="Table" tabindex="0">'
    )
    assert prose("<pre><code>x</code></pre>", "").html == '<pre tabindex="0"><code>x</code></pre>'


@pytest.mark.parametrize("text", INJECTIONS)
def test_what_was_clean_stays_clean(text: str) -> None:
    cleaned = render(text)
    shown = prose(cleaned, "").html
    for tag in ("<script", "<iframe", "<style", "<form", "<input"):
        assert shown.lower().count(tag) == cleaned.lower().count(tag)
    assert "javascript:" not in shown.replace("javascript:" if "javascript:" in cleaned else "\0", "")
