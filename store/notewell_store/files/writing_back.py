"""What was changed here goes back to the files that the notes came from.

The folder is imported first, so that a page changed on both sides is merged. A file is replaced whole or not at all,
and only while it holds what was imported.
"""

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from notewell_store.contract import Snapshot, Store
from notewell_store.errors import Invalid
from notewell_store.files.contents import Content, Refused
from notewell_store.files.folder import MARKER, Folder
from notewell_store.files.front_matter import NOTHING, FrontMatter, join, split
from notewell_store.files.importing import import_folder
from notewell_store.files.meeting import SAID, as_metadata
from notewell_store.files.path_rules import PathRules
from notewell_store.files.readers import reader_of
from notewell_store.files.readers.reader import FileReader
from notewell_store.files.sources import Origin, origins_of
from notewell_store.files.summary import ImportOptions, Listed, Progress, Skipped, Summary, listed
from notewell_store.models import Attribution, Metadata, Note
from notewell_store.tables import notes
from notewell_store.tables.sources import source_named

PART = ".notewell-part"
UNSEEN = "edited since it was imported"


@dataclass(frozen=True, slots=True)
class WrittenBack:
    """`imported` is what came in first; `written` are the paths of the files that were replaced, `left` those that do
    not say what their notes do."""

    imported: Summary
    written: Listed[str]
    left: Listed[Skipped]


def write_back(
    store: Store, folder: Path | str, options: ImportOptions, by: Attribution, progress: Progress | None = None
) -> WrittenBack:
    """Raises Invalid for a folder that was not imported, or one whose reader takes no files as they are."""
    files = Folder(Path(folder))
    name = f"folder:{files.location}"
    reader = reader_of(files, options.reader)
    with store.reading() as db:
        if source_named(db, name) is None:
            raise Invalid(f"{folder} was not imported: only files that notes came from are written back", "path")
    if not isinstance(reader, FileReader):
        raise Invalid(f"{folder} is read as {reader.name}, which cannot be written back", "path")
    imported = import_folder(store, files.location, options, by, progress)
    back = _Back(files, reader, PathRules(files, options.types, is_export=files.holds(MARKER), above=options.above))
    with store.reading() as db:
        source = source_named(db, name)
        for path, origin in origins_of(db, source.id).items() if source else ():
            if origin.mark:
                back.consider(db, path, origin)
    if back.written:  # what the files say now is what the notes do, and is the base from now on
        import_folder(store, files.location, options, by)
    return WrittenBack(imported, listed(back.written), listed(back.left))


class _Back:
    def __init__(self, files: Folder, reader: FileReader, rules: PathRules) -> None:
        self._files = files
        self._reader = reader
        self._rules = rules
        pages = reader.pages(files, lambda path, reason: None)
        self._marks = {page.path: rules.mark(page.path, page.mark) for page in pages}
        self.written: list[str] = []
        self.left: list[Skipped] = []

    def consider(self, db: Snapshot, path: str, origin: Origin) -> None:
        """Replace the file of that path by what its note says, if that is something else."""
        note = notes.load(db, origin.note_id)
        try:
            reason = self._written(path, origin, note)
        except (Refused, OSError) as error:
            reason = getattr(error, "strerror", None) or str(error)
        if reason is not None:
            self.left.append(Skipped(path, reason))

    def _written(self, path: str, origin: Origin, note: Note) -> str | None:
        """Why it was left; None where the file now says what the note does."""
        if path not in self._marks:
            return "gone from the folder"
        data = self._files.data(path)
        content = self._read(path, data)
        if self._marks[path] != origin.mark:
            return UNSEEN
        if note.metadata.deleted:
            return "its note was deleted here"
        changed = changed_here(note.metadata, origin.front)
        if not changed and note.markdown == content.body:
            return None
        shown = note._replace(markdown=self._reader.as_written(note.markdown))
        for fields in ([name for name in changed if name != "title"], changed):  # a heading may say the title
            text = file_text(data.decode(), shown, fields)
            if self._says(path, text, note, origin):
                break
        else:
            return "its kind of file cannot say what its note does"
        if not replaced(self._files.file(path), data, text.encode()):
            return UNSEEN
        self.written.append(path)
        return None

    def _read(self, path: str, data: bytes) -> Content:
        return self._rules.placed(self._reader.content(data, path, ""), path)

    def _says(self, path: str, text: str, note: Note, origin: Origin) -> bool:
        content = self._read(path, text.encode())
        said = replace(
            content.front,
            project=content.front.project or origin.front.project,
            links=content.front.links or origin.front.links,  # which the page may say in its source's own way
        )
        return content.body == note.markdown and not changed_here(note.metadata, said)


def changed_here(metadata: Metadata, said: FrontMatter) -> list[str]:
    """The fields in which a note is not what its file says."""
    imported = as_metadata(said)
    return [name for name in SAID if getattr(metadata, name) != getattr(imported, name)]


def file_text(text: str, note: Note, changed: list[str]) -> str:
    """The text of the file with what its note says; what the note has nothing to do with stays as it is written."""
    front, body = split(text)
    plain = replace(front, created=None, updated=None, author=None)
    wanted = replace(plain, **{name: getattr(note.metadata, name) for name in changed})
    if wanted == plain and text.endswith(body):
        return text[: len(text) - len(body)] + note.markdown
    return note.markdown if wanted == NOTHING else join(wanted, note.markdown)


def replaced(file: Path, before: bytes, after: bytes) -> bool:
    """Whether the file held what it did `before`, and now holds what is `after`. Raises OSError."""
    part = file.with_name(f"{file.name}{PART}")
    try:
        if file.is_symlink():
            return False
        part.unlink(missing_ok=True)  # of a run that was killed
        with part.open("xb") as opened:
            opened.write(after)
            opened.flush()
            os.fsync(opened.fileno())
        shutil.copymode(file, part)
        if file.read_bytes() != before:
            return False
        part.replace(file)
    finally:
        with suppress(OSError):
            part.unlink()
    return True
