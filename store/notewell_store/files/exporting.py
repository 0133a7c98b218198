"""Exports: every living note as a Markdown file with front matter, to be imported again anywhere.

Importing the folder into an empty store gives the same notes with the same texts, metadata, aliases and links.
History is not exported; a copy of the database keeps that.
"""

import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from types import MappingProxyType

from notewell_store.contract import Snapshot, Store
from notewell_store.errors import Damaged, Invalid, NextArgument, Unusable
from notewell_store.files.folder import MARKER, Told, read_marker
from notewell_store.files.front_matter import FrontMatter, join
from notewell_store.files.layout import lay_out
from notewell_store.files.readers.okf import INDEX, NOTE, index_of, with_generated
from notewell_store.models import Metadata, Note
from notewell_store.tables import notes
from notewell_store.tables.aliases import aliases_of
from notewell_store.writing.fields import NONE

SAID = tuple(f.name for f in fields(Metadata) if f.name != "deleted")
MOST_NAMED = 5  # files in the words of a refusal


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export did. `removed` files were left from an earlier export and stand for no note any more; `damaged`
    are the slugs of notes that were not written, because their text is not what was kept."""

    folder: str
    notes: int
    bytes: int
    removed: int
    damaged: tuple[str, ...] = ()


def export_notes(
    store: Store,
    folder: Path | str,
    *,
    overwrite: bool = False,
    okf: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Exported:
    """Write all living notes into `folder`, as they are at one moment; with `okf` in the Open Knowledge Format.

    A folder that holds anything is taken only if an earlier export made it and none of its files was edited since, or
    with `overwrite`; files of anyone else's stay in any case, unless a note's path is just theirs. Raises Invalid for a
    folder that is not taken, Unusable when the disk refuses, with the number of files that were written by then.
    """
    target = Path(folder).expanduser()
    earlier = _made_ready(target, overwrite)
    tell = progress or (lambda done, total: None)
    size = 0
    sums: dict[str, str] = {}
    damaged: list[str] = []
    with store.reading() as db:
        paths, sources = lay_out(db)
        form = Form(db, okf)
        try:
            root = target.resolve()
            if not overwrite:
                _require_unedited(form, root, paths)
            _mark(root, earlier | paths.keys(), sources)
            for path, text in form.files(paths):
                if isinstance(text, Damaged):
                    damaged.append(text.slug)
                else:
                    size += _write(root, path, text)
                    sums[path] = _sum(text.encode())
                tell(min(len(sums) + len(damaged), len(paths)), len(paths))
            removed = sum(_removed(root, path) for path in sorted(earlier - paths.keys() - sums.keys() - {MARKER}))
            _mark(root, paths.keys() | sums.keys(), set() if okf else sources, sums, form.told)
        except OSError as error:
            raise Unusable(
                f"the export stopped after {len(sums):,} of {len(paths):,} notes: {error.strerror} ({error.filename}). "
                "Mend that and export again into the same folder"
            ) from error
    written = len(paths) - len(damaged)
    return Exported(str(root), written, size, removed, tuple(damaged))


def _made_ready(folder: Path, overwrite: bool) -> frozenset[str]:
    """The files of the export that is there already. Raises Invalid when the folder cannot be taken."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        holds = next(folder.iterdir(), None) is not None
    except OSError as error:
        raise Invalid(f"{folder} cannot be made a folder: {error.strerror}", "path") from error
    earlier = read_marker(folder).files
    if holds and not earlier and not overwrite:
        not_ours = f"{folder} is not empty and no export made it: name another folder, or send "
        raise Invalid((not_ours, NextArgument("overwrite")), "path")
    return earlier


def _require_unedited(form: "Form", root: Path, paths: Mapping[str, int]) -> None:
    """Raise Invalid where a file of the earlier export is not what that wrote, nor what this would write."""
    edited = sorted(path for path, digest in read_marker(root).sums.items() if _is_edited(root, path, digest))
    lost = [path for path in edited if path not in paths or not _reads(form, root, path, paths[path])]
    if lost:
        named = ", ".join(lost[:MOST_NAMED]) + (f" and {len(lost) - MOST_NAMED} more" if len(lost) > MOST_NAMED else "")
        raise Invalid(
            (
                f"edited since the export that wrote them: {named}. Take over into the notes what is new in them, then "
                "send ",
                NextArgument("overwrite"),
                "; or name another folder",
            ),
            "path",
        )


