"""The search index: notes cut into passages, each a document of a contentless FTS5 table.

A passage is what stands under one heading, or a piece of it where that is long. The table keeps no text of
its own, so a passage is taken out by sending again what was put in: `digest` finds the equal ones, which
stay as they are when a note changes elsewhere.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from notewell_store.contract import Connection
from notewell_store.errors import NextCommand, Unusable
from notewell_store.markdown.sections import Section

LONGEST_PASSAGE = 16_000  # characters

# Scripts written without spaces: each character becomes a word, and a query for several a phrase.
UNSPACED = re.compile("[\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
CAMEL = re.compile(r"\b\w*(?:[a-z0-9][A-Z]|[A-Z]{2}[a-z]{2})\w*\b")
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")  # two, for `APIs` is one word


@dataclass(frozen=True, slots=True)
class Indexed:
    """What of a note is searched."""

    title: str
    names: str
    markdown: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A document of the index; `section` is the number of its section, None before the first heading."""

    section: int | None
    start: int
    end: int
    words: tuple[str, ...]
    """Title, heading, body and names, as they are indexed."""

    @property
    def digest(self) -> bytes:
        return hashlib.blake2b("\0".join(self.words).encode(), digest_size=8).digest()


class _Kept(NamedTuple):
    """A row of `passages`."""

    id: int
    section: int | None
    start: int
    end: int
    digest: bytes


def searchable(text: str) -> str:
    """The text as it is indexed: unspaced scripts are cut into characters, camelCase words are given in parts too."""
    spaced = text if text.isascii() else UNSPACED.sub(lambda match: f" {match[0]} ", text)
    if not HUMP.search(text):  # a look without the words round it, which are costly to find
        return spaced
    humps = [HUMP.sub(" ", word) for word in CAMEL.findall(text)]
    return f"{spaced} {' '.join(humps)}" if humps else spaced


def passages_of(note: Indexed) -> Iterator[Passage]:
    for number, start, end in _stretches(note):
        for piece_start, piece_end in _pieces(note.markdown, start, end):
            yield _passage(note, number, piece_start, piece_end)


def _passage(note: Indexed, section: int | None, start: int, end: int) -> Passage:
    heading = "" if section is None else note.sections[section].heading
    words = (note.title, heading, note.markdown[start:end], note.names)
    return Passage(section, start, end, tuple(map(searchable, words)))


def _stretches(note: Indexed) -> Iterator[tuple[int | None, int, int]]:
    first = note.sections[0].start if note.sections else len(note.markdown)
    if first or not note.sections:
        yield None, 0, first
    for number, section in enumerate(note.sections):
        yield number, section.body_start, section.own_end


def _pieces(markdown: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > LONGEST_PASSAGE:
        limit = start + LONGEST_PASSAGE
        cut = max(markdown.rfind("\n", start, limit), markdown.rfind(" ", limit - 200, limit)) + 1
        cut = cut if cut > start else limit
        yield start, cut
        start = cut
    yield start, end


def write_index(db: Connection, note_id: int, before: Indexed | None, after: Indexed | None) -> None:
    """Bring the index from one state of the note to another; None is a note that is not searched."""
    kept: dict[bytes, list[_Kept]] = {}
    rows = db.execute("SELECT id, section, start, end, digest FROM passages WHERE note_id = ?", (note_id,))
    for row in map(_Kept._make, rows.fetchall()):
        kept.setdefault(row.digest, []).append(row)
    for passage in passages_of(after) if after else ():
        same = kept.get(passage.digest)
        if same:
            _move(db, same.pop().id, passage)
        else:
            _insert(db, note_id, passage)
    for row in chain.from_iterable(kept.values()):
        _delete(db, note_id, row, before)


def _move(db: Connection, identity: int, passage: Passage) -> None:
    db.execute(
        """UPDATE passages SET section = ?1, start = ?2, end = ?3
           WHERE id = ?4 AND (section, start, end) IS NOT (?1, ?2, ?3)""",
        (passage.section, passage.start, passage.end, identity),
    )


def _insert(db: Connection, note_id: int, passage: Passage) -> None:
    cursor = db.execute(
        "INSERT INTO passages (note_id, section, start, end, digest) VALUES (?, ?, ?, ?, ?)",
        (note_id, passage.section, passage.start, passage.end, passage.digest),
    )
    db.execute(
        "INSERT INTO search (rowid, title, heading, body, names) VALUES (?, ?, ?, ?, ?)",
        (cursor.lastrowid, *passage.words),
    )


def _delete(db: Connection, note_id: int, row: _Kept, note: Indexed | None) -> None:
    old = None
    with suppress(IndexError):
        old = _passage(note, row.section, row.start, row.end) if note else None
    if old is None or old.digest != row.digest:
        raise Unusable(f"what is searched of note {note_id} does not fit its text: see ", NextCommand("verify"))
    db.execute("DELETE FROM passages WHERE id = ?", (row.id,))
    db.execute(
        "INSERT INTO search (search, rowid, title, heading, body, names) VALUES ('delete', ?, ?, ?, ?, ?)",
        (row.id, *old.words),
    )
