"""Files become notes: each change of a file is turned into a revision of the note that comes from it."""

from dataclasses import dataclass, fields, replace
from typing import Any

from notewell_store.contract import Snapshot
from notewell_store.errors import StoreError
from notewell_store.files.contents import Content, told_again, told_by
from notewell_store.files.folder_notes import Folders
from notewell_store.files.front_matter import NOTHING, FrontMatter
from notewell_store.files.ledger import Ledger
from notewell_store.files.naming import Names, folder_of, folder_path, slug_of_file, stands_for, title_of_path
from notewell_store.files.sources import Origin
from notewell_store.files.summary import Conflicting
from notewell_store.models import Attribution, ExplicitLink, Metadata, Note
from notewell_store.names import is_markdown
from notewell_store.references import parse_reference
from notewell_store.resolution import resolve_path, without_ending
from notewell_store.tables import notes
from notewell_store.tables.project_rows import has_project
from notewell_store.tables.projects import write_project
from notewell_store.writing.drafts import Draft
from notewell_store.writing.fields import NONE
from notewell_store.writing.limits import without_excess

SAID = tuple(f.name for f in fields(Metadata) if f.name not in {"slug", "parent", "deleted"})
"""The fields of a note that follow what its file says of them; its name and its place have rules of their own."""


@dataclass(frozen=True, slots=True)
class Step:
    """One change of one file. `content` is None when the file is gone, a text saying why when it was refused."""

    path: str
    content: Content | str | None
    by: Attribution
    old: str | None = None
    last: bool = False
    """Whether it is the last step of its commit."""
    mark: str = ""
    """How far the import has come behind this step, where that is told."""
    done: int = 0

    @property
    def size(self) -> int:
        return len(self.content.body) if isinstance(self.content, Content) else 0


