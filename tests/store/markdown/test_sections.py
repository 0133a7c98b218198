import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notewell_store.markdown.sections import MOST_SECTIONS, anchor_of, parse_sections, title_of

PIECES = [
    "# ",
    "## ",
    "a",
    "B c",
    "-",
    "- ",
    "1. ",
    "> ",
    "```",
    "~~~",
    "===",
    "---",
    "    ",
    "\t",
    " ",
    "|",
    "<!--",
]
PIECES += [
    "-->",
    "<pre>",
    "</pre>",
    "<div>",
    "`",
    "*",
    "[x](y)",
    "{#id}",
    "é",
    "\ufeff",
    "\x00",
    "\n",
    "\r\n",
    "\r",
]
markdown_texts = st.lists(st.sampled_from([*PIECES, "\n", "\n\n"]), max_size=40).map("".join) | st.text(max_size=200)


def headings(markdown: str) -> list[str]:
    return [section.heading for section in parse_sections(markdown)]


def anchors(markdown: str) -> list[str]:
    return [section.anchor for section in parse_sections(markdown)]


def test_a_section_holds_its_subsections_and_knows_where_its_own_text_ends() -> None:
    markdown = "intro\n# One\nfirst\n## Two\nsecond\n# Three\nthird"
    one, two, three = parse_sections(markdown)
    assert markdown[one.start : one.end] == "# One\nfirst\n## Two\nsecond\n"
    assert markdown[one.body_start : one.own_end] == "first\n"
    assert markdown[two.start : two.end] == "## Two\nsecond\n"
    assert markdown[three.start : three.end] == "# Three\nthird"
    assert [section.level for section in (one, two, three)] == [1, 2, 1]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_recognised_and_kept(line_end: str) -> None:
    markdown = line_end.join(["# One", "", "Two", "---", "```", "# no", "```", "### Three", ""])
    one, two, three = parse_sections(markdown)
    assert [section.anchor for section in (one, two, three)] == ["one", "two", "three"]
    assert markdown[one.start : one.end] == markdown
    assert markdown[two.start : two.body_start] == f"Two{line_end}---{line_end}"
    assert markdown[three.start : three.end] == f"### Three{line_end}"


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("# A", ["A"]),
        ("   ###### A ##  ", ["A"]),
        ("    # A", []),
        ("#tag", []),
        ("####### A", []),
        ("#\tA", ["A"]),
        ("## A#", ["A#"]),
        ("#", [""]),
        ("text\n# A", ["A"]),
        ("\ufeff# A", ["A"]),
        ("\\# A", []),
        ("text\n    # A", []),
        ("1. a\n\n   ## B", ["B"]),
        ("- # A", []),
        ("> # A\n\n# B", ["B"]),
        ("a\u2028# b\x0b# c", []),
    ],
)
def test_a_heading_is_one_to_six_marks_and_a_space_at_the_margin(markdown: str, expected: list[str]) -> None:
    assert headings(markdown) == expected


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("A\n===", [("A", 1)]),
        ("A\n--", [("A", 2)]),
        ("A\nB\n---\nC", [("A B", 2)]),
        ("A\n\n---", []),
        ("- A\n---", []),
        ("> A\n---", []),
        ("```\nA\n```\n---", []),
        ("| A | B |\n|---|---|\n| 1 | 2 |\n---", []),
        ("A | B\n--- | ---\n1 | 2\n---\n", []),
        ("# A\n---", [("A", 1)]),
        ("***\n---", []),
        ("[a]: b.md\n---", []),
        ("---\nB\n---", [("B", 2)]),
    ],
)
def test_a_line_is_a_heading_when_it_is_underlined_and_not_merely_followed_by_a_rule(
    markdown: str, expected: list[tuple[str, int]]
) -> None:
    assert [(section.heading, section.level) for section in parse_sections(markdown)] == expected


@pytest.mark.parametrize("end", ["---", "..."])
def test_front_matter_holds_no_headings(end: str) -> None:
    markdown = f"---\ntitle: A\n# comment\nkey: b\n{end}\n# B\n"
    assert headings(markdown) == ["B"]


def test_a_rule_at_the_top_is_no_front_matter() -> None:
    assert headings("---\n\n# A\n\n---\n") == ["A"]
    assert headings("---\nkey: never closed\n\n# A\n") == ["A"]


@pytest.mark.parametrize(
    "code",
    [
        "```\n# no\n```",
        "~~~ py\n# no\n~~~",
        "````\n```\n# no\n````",
        "```\n# no\n~~~\n# no\n   ```  ",
        "   ```\n# no\n   ```",
        "- ```\n  # no\n  ```",
        "- a\n  ```\n  # no\n  ```",
        "1. a\n\n   ```sh\n   # no\n\n   # no\n   ```",
        "> ```\n> # no\n> ```",
        "* a\n    * b\n      ```\n      # no\n      ```",
        "\n    # no\n\n    # no\n",
        "<!--\n# no\n\n# no\n-->",
        "<!-- # no -->",
        "<pre>\n# no\n\n# no\n</pre>",
        "<script>\n# no\n</script>",
    ],
)
def test_headings_in_code_and_comments_are_none(code: str) -> None:
    assert headings(f"{code}\n\n# yes\n") == ["yes"]


def test_an_unclosed_fence_runs_to_the_end() -> None:
    assert headings("# A\n```\n# no\n\n# no") == ["A"]
    assert headings("# A\n```\n# no\n``\n~~~\n# no") == ["A"]


def test_a_fence_in_a_list_item_ends_with_the_item() -> None:
    assert headings("- ```\n  never closed\n# A") == ["A"]


