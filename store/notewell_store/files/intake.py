"""Files become notes: each change of a file is turned into a revision of the note that comes from it."""

from dataclasses import dataclass, replace

from notewell_store.contract import Snapshot
from notewell_store.errors import StoreError
from notewell_store.files.contents import Content, told_again, told_by
from notewell_store.files.folder_notes import Folders
from notewell_store.files.front_matter import NOTE_NONE, NOTHING, FrontMatter
from notewell_store.files.ledger import Ledger
from notewell_store.files.meeting import Meeting, changed_as_said, is_as_imported, meet
from notewell_store.files.naming import Names, folder_of, folder_path, slug_of_file, stands_for
from notewell_store.files.path_rules import PathRules
from notewell_store.files.relations import Relations
from notewell_store.files.sources import Offer, Origin
from notewell_store.files.summary import Conflicting
from notewell_store.models import Attribution, Metadata, Note
from notewell_store.names import folder_pages, is_markdown, is_readable
from notewell_store.references import parse_reference
from notewell_store.resolution import resolve_path, without_ending
from notewell_store.tables import notes
from notewell_store.tables.project_rows import called_now, has_project
from notewell_store.tables.projects import write_project
from notewell_store.writing.drafts import Draft
from notewell_store.writing.fields import NONE
from notewell_store.writing.limits import attributed_in_short, without_excess


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
    is_newest: bool = True
    """Whether the source says so now; else it is a step on the way there."""

    @property
    def size(self) -> int:
        return len(self.content.body) if isinstance(self.content, Content) else 0


