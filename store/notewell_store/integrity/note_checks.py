"""One note of a store, looked through: its history, its newest state, and all that is derived from that."""

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from notewell_store.contract import Snapshot
from notewell_store.errors import StoreError
from notewell_store.findings import Finding, Kind
from notewell_store.integrity import derived_rows
from notewell_store.integrity.revision_chain import Verified, states
from notewell_store.markdown.slugs import is_slug
from notewell_store.models import Metadata
from notewell_store.tables import kept_rows, notes
from notewell_store.tables.kept_rows import Unreadable, as_unreadable, words
from notewell_store.tables.project_rows import called_now
from notewell_store.tables.revisions import load_at, read_metadata

SAME_IN_BOTH = ("slug", "title", "note_type", "status", "project", "position")
FAULTS = (Unreadable, ValueError, OverflowError, TypeError, KeyError, AttributeError, RecursionError)
"""What comes of damaged rows and of the values in them."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check of one note found."""

    name: str
    revisions: int
    last_seq: int
    findings: tuple[Finding, ...]


def check_note(db: Snapshot, note_id: int, *, stale: bool, broken: bool) -> Checked:
    """Look through one note; of a `stale` one the derived rows are yet to be made. Raises nothing for damage.

    In a `broken` store each revision is also read as callers read it: they may come by a page that holds nothing of
    the note.
    """
    check = _Check(db, note_id, stale, broken)
    check.look()
    findings = tuple(Finding(kind, what, check.name, revision) for kind, what, revision in check.found)
    return Checked(check.name, check.revisions, check.last_seq, findings)


