"""Passages as the index finds them: how many, the best, and what stands in them.

The index knows passages by number; what else is told of them comes from the tables, and is what the reader may see.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from notewell_store.contract import Connection
from notewell_store.index_query import IndexQuery, PassageText
from notewell_store.models import Filter
from notewell_store.tables.listing import conditions
from notewell_store.tables.note_rows import and_heeded
from notewell_store.vocabulary import word_of_end

TRIED_TOGETHER = 20  # words
SMALL = 2_000  # notes of a filter whose passages are listed beforehand

ANCHOR = "CASE WHEN s.number = 0 AND s.level = 1 THEN NULL ELSE s.anchor END"
"""What stands right under a note's title is named by the note alone: the title's section is all of it."""

BODY = 'substr(t.markdown, p.start + 1, p."end" - p.start)'

WITH_TEXT = """passages p JOIN notes n ON n.id = p.note_id JOIN texts t ON t.note_id = n.id
  LEFT JOIN sections s ON s.note_id = p.note_id AND s.number = p.section"""


class Taken(NamedTuple):
    """The passages that count: a condition on the passages `hit`, and the values of its marks."""

    where: str
    values: list[object]
    is_limited: bool
    """Whether the reader sees less than there is."""
    passages: Sequence[int] | None = None
    """All of them, where they are few."""


ALL = Taken("TRUE", [], False)
"""All passages, whoever sees them: for who answers for it."""


class Candidate(NamedTuple):
    """A passage that may answer, with all by which it is weighed and shown; `day` is when its note was changed last,
    `end` the word by which that no longer holds."""

    passage: int
    note_id: int
    slug: str
    note_type: str | None
    status: str | None
    project: str | None
    revision: int
    anchor: str | None
    heading: str | None
    day: str
    end: str | None
    text: PassageText


class Held(NamedTuple):
    """A passage that holds what was asked for."""

    note_id: int
    slug: str
    title: str
    created_at: str
    anchor: str | None
    heading: str | None
    body: str


def taken_by(db: Connection, wanted: Filter) -> Taken:
    """The passages of the notes that a filter takes. The index holds living notes only, so that no filter needs no look
    at the notes."""
    if wanted == Filter():
        seen = "EXISTS (SELECT 1 FROM passages seen WHERE seen.id = hit.id)" if db.is_limited else "TRUE"
        return Taken(seen, [], db.is_limited)
    where, values = conditions(db, wanted)
    notes = f"SELECT n.id FROM notes n WHERE {where}"
    few = db.execute(f"{notes} LIMIT {SMALL + 1}", values).fetchall()
    if len(few) > SMALL:
        place = f"SELECT 1 FROM passages p WHERE p.id = hit.id AND p.note_id IN ({notes})"
        return Taken(f"EXISTS ({place})", values, db.is_limited)
    passages = db.execute(
        f"SELECT id FROM passages WHERE note_id IN {db.VALUES}", (db.listed(note_id for (note_id,) in few),)
    )
    ids = [passage for (passage,) in passages]
    listed = f"{db.aside('hit.id')} IN {db.VALUES}"  # aside, lest each is a match of its own
    return Taken(listed, [db.listed(ids)], db.is_limited, ids)


def count(db: Connection, query: IndexQuery, taken: Taken, most: int) -> int:
    """How many of these passages hold it, counted no further than `most`."""
    holding, asked = db.index.holding(query)
    (found,) = db.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM ({holding}) hit WHERE {taken.where} LIMIT {most}) counted",
        [*asked, *taken.values],
    ).fetchone()
    return int(found)


def count_each(db: Connection, words: Iterable[str], taken: Taken, most: int) -> dict[str, int]:
    """As count, of many words at once; those that stand nowhere are left out."""
    index = db.index
    asked = {word: index.as_word(word) for word in words}
    holding = index.holding_word("word.value")
    rows = db.execute(
        f"""SELECT word.value, (SELECT count(*) FROM
              (SELECT 1 FROM ({holding}) hit WHERE {taken.where} LIMIT {most}) counted) FROM {db.TEXTS} word""",
        [*taken.values, db.listed(sorted({*asked.values()}))],
    )
    counts = dict(rows.fetchall())
    return {word: counts[own] for word, own in asked.items() if counts[own]}


def standing(db: Connection, words: Sequence[str]) -> Iterator[str]:
    """Those of the words that may stand in a passage, whoever sees it: that many stand nowhere is found out in half the
    time in which they are counted."""
    groups = [words[start : start + TRIED_TOGETHER] for start in range(0, len(words), TRIED_TOGETHER)]
    asked = {db.index.as_any(group): group for group in groups}
    holding = db.index.holding_word("tried.value")
    rows = db.execute(
        f"SELECT tried.value FROM {db.TEXTS} tried WHERE EXISTS ({holding})",
        (db.listed(asked),),
    )
    return chain.from_iterable(asked[group] for (group,) in rows.fetchall())


def count_notes(db: Connection, query: IndexQuery, taken: Taken, most: int) -> tuple[int, bool]:
    """How many notes have such a passage, and whether there may be more, for only the `most` newest are looked at."""
    holding, asked = db.index.holding(query)
    notes, passages = db.execute(
        f"""SELECT count(DISTINCT p.note_id), count(*) FROM
              (SELECT hit.id FROM ({holding}) hit WHERE {taken.where} ORDER BY hit.id DESC LIMIT {most}) found
            JOIN passages p ON p.id = found.id""",
        [*asked, *taken.values],
    ).fetchone()
    return int(notes), passages >= most


def best(db: Connection, query: IndexQuery, taken: Taken, most: int, limit: int) -> list[tuple[int, int]]:
    """The ids of the passages that the index ranks best, with the id of each one's note; the newest where two are as
    good. Of more than `most` the newest are ranked."""
    ranked, asked = db.index.ranked(query)
    rows = db.execute(
        f"""SELECT p.id, p.note_id FROM
              (SELECT id, rank FROM (SELECT hit.id, hit.rank FROM ({ranked}) hit WHERE {taken.where}
                  ORDER BY hit.id DESC LIMIT {most}) newest
                ORDER BY rank, id DESC LIMIT {limit}) best
            CROSS JOIN passages p WHERE p.id = best.id ORDER BY best.rank, best.id DESC""",
        [*asked, *taken.values],
    )
    return rows.fetchall()


def taken_of(db: Connection, passages: Iterable[int], taken: Taken) -> dict[int, int]:
    """Those of the passages that count, each with its note."""
    rows = db.execute(
        f"""SELECT hit.id, p.note_id FROM (SELECT wanted.value AS id FROM {db.VALUES} wanted) hit
            CROSS JOIN passages p WHERE p.id = hit.id AND {taken.where}""",
        [db.listed(passages), *taken.values],
    )
    return dict(rows.fetchall())


def named(db: Connection, slugs: Sequence[str], taken: Taken) -> dict[int, int]:
    """The notes that are called so, or were: the id of each, with that of its first passage."""
    names = db.listed(slugs)
    called = db.execute(
        f"""SELECT n.id FROM notes n WHERE n.slug IN {db.TEXTS}
            UNION SELECT a.note_id FROM aliases a WHERE a.slug IN {db.TEXTS}""",
        (names, names),
    ).fetchall()
    if not called:
        return {}
    rows = db.execute(
        f"""SELECT hit.note_id, min(hit.id) FROM
              (SELECT p.id, p.note_id FROM passages p WHERE p.note_id IN {db.VALUES}) hit
            WHERE {taken.where} GROUP BY hit.note_id""",
        [db.listed(note_id for (note_id,) in called), *taken.values],
    )
    return dict(rows.fetchall())


CANDIDATE = f"""p.id, n.id, n.slug, n.note_type, n.status, (SELECT slug FROM projects WHERE id = n.project_id),
  n.revision, {ANCHOR}, substr(n.updated_at, 1, 10), n.tags, n.title, s.heading, {BODY}"""
"""The columns of WITH_TEXT of which candidate_of makes one."""


def candidates(db: Connection, passages: Iterable[int]) -> list[Candidate]:
    """These passages in the order of their ids."""
    rows = db.execute(
        f"""SELECT {CANDIDATE} FROM {WITH_TEXT} WHERE p.id IN {db.VALUES} ORDER BY p.id""",
        (db.listed(passages),),
    )
    return list(map(candidate_of, rows))


def candidate_of(row: Sequence[Any]) -> Candidate:
    passage, note_id, slug, note_type, status, project, revision, anchor, day, tags, title, heading, body = row
    end = _end(status, tags)
    text = PassageText(title, heading or "", body, f"{slug} {tags}")
    return Candidate(passage, note_id, slug, note_type, status, project, revision, anchor, heading, day, end, text)


@lru_cache(maxsize=256)  # of the sixty passages of a search few have a status or tags of their own
def _end(status: str | None, tags: str) -> str | None:
    return word_of_end(status, json.loads(tags))


def below(db: Connection, passage: int, most: int) -> str:
    """At most so many characters of what the passage's section holds beyond it."""
    row = db.execute(
        """SELECT substr(t.markdown, p."end" + 1, ?), s."end" - p."end" FROM passages p
             JOIN texts t ON t.note_id = p.note_id JOIN sections s ON s.note_id = p.note_id AND s.number = p.section
           WHERE p.id = ?""",
        (most, passage),
    ).fetchone()
    return str(row[0])[: row[1]] if row else ""


