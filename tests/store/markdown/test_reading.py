"""What writers mark otherwise than CommonMark does: footnotes, comments, callouts, ids of blocks; and that no
placeholder of ours is ever seen."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from notewell_store.markdown.links import find_links
from notewell_store.markdown.mentions import find_mentions
from notewell_store.markdown.rendering import render
from notewell_store.markdown.sections import parse_sections, title_of_page

PLACEHOLDER = re.compile(r"[\x00\x02\x03\x1f]|klzzwxh|wzxhzdk|\braw\d|zz1337820767766393449|qq3936677670287331")


def words_of(markdown: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", "", render(markdown)).split())


def test_the_text_of_a_footnote_is_shown_and_linked_to_both_ways() -> None:
    html = render("100[^1]\n\n[^1]: Celsius.\n")
    assert '<sup id="fnref:1"><a class="footnote-ref" href="#fn:1"' in html
    assert '<li id="fn:1">' in html and "Celsius." in html and 'href="#fnref:1"' in html


def test_a_footnote_may_have_paragraphs_and_code_and_stand_beside_others() -> None:
    text = (
        "a[^x] b[^y]\n\n[^x]: One\nlazily *on*\n\n    ```\n    code\n    ```\n\n[^y]: Two\n[^z]: Three\n\nAfter [[n]]"
    )
    html = render(text)
    assert "<pre><code>code\n</code></pre>" in html and "lazily <em>on</em>" in html
    assert words_of(text).startswith("a1 b2 After n One lazily on code")
    assert "Two" in html and "Three" in html


def test_a_reference_to_no_footnote_is_shown_as_it_stands() -> None:
    assert render("x[^none] `[^1]`\n\n[^1]: n").startswith("<p>x[^none] <code>[^1]</code></p>")


def test_a_link_in_a_footnote_is_a_link_and_a_heading_in_one_opens_no_section() -> None:
    text = "a[^1]\n\n[^1]: see [[other-note]]\n\n    # no section\n"
    assert [link.target for link in find_links(text)] == ["other-note"]
    assert parse_sections(text) == ()


def test_very_many_footnotes_cost_little_time() -> None:
    assert render("a[^1] " * 20_000 + "\n\n[^1]: x\n").startswith("<pre>")


@pytest.mark.parametrize("text", [
    "a %%not\nthis%% b",
    "a\n\n%%\n# not this\n\nnor that [[x]]\n%%\n\nb",
    "a\n\n%% not\n\nthis %%\n\nb",
    "a\n\n%%nothing but [[this]]%%\n\nb",
    "a <!-- [[this]] --> b",
])  # fmt: skip
def test_comments_are_neither_shown_nor_read(text: str) -> None:
    assert words_of(text) == "a b"
    assert find_links(text) == ()
    assert parse_sections(text) == ()


@pytest.mark.parametrize(
    "text", ["100%% of 50%% x", "`%%d` and %%", "a %%b", "%%\nopen [[for-ever]]", "``` \n%%\nx\n%%\n```"]
)
def test_other_percent_signs_hide_nothing(text: str) -> None:
    assert words_of(text) == " ".join(re.sub(r"[`\[\]]", "", text).split())


def test_a_callout_begins_with_its_title() -> None:
    assert render("> [!warning]- Take *care*\n> now") == (
        "<blockquote>\n<p><strong>Take <em>care</em></strong></p>\n<p>now</p>\n</blockquote>"
    )
    assert render("> [!NOTE]\n> now") == "<blockquote>\n<p><strong>Note</strong></p>\n<p>now</p>\n</blockquote>"
    assert "[!NOTE]" in render("[!NOTE]\nno quote")


def test_the_id_of_a_block_is_a_place_to_link_to_and_not_shown() -> None:
    assert render("Words. ^k-1") == '<p>Words.<span id="^k-1"></span></p>'
    assert render("- item ^k2\n- other") == '<ul>\n<li>item<span id="^k2"></span></li>\n<li>other</li>\n</ul>'
    assert '<span id="^t"></span>' in render("| a |\n| - |\n| 1 |\n\n^t\n")
    assert render("10^2 and x^n") == "<p>10^2 and x^n</p>"


def test_a_tag_at_the_start_of_a_line_is_no_heading() -> None:
    assert parse_sections("#area/web and #x\n") == ()
    assert render("#area/web") == "<p>#area/web</p>"


def test_code_in_a_wiki_link_names_the_section_of_its_heading() -> None:
    assert [section.anchor for section in parse_sections("## `slice`\n")] == ["slice"]
    assert 'href="t#slice"' in render("[[t#`slice`]]")
    assert ">t#slice</a>" in render("[[t#`slice`]]")


def test_a_hard_break_is_one_in_prose_only() -> None:
    assert render("a  \nb") == "<p>a<br>\nb</p>"
    assert render("a\\\nb") == "<p>a<br>\nb</p>"
    assert "<br" not in render("`a  \nb` [x](y 't  \nu')")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# One\n\ntext\n\n## Two", "One"),
        ("# One\n\n# Two", None),
        ("text\n\n# One", None),
        ("## Two\n\n# One", None),
        ("<!-- a\n\nb -->\n\n# One", "One"),
        ("%%\na\n%%\n# One", "One"),
        ("+++\ntitle = 1\n+++\n# One `x`", "One x"),
        ("> # Quoted\n\n# One", None),
        ("#\n\ntext", None),
        ("", None),
    ],
)
def test_a_heading_is_a_pages_title_where_it_speaks_for_all_of_it(text: str, title: str | None) -> None:
    assert title_of_page(text) == title


PIECES = st.sampled_from(
    [
        *("[[", "]]", "[", "](", ")", "[^1]", "[^1]: ", "`", "``", "**", "_", "~~", "<b>", "<!--", "-->", "%%", "^k1"),
        *(
            "\\",
            "  \n",
            "\n",
            "\n\n",
            "> ",
            "- ",
            "1. ",
            "    ",
            "# ",
            "## ",
            "| a |\n|---|\n",
            "```\n",
            "&amp;",
            "\x1f",
        ),
        *(
            "\x02",
            "\x03",
            "\x00",
            "raw0",
            "x",
            "t#",
            "x.md#",
            "note://a#",
            "https://a.b/",
            "![",
            "> [!x] ",
            "[a]: ",
            '"t"',
        ),
        *("\x02raw0\x03", "\x02klzzwxh:0001\x03", "<a title='", "'>", "+++\n", "---\n", "{\n", "=\n", " ", "{#id}"),
    ]
)


@settings(max_examples=400)
@given(st.lists(PIECES, min_size=1, max_size=25).map("".join))
@example("[[t#`slice`]]")
@example("[a](x.md#`b`)")
@example('[a](x "`b  \n`c")')
@example("[`a`]: `b`\n\n[x][`a`]")
@example("![`a`](b `c`)")
@example("# `a` \\* {#`b`}")
@example("<a title='`x`  \n'>")
@example("\x02klzzwxh:0001\x03+++\n---\n")
def test_no_placeholder_of_ours_is_ever_seen(text: str) -> None:
    shown = render(text)
    for own in ("raw0", "klzzwxh:0001", "klzzwxh0001"):  # what the text itself says; the last as a heading's anchor
        shown = shown.replace(own, "")
    assert not PLACEHOLDER.search(shown)
    clean = text.replace("\0", "")
    told = [*(f"{link.target}{link.anchor}" for link in find_links(clean)), title_of_page(clean) or ""]
    told += [f"{mention.name}{mention.anchor}" for mention in find_mentions(clean)]
    told += [f"{section.anchor}{section.heading}" for section in parse_sections(clean)]
    assert "\0" not in "".join(told)
