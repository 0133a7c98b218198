import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.store.markdown.injections import INJECTIONS

from notewell_store.markdown.effort import MAX_CHARS, MAX_DEPTH, MAX_LINES
from notewell_store.markdown.rendering import render, render_with_lines
from notewell_store.markdown.sections import parse_sections

REL = 'rel="noopener noreferrer nofollow"'
WORDS = ["# ", "## A", "b", "- ", "  - c", "1. ", "> ", "```", "    ", "| d | e |\n|---|---|\n", "===", "---"]
WORDS += [
    "\t",
    "**",
    "_",
    "`",
    "~~",
    "[[f|g]]",
    "[h](i)",
    "![j](//k)",
    "<div>",
    "</div>",
    "<!--",
    "-->",
    "\\",
]
WORDS += [
    "<b onclick=x>",
    "&amp;",
    "https://l.m",
    "note://n#o",
    "[p]: q",
    "\x02",
    "\x03",
    "\x1f",
    "\x00",
    "\ud800",
]
documents = st.lists(st.sampled_from([*WORDS, "\n", "\n", "\n\n", " "]), max_size=40).map("".join)
any_text = documents | st.text(max_size=200)


class Elements(HTMLParser):
    """The start tags of an HTML text with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)).strip()


ACTIVE = {
    "base",
    "embed",
    "form",
    "iframe",
    "input",
    "link",
    "math",
    "object",
    "script",
    "style",
    "svg",
    "video",
}


def assert_harmless(html: str) -> None:
    for tag, attributes in Elements(html).found:
        assert tag not in ACTIVE
        assert not {name for name in attributes if name.startswith("on")} & set(attributes)
        assert not {"style", "srcset", "background", "poster"} & set(attributes)
        address = re.sub(r"\A[\x00-\x20]+|[\t\r\n]", "", attributes.get("href") or attributes.get("src") or "").lower()
        scheme = re.match(r"[a-z][a-z0-9+.-]*:", address)
        if tag == "img":
            assert not address.startswith(("//", "\\\\", "/\\", "\\/"))
            assert scheme is None or re.match(r"data:image/(png|gif|jpeg|webp);base64,", address)
        else:
            assert scheme is None or scheme.group() in ("http:", "https:", "mailto:")


PAYLOADS = [
    "<script>alert(1)</script>",
    "a <ScRiPt src=//x.y/z></sCrIpT> b",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "[a](javascript:alert(1))",
    "[a](java\tscript:alert(1)) [b](<java\nscript:alert(1)>)",
    "[a](JaVaScRiPt&colon;alert(1)) [b](&#106;avascript:alert(1))",
    "<javascript:alert(1)> <data:text/html,x>",
    "[a](data:text/html;base64,PHNjcmlwdD4=) [b]( data:text/html,x)",
    "[a]: vbscript:x\n\n[a]",
    '[a](b "onmouseover=alert(1)") [c](d"onmouseover="alert(1))',
    '![a" onerror="alert(1)](b.png) ![c](d"onerror="alert(1))',
    "<iframe src=https://x.y></iframe><object data=x></object><embed src=x><base href=//x>",
    "<form action=//x><input name=y><button formaction=javascript:x>z</button></form>",
    '<a href="&#x6A;avascript:alert(1)">x</a> <a href=" javascript:x">y</a>',
    '<div style="background:url(//x.y/z)" background=//x.y>a</div><style>@import "//x"</style>',
    '<img srcset="//x.y/z 1x" src="//x.y/z"><video src=//x.y poster=//x.y></video>',
    '```"><script>alert(1)</script>\nx\n```',
    "```x onclick=alert(1)\n</code></pre><script>alert(1)</script>\n```",
    '# <img src=x onerror=alert(1)> {#x" onclick="y}',
    '[[a|<img src=x onerror=alert(1)>]] [["onclick=x]]',
    "<!--><script>alert(1)</script>--> <!-- --!><img src=x onerror=y> -->",
    'note://a"onclick=x [b](note://c"onclick=x) <a href=\'note://"onclick=x\'>d</a>',
    "| <script>alert(1)</script> | b |\n|---|---|\n| <img src=x onerror=y> | c |",
    "\x02raw0\x03 \x02h1:x onclick=y\x03 \x02wzxhzdk:0\x03 \x02klzzwxh:0000\x03",
]


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("around", ["{}", "- {}", "> {}", "# {}", "**{}**", "<div>{}", "text\n{}\ntext"])
def test_nothing_that_runs_or_tracks_comes_through(payload: str, around: str) -> None:
    html = render(around.format(payload))
    assert_harmless(html)
    assert "<script" not in html.lower()


@settings(deadline=None)
@given(any_text)
def test_any_text_is_rendered_harmlessly_and_not_as_it_was_written(markdown: str) -> None:
    html = render(markdown)
    assert_harmless(html)
    assert not re.match(r"<pre>(?!<code)", html) or "<pre" in markdown


@settings(deadline=None)
@given(any_text.map(lambda text: text.replace("\ud800", "")))
def test_headings_have_the_anchors_of_the_sections(markdown: str) -> None:
    sections = parse_sections(re.sub(r"<[^>]*>?|-->", "", markdown))
    html = render(re.sub(r"<[^>]*>?|-->", "", markdown))
    ids = [attributes["id"] for tag, attributes in Elements(html).found if "id" in attributes]
    assert ids == [section.anchor for section in sections]


def test_the_marks_of_markdown_become_elements() -> None:
    html = render("# A *b*\n\nc **d** `e<` ~~f~~\ng  \nh\\\ni\n\n---\n\n> j\n\n![k](l.png)")
    assert html == (
        '<h1 id="a-b">A <em>b</em></h1>\n'
        "<p>c <strong>d</strong> <code>e&lt;</code> <del>f</del>\ng<br>\nh<br>\ni</p>\n"
        '<hr>\n<blockquote>\n<p>j</p>\n</blockquote>\n<p><img alt="k" src="l.png"></p>'
    )


def test_setext_and_repeated_headings_have_their_anchors() -> None:
    html = render("Two\nlines\n---\n\n# Same\n\n# Same\n\n#tag\n\n## Own {#id}")
    assert '<h2 id="two-lines">Two lines</h2>' in html
    assert '<h1 id="same">Same</h1>\n<h1 id="same-1">Same</h1>\n<p>#tag</p>\n<h2 id="id">Own</h2>' in html


def test_front_matter_is_not_shown() -> None:
    assert render("---\ntitle: x\n---\ntext") == "<p>text</p>"


@pytest.mark.parametrize("fence", ["```", "~~~~"])
@pytest.mark.parametrize("before", ["", "- a\n  ", "1. a\n\n   ", "- a\n  - b\n\n    ", "text\n"])
def test_a_fence_is_code_wherever_it_stands(fence: str, before: str) -> None:
    indent = " " * len(before.rpartition("\n")[2])
    html = render(f"{before}{fence}mermaid\n{indent}graph TD\n{indent}\n{indent}  A-->B\n{indent}{fence}\n")
    assert '<pre><code class="language-mermaid">graph TD\n\n  A--&gt;B\n</code></pre>' in html


def test_an_unclosed_fence_and_indented_code_are_code() -> None:
    assert render("```\n# a\n") == "<pre><code># a\n</code></pre>"
    assert render("a\n\n    b\n\n\n      c\n\nd") == "<p>a</p>\n<pre><code>b\n\n\n  c\n</code></pre>\n<p>d</p>"


@pytest.mark.parametrize("indent", ["  ", "    ", "\t"])
def test_lists_nest_by_two_or_four_columns_or_a_tab(indent: str) -> None:
    html = render(f"- a\n{indent}- b\n{indent * 2}- c\n- d")
    assert re.sub(r"\s", "", html) == "<ul><li>a<ul><li>b<ul><li>c</li></ul></li></ul></li><li>d</li></ul>"


def test_a_list_needs_no_blank_line_before_it_and_keeps_its_paragraphs() -> None:
    html = re.sub(r"\n", "", render("text:\n- a\n\n  more\n- b\n1. c\n3. d\n\n7. e\n"))
    assert html.startswith("<p>text:</p><ul><li><p>a</p><p>more</p></li><li><p>b</p></li></ul><ol><li>")
    assert text_of(html) == "text: a more b c d e"
    assert '<ol start="7">' in render("text\n\n7. e")


def test_a_quote_in_a_list_item_and_a_list_in_a_quote_are_kept() -> None:
    assert re.sub(r"\s", "", render("1. a\n   > b\n2. c")) == (
        "<ol><li>a<blockquote><p>b</p></blockquote></li><li>c</li></ol>"
    )
    assert re.sub(r"\s", "", render("- > a\n  >\n  > b\n- c")) == (
        "<ul><li><blockquote><p>a</p><p>b</p></blockquote></li><li>c</li></ul>"
    )
    assert re.sub(r"\s", "", render("> - a\n>   - b\n\nc")) == (
        "<blockquote><ul><li>a<ul><li>b</li></ul></li></ul></blockquote><p>c</p>"
    )


def test_tasks_are_shown_as_boxes() -> None:
    assert text_of(render("- [ ] todo\n- [x] done\n- [y] else")) == "\u2610 todo \u2611 done [y] else"


def test_a_table_is_one_even_right_below_a_paragraph() -> None:
    html = re.sub(r"\n", "", render("text\n| a | b |\n|:-:|--:|\n| [[x|y]] | `c` |\n\nafter"))
    assert html.startswith('<p>text</p><table><thead><tr><th align="center">a</th><th align="right">b</th>')
    assert f'<td align="center"><a class="note-link" href="x" {REL}>y</a></td>' in html
    assert html.endswith("</table><p>after</p>")


@pytest.mark.parametrize(
    ("markdown", "href", "text"),
    [
        ("[[sop-deploy]]", "sop-deploy", "sop-deploy"),
        ("[[sop-deploy#roll-back|undo]]", "sop-deploy#roll-back", "undo"),
        ("[[SOP Deploy]]", "sop-deploy", "SOP Deploy"),
        ("[t](note://sop-deploy#x)", "sop-deploy#x", "t"),
        ("note://sop-deploy#x", "sop-deploy#x", "note://sop-deploy#x"),
        ("<note://sop-deploy>", "sop-deploy", "note://sop-deploy"),
    ],
)
def test_a_link_to_a_note_is_relative_and_marked(markdown: str, href: str, text: str) -> None:
    assert render(markdown) == f'<p><a class="note-link" href="{href}" {REL}>{text}</a></p>'


def test_other_links_keep_their_address() -> None:
    assert render('[a](../b.md#c "d")') == f'<p><a href="../b.md#c" title="d" {REL}>a</a></p>'
    assert render("[a][b]\n\n[b]: mailto:c@d.e") == f'<p><a href="mailto:c@d.e" {REL}>a</a></p>'


@pytest.mark.parametrize(
    "before_after", [("see ", "."), ("(", ")"), ("**", "**"), ("[", "]"), ("> ", ", or"), ("", "")]
)
def test_an_address_in_the_text_is_a_link_without_what_surrounds_it(before_after: tuple[str, str]) -> None:
    before, after = before_after
    url = "https://x.y/a_b_c?d=e_f"
    assert f'<a href="{url}" {REL}>{url}</a>' in render(before + url + after)


def test_an_image_from_another_site_becomes_a_link_to_it() -> None:
    assert render("![a](https://x.y/z.png)") == f'<p><a href="https://x.y/z.png" {REL}>a</a></p>'
    assert render("![](//x.y/z.png)") == f'<p><a href="//x.y/z.png" {REL}>//x.y/z.png</a></p>'
    assert render("[![a](https://x.y/z.png)](https://x.y)") == f'<p><a href="https://x.y" {REL}>a</a></p>'
    assert render("<img alt='a' src='https://x.y/z.png'>") == f'<p><a href="https://x.y/z.png" {REL}>a</a></p>'
    hidden = render('<p><img src="ht\ntps://x.y/z"> <img src=/\\x.y/z> <img src="\t//x.y/z"></p>')
    assert not [tag for tag, _ in Elements(hidden).found if tag == "img"]


def test_an_image_in_the_note_itself_is_shown() -> None:
    data = "data:image/png;base64,iVBORw0KGgo="
    assert f'src="{data}"' in render(f"![a]({data})")
    assert "src=" not in render("![a](data:image/svg+xml;base64,PHN2Zz4=)")


def test_markdown_inside_details_is_rendered_and_comments_are_not() -> None:
    html = render(
        "<details>\n<summary>S</summary>\n\n**a** <!-- no -->\n\n```\nb\n```\n\n</details>\n<!-- no\n\nno -->\nc"
    )
    assert re.sub(r"\n", "", html).rstrip() == (
        "<details><summary>S</summary><p><strong>a</strong> </p><pre><code>b</code></pre></details><p>c</p>"
    )


def test_a_list_item_with_nothing_but_a_comment_is_an_item() -> None:
    assert re.sub(r"\s", "", render("- <!-- no -->\n  - a\n- b")) == "<ul><li><ul><li>a</li></ul></li><li>b</li></ul>"


def test_what_is_escaped_or_in_code_stays_as_written() -> None:
    assert render("\\*a\\* \\[[b]] `[[c]]` 1986\\. d") == "<p>*a* [[b]] <code>[[c]]</code> 1986. d</p>"


@pytest.mark.parametrize(
    "markdown",
    [
        "[" * 200_000,
        "x " + "[a](<" * 40_000,
        "> " * (MAX_DEPTH + 1) + "a",
        "".join("  " * depth + "- a\n" for depth in range(200)),
        "- " * 50_000 + "a",
        "a\n" * (MAX_LINES + 1),
        "word " * MAX_CHARS,
        "see [a](b.md) " * 60_000,
        "<div>" * 100_000,
        "|" + "a|" * 5000 + "\n|" + "-|" * 5000 + "\n" + "|\n" * 30_000,
        "*a*\n\n" * 19_000 + "**b** [c](d) " * 40_000,
    ],
    ids=lambda text: repr(text[:10]),
)
def test_a_text_that_is_too_hard_is_shown_as_it_was_written(markdown: str) -> None:
    html = render(markdown)
    assert html.startswith("<pre>") and html.endswith("</pre>")
    assert html.count("&lt;") == markdown.count("<")


@pytest.mark.parametrize(
    "markdown",
    [
        "word " * 200_000,
        "".join(f"## Heading {number}\n\ntext\n\n" for number in range(10_000)),
        "a [b](c-d) e\n" * 5_000,
        "```\n" + "x\n" * 30_000 + "```",
        "- a\n" * 10_000,
        "| a | b |\n|---|---|\n" + "| c | d |\n" * 5_000,
    ],
    ids=lambda text: repr(text[:10]),
)
def test_a_long_note_is_rendered_all_the_same(markdown: str) -> None:
    assert not re.match(r"<pre>(?!<code)", render(markdown))


def test_a_failure_of_the_library_shows_the_text_and_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> str:
        raise RecursionError

    before = render("*a*")
    with monkeypatch.context() as patched:
        patched.setattr("notewell_store.markdown.canonical.Canonical.__init__", fail)
        assert render("*a* <b>") == "<pre>*a* &lt;b&gt;</pre>"
    assert render("*a*") == before == "<p><em>a</em></p>"


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ('[a](b "see [[c|**d**]]")', '<a href="b" title="see d"'),
        ("![a [[b|`c` *d*]]](e.png)", '<img alt="a c d" src="e.png">'),
        ('[a](b"c="d(1)) `e` [[f]]', 'href="b&quot;c=&quot;d(1)" rel="noopener noreferrer nofollow">a</a> <code>e'),
        ('![a](b"c="d(1)) `e` [[f]]', 'src="b&quot;c=&quot;d(1)"> <code>e</code> <a'),
    ],
)
def test_marks_within_marks_leave_no_stand_in(markdown: str, shown: str) -> None:
    html = render(markdown)
    assert shown in html
    assert not re.search("[\x02\x03]", html)


@pytest.mark.parametrize("address", ["a\\]b@c.d", "a@b\\_c", "a\nb@c.d"])
def test_an_address_of_mail_has_no_stand_in_for_an_escape_or_a_line_end(address: str) -> None:
    html = render(f"x <{address}> <e@f.g>")
    assert not re.search("[\x02\x03\x1f]", html)
    assert html.count("mailto:") == 1


def test_emphasis_in_which_the_library_cuts_stand_ins_is_shown_as_it_was_written() -> None:
    assert render("*a**`b`*`c` [[d]]\n\n*e*") == (
        f'<p>*a**<code>b</code>*<code>c</code> <a class="note-link" href="d" {REL}>d</a></p>\n<p>*e*</p>'
    )
    assert render("*e*") == "<p><em>e</em></p>"


@pytest.mark.parametrize("text", ["", " ", "\n", "\ufeff", "\x00", "\ud800", "\x02\x03\x1f", "\r\n\r"])
def test_odd_texts_are_rendered(text: str) -> None:
    assert isinstance(render(text), str)
    assert isinstance(render(f"a{text}b"), str)


def test_one_note_leaves_nothing_behind_for_the_next() -> None:
    render("[a]: https://x.y\n\n<b>c</b> [a]\n\n```\nd\n```")
    assert render("[a]") == "<p>[a]</p>"


def test_threads_do_not_disturb_each_other() -> None:
    notes = [f"# {number}\n\n- [[n-{number}]]\n\n```\n{number}\n```\n" * 5 for number in range(40)]
    expected = [render(note) for note in notes]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(render, notes * 5)) == expected * 5


def test_the_parsers_are_imported_without_the_renderer() -> None:
    program = (
        "import sys\nimport notewell_store.markdown.sections, notewell_store.markdown.links\n"
        "import notewell_store.markdown.diffs\nprint(*({'markdown', 'nh3', 'html'} & set(sys.modules)))"
    )
    path = next(entry for entry in sys.path if entry.endswith("store"))
    done = subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": path}, capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_blocks_bear_the_number_of_their_first_line() -> None:
    text = (
        "# A\n\nWords,\nmore.\n\n- one\n- [ ] two\n  - low\n\n> said\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
        "```\ncode\n```\n\n***\n\n<div>raw</div>\n\n1. item[^1]\n\n[^1]: Below.\n"
    )
    html = render_with_lines(text)
    assert re.findall(r'<(\w+)[^<>]* data-line="(\d+)"', html) == [
        *(("h1", "1"), ("p", "3"), ("li", "6"), ("li", "7"), ("li", "8"), ("p", "10"), ("table", "12")),
        *(("pre", "16"), ("hr", "20"), ("div", "22"), ("li", "24"), ("p", "26")),
    ]


FORGED = (
    '<p data-line="666">forged</p>\n',
    "\x0e666\x0f text\n",
    "&#14;:666&#15; text\n",
    "[[a&#14;:666&#15;]] and `\x0e:666\x0f`\n",
    "\x0e00112233445566778899aabb:666\x0f\n\n<b>\x0e00112233445566778899aabb:666\x0f</b>\n",
    "![\x0e:666\x0f](data:image/png;base64,AAAA)\n",
    "[a]: http://x.example\n[^b]: words\n\n[a] and [^b]\n",
)


def test_lines_change_nothing_else_of_a_page_and_no_text_brings_its_own() -> None:
    for text in [*INJECTIONS, *FORGED]:
        html = render_with_lines(text)
        assert re.sub(r' data-line="\d+"', "", html) == render(text)
        numbers = set(map(int, re.findall(r'<[^<>]* data-line="([^"]*)"', html)))
        assert numbers <= set(range(1, text.count("\n") + 2)), text
        assert 666 not in numbers
