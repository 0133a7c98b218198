"""Exports: every living note as a Markdown file with front matter, to be imported again anywhere.

Importing the folder into an empty store gives the same notes with the same texts, metadata, aliases and links.
History is not exported; a copy of the database keeps that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import NamedTuple

from notewell_store.contract import Snapshot, Store
from notewell_store.errors import Damaged, Invalid, NextArgument, Unusable
from notewell_store.files.export_folder import ExportFolder, sum_of
from notewell_store.files.folder import Told, read_marker
from notewell_store.files.front_matter import NOTE_NONE, FrontMatter, join
from notewell_store.files.layout import lay_out
from notewell_store.files.readers.okf import INDEX, NOTE, index_of, placed, with_generated
from notewell_store.models import Metadata, Note
from notewell_store.tables import notes
from notewell_store.tables.aliases import aliases_of
from notewell_store.tables.bearers import words_of
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


class _Plan(NamedTuple):
    """What is to be written: the notes by their paths, the sums of their files, and what cannot be."""

    paths: Mapping[str, int]
    sources: Collection[str]
    names: Mapping[str, str]
    sums: Mapping[str, str]
    damaged: tuple[str, ...]
    is_private: bool


def export_notes(
    store: Store,
    folder: Path | str,
    *,
    overwrite: bool = False,
    okf: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Exported:
    """Write all living notes into `folder`, as they are at one moment; with `okf` in the Open Knowledge Format. It can
    be killed at any point and repeated.

    A folder that holds anything is taken only if an earlier export made it, none of its files was edited since, and no
    file of anyone else's stands where a note is to be; or with `overwrite`, which writes over such files. Whatever else
    stands there stays. Notes that are not public are readable by the owner only. Raises Invalid for a folder that is
    not taken, Unusable when the disk refuses, with the number of files that were written by then.
    """
    target = Path(folder).expanduser()
    _must_be_takeable(target, overwrite)
    with store.reading() as db:
        form = Form(db, okf)
        plan = _planned(db, form)
        place = ExportFolder(_made(target, plan.is_private), private=plan.is_private, names=plan.names)
        if not overwrite:
            _require_ours(place, plan)
        return _carried_out(form, place, plan, overwrite, progress or (lambda done, total: None))


def _must_be_takeable(folder: Path, overwrite: bool) -> None:
    try:
        holds = folder.exists() and next(folder.iterdir(), None) is not None
    except OSError as error:
        raise Invalid(f"{folder} cannot be made a folder: {error.strerror}", "path") from error
    if holds and not overwrite and not read_marker(folder).is_there:
        not_ours = f"{folder} is not empty and no export made it: name another folder, or send "
        raise Invalid((not_ours, NextArgument("overwrite")), "path")


def _made(folder: Path, is_private: bool) -> Path:
    try:
        folder.mkdir(mode=0o700 if is_private else 0o755, parents=True, exist_ok=True)
        return folder.resolve()
    except (OSError, RuntimeError) as error:  # the latter for links in a circle
        cause = getattr(error, "strerror", None) or error
        raise Invalid(f"{folder} cannot be made a folder: {cause}", "path") from error


def _planned(db: Snapshot, form: Form) -> _Plan:
    paths, sources, names = lay_out(db)
    paths = form.placed(paths)
    sums: dict[str, str] = {}
    damaged: list[str] = []
    is_private = False
    for path, note_id in paths.items():
        try:
            note = notes.load(db, note_id)
            sums[path] = sum_of(form.text(path, note).encode())
            is_private = is_private or not note.metadata.is_public
        except Damaged as error:
            damaged.append(error.slug)
    sums |= {path: sum_of(text.encode()) for path, text in form.listings().items()}
    names = {} if form.okf else names
    return _Plan(paths, () if form.okf else sources, names, sums, tuple(damaged), is_private or bool(damaged))


def _require_ours(place: ExportFolder, plan: _Plan) -> None:
    """Raise Invalid where something would be lost that no note says and no export wrote."""
    if edited := place.edited(plan.sums):
        raise Invalid(
            (
                f"edited since the export that wrote them: {_some(edited)}. Take over into the notes what is new in "
                "them, then send ",
                NextArgument("overwrite"),
                "; or name another folder",
            ),
            "path",
        )
    if foreign := place.in_the_way(plan.sums):
        raise Invalid(
            (
                f"not written by an export: {_some(foreign)}. Move them away, or name another folder, or send ",
                NextArgument("overwrite"),
            ),
            "path",
        )


def _some(paths: list[str]) -> str:
    return ", ".join(paths[:MOST_NAMED]) + (f" and {len(paths) - MOST_NAMED} more" if paths[MOST_NAMED:] else "")


def _carried_out(
    form: Form, place: ExportFolder, plan: _Plan, overwrite: bool, tell: Callable[[int, int], None]
) -> Exported:
    written = size = 0
    try:
        place.mark(place.standing(), plan.sources, plan.sums)
        for path in plan.sums:
            text, is_public = form.file(path, plan)
            place.write(path, text.encode(), public=is_public, overwrite=overwrite)
            written, size = written + (path in plan.paths), size + len(text.encode())
            tell(written + len(plan.damaged), len(plan.paths))
        removed = sum(place.remove(path) for path in place.left(plan.paths.keys() | plan.sums.keys()))
        stays = {path: digest for path, digest in place.standing().items() if path in plan.paths}
        place.mark({**stays, **plan.sums}, plan.sources, told=form.told)
    except OSError as error:
        raise Unusable(
            f"the export stopped after {written:,} of {len(plan.paths):,} notes: {error.strerror} ({error.filename}). "
            "Mend that and export again into the same folder"
        ) from error
    return Exported(str(place.root), written, size, removed, plan.damaged)


class Form:
    """How notes are written down: as plain Markdown with front matter, or in the Open Knowledge Format."""

    def __init__(self, db: Snapshot, okf: bool) -> None:
        self.okf = okf
        self.told: dict[str, Told] = {}
        """Of plain Markdown, whose front matter is the author's, what the marker says in its place."""
        self._db = db
        self._titles: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def placed(self, paths: dict[str, int]) -> dict[str, int]:
        """The paths of the notes in this form."""
        if self.okf:
            paths, self._names = placed(paths)
        return paths

    def file(self, path: str, plan: _Plan) -> tuple[str, bool]:
        """The text of a file, and whether anyone may read it. Raises Damaged."""
        if path not in plan.paths:
            return self.listings()[path], not plan.is_private
        note = notes.load(self._db, plan.paths[path])
        return self.text(path, note), note.metadata.is_public

    def listings(self) -> dict[str, str]:
        """The files that stand for no note, once all notes were seen."""
        return {INDEX: index_of(self._titles.items())} if self.okf else {}

    def text(self, path: str, note: Note) -> str:
        front = self._front(note)
        if not self.okf:
            self.told[path] = Told(note.created_at, note.updated_at, note.actor)
            return join(front, note.markdown)
        self._titles[path] = note.metadata.title
        text = join(replace(front, note_type=front.note_type or NOTE), note.markdown)
        return with_generated(text, note.actor, note.created_at, note.updated_at, self._names.get(path))

    def _front(self, note: Note) -> FrontMatter:
        """What a note's metadata say but for what is so of every note that says nothing."""
        kept = note.metadata
        said = {name: value for name in SAID if (value := getattr(kept, name)) is not False and value != ()}
        aliases = sorted({*aliases_of(self._db, note.id), *words_of(self._db, note.id)})
        said |= {"parent": _living_parent(self._db, kept.parent), "aliases": tuple(aliases) or None}
        return FrontMatter(**said)


def _living_parent(db: Snapshot, parent: str | None) -> str:
    """`none` says that the note has no parent, which an import would otherwise make of its folder."""
    if parent is None or not notes.is_slug_of_living(db, parent):
        return NONE
    return NOTE_NONE if parent == NONE else parent
