"""Queries whose answers are known, made of a wiki by the wiki itself: seeded, so the same for the same store.

- links: the words of a link, wanted: the page that it leads to. The page that holds the link is left out of account,
  for it holds the words.
- sentences: four words in ten of a sentence that stands on one page only, in their order: what one remembers of it.
- headings: a heading of at least three words that one page only has, as a question.
- typos: a title that one page only has, one letter of its longest word wrong.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from random import Random
from typing import NamedTuple

from notewell_store.contract import Snapshot

SEED = 6
MOST_OF_A_KIND = 400
LINK = re.compile(r"(?<!!)\[([^\]\[]{4,80})\]\(([^)\s]+)\)")
PROSE = re.compile(r"^[A-Z][^|`\[\]<>*#\n]{60,300}?[.!?](?=\s|$)", re.MULTILINE)
WORD = re.compile(r"[^\W\d_]{2,}")


class Query(NamedTuple):
    kind: str
    words: str
    wanted: frozenset[str]
    ignored: frozenset[str] = frozenset()


class Page(NamedTuple):
    slug: str
    title: str
    markdown: str


def queries_of(db: Snapshot) -> list[Query]:
    rows = db.execute(
        """SELECT n.slug, n.title, t.markdown FROM notes n JOIN texts t ON t.note_id = n.id
           WHERE NOT n.deleted ORDER BY n.slug"""
    )
    pages = [Page(*row) for row in rows]
    dice = Random(SEED)
    kinds = (_links(db), _sentences(pages, dice), _headings(db), _typos(pages, dice))
    return [query for kind in kinds for query in _some(list(kind), dice)]


def half_of(queries: Iterable[Query], half: str) -> list[Query]:
    """Every second query, so that the halves hold the same kinds."""
    return [query for number, query in enumerate(queries) if half == "both" or number % 2 == (half == "test")]


def _some(queries: list[Query], dice: Random) -> list[Query]:
    dice.shuffle(queries)
    return queries[:MOST_OF_A_KIND]


def _links(db: Snapshot) -> Iterator[Query]:
    """Links by the last part of their path: where that names one target only, the target is known."""
    targets: dict[tuple[str, str], set[str]] = defaultdict(set)
    rows = db.execute(
        """SELECT s.slug, l.name, t.slug FROM links l JOIN notes s ON s.id = l.source_id
             JOIN notes t ON t.id = l.target_id WHERE l.form IN ('path', 'file') AND s.id <> t.id
             AND NOT s.deleted AND NOT t.deleted"""
    )
    for source, path, target in rows:
        targets[source, _last_part(path)].add(target)
    leading: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for (source, part), ends in targets.items():
        (markdown,) = db.execute(
            "SELECT markdown FROM texts JOIN notes n ON n.id = note_id WHERE n.slug = ?", (source,)
        ).fetchone()
        for words, path in LINK.findall(markdown):
            if _last_part(path) == part and len(ends) == 1 and len(WORD.findall(words)) >= 2:
                for end in ends:
                    leading[words][end].add(source)
    for words, ends_of in sorted(leading.items()):
        sources = frozenset().union(*ends_of.values())
        if len(ends_of) == 1:
            yield Query("links", words, frozenset(ends_of), sources - frozenset(ends_of))


def _last_part(path: str) -> str:
    return path.partition("#")[0].rstrip("/").rpartition("/")[2].removesuffix(".md")


def _sentences(pages: list[Page], dice: Random) -> Iterator[Query]:
    where: dict[str, set[str]] = defaultdict(set)
    for page in pages:
        for sentence in PROSE.findall(page.markdown):
            where[sentence].add(page.slug)
    for sentence, slugs in sorted(where.items()):
        words = WORD.findall(sentence)
        if len(slugs) == 1 and len(words) >= 10:
            kept = sorted(dice.sample(range(len(words)), len(words) * 4 // 10))
            yield Query("sentences", " ".join(words[at] for at in kept), frozenset(slugs))


def _headings(db: Snapshot) -> Iterator[Query]:
    rows = db.execute(
        """SELECT s.heading, min(n.slug) FROM sections s JOIN notes n ON n.id = s.note_id
           WHERE NOT n.deleted AND s.level > 1 GROUP BY s.heading HAVING count(DISTINCT n.id) = 1 ORDER BY 1"""
    )
    for heading, slug in rows:
        if len(WORD.findall(heading)) >= 3:
            yield Query("headings", f"what about {heading}?", frozenset([slug]))


def _typos(pages: list[Page], dice: Random) -> Iterator[Query]:
    slugs: dict[str, list[str]] = defaultdict(list)
    for page in pages:
        slugs[page.title].append(page.slug)
    for title, having in sorted(slugs.items()):
        longest = max(WORD.findall(title), key=len, default="")
        if len(having) == 1 and len(longest) >= 6:
            yield Query("typos", title.replace(longest, _mistyped(longest, dice)), frozenset(having))


def _mistyped(word: str, dice: Random) -> str:
    at = dice.randrange(1, len(word) - 1)
    wrong = dice.choice("abcdefghijklmnopqrstuvwxyz")
    return dice.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + wrong + word[at:],
            word[:at] + wrong + word[at + 1 :],
            word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :],
        ]
    )
