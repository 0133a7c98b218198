"""Texts through all that reads Markdown: none fails, nothing of ours is left in what comes out, and nothing is lost.

What is cut into lines, sections and passages covers the text; HTML holds what `sanitizing` names and no more; changes
that are taken back, merged or described lead where they say.
"""

from __future__ import annotations

import re
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.fuzz.hostile_values import near, text
from tests.fuzz.trials import Trial, require
from tests.store.markdown.test_rendering import PAYLOADS, WORDS, Elements, assert_harmless

from notewell_store.errors import StoreError
from notewell_store.markdown.blocks import scan
from notewell_store.markdown.diffs import blame, lines_of, opcodes, unified_diff
from notewell_store.markdown.effort import is_too_long
from notewell_store.markdown.inline import plain_text
from notewell_store.markdown.links import MARKS, find_links
from notewell_store.markdown.mentions import find_mentions
from notewell_store.markdown.merging import merge
from notewell_store.markdown.passages import Indexed, passages_of
from notewell_store.markdown.rendering import _thread, render
from notewell_store.markdown.sanitizing import _ATTRIBUTES, _TAGS
from notewell_store.markdown.secrets import find_secrets
from notewell_store.markdown.sections import anchor_of, parse_sections, title_of
from notewell_store.markdown.text_change import lines_with, text_change
from notewell_store.models import Edit
from notewell_store.search.matcher import Matcher
from notewell_store.search.question import read_query
from notewell_store.search.snippets import MOST_MARKS, SNIPPET, snippet
from notewell_store.writing.edits import edited_text

if TYPE_CHECKING:
    from collections.abc import Sequence

OURS = ("\x02", "\x03", "\x1f", "\0", "wzxhzdk", "klzzwxh")
"""Marks that renderers put in for a while."""
ALLOWED = {name for names in _ATTRIBUTES.values() for name in names} | {"align", "rel"}
MORE = [
    "\n",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    " ",
    "  \n",
    "word",
    "a_b",
    "Title",
    "x" * 80,
    "1. ",
    "10) ",
    "* ",
    "+ ",
    "#a",
]
MORE += [
    "[[a#b|c]]",
    "![[d]]",
    "[e](f.md#g)",
    "[h][p]",
    "note://i#j",
    "deploy-web#roll-out",
    "k@3",
    "|",
    "||",
    "~~~",
    "``",
]
MORE += [
    "<!-- ",
    "<pre>",
    "</pre>",
    "<details>",
    "<br/>",
    "<a href='x'>",
    "</a>",
    "&#0;",
    "&colon;",
    "{#own}",
    "- [ ] ",
]
MORE += [
    "---\n",
    "title: t\n",
    "\ufeff",
    "\u2028",
    "\x85",
    "\u00a0",
    "\u200b",
    "İ",
    "ﬁ",
    "中文",
    "AKIA",
    "password: ",
    "=" * 9,
]
PIECES = [*WORDS, *MORE, *PAYLOADS]