def test_backticks_with_backticks_behind_them_open_no_fence() -> None:
    assert headings("``` a`b\n# A") == ["A"]


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("**Bold** and *light*, __both__ _too_", "Bold and light, both too"),
        ("a `code_with_*` b", "a code_with_* b"),
        ("snake_case_name", "snake_case_name"),
        ('[text](url(x) "t") and [ref][1]', "text and ref"),
        ("[![alt](a.png)](b.md) x", "alt x"),
        ("[[slug|shown]] and [[slug]]", "shown and slug"),
        ("~~old~~ new", "old new"),
        ("1\\. \\*kept\\*", "1. *kept*"),
        ("Q&amp;A <a name='x'></a><https://x.y>", "Q&A https://x.y"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("***all***", "all"),
        ("``a ` b``", "a ` b"),
    ],
)
def test_the_words_of_a_heading_come_without_their_marks(heading: str, words: str) -> None:
    assert headings(f"# {heading}") == [words]


def test_equal_headings_get_numbers_that_no_other_heading_has() -> None:
    assert anchors("# foo\n# foo\n# foo-1\n# foo\n# Foo!") == ["foo", "foo-1", "foo-1-1", "foo-2", "foo-3"]


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("Hello, World!", "hello-world"),
        ("a  b", "a--b"),
        ("Über Größe_x", "über-größe_x"),
        ("日本語 テスト", "日本語-テスト"),
        ("हिन्दी", "हिन्दी"),
        ("C++ & C#", "c--c"),
        ("🗞 News", "-news"),
        ("⚠️ Warn", "-warn"),
        ("v1.2.3 (beta)", "v123-beta"),
        ("x² ½", "x-"),
        ("...", "section"),
        ("-", "section"),
        ("", "section"),
    ],
)
def test_anchors_are_those_of_github(heading: str, anchor: str) -> None:
    assert anchor_of(heading) == anchor


def test_an_id_at_the_end_of_a_heading_is_its_anchor() -> None:
    section, plain = parse_sections("## Deploy it {#go.now} ##\n\nPlain {#two words}\n---\n")
    assert (section.anchor, section.heading) == ("go.now", "Deploy it")
    assert (plain.anchor, plain.heading) == ("plain-two-words", "Plain {#two words}")


def test_headings_without_a_letter_are_numbered_too() -> None:
    assert anchors("# \n# !\n# section") == ["section", "section-1", "section-2"]


def test_an_anchor_is_never_much_longer_than_200_characters() -> None:
    assert [len(anchor) for anchor in anchors(f"# {'a' * 5000}\n# {'a' * 6000}")] == [200, 202]


@pytest.mark.parametrize(
    ("markdown", "title"),
    [
        ("text", None),
        ("", None),
        ("## Sub\n# *Main*\n# Other", "Main"),
        ("### Only\n## Two", "Only"),
        ("# \n## Named", "Named"),
        ("---\ntitle: no\n---\nYes\n===", "Yes"),
    ],
)
def test_the_title_is_the_first_heading_of_level_one_or_else_the_first(markdown: str, title: str | None) -> None:
    assert title_of(markdown) == title


@settings(deadline=None)
@given(markdown_texts)
def test_own_ranges_follow_one_another_without_a_gap(markdown: str) -> None:
    sections = parse_sections(markdown)
    for section, following in pairwise(sections):
        assert section.own_end == following.start
    if sections:
        assert sections[-1].own_end == sections[-1].end == len(markdown)


@settings(deadline=None)
@given(markdown_texts)
def test_offsets_are_in_order_and_sections_nest(markdown: str) -> None:
    sections = parse_sections(markdown)
    for number, section in enumerate(sections):
        assert 0 <= section.start < section.body_start <= section.own_end <= section.end <= len(markdown)
        inner = [other for other in sections[number + 1 :] if other.start < section.end]
        assert all(other.level > section.level and other.end <= section.end for other in inner)


@settings(deadline=None)
@given(markdown_texts)
def test_anchors_are_unique_and_have_no_spaces(markdown: str) -> None:
    found = anchors(markdown)
    assert len(set(found)) == len(found)
    assert not any(re.search(r"\s", anchor) or not anchor for anchor in found)


@settings(deadline=None)
@given(markdown_texts, markdown_texts)
def test_text_before_a_fresh_heading_does_not_depend_on_what_follows(before: str, after: str) -> None:
    head = before.replace("\r", "\n") + "\n\n"
    known = parse_sections(head)
    assert [(s.anchor, s.start) for s in parse_sections(f"{head}{after}")][: len(known)] == [
        (s.anchor, s.start) for s in known
    ]


HOSTILE = ["[[" * 200_000, "[" * 200_000, "`" * 200_000, "#\n" * 100_000, "> " * 50_000, "- " * 50_000 + "a"]
HOSTILE += ["\n" * 500_000, "# " + "*a " * 100_000, "# " + "_a" * 100_000, "# " + "[a](" * 50_000]
HOSTILE += ["# x" + " " * 300_000 + "#", "<!--\n" * 50_000, "```\n" * 50_000, ("- " * 70 + "a\n") * 500]
HOSTILE += [
    "a\n---\n" * 30_000,
    "\t" * 200_000 + "x",
    "|a\n" + "|-" * 200_000 + "x",
    "---\na: b\n" + "x\n" * 99_000,
]


@pytest.mark.parametrize("markdown", HOSTILE, ids=lambda text: repr(text[:8]))
def test_hostile_texts_are_parsed_without_running_away(markdown: str) -> None:
    assert len(parse_sections(markdown)) <= 100_000


def test_a_text_has_no_more_sections_than_a_store_can_keep_at_once() -> None:
    found = parse_sections("# a\n" * (MOST_SECTIONS + 10))
    assert len(found) == MOST_SECTIONS
    assert found[-1].own_end == found[-1].end == 4 * (MOST_SECTIONS + 10)