class Intake:
    def __init__(self, ledger: Ledger, names: Names, project: str | None) -> None:
        """`project` is set for all notes."""
        self.ledger = ledger
        self.names = names
        self.folders = Folders(ledger, names)
        self.tally = ledger.tally
        self._project = project
        self.emptied: dict[str, None] = {}  # folders that a file has left in the present commit

    def take(self, db: Snapshot, step: Step) -> None:
        if isinstance(step.content, str):
            self.tally.skip(step.path, step.content)
        elif step.content is None:
            self._delete(db, step)
        else:
            self._write(db, step, step.content)
        if step.last:
            self.prune(db, step.by)

    def prune(self, db: Snapshot, by: Attribution) -> None:
        for folder in self.emptied:
            self.folders.prune(db, folder, by)
        self.emptied.clear()

    def _write(self, db: Snapshot, step: Step, content: Content) -> None:
        at = self._known(step)
        wanted = "" if at is not None else content.front.slug or slug_of_file(content.named or step.path)
        owner = notes.find_slug(db, wanted) if at is None else None
        if owner is not None and self._is_abandoned(db, owner, wanted):
            at = self.ledger.path_of(owner)
        if at is not None:
            self._update(db, step, content, at)
        elif owner is not None and self._is_same(db, owner, content):
            self.tally.add("unchanged")
        else:
            self._create(db, step, content, wanted)

    def _known(self, step: Step) -> str | None:
        """The path under which the file's note stands so far."""
        origins = self.ledger.origins
        if step.old in origins:
            return step.old
        folder = stands_for(step.path) or without_ending(step.path)
        without_page = folder_path(folder)
        return next((path for path in (step.path, without_page) if path in origins), None)

    def _is_abandoned(self, db: Snapshot, owner: int, slug: str) -> bool:
        """Whether the note was deleted with its file, and the slug is still its own: the new file continues it."""
        path = self.ledger.path_of(owner)
        if path is None or self.ledger.is_living(db, owner) or self.ledger.origins[path].mark:
            return False
        return self.ledger.note(db, owner).metadata.slug == slug

    def _is_same(self, db: Snapshot, owner: int, content: Content) -> bool:
        """Whether the file names a note that says the same already, as an export of this very store does."""
        if content.front.slug is None or self.ledger.path_of(owner) is not None:
            return False
        note = self.ledger.note(db, owner)
        same_name = note.metadata.slug == content.front.slug and note.metadata.title == content.front.title
        return same_name and note.markdown == content.body and not note.metadata.deleted

    def _create(self, db: Snapshot, step: Step, content: Content, wanted: str) -> None:
        first, last = told_by(step.by, content)
        said = self._said(db, content.front, step.by)
        start = Metadata(slug="", title=title_of_path(step.path))
        metadata = self._within_limits(step.path, changed_as_said(start, NOTHING, said), start)
        parent = self._parent(db, step.path, said, metadata.project, step.by, None)
        slug = self.names.free(db, wanted, step.path)  # behind the parents, which may be made for it and take names
        if content.front.slug and slug != content.front.slug:
            self.tally.warn(f"{step.path}: the slug {content.front.slug} names another note, so this one is {slug}")
        metadata = replace(metadata, slug=slug, parent=self._slug(db, parent))
        note, _ = self.ledger.save(db, Draft(None, metadata, content.body), first)
        if last is not None:
            note = self.ledger.confirm(db, note, last)
        self.ledger.place(db, step.path, Origin(note.id, note.revision, content.mark, said, parent))
        self.tally.add("created")

    def _update(self, db: Snapshot, step: Step, content: Content, at: str) -> None:
        origin = self.ledger.origins[at]
        note = self.ledger.note(db, origin.note_id)
        moved = at != step.path
        if moved:
            self.emptied[folder_of(at)] = None
            self.ledger.place(db, step.path, origin)
        text = self._text(db, note, origin, content)
        if text is None:
            self._keep(note, step.path, "changed here and in its file")
            return
        said = self._said(db, content.front, step.by)
        metadata = self._within_limits(step.path, changed_as_said(note.metadata, origin.front, said), note.metadata)
        parent, named = origin.parent_id, said.parent != origin.front.parent
        if moved or named or note.metadata.deleted:
            parent = self._parent(db, step.path, said, metadata.project, step.by, note.id)
            if named or self._id(db, note.metadata.parent) == origin.parent_id:  # else it was chosen here
                metadata = replace(metadata, parent=self._slug(db, parent))
        slug = self._new_slug(db, note, origin.front, said, step.path, moved)
        if note.metadata.deleted or slug != note.metadata.slug:
            metadata = replace(metadata, slug=slug, deleted=False)
        by = told_again(step.by, content, note) if note.revision == origin.revision else step.by
        saved, kinds = self.ledger.save(db, Draft(note, metadata, text), by)
        self._count(kinds, renamed=moved and is_markdown(at))
        revision = saved.revision if text == content.body else origin.revision
        self.ledger.place(db, step.path, Origin(note.id, revision, content.mark, said, parent))
        self.tally.conflicting.pop(step.path, None)

    def _count(self, kinds: tuple[str, ...], *, renamed: bool) -> None:
        if renamed and kinds:
            self.tally.add("renamed")
        elif "restored" in kinds:
            self.tally.add("restored")
        else:
            self.tally.add("updated" if kinds else "unchanged")

    def _text(self, db: Snapshot, note: Note, origin: Origin, content: Content) -> str | None:
        """What the note is to say, or None when it and its file were changed both and differently."""
        if note.revision == origin.revision or (note.markdown == content.body and not note.metadata.deleted):
            return content.body
        imported, was_deleted = self.ledger.imported(db, origin)
        if note.metadata.deleted and not was_deleted:
            return None
        if note.markdown == imported:
            return content.body
        return note.markdown if content.body == imported else None

    def _keep(self, note: Note, path: str, reason: str) -> None:
        why = "deleted here, changed in its file" if note.metadata.deleted else reason
        self.tally.conflicting[path] = Conflicting(note.metadata.slug, path, why)

    def _delete(self, db: Snapshot, step: Step) -> None:
        origin = self.ledger.origins.get(step.path)
        if origin is None or not origin.mark:
            return
        note = self.ledger.note(db, origin.note_id)
        if note.metadata.deleted:
            self.ledger.pin(db, step.path, note, mark="")
        elif note.revision != origin.revision and note.markdown != self.ledger.imported(db, origin)[0]:
            self._keep(note, step.path, "changed here, its file is gone")
        else:
            saved, _ = self.ledger.save(db, Draft(note, replace(note.metadata, deleted=True), note.markdown), step.by)
            self.ledger.pin(db, step.path, saved, mark="")
            self.emptied[folder_of(step.path)] = None
            self.tally.add("deleted")

    def _said(self, db: Snapshot, front: FrontMatter, by: Attribution) -> FrontMatter:
        """What the file says, the options of the import considered; a project that it names is made."""
        if self._project is not None:
            return replace(front, project=self._project)
        if front.project is not None and not has_project(db, front.project):
            write_project(db, front.project, by.actor, None, None, None)
        return front

    def _within_limits(self, path: str, metadata: Metadata, before: Metadata) -> Metadata:
        taken, left_out = without_excess(metadata, before)
        for words in left_out:
            self.tally.warn(f"{path}: {words}")
        return taken

    def _new_slug(
        self, db: Snapshot, note: Note, before: FrontMatter, said: FrontMatter, path: str, moved: bool
    ) -> str:
        if said.slug is not None and (said.slug != before.slug or moved):
            wanted = said.slug
        elif moved and said.slug is None:
            wanted = slug_of_file(path)
        else:
            return note.metadata.slug
        return self.names.free(db, wanted, path, note.id)

    def _parent(
        self,
        db: Snapshot,
        path: str,
        said: FrontMatter,
        project: str | None,
        by: Attribution,
        own: int | None,
    ) -> int | None:
        """The parent that the file names, if it is there already, or else the note of its folder."""
        if said.parent is None:
            parent = self.folders.parent_of(db, path, project, by)
        else:
            parent = self.named_parent(db, path, said.parent)
        if own is not None and parent is not None and notes.is_below(db, parent, own):
            if said.parent is not None:
                self.tally.warn(f"{path}: its parent {said.parent} is the note itself or stands below it")
            return None
        return parent

    def named_parent(self, db: Snapshot, path: str, name: str) -> int | None:
        if name == NONE:
            return None
        if is_markdown(name):
            target = resolve_path(path, name)
            origin = self.ledger.origins.get(target) if target else None
            return origin.note_id if origin and self.ledger.is_living(db, origin.note_id) else None
        try:
            return notes.find_living(db, parse_reference(name))
        except StoreError:
            return None

    def _id(self, db: Snapshot, slug: str | None) -> int | None:
        return None if slug is None else notes.find_slug(db, slug)

    def _slug(self, db: Snapshot, note_id: int | None) -> str | None:
        return None if note_id is None else self.ledger.note(db, note_id).metadata.slug


def changed_as_said(metadata: Metadata, before: FrontMatter, now: FrontMatter) -> Metadata:
    """The note's metadata with what its file says otherwise than before; all else stays as it was made here."""
    if now == before:
        return metadata
    changed = {
        name: _changed(getattr(metadata, name), getattr(before, name), getattr(now, name))
        for name in SAID
        if getattr(now, name) != getattr(before, name)
    }
    return replace(metadata, **changed)


def _changed(kept: Any, before: Any, now: Any) -> Any:
    """A field's value with what the file says otherwise; of tags and links, what others added or took away stays so."""
    if isinstance(kept, bool):
        return bool(now)
    if not isinstance(kept, tuple):
        return now
    said, earlier = set(now or ()), set(before or ())
    return tuple(sorted((set(kept) - (earlier - said)) | (said - earlier), key=_place))


def _place(item: str | ExplicitLink) -> tuple[str, ...]:
    return (item,) if isinstance(item, str) else (item.relation, item.target)
