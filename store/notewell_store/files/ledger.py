"""The books of one import: its source's origins, the notes of the present transaction, and what was written.

The origins are held in memory for the whole import, which `sources.tip` guards (see sources.advance); notes
as long as nobody else writes between two transactions, which the newest change number tells.
"""

from dataclasses import replace

from notewell_store.clock import now
from notewell_store.contract import Snapshot
from notewell_store.files.sources import Origin, keep_origins
from notewell_store.files.stale_notes import mark_stale
from notewell_store.files.summary import Tally
from notewell_store.markdown.sections import parse_sections
from notewell_store.models import Attribution, Note
from notewell_store.tables import link_rows, link_targets, notes, sections
from notewell_store.tables.changes import newest_change
from notewell_store.tables.checksums import metadata_text_at
from notewell_store.tables.origins import write_origin
from notewell_store.tables.revisions import read_metadata, text_at
from notewell_store.tables.sources import Source
from notewell_store.writing.drafts import Draft
from notewell_store.writing.pipeline import kinds_of_change, record

MOST_CHARS = 8_000_000  # of notes held from one transaction to the next
_DERIVED_FROM = frozenset({"created", "content", "title", "slug", "tags", "deleted", "restored"})


def _slugs_said(origins: dict[str, Origin]) -> dict[str, int]:
    """The notes by the slugs that their files say."""
    return {origin.front.slug: origin.note_id for origin in origins.values() if origin.front.slug is not None}


class Ledger:
    def __init__(self, source: Source, origins: dict[str, Origin], last_note: int, tally: Tally) -> None:
        """`last_note` is the highest id before the import: notes up to it are being read by others."""
        self.source = source
        self.origins = origins
        self.tally = tally
        self.keeps_sections = True
        """Whether notes that were there before have their sections at any time, or only in the end, which is faster."""
        self._paths = {origin.note_id: path for path, origin in origins.items()}
        self._called = _slugs_said(origins)
        self._last_note = last_note
        self._notes: dict[int, Note] = {}
        self._dirty: dict[str, Origin] = {}
        self._changed: set[int] = set()
        self._seq = -1

    def open_again(self, origins: dict[str, Origin]) -> None:
        """Go back to what was written: the last transaction was undone."""
        self.origins.clear()
        self.origins.update(origins)
        self._paths = {origin.note_id: path for path, origin in origins.items()}
        self._called = _slugs_said(origins)
        for kept in (self._notes, self._dirty, self._changed):
            kept.clear()

    def begin(self, db: Snapshot) -> None:
        """Forget what others may have changed since the last transaction, or what has become too much."""
        if newest_change(db) != self._seq or sum(len(note.markdown) for note in self._notes.values()) > MOST_CHARS:
            self._notes.clear()

    def marks(self) -> dict[str, str]:
        """The paths of the files that were taken in, with the mark of each."""
        return {path: origin.mark for path, origin in self.origins.items() if origin.mark}

    def note(self, db: Snapshot, note_id: int) -> Note:
        note = self._notes.get(note_id)
        if note is None:
            note = self._notes[note_id] = notes.load(db, note_id)
        return note

    def path_of(self, note_id: int) -> str | None:
        return self._paths.get(note_id)

    def called(self, slug: str) -> int | None:
        """The note whose file says that it is called so, whatever it could be called."""
        note_id = self._called.get(slug)
        path = self._paths.get(note_id) if note_id is not None else None
        return note_id if path is not None and self.origins[path].front.slug == slug else None

    def is_living(self, db: Snapshot, note_id: int) -> bool:
        kept = self._notes.get(note_id)
        if kept is not None:
            return not kept.metadata.deleted
        return notes.is_living(db, note_id)

    def save(self, db: Snapshot, draft: Draft, by: Attribution) -> tuple[Note, tuple[str, ...]]:
        """Keep the draft as a revision unless it changes nothing; the answer is the note, and what was changed."""
        kinds = kinds_of_change(draft)
        before = draft.before
        if before is not None:
            if not kinds:
                return before, kinds
            if not _DERIVED_FROM.isdisjoint(kinds):
                mark_stale(db, before, before.id)
        at = by.at or now()
        note_id, revision = record(db, draft, replace(by, at=at, door="import"))
        if before is None:
            mark_stale(db, None, note_id)
        if before is None or before.metadata.links != draft.metadata.links:
            link_rows.write_explicit_links(db, note_id, draft.metadata.links)
        if before is not None and "slug" in kinds:
            self._forget_children_of(before.metadata.slug)
        self.tally.add("revisions")
        note = Note(note_id, draft.metadata, draft.markdown, revision, 0, at, at, by.actor, by.revised_by)
        self._notes[note_id] = note
        self._changed.add(note_id)
        return note, kinds

    def _forget_children_of(self, slug: str) -> None:
        """The notes that are held as children of one that was called so."""
        for note_id in [note_id for note_id, note in self._notes.items() if note.metadata.parent == slug]:
            del self._notes[note_id]

    def confirm(self, db: Snapshot, note: Note, by: Attribution) -> Note:
        """Keep the note as it is as a revision of its own: its source tells when it was made, and when changed last."""
        _, revision = record(db, Draft(note, note.metadata, note.markdown), replace(by, door="import"))
        self.tally.add("revisions")
        self._notes[note.id] = note._replace(revision=revision, updated_at=by.at or "")
        return self._notes[note.id]

    def place(self, db: Snapshot, path: str, origin: Origin) -> None:
        """The note comes from that path from now on, and from no other."""
        if origin.front.slug is not None:
            self._called[origin.front.slug] = origin.note_id
        known = self.origins.get(path)
        if known is not None and known.note_id == origin.note_id:
            self._dirty[path] = self.origins[path] = origin
            return
        former = self._paths.pop(origin.note_id, None)
        if former is not None:
            del self.origins[former]
            self._dirty.pop(former, None)
        if known is not None:
            self._paths.pop(known.note_id, None)
        for note_id, keys in write_origin(db, self.source.id, path, origin.note_id, None).items():
            link_targets.resolve_named(db, note_id, keys)
            link_targets.resolve_own(db, note_id)
        self._paths[origin.note_id] = path
        self._dirty[path] = self.origins[path] = origin

    def pin(self, db: Snapshot, path: str, note: Note, **changed: object) -> None:
        """This revision of the note is the import's own work."""
        origin = replace(self.origins[path], revision=note.revision, **changed)  # type: ignore[arg-type]
        self.place(db, path, origin)

    def flush(self, db: Snapshot) -> None:
        """Write what is due at the end of a transaction."""
        keep_origins(db, self.source.id, self._dirty)
        for note_id in self._changed if self.keeps_sections else ():
            if note_id <= self._last_note:
                sections.write_sections(db, note_id, parse_sections(self.note(db, note_id).markdown))
        self._dirty.clear()
        self._changed.clear()
        self._seq = newest_change(db)

    def imported(self, db: Snapshot, origin: Origin) -> tuple[str, bool]:
        """The text that the file had when it was imported last, and whether the import made the note a tombstone."""
        kept = read_metadata(metadata_text_at(db, origin.note_id, origin.revision))
        text = text_at(db, origin.note_id, origin.revision) if origin.text is None else origin.text
        return text, kept.deleted
