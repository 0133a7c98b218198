"""Stores with all kinds of history, and what was written into them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from notewell_store import Attribution, Change, Edit, Once, Store, parse_reference
from notewell_store.tables import notes, revisions
from notewell_store.writing import drafts, editing, pipeline

if TYPE_CHECKING:
    from collections.abc import Callable

    from notewell_store.contract import Snapshot
    from notewell_store.models import Metadata

NOTES = 40
BY = Attribution("tester", "pr/1", "a reason")
WORDS = ["deploy", "release", "gateway", "rollback", "incident", "lease", "queue", "schema", "ünïcode", "部署", "👩‍👧"]


@dataclass
class Truth:
    """All that a note was, from its first revision to its newest."""

    slug: str
    states: list[tuple[Metadata, str]] = field(default_factory=list)


def write(store: Store, compose: Callable[[Snapshot], drafts.Draft], once: Once | None = None) -> None:
    pipeline.write(store, compose, BY, once=once)


def put(store: Store, slug: str, content: str | None = None, **change: object) -> None:
    wanted = Change(content=content, **change)  # type: ignore[arg-type]  # the tests name what there is
    with store.reading() as db:
        known = notes.find_slug(db, slug)
        read_at = notes.load(db, known).revision if known is not None else None
    write(
        store, partial(drafts.upsert, slug=slug, change=wanted, if_revision=read_at), Once(f"k-{slug}-{read_at}", "c")
    )


def prose(dice: random.Random, words: int) -> str:
    return " ".join(dice.choices(WORDS, k=words))


def fill(store: Store, dice: random.Random, first: int, last: int) -> None:
    """Notes with links, tags, parents and several revisions each."""
    for number in range(first, last):
        slug = f"note-{number}"
        parent = f"note-{dice.randrange(number)}" if number % 3 == 1 else None
        body = (
            f"# Note {number}\n\n{prose(dice, dice.choice((5, 80, 1_500)))}\n\n## Part [[note-{number + 1}]]\n\nend\n"
        )
        put(store, slug, body, tags=(f"tag-{number % 5}",), parent=parent, project="app" if number % 2 else None)
        for _ in range(dice.randrange(9)):
            edit = Edit("append", f"- {prose(dice, 12)}\n", None, "part-note" if dice.random() < 0.5 else None)
            reference = parse_reference(slug)
            edit = Edit("append", edit.new_text)
            write(store, partial(editing.edit, reference=reference, change=edit, if_revision=None))
        if number % 7 == 0:
            put(store, slug, status="active", note_type="sop")


def change_all(store: Store, dice: random.Random) -> None:
    """Renames, deletions, restorations, links set on purpose, and texts written anew."""
    for number in range(0, NOTES, 4):
        put(store, f"note-{number}", f"# Anew\n\n{prose(dice, 300)}\r\n")
        put(store, f"note-{number}", new_slug=f"renamed-{number}")
    for number in range(1, NOTES, 10):
        write(store, partial(drafts.delete, reference=parse_reference(f"note-{number}"), if_revision=None))
    write(store, partial(drafts.restore, reference=parse_reference("note-1")))
    write(store, partial(drafts.restore, reference=parse_reference("note-5@1")))
    relink = partial(drafts.relink, relation="blocks", mode="add", allow_missing=True)
    write(store, partial(relink, source=parse_reference("note-3"), targets=("note-4", "nowhere")))


def read_all(store: Store) -> dict[int, Truth]:
    with store.reading() as db:
        truth = {}
        for note_id, slug, newest in db.execute("SELECT id, slug, revision FROM notes").fetchall():
            past = [revisions.load_at(db, note_id, slug, number + 1) for number in range(newest)]
            truth[note_id] = Truth(slug, [(note.metadata, note.markdown) for note in past])
        return truth


WRITE = """
import sys
from functools import partial
from notewell_store import Attribution, Change, open_store
from notewell_store.writing import drafts, editing, pipeline
store = open_store(sys.argv[1])
for number in range(int(sys.argv[2])):
    change = Change(content=f"# Note {number}\\n", tags=("x",))
    create = partial(drafts.upsert, slug=f"new-{number}", change=change, if_revision=None)
    pipeline.write(store, create, Attribution("w"))
    if number == 0:
        print("begun", flush=True)
store.close()
"""
"""A process of its own: writes so many notes to the store at an address."""
