"""A store of very many short notes, made of fewer: each once more under other names, with its rows of every table.

    python bench/grown.py FILE --notes 1000000

Every note ends with the same number in its slug and title, which is another one in each copy, so that links, parents
and headings stay within a copy, and all that is counted in characters stays where it is. `notewell verify` finds
nothing to say of what comes out. Half of the notes have less than a kilobyte, and each one revision. SQLite only.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import re
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import NamedTuple

import knowledge
from notewell_store import Attribution, open_store
from notewell_store.contract import Snapshot
from notewell_store.index_query import PassageText
from notewell_store.markdown.passages import Passage
from notewell_store.models import Metadata
from notewell_store.tables import revisions
from notewell_store.tables.passages import made_again

DIFFERENT = 2_500  # notes that are made; all others are these once more
MEDIAN_SIZE = 400  # bytes, as drawn
FIRST = "000"
NUMBER = re.compile(rf"\b{FIRST}\b")
COPIES = """
INSERT INTO notes SELECT id + :ids, replace(slug, '-000', :slug), replace(title, ' 000', :title), note_type, status,
  project_id, tags, parent_id + :ids, position, is_public, deleted, chars, revision, seq + :ids, created_at,
  updated_at, actor, revised_by FROM notes WHERE id <= :most;
INSERT INTO texts SELECT note_id + :ids, replace(replace(markdown, '-000]]', :slug || ']]'),
  ' 000' || char(10), :title || char(10)), NULL FROM texts WHERE note_id <= :most;
INSERT INTO sections SELECT note_id + :ids, number, replace(anchor, '-000', :slug), replace(heading, ' 000', :title),
  level, start, body_start, own_end, "end" FROM sections WHERE note_id <= :most;
INSERT INTO labels SELECT label, live, note_id + :ids FROM labels WHERE note_id <= :most;
INSERT INTO names SELECT replace(replace(key, ' 000', :title), '-000', :slug), way, note_id + :ids
  FROM names WHERE note_id <= :most;
INSERT INTO links (source_id, relation, target, anchor, target_id, name, key, form)
  SELECT source_id + :ids, relation, replace(target, '-000', :slug), anchor, target_id + :ids,
  replace(name, '-000', :slug), replace(key, '-000', :slug), form FROM links WHERE source_id <= :most;
"""


class Numbered(knowledge.Shape):
    """The usual notes, of another size, that all end with the number of the first copy."""

    def slug(self, number: int) -> str:
        return f"{super().slug(number)}-{FIRST}"

    def _sections(self, number: int, title: str, dice: Random) -> list[str]:
        return super()._sections(number, f"{title} {FIRST}", dice)

    def note(self, number: int) -> knowledge.Growing:
        note = super().note(number)
        note.metadata = replace(note.metadata, title=f"{note.metadata.title} {FIRST}")
        return note


class Made(NamedTuple):
    """A note of the first copy: when and by whom it was made, its metadata, its passages by their ids."""

    id: int
    at: str
    by: Attribution
    metadata: Metadata
    passages: dict[int, Passage]


def made(db: Snapshot) -> list[Made]:
    rows = db.execute(
        "SELECT note_id, revised_at, actor, revised_by, reason, metadata FROM revisions ORDER BY note_id"
    ).fetchall()
    found = []
    for note_id, at, actor, revised_by, reason, metadata in rows:
        by = Attribution(actor, revised_by, reason, at)
        found.append(Made(note_id, at, by, _read(json.loads(metadata)), made_again(db, note_id)))
    return found


def _read(said: dict[str, object]) -> Metadata:
    tags = said.pop("tags", [])
    assert isinstance(tags, list)
    return Metadata(**said, tags=tuple(tags))  # type: ignore[arg-type]


def copy(db: Snapshot, copies: int, notes: Sequence[Made], step: int) -> None:
    """All notes once more; `step` is how many passages they have."""
    number, ids = f"{copies:03}", copies * DIFFERENT
    values = {"ids": ids, "slug": f"-{number}", "title": f" {number}", "most": DIFFERENT}
    for statement in COPIES.split(";")[:-1]:
        db.execute(statement, values)  # type: ignore[arg-type]  # names are SQLite's own
    texts = db.execute("SELECT note_id, markdown FROM texts WHERE note_id > ?", (ids,)).fetchall()
    markdown = dict(texts)
    for note in notes:
        note_id = note.id + ids
        metadata = _renumbered(note.metadata, number)
        first = revisions.next_of(db, None, markdown[note_id])._replace(seq=note_id)
        revisions.append(db, note_id, first, metadata, markdown[note_id], note.by, note.at, ("created",))
    passages = {
        identity + copies * step: (note.id + ids, one.section, one.start, one.end, _text(one, number))
        for note in notes
        for identity, one in note.passages.items()
    }
    db.executemany(
        'INSERT INTO passages (id, note_id, section, start, "end", digest) VALUES (?, ?, ?, ?, ?, ?)',
        [(identity, *place, _digest(text)) for identity, (*place, text) in passages.items()],
    )
    db.index.take_in((identity, row[-1]) for identity, row in passages.items())


def _renumbered(metadata: Metadata, number: str) -> Metadata:
    return replace(
        metadata,
        slug=metadata.slug.removesuffix(FIRST) + number,
        title=metadata.title.removesuffix(FIRST) + number,
        parent=metadata.parent and metadata.parent.removesuffix(FIRST) + number,
    )


def _text(passage: Passage, number: str) -> PassageText:
    return PassageText(*(NUMBER.sub(number, part) for part in passage.text))


def _digest(text: PassageText) -> bytes:
    return hashlib.blake2b("\0".join(text).encode(), digest_size=8).digest()


def main() -> None:
    parser = argparse.ArgumentParser(description="Make a store of very many short notes")
    parser.add_argument("file", type=Path)
    parser.add_argument("--notes", type=int, default=1_000_000)
    options = parser.parse_args()
    began = time.perf_counter()
    knowledge.MEDIAN_SIZE, knowledge.SPREAD = MEDIAN_SIZE, math.log(2)
    knowledge.Shape = Numbered  # type: ignore[misc]
    store = open_store(options.file)
    knowledge.fill(store, DIFFERENT, only_last=True)
    with store.reading() as db:
        notes = made(db)
    step = max(max(note.passages) for note in notes)
    for number in range(1, options.notes // DIFFERENT):
        with store.writing() as db:
            copy(db, number, notes, step)
        print(f"\r{(number + 1) * DIFFERENT:,} notes", end="", flush=True)
    store.close()
    print(f" in {time.perf_counter() - began:.0f} s, {options.file.stat().st_size / 1e6:,.0f} MB")


if __name__ == "__main__":
    main()
