"""A store with all kinds of history, what was written into it, and ways to damage copies of its file."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.store.histories import NOTES, Truth, change_all, fill, read_all

from notewell_store import Store, open_store
from notewell_store.engines.sqlite.driver import sqlite3
from notewell_store.engines.sqlite.write_lock import lock_file_of
from notewell_store.tables import notes, projects, revisions

if TYPE_CHECKING:
    from notewell_store.models import Metadata, Note


@dataclass
class Sample:
    """`early` is the same file some hundred changes before."""

    path: Path
    early: Path
    truth: dict[int, Truth]

    @property
    def revisions(self) -> int:
        return sum(len(one.states) for one in self.truth.values())

    def ids(self) -> dict[str, int]:
        """The notes by every name that they ever had."""
        return {metadata.slug: note_id for note_id, was in self.truth.items() for metadata, _ in was.states}

    def copy(self, target: Path, *, gate: bool = False) -> Path:
        """The file alone, or with what the gate's file witnesses of it."""
        shutil.copy(self.path, target)
        if gate:
            shutil.copy(lock_file_of(self.path), lock_file_of(target))
        return target


def change_by_hand(path: Path, *statements: str) -> None:
    """Write past all that guards a store."""
    db = sqlite3.connect(path)
    db.execute("DROP TRIGGER revisions_are_kept")
    db.execute("DROP TRIGGER revisions_stay")
    for statement in statements:
        assert db.execute(statement).rowcount != 0, statement
    db.commit()
    db.close()


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Some two hundred revisions of forty notes; nobody writes it, tests copy it."""
    folder = tmp_path_factory.mktemp("sample")
    dice = random.Random(7)
    store = open_store(folder / "notewell.db")
    projects.save_project(store, "app", "tester", "The app", "github")
    fill(store, dice, 0, NOTES // 2)
    store.close()
    early = folder / "early.db"
    shutil.copy(Path(store.address), early)
    store = open_store(Path(store.address))
    fill(store, dice, NOTES // 2, NOTES)
    change_all(store, dice)
    truth = read_all(store)
    store.close()
    return Sample(Path(store.address), early, truth)


@dataclass
class Reading:
    """What a damaged store still answers: the revisions that are as they were, by note and number (0: the newest),
    and the notes of which something is not."""

    true: set[tuple[int, int]] = field(default_factory=set)
    harmed: set[int] = field(default_factory=set)


def read_damaged(store: Store, truth: dict[int, Truth]) -> Reading:
    """Read everything; fails when any text is answered that was not written as that revision."""
    reading = Reading()
    for note_id, was in truth.items():
        for number in range(len(was.states) + 1):
            note = _answered(store, note_id, was.slug, number)
            if note is None or note.revision != (number or len(was.states)):
                reading.harmed.add(note_id)
            if note is None:
                continue
            metadata, text = was.states[note.revision - 1]
            assert note.markdown == text, f"{was.slug}@{number} was answered otherwise than it was written"
            if _differs(note.metadata, metadata, newest=number == 0):
                reading.harmed.add(note_id)
            else:
                reading.true.add((note_id, number))
    return reading


def _answered(store: Store, note_id: int, slug: str, number: int) -> Note | None:
    """The note as the store's callers get it; None when it refuses, in whatever way."""
    try:
        with store.reading() as db:
            return revisions.load_at(db, note_id, slug, number) if number else notes.load(db, note_id)
    except AssertionError:
        raise
    except Exception:  # what a damaged file brings on is many things; an answer is none of them
        return None


def _differs(found: Metadata, written: Metadata, *, newest: bool) -> bool:
    if not newest:
        return found != written
    own = "slug", "title", "note_type", "status", "project", "tags", "position", "is_public", "deleted"
    return any(getattr(found, name) != getattr(written, name) for name in own)


def damage(path: Path, sample: Sample, seed: int) -> str:
    """Do one kind of harm to the file, and say which."""
    dice = random.Random(seed)
    data = bytearray(path.read_bytes())
    page = 4096 * dice.randrange(1, len(data) // 4096)
    kind = ("a bit", "100 bytes", "zeros", "a page of another place", "a page of another time", "a byte")[seed % 6]
    at = dice.randrange(len(data) - 100)
    if kind == "a bit":
        data[at] ^= 1 << dice.randrange(8)
    elif kind == "a byte":
        data[at] = dice.randrange(256)
    elif kind == "100 bytes":
        data[at : at + 100] = dice.randbytes(100)
    elif kind == "zeros":
        data[page : page + 4096] = bytes(4096)
    elif kind == "a page of another place":
        other = 4096 * dice.randrange(1, len(data) // 4096)
        data[page : page + 4096] = data[other : other + 4096]
    else:
        early = sample.early.read_bytes()
        page = 4096 * dice.randrange(1, len(early) // 4096)
        data[page : page + 4096] = early[page : page + 4096]
    path.write_bytes(data)
    return kind