class Intake:
    def __init__(
        self,
        ledger: Ledger,
        names: Names,
        rules: PathRules,
        project: str | None,
        keeper: str,
        take: str | None = None,
    ) -> None:
        """`project` is set for all notes. Where a page was changed here and in its source, `take` says which counts
        (`source` or `store`); without it the store's is kept, by `keeper`."""
        self.ledger = ledger
        self.names = names
        self.folders = Folders(ledger, names)
        self.relations = Relations(ledger)
        self._rules = rules
        self.tally = ledger.tally
        self._project = project
        self._keeper = keeper
        self._take = take
        self._put_off: dict[str, Attribution] = {}  # who last changed a page that waits for the newest state
        self.emptied: dict[str, None] = {}  # folders that a file has left in the present commit

    def take(self, db: Snapshot, step: Step) -> None:
        if isinstance(step.content, str):
            self.tally.skip(step.path, step.content)
            if step.old is not None and not is_readable(step.path):  # no later import can take it under that name
                self._delete(db, replace(step, path=step.old, content=None))
        elif step.content is None:
            self._delete(db, step)
        else:
            self._write(db, step, self._rules.placed(step.content, step.path))
        if step.last:
            self.prune(db, step.by)

    def prune(self, db: Snapshot, by: Attribution) -> None:
        for folder in self.emptied:
            self.folders.prune(db, folder, by)
        self.emptied.clear()

    def _write(self, db: Snapshot, step: Step, content: Content) -> None:
        for words in content.unread:
            self.tally.warn(f"{step.path}: front matter, {words}")
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
        others = folder_pages(folder) if step.path == folder_path(folder) else [folder_path(folder)]
        return next((path for path in (step.path, *others) if path in origins), None)

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
        said = self._said(db, step, content, NOTHING)
        slug = self.names.free(db, wanted, step.path)
        if content.front.slug and slug != content.front.slug:
            self.tally.warn(f"{step.path}: the slug {content.front.slug} names another note, so this one is {slug}")
        start = Metadata(slug=slug, title=slug)
        metadata = self._within_limits(step.path, changed_as_said(start, NOTHING, said), start)
        parent = self._parent(db, step.path, said, metadata.project, step.by, None)
        metadata = replace(metadata, parent=self._slug(db, parent))
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
        said = self._said(db, step, content, origin.front)
        met = meet(db, self.ledger, note, origin, content, said)
        if not met.overlap or (self._take == "source" and step.is_newest):
            self._apply(db, step, content, said, met, note, at)
        elif self._take == "store" and step.is_newest:
            settled = replace(origin, front=said, mark=content.mark, text=content.body, offer=None)
            self.ledger.place(db, step.path, settled)
            self.tally.add("unchanged")
        else:
            self._offer(db, step, note, met, content.mark)

    def _apply(
        self, db: Snapshot, step: Step, content: Content, said: FrontMatter, met: Meeting, note: Note, at: str
    ) -> None:
        origin, moved = self.ledger.origins[step.path], at != step.path
        slug = self._new_slug(db, note, origin.front, said, content.named or step.path, moved)
        metadata = self._within_limits(step.path, met.metadata, note.metadata)
        if note.metadata.deleted or slug != note.metadata.slug:
            metadata = replace(metadata, slug=slug, deleted=False)
        parent, named = origin.parent_id, said.parent != origin.front.parent
        if moved or named or note.metadata.deleted:
            parent = self._parent(db, step.path, said, metadata.project, step.by, note.id)
            if named or self._id(db, note.metadata.parent) == origin.parent_id:  # else it was chosen here
                metadata = replace(metadata, parent=self._slug(db, parent))
        by = told_again(step.by, content, note) if note.revision == origin.revision else step.by
        saved, kinds = self.ledger.save(db, Draft(note, metadata, met.markdown), by)
        is_merged = met.markdown not in (content.body, note.markdown)
        self._count(kinds, renamed=moved and is_markdown(at), merged=is_merged)
        revision, text = origin.revision, origin.text
        if is_merged or met.markdown == content.body:
            revision, text = saved.revision, content.body if is_merged else None
        self.ledger.place(db, step.path, Origin(note.id, revision, content.mark, said, parent, text))
        self.tally.conflicting.pop(step.path, None)

    def _offer(self, db: Snapshot, step: Step, note: Note, met: Meeting, mark: str) -> None:
        """Leave the note as it is, and what the source says, in the end, among its revisions, to be compared with."""
        if not step.is_newest:
            self._put_off[step.path] = step.by
            return self._keep(note, step.path, met.overlap)
        by = self._put_off.pop(step.path, step.by)
        origin = self.ledger.origins[step.path]
        offer = origin.offer
        if offer is None or offer.mark != mark:
            theirs = replace(self._within_limits(step.path, met.metadata, note.metadata), deleted=note.metadata.deleted)
            offered, _ = self.ledger.save(db, Draft(note, theirs, met.markdown), by)
            offer = Offer(offered.revision, mark)
            slug = note.metadata.slug
            why = f"kept; what {step.path} says instead is {slug}@{offer.revision}"
            keeper = Attribution(self._keeper, note.revised_by, why)
            self.ledger.save(db, Draft(offered, note.metadata, note.markdown), attributed_in_short(keeper))
            self.ledger.place(db, step.path, replace(origin, offer=offer))
        return self._keep(note, step.path, met.overlap, offer.revision)

    def _count(self, kinds: tuple[str, ...], *, renamed: bool, merged: bool) -> None:
        if renamed and kinds:
            self.tally.add("renamed")
        elif "restored" in kinds:
            self.tally.add("restored")
        else:
            self.tally.add("updated" if kinds else "unchanged")
        self.tally.add("merged", merged)

    def _keep(self, note: Note, path: str, reason: str, offered: int | None = None) -> None:
        self.tally.conflicting[path] = Conflicting(note.metadata.slug, path, reason, offered)

    def _delete(self, db: Snapshot, step: Step) -> None:
        origin = self.ledger.origins.get(step.path)
        if origin is None or not origin.mark:
            return
        note = self.ledger.note(db, origin.note_id)
        is_changed = not is_as_imported(note, origin) and note.markdown != self.ledger.imported(db, origin)[0]
        if note.metadata.deleted:
            self.ledger.pin(db, step.path, note, mark="", text=None, offer=None)
        elif is_changed and self._take == "store" and step.is_newest:
            self.ledger.place(db, step.path, replace(origin, mark="", offer=None))
        elif is_changed and not (self._take == "source" and step.is_newest):
            self._keep(note, step.path, "changed here, its file is gone")
        else:
            saved, _ = self.ledger.save(db, Draft(note, replace(note.metadata, deleted=True), note.markdown), step.by)
            self.ledger.pin(db, step.path, saved, mark="", text=None, offer=None)
            self.emptied[folder_of(step.path)] = None
            self.tally.add("deleted")
            self.tally.conflicting.pop(step.path, None)

    def _said(self, db: Snapshot, step: Step, content: Content, before: FrontMatter) -> FrontMatter:
        """What the file says, the options of the import considered; a project that it names is made."""
        front = replace(content.front, links=self.relations.links(db, step.path, content, before))
        if self._project is not None:
            return replace(front, project=self._project)
        if front.project is not None and not has_project(db, front.project):
            write_project(db, front.project, step.by.actor, None, None, None)
        return replace(front, project=called_now(db, front.project))

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
            parent = self._parent_by_slug(db, said.parent) or self._parent_by_path(db, path, said.parent)
        if own is not None and parent is not None and notes.is_below(db, parent, own):
            if said.parent is not None:
                self.tally.warn(f"{path}: its parent {said.parent} is the note itself or stands below it")
            return None
        return parent

    def named_parent(self, db: Snapshot, path: str, name: str) -> int | None:
        """The parent of that name, once all files are in: before, one that has it as its slug may still come."""
        found = self._parent_by_slug(db, name) or self._parent_by_path(db, path, name)
        if found is not None or name == NONE or is_markdown(name):
            return found
        try:
            return notes.find_living(db, parse_reference(name))
        except StoreError:
            return None

    def _parent_by_slug(self, db: Snapshot, name: str) -> int | None:
        """The page of this source that says to be called so, or else the note that is."""
        if name == NONE or is_markdown(name):
            return None
        slug = NONE if name == NOTE_NONE else name
        said = self.ledger.called(slug)
        note_id = notes.find_slug(db, slug) if said is None else said
        return note_id if note_id is not None and self.ledger.is_living(db, note_id) else None

    def _parent_by_path(self, db: Snapshot, path: str, name: str) -> int | None:
        target = resolve_path(path, name) if is_markdown(name) else None
        origin = self.ledger.origins.get(target) if target else None
        return origin.note_id if origin and self.ledger.is_living(db, origin.note_id) else None

    def _id(self, db: Snapshot, slug: str | None) -> int | None:
        return None if slug is None else notes.find_slug(db, slug)

    def _slug(self, db: Snapshot, note_id: int | None) -> str | None:
        return None if note_id is None else self.ledger.note(db, note_id).metadata.slug
