"""Which of the recovered rows are what was written: a row is taken only where its SHA-256 matches."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from notewell_store.engines.sqlite.salvage.recovered_rows import RecoveredRows
from notewell_store.integrity.revision_chain import Verified
from notewell_store.models import Metadata
from notewell_store.tables import deltas
from notewell_store.tables.kept_rows import KeptRevision
from notewell_store.tables.revisions import write_metadata

Names = Callable[[int], str | None]
"""The slug of the project of that id."""


@dataclass(slots=True)
class RowVerifier:
    """Goes through one note's revisions, oldest first, with two texts at most in hand.

    A revision's text or metadata may be in another row than its own; wherever they are found, the SHA-256 tells
    whether they are its own. What cannot be verified waits for the next revision that can: where that one left text
    or metadata as they were, they are the earlier one's too.
    """

    recovered: RecoveredRows
    note_id: int
    project_of: Names = lambda _: None
    _last: Verified | None = None
    _seen_text: str | None = None
    """The text of the revision before, as far as it can be made out, be it verified or not."""
    _seen_metadata: str | None = None
    _waiting: list[list[KeptRevision]] = field(default_factory=list)
    _texts: list[str] | None = None
    _metadata_of_row: str | None = None

    def verified(self) -> Iterator[Verified]:
        for rows in self.recovered.histories(self.note_id):
            found = self._verify(rows)
            if found is None:
                self._waiting.append(rows)
                self._note_seen(rows)
                continue
            yield from self._backwards(found)
            self._waiting.clear()
            self._last = found
            self._seen_text, self._seen_metadata = found.text, found.metadata
            yield found

    def unverified_text(self) -> str | None:
        """The newest text that can be read but not verified."""
        verified = self._last.text if self._last else None
        waiting = self._seen_text if self._waiting else None
        return next((text for text in (*self._known_texts()[::-1], waiting) if text not in (None, verified)), None)

    def _verify(self, rows: list[KeptRevision]) -> Verified | None:
        for row in rows:
            ways = (row.metadata, self._seen_metadata, self._last.metadata if self._last else None)
            for metadata in dict.fromkeys(filter(None, ways)):
                found = self._with_text(row, metadata)
                if found is not None:
                    return found
            if row.metadata is None and (by_row := self._by_row()) is not None:
                found = self._with_text(row, by_row)
                if found is not None:
                    return found
        return None

    def _with_text(self, row: KeptRevision, metadata: str) -> Verified | None:
        for before in dict.fromkeys((self._seen_text, self._last.text if self._last else None)):
            text = _decoded(row, before)
            if text is not None and row.is_checksum_of(self.note_id, metadata, text):
                return Verified(row, metadata, text)
        for text in self._known_texts():
            if row.is_checksum_of(self.note_id, metadata, text):
                return Verified(row, metadata, text)
        return None

    def _note_seen(self, rows: list[KeptRevision]) -> None:
        """A row that is not verified may be damaged in another place than its text or metadata."""
        texts = [text for row in rows if (text := _decoded(row, self._seen_text)) is not None]
        self._seen_text = texts[-1] if texts else self._seen_text
        self._seen_metadata = next((row.metadata for row in rows if row.metadata), self._seen_metadata)

    def _known_texts(self) -> list[str]:
        if self._texts is None:
            self._texts = self.recovered.texts(self.note_id)
        return self._texts

    def _by_row(self) -> str | None:
        """The metadata that the note's own row speaks of, as they would have been kept."""
        if self._metadata_of_row is None:
            self._metadata_of_row = self._rebuilt_metadata() or ""
        return self._metadata_of_row or None

    def _rebuilt_metadata(self) -> str | None:
        row = self.recovered.row_of(self.note_id)
        if row is None:
            return None
        parent = self.recovered.row_of(row.parent_id) if row.parent_id else None
        project = self.project_of(row.project_id) if row.project_id else None
        try:
            tags = tuple(json.loads(row.tags))
            own = (row.slug, row.title, row.note_type, row.status, project, tags, parent.slug if parent else None)
            return write_metadata(Metadata(*own, row.position, bool(row.is_public), bool(row.deleted)))
        except (TypeError, ValueError):
            return None

    def _backwards(self, later: Verified) -> list[Verified]:
        """Those of the waiting that can be verified from the one after them."""
        found: list[Verified] = []
        for rows in reversed(self._waiting):
            earlier = self._verify_from(rows, later) if later.kept.revision == rows[0].revision + 1 else None
            if earlier is None:
                break
            found.append(earlier)
            later = earlier
        return found[::-1]

    def _verify_from(self, rows: list[KeptRevision], later: Verified) -> Verified | None:
        text = _before(later)
        if text is None:
            return None
        for row in rows:
            metadata = row.metadata or (later.metadata if later.kept.metadata is None else self._seen_metadata)
            if metadata is not None and row.is_checksum_of(self.note_id, metadata, text):
                return Verified(row, metadata, text)
        return None


def _decoded(row: KeptRevision, before: str | None) -> str | None:
    """The row's text, if it can be made out from the text before it."""
    if row.text is None:
        return before
    if before is None and not deltas.is_whole(row.text):
        return None
    try:
        return deltas.decode((before or "").encode(), row.text).decode()
    except ValueError:
        return None


def _before(later: Verified) -> str | None:
    """The text before that of a verified revision, if that left it as it was or put something in only."""
    if later.kept.text is None:
        return later.text
    text = deltas.before_insertion(later.text.encode(), later.kept.text)
    try:
        return None if text is None else text.decode()
    except ValueError:
        return None
