"""What the tests of the store share: an open store, and short words for what callers do with one."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.engines import ENGINES, lay_empty

from notewell_store import Attribution, Change, Edit, Filter, Once, Saved, Store, open_store, parse_reference
from notewell_store.contract import Snapshot
from notewell_store.models import Link, Note, Revision, RevisionFilter
from notewell_store.search.search import search_notes
from notewell_store.tables import links, notes
from notewell_store.tables.aliases import aliases_of
from notewell_store.tables.copied_rows import PARTS, TOKENS
from notewell_store.tables.dangling import unresolved
from notewell_store.tables.history import list_revisions
from notewell_store.tables.listing import list_notes
from notewell_store.tables.revisions import load_at
from notewell_store.writing import drafts, editing, pipeline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SOMEONE = Attribution("tester")
STORE_ROOT = Path(__file__).parent.parent / "store"
PATIENCE = 60  # seconds a test waits for a process that it started


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Ten thousand tests are made, and stay: to look for garbage among them takes as long as half of making them, then
    and whenever a test makes some. What is garbage of the tests themselves is found as ever."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


class Knowledge:
    """A store as its callers use it: every change through `writing.write`, every look in a snapshot."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def write(self, compose: Callable[[Snapshot], drafts.Draft], by: Attribution = SOMEONE) -> Saved:
        return pipeline.write(self.store, compose, by)

    def put(
        self,
        slug: str,
        content: str | None = None,
        *,
        if_revision: int | None = None,
        by: Attribution = SOMEONE,
        once: Once | None = None,
        dry_run: bool = False,
        **change: Any,
    ) -> Saved:
        """Create the note or change it; content of a note that exists needs `if_revision`."""
        compose = partial(drafts.upsert, slug=slug, change=Change(content=content, **change), if_revision=if_revision)
        return pipeline.write(self.store, compose, by, once=once, dry_run=dry_run)

    def rewrite(self, slug: str, content: str, by: Attribution = SOMEONE, **change: Any) -> Saved:
        """Replace the content, having read it."""
        return self.put(slug, content, if_revision=self.note(slug).revision, by=by, **change)

    def edit(self, ref: str, mode: Any, new_text: str, old_text: str | None = None) -> Saved:
        reference = parse_reference(ref)
        change = Edit(mode, new_text, old_text, reference.anchor)
        return self.write(partial(editing.edit, reference=reference, change=change, if_revision=reference.revision))

    def link(
        self,
        source: str,
        *targets: str,
        relation: str = "relates",
        mode: str = "add",
        allow_missing: bool = False,
    ) -> Saved:
        return self.write(
            partial(
                drafts.relink,
                source=parse_reference(source),
                targets=targets,
                relation=relation,
                mode=mode,
                allow_missing=allow_missing,
            )
        )

    def rename(self, slug: str, new_slug: str) -> Saved:
        return self.put(slug, new_slug=new_slug)

    def delete(self, ref: str, if_revision: int | None = None) -> Saved:
        return self.write(partial(drafts.delete, reference=parse_reference(ref), if_revision=if_revision))

    def restore(self, ref: str) -> Saved:
        return self.write(partial(drafts.restore, reference=parse_reference(ref)))

    def note(self, ref: str) -> Note:
        """The note, now or at the revision that the reference names."""
        reference = parse_reference(ref)
        with self.store.reading() as db:
            note_id = notes.find(db, reference)
            if reference.revision is None:
                return notes.load(db, note_id)
            return load_at(db, note_id, notes.slug_of(db, note_id), reference.revision)

    def id_of(self, ref: str) -> int:
        return self.note(ref).id

    def aliases(self, ref: str) -> tuple[str, ...]:
        with self.store.reading() as db:
            return aliases_of(db, notes.find(db, parse_reference(ref)))

    def outgoing(self, ref: str) -> tuple[Link, ...]:
        with self.store.reading() as db:
            return links.outgoing(db, notes.find(db, parse_reference(ref)))

    def incoming(self, ref: str) -> tuple[Link, ...]:
        with self.store.reading() as db:
            return links.incoming(db, notes.find(db, parse_reference(ref)))

    def dangling(self, ref: str) -> list[str]:
        with self.store.reading() as db:
            return list(unresolved(db, notes.find(db, parse_reference(ref))).names)

    def listed(self, sort: Any = "slug", **wanted: Any) -> list[str]:
        with self.store.reading() as db:
            return [note.slug for note in list_notes(db, Filter(**wanted), sort, 200).items]

    def found(self, query: str, **wanted: Any) -> list[str]:
        with self.store.reading() as db:
            return [hit.slug for hit in search_notes(db, query, Filter(**wanted), 200).items]

    def history(self, ref: str | None = None, **wanted: Any) -> tuple[Revision, ...]:
        with self.store.reading() as db:
            note_id = None if ref is None else notes.find(db, parse_reference(ref))
            return list_revisions(db, note_id, RevisionFilter(**wanted), limit=1000).items


ENGINE = os.environ.get("NOTEWELL_TEST_ENGINE") or "sqlite"
"""On which engine the tests of the store and of the tools run: see the Makefile."""


OF_FILES = "it is about the file itself"


@pytest.fixture(autouse=True)
def _of_sqlite(request: pytest.FixtureRequest) -> None:
    """What cannot hold on another engine is marked, with its reason."""
    mark = request.node.get_closest_marker("of_sqlite")
    if mark is not None and ENGINE != "sqlite":
        pytest.skip(mark.args[0])


def place_of(path: Path) -> str:
    """The address of a new store, which on an engine of files is at that path."""
    return str(path) if ENGINE == "sqlite" else ENGINES[ENGINE](path).address()


TABLES = tuple(dict.fromkeys(part.table for part in (*PARTS, TOKENS)))
"""All that hold what was written, or what is made from it, but what is made again wherever it is missed."""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """The file of the store."""
    if ENGINE != "sqlite":
        pytest.skip(OF_FILES)
    return tmp_path / "notewell.db"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    if ENGINE == "sqlite":
        opened = open_store(lay_empty(tmp_path / "notewell.db"))
        yield opened
        opened.close()
        return
    tested = ENGINES[ENGINE](tmp_path)
    opened = open_store(tested.address())
    yield opened
    opened.close()
    tested.end()


@pytest.fixture
def knowledge(store: Store) -> Knowledge:
    return Knowledge(store)


class Processes:
    """Other Python processes that use the store; none outlives its test."""

    def __init__(self) -> None:
        self._running: list[subprocess.Popen[str]] = []

    def start(self, script: str, *arguments: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", script, *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(STORE_ROOT)},
        )
        self._running.append(process)
        return process

    def finish(self, process: subprocess.Popen[str]) -> str:
        """What the process said, once it has ended well."""
        said, complained = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, complained
        return said

    def end_all(self) -> None:
        for process in self._running:
            if process.poll() is None:
                process.kill()
            process.communicate(timeout=PATIENCE)


@pytest.fixture
def processes() -> Iterator[Processes]:
    started = Processes()
    yield started
    started.end_all()
