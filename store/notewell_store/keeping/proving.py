"""Which of the rows that were found are what was written: only what its SHA-256 proves is taken."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from notewell_store.keeping.finds import Finds
from notewell_store.keeping.history import Kept, Proved
from notewell_store.sqlite import deltas


@dataclass(slots=True)
class Prover:
    """Goes through one note's revisions, oldest first, holding the last text only. A revision that cannot be proved
    waits for the next that can: where that one left text or metadata as they were, they are the earlier one's too."""

    finds: Finds
    note_id: int
    _last: Proved | None = None
    _waiting: list[list[Kept]] = field(default_factory=list)
    _texts: list[str] | None = None

    def proved(self) -> Iterator[Proved]:
        for rows in self.finds.histories(self.note_id):
            found = self._prove(rows)
            if found is None:
                self._waiting.append(rows)
                continue
            yield from self._backwards(found)
            self._waiting.clear()
            self._last = found
            yield found

    def unproved_text(self) -> str | None:
        """The newest text that can be read but not proved."""
        unproved = [text for rows in self._waiting for row in rows if (text := self._decoded(row)) is not None]
        proved = self._last.text if self._last else None
        found = [text for text in (*unproved, *self._known_texts()) if text != proved]
        return found[-1] if found else None

    def _prove(self, rows: list[Kept]) -> Proved | None:
        for row in rows:
            for metadata in dict.fromkeys((row.metadata, self._last.metadata if self._last else None)):
                if metadata is None:
                    continue
                found = self._with_text(row, metadata)
                if found is not None:
                    return found
        return None

    def _with_text(self, row: Kept, metadata: str) -> Proved | None:
        text = self._decoded(row)
        if text is not None and row.is_proved_by(self.note_id, metadata, text):
            return Proved(row, metadata, text)
        for text in self._known_texts():
            if row.is_proved_by(self.note_id, metadata, text):
                return Proved(row, metadata, text)
        return None

    def _decoded(self, row: Kept) -> str | None:
        before = self._last.text if self._last else None
        if row.text is None:
            return before
        if before is None and not deltas.is_whole(row.text):
            return None
        try:
            return deltas.decode((before or "").encode(), row.text).decode()
        except ValueError:
            return None

    def _known_texts(self) -> list[str]:
        if self._texts is None:
            self._texts = self.finds.texts(self.note_id)
        return self._texts

    def _backwards(self, later: Proved) -> list[Proved]:
        """Those of the waiting that the proved one behind them proves."""
        found: list[Proved] = []
        for rows in reversed(self._waiting):
            if later.kept.revision != rows[0].revision + 1:
                break
            earlier = self._prove_from(rows, later)
            if earlier is None:
                break
            found.append(earlier)
            later = earlier
        return found[::-1]

    def _prove_from(self, rows: list[Kept], later: Proved) -> Proved | None:
        if later.kept.text is not None:
            return None
        for row in rows:
            metadata = row.metadata or (later.metadata if later.kept.metadata is None else None)
            if metadata is not None and row.is_proved_by(self.note_id, metadata, later.text):
                return Proved(row, metadata, later.text)
        return None
