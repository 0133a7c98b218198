"""Which sections a note has, now or at a revision."""

import re

from notewell_store.contract import Snapshot
from notewell_store.markdown.block_ids import block_ids
from notewell_store.markdown.sections import parse_sections
from notewell_store.tables.revisions import text_at
from notewell_store.tables.sections import read_anchors
from notewell_store.tables.texts import read_text

_OF_HTML = re.compile(r"""<[A-Za-z][^<>]*?\b(?:id|name)[ ]*=[ ]*["']?([^\s"'<>]+)""")


def anchors_in(markdown: str) -> frozenset[str]:
    """The anchors of a text in lower case: those of headings, what HTML in it names by `id` or `name`,
    and the ids of blocks, `^id`."""
    named = _OF_HTML.findall(markdown) if "<" in markdown else []
    anchors = (section.anchor for section in parse_sections(markdown))
    return frozenset(word.lower() for word in (*anchors, *named, *block_ids(markdown)))


class Anchors:
    """The anchors of notes, each note looked at once. `chars_read` are those of the texts that were parsed for it."""

    def __init__(self, db: Snapshot) -> None:
        self._db = db
        self.chars_read = 0
        self._kept: dict[tuple[int, int | None], frozenset[str]] = {}
        self._whole: dict[int, frozenset[str]] = {}

    def has(self, note_id: int, revision: int | None, anchor: str) -> bool:
        """Whether the note has that section, or its HTML or a block such an anchor; case does not matter."""
        wanted = anchor.lower()
        if wanted in self.of(note_id, revision):
            return True
        return revision is None and wanted in self._of_text(note_id)

    def of(self, note_id: int, revision: int | None) -> frozenset[str]:
        key = (note_id, revision)
        if key not in self._kept:
            self._kept[key] = self._stored(note_id) if revision is None else self._former(note_id, revision)
        return self._kept[key]

    def _stored(self, note_id: int) -> frozenset[str]:
        return read_anchors(self._db, note_id)

    def _former(self, note_id: int, revision: int) -> frozenset[str]:
        return self._read(text_at(self._db, note_id, revision))

    def _of_text(self, note_id: int) -> frozenset[str]:
        """All anchors of the text itself, which knows those that are not kept: of HTML, and of an unfinished import."""
        if note_id not in self._whole:
            self._whole[note_id] = self._read(read_text(self._db, note_id) or "")
        return self._whole[note_id]

    def _read(self, text: str) -> frozenset[str]:
        self.chars_read += len(text)
        return anchors_in(text)
