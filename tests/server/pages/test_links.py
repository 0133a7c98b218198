"""HTML of a note as a page shows it."""

from __future__ import annotations

import pytest
from tests.store.markdown.injections import INJECTIONS

from notewell_server.pages.links import prose
from notewell_store.markdown.rendering import render


def test_a_heading_that_says_the_title_is_shown_once() -> None:
    assert prose('<h1 id="x">A &amp; <em>B</em></h1>\n<p>text</p>', "A & B") == ("<p>text</p>", "x", 0)
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


def test_the_source_of_a_diagram_gets_a_place_to_be_drawn_in_and_stays_readable() -> None:
    found = prose(render("```mermaid\ngraph LR\n  A-->B\n```\n\n```python\nprint()\n```\n"), "")
    assert found.diagrams == 1
    assert found.html.startswith(
        '<div class="diagram" data-diagram=""><details open=""><summary>Source of the diagram</summary>'
    )
    assert "graph LR\n  A--&gt;B\n</code></pre></details></div>" in found.html
    lined = prose('<pre data-line="7"><code class="language-mermaid">x</code></pre>', "").html
    assert lined.startswith('<div class="diagram" data-diagram="" data-line="7"><details open="">')


@pytest.mark.parametrize("text", INJECTIONS)
def test_what_was_clean_stays_clean(text: str) -> None:
    cleaned = render(text)
    shown = prose(cleaned, "").html
    for tag in ("<script", "<iframe", "<style", "<form", "<input"):
        assert shown.lower().count(tag) == cleaned.lower().count(tag)
    assert "javascript:" not in shown.replace("javascript:" if "javascript:" in cleaned else "\0", "")
