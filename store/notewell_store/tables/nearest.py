"""Existing names that look like one that does not exist, found by a bounded look at the indexes."""

import difflib
from collections.abc import Iterable

from notewell_store.contract import Connection
from notewell_store.index_query import Together, Within, all_of
from notewell_store.markdown.slugs import MAX_SLUG
from notewell_store.tables.note_rows import and_heeded

CLOSE = 0.55
VERY_CLOSE = 0.85  # a neighbour in the alphabet that like makes a search needless
COMPARED = 6  # names that are compared letter by letter, which costs the most
LOOKED_AT = 40  # of each kind of candidate
PASSED = 2_000  # neighbours among which those that one project heeds are looked for


def nearest_names(db: Connection, name: str, limit: int = 3, project: str | None = None) -> tuple[str, ...]:
    """Slugs of living notes, best first, whatever the number of notes; of those that the project heeds, where one is
    named."""
    name = name[:MAX_SLUG]
    around = _around(db, name, project)
    if closest(name, around, 1, VERY_CLOSE):
        return closest(name, around, limit)
    return closest(name, [*around, *_sharing_words(db, name, project)], limit)


def closest(name: str, candidates: Iterable[str], limit: int = 3, close: float = CLOSE) -> tuple[str, ...]:
    """Those that look like `name`, best first: by pairs of letters, the best of these letter by letter."""
    pairs = _pairs(name)
    by_pairs = sorted((-2 * len(pairs & own) / (len(pairs) + len(own) or 1), word) for word, own in _each(candidates))
    scored = [(-_likeness(word, name), word) for _, word in by_pairs[:COMPARED]]
    return tuple(word for score, word in sorted(scored) if -score >= close)[:limit]


def _likeness(word: str, name: str) -> float:
    """From 0 to 1, letter by letter; what has all words of the name, as `wave-planner` has `wave`, is always close."""
    alike = difflib.SequenceMatcher(None, word, name).ratio()
    return max(alike, CLOSE) if set(name.split("-")) <= set(word.split("-")) else alike


def _each(candidates: Iterable[str]) -> Iterable[tuple[str, set[str]]]:
    return ((word, _pairs(word)) for word in set(candidates))


def _pairs(word: str) -> set[str]:
    return {word[at : at + 2] for at in range(len(word) - 1)} or {word}


def _around(db: Connection, name: str, project: str | None) -> list[str]:
    """The neighbours in the alphabet, of the name and of its beginning."""
    half = name[: len(name) // 2]
    heeded, values = and_heeded(project)
    found: list[tuple[str]] = []
    for start, condition, order in ((name, ">", "ASC"), (name, "<", "DESC"), (half, ">=", "ASC")):
        passed = f"notes WHERE slug {condition} ? AND NOT deleted ORDER BY slug {order} LIMIT ?"
        query, limits = f"SELECT slug FROM {passed}", [LOOKED_AT]
        if heeded:
            query = f"SELECT n.slug FROM (SELECT slug, project_id FROM {passed}) n WHERE TRUE{heeded} LIMIT ?"
            limits = [PASSED, *values, LOOKED_AT]
        found += db.execute(query, (start, *limits)).fetchall()
    return [slug for (slug,) in found]


def _sharing_words(db: Connection, name: str, project: str | None) -> list[str]:
    """Notes whose names hold all words of this one but one, or all; no rank is asked for, which would cost a look at
    every match."""
    words = list(dict.fromkeys(word for word in name.split("-") if word.isalnum()))[:8]
    heeded, own = and_heeded(project)
    found: list[tuple[str]] = []
    for left_out in range(len(words) if len(words) > 1 else 0):
        shared = all_of(Together(word) for at, word in enumerate(words) if at != left_out)
        holding, values = db.index.holding(Within(("names",), shared))
        found += db.execute(
            f"""SELECT n.slug FROM ({holding}) hit JOIN passages p ON p.id = hit.id JOIN notes n ON n.id = p.note_id
               WHERE TRUE{heeded} LIMIT ?""",
            [*values, *own, LOOKED_AT],
        ).fetchall()
    return [slug for (slug,) in found]
