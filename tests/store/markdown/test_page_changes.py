"""A change of a text on its rendered page."""

from __future__ import annotations

import random
import re
from html.parser import HTMLParser

import pytest
from tests.store.markdown.injections import INJECTIONS

from notewell_store.markdown.html_tree import DEEPEST, VOID, TooDeep, parsed, written
from notewell_store.markdown.page_changes import MOST_CHARS, PageChanges, page_changes
from notewell_store.markdown.rendering import render

PLACED = re.compile(r' class="mark"(?: id="nw/place-\d+" data-place="\d+" tabindex="-1")?')


def compared(old: str, new: str) -> PageChanges:
    changes = page_changes(render(old), render(new))
    assert changes is not None
    return changes


def html_of(old: str, new: str) -> str:
    return PLACED.sub("", "".join(block.html for block in compared(old, new).blocks))


def test_words_are_marked_where_they_stand() -> None:
    assert html_of("We look **first** at it.\n", "We look **last** at it.\n") == (
        "<p>We look <strong><del>first</del></strong><strong><ins>last</ins></strong> at it.</p>"
    )


def test_an_item_that_went_stands_in_its_list() -> None:
    assert html_of("- one\n- two goes\n- three\n", "- one\n- three\n") == (
        "<ul><li>one</li><li><del>two goes</del></li><li>three</li></ul>"
    )


def test_a_cell_that_changed_stays_one_cell() -> None:
    table = "| a | b |\n|---|---|\n| 1 | {} |\n| 2 | y |\n"
    assert "<tr><td>1</td><td><del>x</del></td></tr>" in html_of(table.format("x"), table.format(""))
    assert "<tr><td>1</td><td><ins>x</ins></td></tr>" in html_of(table.format(""), table.format("x"))
    assert "<td><del>x</del><ins>z</ins></td></tr><tr><td>2" in html_of(table.format("x"), table.format("z"))


def test_a_row_that_came_stands_in_its_table() -> None:
    table = "| a |\n|---|\n| 1 |\n"
    assert "<tr><td>1</td></tr><tr><td><ins>2</ins></td></tr></tbody>" in html_of(table, f"{table}| 2 |\n")


def test_a_link_that_leads_elsewhere_is_a_change_though_its_words_are_the_same() -> None:
    html = html_of("See [[a|there]] now.\n", "See [[b|there]] now.\n")
    assert re.findall(r'href="(\w)"[^>]*><(\w+)>there', html) == [("a", "del"), ("b", "ins")]


def test_a_block_that_became_another_kind_went_and_came() -> None:
    assert html_of("A line.\n", "## A line.\n") == '<p><del>A line.</del></p><h2 id="a-line"><ins>A line.</ins></h2>'


def test_a_change_in_what_is_folded_is_seen() -> None:
    folded = "<details><summary>More</summary>\n\nHidden {}.\n\n</details>\n"
    html = html_of(folded.format("one"), folded.format("two"))
    assert '<details open=""><summary>More</summary>' in html
    assert "<del>one</del><ins>two</ins>" in html


def test_what_a_text_strikes_itself_is_no_mark_of_ours() -> None:
    (block,) = compared("It is ~~one~~ <ins>two</ins> here.\n", "It is ~~one~~ <ins>two</ins> there.\n").blocks
    assert re.findall(r"<(?:ins|del)[^>]*>\w+", block.html) == [
        *("<del>one", "<ins>two"),
        *('<del class="mark" id="nw/place-1" data-place="1" tabindex="-1">here', '<ins class="mark">there'),
    ]


def test_no_id_stands_twice() -> None:
    html = html_of("## One thing here\n\nText.\n", "## One thing there\n\nText.\n\n## One thing here\n")
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids)) == 2


def test_places_are_numbered_and_what_is_the_same_is_told_apart() -> None:
    old = "# T\n\nOne is.\n\nTwo is.\n\nThree is here.\n"
    changes = compared(old, old.replace("One is", "One was").replace("Three is", "Three was"))
    assert [block.is_changed for block in changes.blocks] == [False, True, False, True]
    assert changes.places == 2
    html = "".join(block.html for block in changes.blocks)
    assert re.findall(r'id="nw/place-(\d)" data-place="(\d)"', html) == [("1", "1"), ("2", "2")]


class Balance(HTMLParser):
    """Whether each element is closed in its order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open += [] if tag in VOID else [tag]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


RICH = """# A page

Para *one* with `code` and [[link|words]].

- one
- two

  loose
  - nested **item**

> quoted words

| a | b |
|---|---|
| 1 | x |

```py
x = 1
```

1. first
2. second[^1]

---

<div>raw <b>html</b></div>

[^1]: A note.
"""


@pytest.mark.parametrize("seed", range(30))
def test_whatever_changes_the_page_is_whole_and_both_pages_can_be_read_off_it(seed: int) -> None:
    choice = random.Random(seed)
    lines = RICH.split("\n")
    new = [choice.choice([line, line, line, "", f"{line} more", choice.choice(lines)]) for line in lines]
    before, after = render(RICH), render("\n".join(new))
    changes = page_changes(before, after)
    assert changes is not None
    html = "".join(block.html for block in changes.blocks)
    assert Balance(html).open == []
    for kept, gone, page in (("del", "ins", before), ("ins", "del", after)):
        read = re.sub(rf"<{gone}\b[^>]*>.*?</{gone}>", "", html, flags=re.DOTALL)
        assert words(re.sub(rf"</?{kept}\b[^>]*>", "", read)) == words(page)


def words(html: str) -> list[str]:
    return re.sub(r"<(?!img|hr)[^<>]*>", " ", html).split()


def test_no_hostile_text_brings_in_what_was_not_clean() -> None:
    for text in INJECTIONS:
        page = render(text)
        for old, new in ((page, "<p>x</p>"), ("<p>x</p>", page), (page, f"{page}<p>More <b>of</b> it</p>")):
            changes = page_changes(old, new)
            assert changes is not None or text.count("<div>") >= DEEPEST
            html = "".join(block.html for block in changes.blocks) if changes else ""
            known = (
                set(map(without_id, re.findall(r"<[a-z][^<>]*>", old + new)))
                | {"<ins>", "<del>"}
                | {'<details open="">'}
            )
            assert {without_id(tag) for tag in re.findall(r"<[a-z][^<>]*>", PLACED.sub("", html))} <= known, text


def without_id(tag: str) -> str:
    return re.sub(r' id="[^"]*"', "", tag)


def test_what_is_no_tag_of_a_clean_page_is_text() -> None:
    assert written(parsed("<p onclick=x>a</p><SCRIPT>b</b>")) == "&lt;p onclick=x>a&lt;SCRIPT>b"


def test_pages_that_are_too_large_or_too_deep_are_not_compared() -> None:
    assert page_changes("", "x" * (MOST_CHARS + 1)) is None
    with pytest.raises(TooDeep):
        parsed("<div>" * (DEEPEST + 1))
    assert page_changes("<div>" * 5_000, "<p>x</p>") is None