def _is_edited(root: Path, path: str, digest: str) -> bool:
    try:
        file = _inside(root, path)
        return file.is_file() and _sum(file.read_bytes()) != digest
    except OSError:
        return False


def _reads(form: "Form", root: Path, path: str, note_id: int) -> bool:
    """Whether the file says what the note does."""
    try:
        return _inside(root, path).read_bytes() == form.text(path, note_id).encode()
    except Damaged:
        return False


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _mark(
    root: Path,
    files: Collection[str],
    sources: Collection[str],
    sums: Mapping[str, str] = MappingProxyType({}),
    told: Mapping[str, Told] = MappingProxyType({}),
) -> None:
    """Write the marker; with less while the export is under way, so that one that was stopped can be repeated."""
    kept: dict[str, object] = {
        "made by": "notewell export",
        "sources": sorted(sources),
        "files": [*sorted(files), MARKER],
    }
    if sums:
        kept["sums"] = dict(sorted(sums.items()))
    if told:
        kept["told"] = dict(sorted(told.items()))
    _write(root, MARKER, json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


class Form:
    """How notes are written down: as plain Markdown with front matter, or in the Open Knowledge Format."""

    def __init__(self, db: Snapshot, okf: bool) -> None:
        self._db = db
        self._okf = okf
        self._titles: dict[str, str] = {}
        self.told: dict[str, Told] = {}
        """Of plain Markdown, whose front matter is the author's, what the marker says in its place."""

    def files(self, paths: Mapping[str, int]) -> Iterator[tuple[str, str | Damaged]]:
        """The text of each file, or why there is none."""
        for path, note_id in paths.items():
            try:
                text: str | Damaged = self.text(path, note_id)
            except Damaged as error:
                text = error
            yield path, text
        if self._okf and INDEX not in paths:
            yield INDEX, index_of(self._titles.items())

    def text(self, path: str, note_id: int) -> str:
        """Raises Damaged."""
        note = notes.load(self._db, note_id)
        front = self._front(note)
        if not self._okf:
            self.told[path] = Told(note.created_at, note.updated_at, note.actor)
            return join(front, note.markdown)
        self._titles[path] = note.metadata.title
        text = join(replace(front, note_type=front.note_type or NOTE), note.markdown)
        return with_generated(text, note.actor, note.created_at, note.updated_at, is_index=path == INDEX)

    def _front(self, note: Note) -> FrontMatter:
        """What a note's metadata say but for what is so of every note that says nothing."""
        kept = note.metadata
        said = {name: value for name in SAID if (value := getattr(kept, name)) is not False and value != ()}
        said |= {
            "parent": _living_parent(self._db, kept.parent),
            "aliases": aliases_of(self._db, note.id) or None,
        }
        return FrontMatter(**said)


def _living_parent(db: Snapshot, parent: str | None) -> str:
    """`none` says that the note has no parent, which an import would otherwise make of its folder."""
    return parent if parent is not None and notes.is_slug_of_living(db, parent) else NONE


def _write(root: Path, path: str, text: str) -> int:
    """Write a file below `root` whole or not at all; the answer is its size."""
    file = _inside(root, path)
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.parent.resolve().is_relative_to(root):
        raise OSError(0, "a symbolic link leads out of the folder", str(file.parent))
    data = text.encode()
    part = file.with_name(f".notewell-{os.getpid()}.part")
    try:
        part.write_bytes(data)
        part.replace(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return len(data)


def _removed(root: Path, path: str) -> bool:
    """Remove a file of the earlier export, and the folders that it leaves empty."""
    try:
        file = _inside(root, path)
        if not file.parent.resolve().is_relative_to(root) or not file.is_file():
            return False
        file.unlink()
    except OSError:
        return False
    with suppress(OSError):
        for folder in file.parents:
            if folder == root:
                break
            folder.rmdir()
    return True


def _inside(root: Path, path: str) -> Path:
    if Path(path).is_absolute() or ".." in Path(path).parts:
        raise OSError(0, "the path leads out of the folder", path)
    return root / path