class Texts(Trial):
    longest = 5.0  # of a case fifteen comparisons are made, each of which may look at all pairs that one may

    def attempt(self) -> str:
        made = self.text()
        other = near(self.dice, made, PIECES)
        self.given = (made, other)
        self.cut(made)
        outcome = self.rendered(made)
        self.found(made, other)
        self.changed(made, other)
        self.compared(made, other, near(self.dice, made, PIECES))
        self.edited(made, other)
        return outcome

    def text(self) -> str:
        kind = self.dice.random()
        if kind < 0.7:
            return "".join(self.dice.choices(PIECES, k=self.dice.choice((3, 10, 30, 100))))
        if kind < 0.85:
            return text(self.dice, 400)
        some = "".join(self.dice.choices(PIECES, k=self.dice.choice((1, 2, 3))))
        return (some * (self.dice.choice((300, 3_000, 12_000)) // len(some) + 1)) + self.dice.choice(PIECES)

    def cut(self, made: str) -> None:
        lines = list(scan(made))
        require_cover([(line.start, line.end) for line in lines], made)
        require(all(line.start <= line.content <= line.stop <= line.end for line in lines), "a line in disorder")
        sections = parse_sections(made)
        start = sections[0].start if sections else len(made)
        own = [(one.start, one.own_end) for one in sections]
        require_cover([(0, start), *own] if start else own, made)
        require(len({one.anchor for one in sections}) == len(sections), "an anchor twice")
        require(all(one.start < one.body_start <= one.own_end <= one.end for one in sections), "a section in disorder")
        passages = [(one.start, one.end) for one in passages_of(Indexed("t", "n", made, sections))]
        require(all(a[1] <= b[0] for a, b in pairwise(passages)), "passages that overlap")

    def rendered(self, made: str) -> str:
        html = render(made)
        shown = made.encode("utf-8", "replace").decode()
        if html == f"<pre>{escape(shown, quote=False)}</pre>":
            require(is_too_long(shown) or _thread.renderer.rendered(shown) in (None, html), "it failed in another way")
            return "shown as written"
        assert_harmless(html)
        for tag, attributes in Elements(html).found:
            require(tag in _TAGS and attributes.keys() <= ALLOWED, f"<{tag} {attributes}>")
        left = [mark for mark in OURS if mark in html and (len(mark) == 1 or mark not in made)]
        require(not left, f"{left} in {html[:2000]!r}")
        if "<" not in made and "-->" not in made and shown == made:
            ids = [attributes["id"] for tag, attributes in Elements(html).found if tag[0] == "h" and "id" in attributes]
            anchors = [one.anchor for one in parse_sections(made)]
            require(ids == anchors, f"the ids {ids} are not the anchors {anchors}")
        return "rendered"

    def found(self, made: str, other: str) -> None:
        for places in ([one.start for one in find_links(made)], [one.start for one in find_mentions(made)]):
            require(places == sorted(places) and all(0 <= at < len(made) for at in places), f"places {places}")
        find_secrets(made)
        for words in (title_of(made) or "", plain_text(other[:500]), anchor_of(other[:500])):
            require("\0" not in words or "\0" in made + other, f"a mark of ours in {words!r}")
        asked = other[self.dice.randrange(len(other) + 1) :][:30]
        shown = snippet(made, Matcher(read_query(asked)))
        require(len(shown) <= SNIPPET + 4 * MOST_MARKS + 4, f"a snippet of {len(shown)} characters for {asked!r}")

    def changed(self, made: str, other: str) -> None:
        change = text_change(made, other, parse_sections(made))
        if change is not None:
            require(change.sections == parse_sections(other), "sections of a change that are not those of the text")
            links = find_links(other, lines_with(MARKS, other, change.sections))
            require(links == find_links(other), "links of a change that are not those of the text")

    def compared(self, base: str, mine: str, theirs: str) -> None:
        old, new = lines_of(base), lines_of(mine)
        require(turned(old, new) == new, "opcodes that lead elsewhere")
        unified_diff(base, mine, "a", "b", self.dice.choice((None, 0, 100)))
        require("".join(line for _, line in blame([(1, base), (2, theirs), (3, mine)])) == mine, "blame of other lines")
        require(merge(base, mine, base) == mine == merge(base, base, mine), "a change alone is not taken")
        require(merge(base, mine, theirs) == merge(base, theirs, mine), "a merge depends on whose is whose")
        require(merge(base, mine, mine) == mine, "the same change twice is not one")

    def edited(self, made: str, added: str) -> None:
        at, end = sorted(self.dice.randrange(len(made) + 1) for _ in range(2))
        self.replaced(made, made[at : min(end, at + 200)])
        for mode in ("append", "prepend"):
            require(is_among(words_of(made), words_of(changed(made, Edit(mode, added)))), f"{mode} lost a line")
        sections = parse_sections(made)
        if sections:
            one = self.dice.choice(sections)
            result = changed(made, Edit("replace_section", added, anchor=one.anchor))
            require(result.startswith(made[: one.start]) and result.endswith(made[one.end :]), "other sections changed")

    def replaced(self, made: str, old: str) -> None:
        if not old or "\r" in made or made.count(old) != 1:
            return
        new = "\ue000" + "new\n" * self.dice.randrange(3)
        result = changed(made, Edit("replace", new, old))
        if made.find(old, made.find(old) + 1) >= 0:  # it stands there twice, overlapping itself
            return
        require(result == made.replace(old, new), "something else was replaced")
        if "\ue000" not in made:
            require(changed(result, Edit("replace", old, new)) == made, "what was taken back is not what was")


def require_cover(stretches: Sequence[tuple[int, int]], made: str) -> None:
    ends = [0, *(end for _, end in stretches)]
    require([*(start for start, _ in stretches), len(made)] == ends, f"{stretches} do not cover the text")


def turned(old: list[str], new: list[str]) -> list[str]:
    made: list[str] = []
    for tag, a, b, c, d in opcodes(old, new):
        made += old[a:b] if tag == "equal" else new[c:d]
    return made


def words_of(made: str) -> list[str]:
    """The lines that say anything, without the space round them."""
    return [words for line in re.split(r"[\r\n]", made.removeprefix("\ufeff")) if (words := line.strip(" \t"))]


def is_among(lines: list[str], kept: list[str]) -> bool:
    rest = iter(kept)
    return all(line in rest for line in lines)


def changed(made: str, edit: Edit) -> str:
    """The text after the edit, or itself where the edit is refused clearly."""
    try:
        return edited_text("fuzz", made, edit)
    except StoreError as error:
        require(str(error).strip() or error.args, "a refusal without words")
        return made