@dataclass(slots=True)
class _Check:
    db: Snapshot
    note_id: int
    stale: bool
    broken: bool
    name: str = ""
    revisions: int = 0
    last_seq: int = 0
    found: list[tuple[Kind, str, int | None]] = field(default_factory=list)
    newest: dict[str, Any] | None = None
    """The note's row."""
    slugs: set[str] = field(default_factory=set)
    """All that its revisions called it."""
    created_at: str | None = None

    def add(self, kind: Kind, what: str, revision: int | None = None) -> None:
        self.found.append((kind, what, revision))

    def look(self) -> None:
        self.newest = self._row()
        head = self._history()
        metadata = self._metadata(head)
        self.name = self._name(metadata)
        if head is None or metadata is None:
            return
        self._guarded(lambda: self._compare_row(head, metadata))
        self._guarded(lambda: self._compare_text(head, metadata))
        self._guarded(lambda: self._compare_names(metadata))
        self._guarded(self._read_as_callers_do)
        where = self.db, self.add, self.note_id, metadata
        self._guarded(lambda: derived_rows.compare_with_metadata(*where))
        if not self.stale:
            self._guarded(lambda: derived_rows.compare_with_text(*where, head.text), "derived")

    def _guarded(self, look: Callable[[], None], kind: Kind = "kept") -> None:
        try:
            with as_unreadable(self.db):
                look()
        except FAULTS as error:
            self.add(kind, f"it cannot be checked: {words(error)}")

    def _row(self) -> dict[str, Any] | None:
        try:
            found = kept_rows.note_row(self.db, self.note_id)
        except Unreadable as error:
            self.add("kept", f"its row among the notes cannot be read: {error}")
            return None
        if found is None:
            self.add("kept", "its row among the notes is missing")
        return found

    def _history(self) -> Verified | None:
        """Look through all revisions; the answer is the newest, if that is verified."""
        expected = self.newest["revision"] if self.newest else 0
        head: Verified | None = None
        metadata: str | None = None
        for state in states(self.db, self.note_id, expected if isinstance(expected, int) else 0):
            fault = state.fault or (self._fault_of_reading(state.revision) if self.broken else None)
            if fault is not None:
                self.add("kept", fault, state.revision or None)
            if not state.revision:
                continue
            self.revisions += 1
            head = state.verified
            if head is not None and head.metadata != metadata:
                metadata = head.metadata
                self.slugs.add(_slug_in(metadata))
            if head is not None and state.revision == 1:
                self.created_at = head.kept.revised_at
        if not self.revisions:
            self.add("kept", "it has no history")
        if head is not None:
            self.last_seq = head.kept.seq
        return head

    def _fault_of_reading(self, revision: int) -> str | None:
        try:
            with as_unreadable(self.db):
                load_at(self.db, self.note_id, "", revision)
        except (*FAULTS, StoreError) as error:
            return f"it cannot be read: {words(error)}"
        return None

    def _metadata(self, head: Verified | None) -> Metadata | None:
        try:
            with as_unreadable(self.db):
                return self._as_called_now(read_metadata(head.metadata)) if head else None
        except FAULTS:
            self.add("kept", "its metadata cannot be read", head.kept.revision if head else None)
            return None

    def _as_called_now(self, metadata: Metadata) -> Metadata:
        """A project that was renamed since is the same."""
        if self.newest is None or metadata.project in (None, self.newest["project"]):
            return metadata
        return replace(metadata, project=called_now(self.db, metadata.project))

    def _name(self, metadata: Metadata | None) -> str:
        if metadata is not None:
            return metadata.slug
        slug = self.newest["slug"] if self.newest else max(self.slugs, default="")
        return slug if isinstance(slug, str) and is_slug(slug) else f"note {self.note_id}"

    def _compare_row(self, head: Verified, metadata: Metadata) -> None:
        """The note's row against its newest revision, field by field."""
        if self.newest is None:
            return
        kept = head.kept
        expected: dict[str, object] = {name: getattr(metadata, name) for name in SAME_IN_BOTH}
        expected |= {"is_public": int(metadata.is_public), "deleted": int(metadata.deleted)}
        expected |= {
            "chars": len(head.text),
            "revision": kept.revision,
            "seq": kept.seq,
            "updated_at": kept.revised_at,
        }
        expected |= {"actor": kept.actor, "revised_by": kept.revised_by}
        expected["parent_id"] = notes.find_slug(self.db, metadata.parent) if metadata.parent else None
        if self.created_at is not None:
            expected["created_at"] = self.created_at
        for name, value in expected.items():
            if self.newest[name] != value:
                reads, says = _short(self.newest[name]), _short(value)
                self.add("kept", f"its {name} reads {reads}, its newest revision says {says}", kept.revision)
        if tuple(json.loads(self.newest["tags"])) != metadata.tags:
            self.add("kept", "its tags are not those of its newest revision", kept.revision)

    def _compare_text(self, head: Verified, metadata: Metadata) -> None:
        """The newest text stands beside its note; that of a tombstone is in its history alone."""
        try:
            found = kept_rows.text_and_page(self.db, self.note_id)
        except Unreadable as error:
            return self.add("kept", f"its newest text cannot be read: {error}", head.kept.revision)
        if found is None and metadata.deleted:
            return None
        if found is None:
            return self.add("kept", "its newest text is missing", head.kept.revision)
        markdown, html = found
        if markdown != head.text:
            self.add("kept", "its newest text is not that of its newest revision", head.kept.revision)
        try:
            zlib.decompress(html or zlib.compress(b""))
        except (zlib.error, TypeError):
            self.add("derived", "its stored page cannot be unpacked")

    def _read_as_callers_do(self) -> None:
        """What is needed to answer with the note, such as its parent's name, may lie in other rows than its own."""
        try:
            notes.load(self.db, self.note_id)
        except StoreError as error:
            if not self.found:
                self.add("kept", f"it cannot be read: {words(error)}")

    def _compare_names(self, metadata: Metadata) -> None:
        """Every name that the note had leads to it; an import may have given it others."""
        for slug in sorted({*self.slugs, metadata.slug} - {""}):
            try:
                owners = kept_rows.owners(self.db, slug)
            except Unreadable as error:
                self.add("kept", f"its name {slug} cannot be read: {error}")
                continue
            if owners != [self.note_id]:
                self.add("kept", f"its name {slug} does not lead to it")


def _slug_in(metadata: str) -> str:
    try:
        return str(json.loads(metadata)["slug"])
    except FAULTS:
        return ""


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