def passages_holding(db: Connection, query: IndexQuery, most: int, project: str | None = None) -> list[Held]:
    """The first `most` passages that hold it, the oldest first; of notes that the project heeds, where one is named."""
    holding, asked = db.index.holding(query)
    heeded, values = and_heeded(project)
    rows = db.execute(
        f"""SELECT n.id, n.slug, n.title, n.created_at, {ANCHOR}, s.heading, {BODY}
            FROM ({holding}) hit CROSS JOIN {WITH_TEXT} WHERE p.id = hit.id{heeded} ORDER BY hit.id LIMIT {most}""",
        [*asked, *values],
    )
    return list(map(Held._make, rows))


def passages_of_bearers(
    db: Connection, query: IndexQuery, label: str, note_types: Sequence[str], most: int, project: str | None
) -> list[Held]:
    """Of the first `most` passages that hold it in notes which a project heeds, the oldest first, those whose note
    bears the label or is of one of these types."""
    holding, asked = db.index.holding(query)
    heeded, values = and_heeded(project)
    rows = db.execute(
        f"""SELECT EXISTS (SELECT 1 FROM labels l WHERE l.label = ? AND l.live = TRUE AND l.note_id = n.id)
              OR n.note_type IN {db.TEXTS},
              n.id, n.slug, n.title, n.created_at, {ANCHOR}, s.heading, {BODY}
            FROM ({holding}) hit CROSS JOIN {WITH_TEXT} WHERE p.id = hit.id{heeded} ORDER BY hit.id LIMIT {most}""",
        [label, db.listed(note_types), *asked, *values],
    )
    return [Held(*held) for is_bearer, *held in rows if is_bearer]


def wording(db: Connection, query: IndexQuery) -> str:
    """What the index is asked, in its own words."""
    return db.index.wording(query)
