"""Folders as parents: the note of a folder is its page (`a/index.md`, else `a/a.md`, else `a.md` beside it) or, where
it has none, an empty note made for its files."""

from dataclasses import replace

from notewell_store.contract import Snapshot
from notewell_store.files.front_matter import FrontMatter
from notewell_store.files.ledger import Ledger
from notewell_store.files.naming import (
    Names,
    folder_of,
    folder_path,
    slug_of_folder,
    stands_for,
    title_of_path,
)
from notewell_store.files.sources import Origin
from notewell_store.models import Attribution, Metadata, Note
from notewell_store.names import MARKDOWN_ENDINGS, folder_notes, folder_pages
from notewell_store.tables.notes import has_children, is_below
from notewell_store.writing.drafts import Draft

FOLDER = "folder"  # the type of a folder's note without a page


class Folders:
    def __init__(self, ledger: Ledger, names: Names) -> None:
        self._ledger = ledger
        self._names = names

    def parent_of(self, db: Snapshot, path: str, project: str | None, by: Attribution) -> int | None:
        """The note of the folder that a file or folder stands in, made where there is none. None at the top."""
        own = stands_for(path)
        if own == "":
            return None
        folder = folder_of(own or path)
        page = self._page_of(db, folder)
        if path in folder_notes(folder) and page in (None, path, folder_path(folder)):
            folder = folder_of(folder)
            page = self._page_of(db, folder)
        if page is not None and self._ledger.origins[page].note_id != self._note_at(path):
            return self._ledger.origins[page].note_id
        return self._made(db, folder, project, by) if folder else None

    def _note_at(self, path: str) -> int | None:
        origin = self._ledger.origins.get(path)
        return origin.note_id if origin else None

    def _page_of(self, db: Snapshot, folder: str) -> str | None:
        """The path of the living note that stands for the folder."""
        for path in _ways(folder):
            origin = self._ledger.origins.get(path)
            if origin and self._ledger.is_living(db, origin.note_id):
                return path
        return None

    def _former(self, folder: str) -> str | None:
        """The path of a note that stood for the folder, alive or not."""
        return next((path for path in _ways(folder) if path in self._ledger.origins), None)

    def _made(self, db: Snapshot, folder: str, project: str | None, by: Attribution) -> int:
        path = folder_path(folder)
        former = self._former(folder)
        if former is not None and self._ledger.origins[former].mark:  # deleted here, while its file is still there
            return self._ledger.origins[former].note_id
        parent = self.parent_of(db, path, project, by)
        slug = self._ledger.note(db, parent).metadata.slug if parent is not None else None
        if former is not None:
            return self._restored(db, path, former, parent, slug, by)
        title = title_of_path(self._names.shown(folder))
        name = self._names.free(db, slug_of_folder(self._names.shown(folder)), path)
        metadata = Metadata(slug=name, title=title, note_type=FOLDER, project=project, parent=slug)
        note, _ = self._ledger.save(db, Draft(None, metadata, ""), by)
        self._place(db, path, note, parent)
        self._ledger.tally.add("created")
        self._ledger.tally.add("folders")
        return note.id

    def _restored(
        self, db: Snapshot, path: str, former: str, parent: int | None, slug: str | None, by: Attribution
    ) -> int:
        """The tombstone of the folder's page or note, as an empty note for the files that are still there."""
        note = self._ledger.note(db, self._ledger.origins[former].note_id)
        if parent is not None and is_below(db, parent, note.id):  # it was put there while this was deleted
            parent, slug = None, None
        title = title_of_path(path)
        metadata = replace(note.metadata, title=title, note_type=FOLDER, parent=slug, deleted=False)
        restored, _ = self._ledger.save(db, Draft(note, metadata, ""), by)
        self._place(db, path, restored, parent)
        self._ledger.tally.add("restored")
        self._ledger.tally.add("folders")
        return restored.id

    def _place(self, db: Snapshot, path: str, note: Note, parent: int | None) -> None:
        front = FrontMatter(title=note.metadata.title, note_type=FOLDER)
        self._ledger.place(db, path, Origin(note.id, note.revision, "", front, parent))

    def prune(self, db: Snapshot, folder: str, by: Attribution) -> None:
        """Delete the folder's empty note if nothing is left below it, and so upwards."""
        while folder:
            path = folder_path(folder)
            origin = self._ledger.origins.get(path)
            if origin is not None and self._ledger.is_living(db, origin.note_id):
                if origin.mark or not self._is_left(db, origin):
                    return
                note = self._ledger.note(db, origin.note_id)
                saved, _ = self._ledger.save(db, Draft(note, replace(note.metadata, deleted=True), note.markdown), by)
                self._ledger.pin(db, path, saved)
                self._ledger.tally.add("deleted")
            folder = folder_of(path)

    def _is_left(self, db: Snapshot, origin: Origin) -> bool:
        """Whether the note holds nothing of anyone's own, and has no living child."""
        if self._ledger.note(db, origin.note_id).markdown:
            return False
        return not has_children(db, origin.note_id)


def _ways(folder: str) -> list[str]:
    """The paths that may stand for a folder, the most telling first."""
    beside = [f"{folder}{ending}" for ending in MARKDOWN_ENDINGS] if folder else []
    return [*folder_pages(folder), *folder_notes(folder), *beside, *([folder_path(folder)] if folder else [])]
