"""No operation on a text takes longer than the text is long: a stranger chooses the text, and all others wait.

Functions of texts that look at a bounded part of one alone are here too: what is bounded does not grow at all.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from itertools import islice, product

import pytest

from notewell_store import StoreError, safe_text
from notewell_store.boards import layout
from notewell_store.briefing import excerpts
from notewell_store.checking import keys, patches
from notewell_store.files import addresses, front_matter
from notewell_store.markdown import (
    block_ids,
    blocks,
    canonical,
    diffs,
    inline,
    line_changes,
    links,
    mentions,
    merging,
    page_changes,
    passages,
    prose,
    rendering,
    secrets,
    sections,
    sentences,
    slugs,
    words,
)
from notewell_store.models import Edit, Metadata, Note
from notewell_store.names import as_title, slug_of_path
from notewell_store.nearest import closest
from notewell_store.references import parse_reference
from notewell_store.search import matcher, question, snippets
from notewell_store.suggesting import mentions as names_in_prose
from notewell_store.suggesting import telling_words
from notewell_store.syncing import plans
from notewell_store.tables import deltas, labels
from notewell_store.writing import edits, templates
from notewell_store.writing.limits import LARGEST_TEXT
from notewell_tools.definition import excess_of, split_words
from pace import slowness

SIZES = 2_500, 10_000
"""Characters. Of the second what is linear takes four times as long, what looks again from each place sixteen."""
SIZES_OF_DIFFS = 20_000, 80_000
"""Short stretches of equal lines are compared each with each, up to a bound that these are beyond."""
DIFFS = frozenset({"diff", "merge", "blame"})
FACTOR = 9.0
AT_ONCE = 0.02
"""Seconds: what takes no longer for the larger size is not looked at again; what is not linear takes many times that
for a whole note."""

ATOMS = (
    *" \ta1A-|_/.[(<`*~\"':=@#{\\!\n\r,+&é日",
    *("# ", "- ", "1. ", "> ", "    ", "```\n", "~~~\n", "[a]", "](", "[[", "]]", "[a](b)", "[[a]]", "![", "[a]: b\n"),
    *("<a>", "</a>", "<a ", "<!--", "-->", "<div>\n", "<p>", "**a", "*a*", "_a_", "~~a~~", "`a`", "``", "\\a", "&amp;"),
    *("http://a", "note://a", "a@b", "|a", "|-", "|a|\n", "|-|\n", "a\n", "\na", "a: b\n", "- a\n", "=\n", "---\n"),
    *("a-b ", "aB", "story:a ", "a/", "- [ ] a\n", "<pre>", "\r\n", "x\n\n", "a ", "@@ -1 +1 @@\n", "def a(\n"),
)
FEW = ("a", "\n", "[", "](", "*", "`", "> ")
"""Of which each pair is an atom too."""

ASKED = question.read_query('a "a b" aB* [[a]] foo-bar a1')
FOUND = matcher.Matcher(ASKED)
PLAN = Note(1, Metadata("plan", "Plan"), "", 1, 1, "", "", "", None)
TEMPLATE = "# T\n\n## Goal\n\n## 1. Next steps\n"


def changed(text: str) -> str:
    third = len(text) // 3
    return f"{text[:third]}Q{text[third : 2 * third]}R\nS{text[2 * third :]}"


def edited(text: str, mode: str, new_text: str = "| a |", **place: str) -> None:
    with suppress(StoreError):
        edits.edited_text("n", text, Edit(mode=mode, new_text=new_text, **place))  # type: ignore[arg-type]


def refused(read: Callable[[str], object]) -> Callable[[str], object]:
    def run(text: str) -> None:
        with suppress(StoreError):
            read(text)

    return run


def cut(text: str) -> list[bytes]:
    note = passages.Indexed("t", "n", text, sections.parse_sections.__wrapped__(text))
    return [passage.digest for passage in passages.passages_of(note)]


FUNCTIONS: dict[str, Callable[[str], object]] = {
    "lines": lambda text: list(blocks.scan(text)),
    "sections": lambda text: sections.parse_sections.__wrapped__(text),
    "a heading": lambda text: sections.parse_sections.__wrapped__("# " + text.replace("\n", " ")),
    "a heading of several lines": lambda text: sections.parse_sections.__wrapped__(f"{text}\n===\n"),
    "title": sections.title_of,
    "anchor": sections.anchor_of,
    "words of a heading": inline.plain_text,
    "links": links.find_links,
    "links in a table": lambda text: links.find_links(f"| a | b |\n|---|---|\n| {text}"),
    "a wiki link": lambda text: links.wiki_target(text),
    "mentions": mentions.find_mentions,
    "prose": prose.prose_of,
    "names in prose": lambda text: names_in_prose.Text(text).beginnings(1),
    "a name in prose": lambda text: names_in_prose.Text(text).place("a b"),
    "words to find others by": lambda text: telling_words.telling(text, text, telling_words.AT_LEISURE),
    "canonical": canonical.Canonical,
    "secrets": secrets.find_secrets.__wrapped__,
    "slug": slugs.slugify,
    "passages": cut,
    "diff": lambda text: diffs.unified_diff(text, changed(text), "a", "b"),
    "merge": lambda text: merging.regions.__wrapped__(text, changed(text), f"{text}\nz"),
    "blame": lambda text: diffs.blame([(1, text), (2, changed(text)), (3, text)]),
    "append": lambda text: edited(text, "append"),
    "append it": lambda text: edited("# a\n\n| a |\n|--|\n", "append", text),
    "prepend": lambda text: edited(f"{text} ", "prepend"),
    "replace": lambda text: edited(text, "replace", old_text="not there a b"),
    "replace it": lambda text: edited("some text here\n" * 50, "replace", old_text=text),
    "replace a section": lambda text: edited("# a\n\nb\n", "replace_section", text, anchor="a"),
    "template": lambda text: templates.headings_of(f"{text}{text.count(' ')}"),
    "what a template lacks": lambda text: templates._lacking(TEMPLATE, f"{text}{text.count('a')}"),
    "heading of a template": templates.heading_key,
    "front matter": lambda text: front_matter.split(f"---\n{text}\n---\nbody"),
    "front matter with a title": lambda text: front_matter.split(f"---\ntitle: {text}\n---\nbody"),
    "front matter with tags": lambda text: front_matter.split(f"---\ntags: [{text}]\n---\nbody"),
    "written front matter": lambda text: front_matter.join(front_matter.FrontMatter(title=text), text),
    "patch": patches.read_patch,
    "lines of a patch": lambda text: patches.read_patch("@@ -1,9999 +1,9999 @@\n+" + text.replace("\n", "\n+")),
    "heads of a patch": lambda text: patches.read_patch(f"diff --git {text}\n--- {text}"),
    "an address": addresses.web_address,
    "query": question.read_query,
    "quoted query": lambda text: question.read_query(f'"{text.replace(chr(34), "")}"'),
    "snippet": lambda text: snippets.snippet(text, FOUND),
    "quoted": safe_text.quoted,
    "on one line": lambda text: safe_text.one_line(text, 100),
    "spelt out": safe_text.spelt_out,
    "a field": safe_text.as_field,
    "for a model": safe_text.for_model,
    "lead": excerpts.lead,
    "tidy": excerpts.tidy,
    "steps": excerpts.steps_of,
    "a step": lambda text: excerpts.steps_of(f"- [ ] {text.replace(chr(10), ' ')}"),
    "cards of a plan": lambda text: list(islice(plans._sources(PLAN._replace(markdown=text)), plans.MOST_SOURCES)),
    "a board": layout.layout_of.__wrapped__,
    "words": words.words_of,
    "changes of a page": lambda text: page_changes.page_changes(f"<p>{text}</p>", f"<p>{changed(text)}</p>"),
    "ids of blocks": lambda text: list(block_ids.block_ids(f"^a{text}")),
    "a sentence": lambda text: sentences.sentence_at(text, len(text) // 2),
    "marks": lambda text: merging.has_marks(merging.marked(text, f"a{text}", f"b{text}", ("a", "b"))),
    "a title": as_title,
    "slug of a path": slug_of_path,
    "reference": refused(parse_reference),
    "tag": refused(labels.tag_word),
    "a line with a key": lambda text: keys.line_rank(text, "a:a", keys.holding("a:a")),
    "nearest": lambda text: closest(text, [text[1:], text[:-1], *text.split("\n")[:100]]),
    "delta": lambda text: deltas.encode_delta(text.encode(), changed(text).encode()),
    "words of an argument": split_words,
    "size of an argument": lambda text: excess_of([*text[:5_000]]),
}

LONGEST_RENDERING = 5.0
"""Seconds of the processor. The library that renders is quadratic in places; what it may be given is counted before."""


def atoms() -> list[str]:
    return [*ATOMS, *("".join(pair) for pair in product(FEW, FEW) if pair[0] != pair[1])]


def seconds(run: Callable[[str], object], text: str, times: int) -> float:
    """Of this thread on the processor, the least of several."""
    least = float("inf")
    for _ in range(times):
        before = time.thread_time()
        run(text)
        least = min(least, time.thread_time() - before)
    return least


def grows_too_fast(run: Callable[[str], object], atom: str, sizes: tuple[int, int]) -> str:
    """What was found, "" for nothing. Found twice: another program beside can spoil one measurement."""
    smaller, larger = (f"{atom * (size // len(atom))}x" for size in sizes)
    if seconds(run, larger, 1) <= AT_ONCE:
        return ""
    for _ in range(2):
        least = seconds(run, smaller, 3)
        ratio = seconds(run, larger, 3) / least
        if ratio <= FACTOR:
            return ""
    return f"{atom!r}: {least:.3f} s, then {ratio:.1f} times that"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_of_a_text_takes_no_longer_than_the_text_is_long(name: str) -> None:
    sizes = SIZES_OF_DIFFS if name in DIFFS else SIZES
    tried = [atom for atom in atoms() if name not in DIFFS or "\n" in atom]
    found = (grows_too_fast(FUNCTIONS[name], atom, sizes) for atom in tried)
    assert [words for words in found if words] == []


HARD_TO_RENDER = ("*a*", "\\", "`a` ", "[a](b)", "| a ", "<b>", "[", "> ", "- a\n", "a\n\n", "_a_ ", "[[a]]")


@pytest.mark.parametrize("atom", HARD_TO_RENDER)
def test_the_largest_note_is_rendered_in_bounded_time(atom: str) -> None:
    text = atom * (LARGEST_TEXT // len(atom))
    for part in (text, text[:40_000], f"{atom * (300 // len(atom))}\n\n" * 100):
        assert seconds(rendering.render, part, 1) < LONGEST_RENDERING * slowness()


def merged(lines: int) -> Callable[[str], object]:
    """A merge in which the two sides change each second line."""
    mine, theirs = (
        "".join(f"{number}{word if number % 2 else other}\n" for number in range(lines))
        for word, other in (("a", ""), ("", "b"))
    )
    base = "".join(f"{number}\n" for number in range(lines))
    return lambda _: merging.regions.__wrapped__(base, mine, theirs)


def test_a_merge_takes_no_longer_than_there_are_changes() -> None:
    ratios = (seconds(merged(8_000), "", 3) / seconds(merged(2_000), "", 3) for _ in range(2))
    assert any(ratio < FACTOR for ratio in ratios)  # another program beside can spoil one of them


WORDS = [" ".join(f"{word}{number}" for number in range(800)) for word in "ab"]
MIXED = " ".join(f"{'same' if number % 2 else 'new'}{number}" for number in range(800))
WIDE = f"<table><tbody><tr>{'<td>a</td>' * 25_000}</tr></tbody></table>"
FAR = f'<a href="https://a.example/{"a" * 250_000}">'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<p>a</p>", WIDE),
        (f"<p>{FAR}{WORDS[0]}</a></p>", f"<p>{FAR}{WORDS[1]}</a></p>"),
        (f"<p>{FAR}{MIXED.replace('new', 'old')}</a></p>", f"<p>{FAR}{MIXED}</a></p>"),
        (f"<p>{FAR}{'a<br>' * 8_000}</a></p>", f"<p>{FAR}{'b<br>' * 8_000}</a></p>"),
    ],
    ids=["a wide row", "a long address", "a long address of mixed words", "a long address of many lines"],
)
def test_what_is_hard_to_compare_on_a_page_is_compared_in_bounded_time(old: str, new: str) -> None:
    assert seconds(lambda _: page_changes.page_changes(old, new), "", 1) < LONGEST_RENDERING * slowness()


@pytest.mark.parametrize("atom", ["a\n", "\n"])
def test_lines_that_are_all_alike_are_compared_in_bounded_time(atom: str) -> None:
    text = atom * (300_000 // len(atom))
    assert (
        seconds(lambda text: line_changes.line_changes(text, changed(text)), text, 1) < LONGEST_RENDERING * slowness()
    )


def test_a_long_name_is_looked_for_among_many_sections_as_quickly_as_a_short_one() -> None:
    among = sections.parse_sections("# a b\n" * 5_000)
    look = refused(lambda text: sections.pick_section(among, text, "n"))
    short, long = (seconds(look, "é" * letters, 3) for letters in (10, 9_000))
    assert long < FACTOR * short
