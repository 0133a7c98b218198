"""What a note is to become: each kind of change turns the note as it stands into a draft, and writes nothing.

A draft is made twice for each write: before the gate, so that the work that needs no lock is done outside
it, and again inside, on the newest state; only the second counts.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from notewell_store.errors import Conflict, Deleted, Invalid, NotFound
from notewell_store.markdown.diffs import unified_diff
from notewell_store.markdown.sections import title_of
from notewell_store.markdown.slugs import is_slug
from notewell_store.models import Change, Edit, ExplicitLink, Metadata, Note
from notewell_store.references import Reference, parse_reference
from notewell_store.sqlite import labels, notes
from notewell_store.sqlite.connection import Connection
from notewell_store.sqlite.edits import edited_text
from notewell_store.sqlite.history import list_revisions
from notewell_store.sqlite.projects import project_id
from notewell_store.sqlite.revisions import load_at, text_at

LARGEST_TEXT = 1_000_000  # bytes: a larger note would hold the gate too long
LONGEST_TITLE = 300
LONGEST_DIFF = 4_000  # characters of a conflict's diff
NONE = "none"  # what clears a field


@dataclass(frozen=True, slots=True)
class Draft:
    """A note as it is (None: not yet there) and as it is to be."""

    before: Note | None
    metadata: Metadata
    markdown: str
    warnings: tuple[str, ...] = ()


def upsert(
    db: Connection, slug: str, change: Change, if_revision: int | None, home: str | None = None
) -> Draft:
    """Create the note, or change what `change` names of it. A new note belongs to the project `home` unless
    the change names another, if there is such a project.

    Raises Conflict when the content of an existing note would be replaced without naming its present revision.
    """
    reference = parse_reference(slug)
    note_id = notes.find_slug(db, reference.name)
    if note_id is None and reference.note_id is not None:
        note_id = notes.find(db, reference)
    if note_id is None:
        return _created(db, reference.name, _at_home(db, change, home), if_revision)
    note = living(db, note_id)
    if if_revision is not None or (change.content is not None and change.content != note.markdown):
        require_revision(db, note, if_revision, change.content)
    return Draft(note, _changed(db, note.id, note.metadata, change), _content(change.content, note.markdown))


def _at_home(db: Connection, change: Change, home: str | None) -> Change:
    known = home and db.execute("SELECT 1 FROM projects WHERE slug = ?", (home,)).fetchone()
    return replace(change, project=home) if known and change.project is None else change


def living(db: Connection, note_id: int) -> Note:
    note = notes.load(db, note_id)
    if note.metadata.deleted:
        raise Deleted(note.metadata.slug, note.revision)
    return note


def require_revision(db: Connection, note: Note, sent: int | None, content: str | None) -> None:
    """Raise Conflict unless the writer has read the revision that stands, or what is sent stands already."""
    if sent == note.revision or (sent is not None and content == note.markdown):
        return
    slug = note.metadata.slug
    known = sent if sent is not None and 0 < sent < note.revision else None
    changes = list_revisions(db, note.id, limit=note.revision - known if known else 1).items
    diff = ""
    if known:
        diff = unified_diff(
            text_at(db, note.id, known), note.markdown, f"{slug}@{known}", f"{slug}@{note.revision}", LONGEST_DIFF
        )
    raise Conflict(slug, note.revision, sent, changes[:10], diff)


def _created(db: Connection, slug: str, change: Change, if_revision: int | None) -> Draft:
    if not is_slug(slug):
        raise Invalid(
            f"slug={slug!r} is no slug: a-z and 0-9 in words joined by single hyphens, at most 200 characters, "
            "not all digits",
            "slug",
        )
    if if_revision:
        raise NotFound("note", slug, notes.nearest_slugs(db, slug))
    if change.content is None:
        raise NotFound("note to change (send content to create it)", slug, notes.nearest_slugs(db, slug))
    title = change.title or title_of(change.content) or slug.replace("-", " ").capitalize()
    start = Metadata(slug=slug, title=_title(title[:LONGEST_TITLE]))
    return Draft(None, _changed(db, None, start, change), _content(change.content, ""))


def _changed(db: Connection, note_id: int | None, metadata: Metadata, change: Change) -> Metadata:
    return replace(
        metadata,
        slug=_new_slug(db, note_id, change.new_slug) if change.new_slug else metadata.slug,
        title=metadata.title if change.title is None else _title(change.title),
        note_type=_word(change.note_type, metadata.note_type, labels.type_word),
        status=_word(change.status, metadata.status, _status),
        project=_project(db, change.project, metadata.project),
        tags=_tags(metadata.tags, change),
        parent=_parent(db, note_id, change.parent, metadata.parent),
        position=metadata.position if change.position is None else change.position,
        is_public=metadata.is_public if change.is_public is None else change.is_public,
    )


def _content(sent: str | None, kept: str) -> str:
    if sent is None:
        return kept
    check_text(sent)
    return sent


def check_text(text: str) -> None:
    """Raise Invalid for a text that cannot be kept byte for byte, or is too large."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise Invalid(
            f"the text holds half of a surrogate pair at character {error.start}: send whole characters", "content"
        ) from None
    if size > LARGEST_TEXT:
        raise Invalid(
            f"the text has {size:,} bytes, a note at most {LARGEST_TEXT:,}: split it into child notes", "content"
        )
    if "\0" in text:
        raise Invalid(f"the text holds a NUL at character {text.index(chr(0))}: remove it", "content")


def _title(title: str) -> str:
    stripped = " ".join(title.split())
    if not stripped or len(stripped) > LONGEST_TITLE or not stripped.replace("\u200d", "").isprintable():
        raise Invalid(f"title={title[:80]!r}: send one line of 1 to {LONGEST_TITLE} printable characters", "title")
    return stripped


def _status(text: str) -> str:
    labels.status_label(text)
    return text.strip()


def _word(sent: str | None, kept: str | None, read: Callable[[str], str]) -> str | None:
    if sent is None:
        return kept
    return None if sent.strip().lower() in {"", NONE} else read(sent)


def _tags(kept: tuple[str, ...], change: Change) -> tuple[str, ...]:
    start = kept if change.tags is None else tuple(map(labels.tag_word, change.tags))
    wanted = {*start, *(labels.tag_word(tag, "add_tags") for tag in change.add_tags)}
    return tuple(sorted(wanted - {labels.tag_word(tag, "remove_tags") for tag in change.remove_tags}))


def _project(db: Connection, sent: str | None, kept: str | None) -> str | None:
    if sent is None:
        return kept
    if sent in {"", NONE}:
        return None
    project_id(db, sent)
    return sent


def _parent(db: Connection, note_id: int | None, sent: str | None, kept: str | None) -> str | None:
    if sent is None:
        return kept
    if sent in {"", NONE}:
        return None
    parent_id = notes.find_living(db, parse_reference(sent))
    if note_id is not None and notes.is_below(db, parent_id, note_id):
        raise Invalid(f"parent={sent!r} is the note itself or stands below it: choose a note outside", "parent")
    return notes.slug_of(db, parent_id)


def _new_slug(db: Connection, note_id: int | None, slug: str) -> str:
    if not is_slug(slug):
        raise Invalid(f"new_slug={slug!r} is no slug: a-z and 0-9 in words joined by single hyphens", "new_slug")
    taken = notes.find_slug(db, slug)
    if taken is not None and taken != note_id:
        raise Invalid(f"new_slug={slug!r} already names {notes.slug_of(db, taken)}: choose another", "new_slug")
    return slug


def edit(db: Connection, reference: Reference, change: Edit, if_revision: int | None) -> Draft:
    """Change a part of the note's text; the bytes outside the edit stay as they are."""
    note = living(db, notes.find(db, reference))
    if if_revision is not None:
        require_revision(db, note, if_revision, None)
    text = edited_text(note.metadata.slug, note.markdown, change)
    check_text(text)
    return Draft(note, note.metadata, text)


def restore(db: Connection, reference: Reference) -> Draft:
    """Make a revision the newest again, under the note's present slug; without one, bring back a deleted note."""
    note = notes.load(db, notes.find(db, reference))
    if reference.revision is None:
        if not note.metadata.deleted:
            raise Invalid(
                f"{note.metadata.slug} is not deleted: to go back to an earlier state send {note.metadata.slug}@N, "
                "N from revisions",
                "ref",
            )
        return Draft(note, replace(note.metadata, deleted=False), note.markdown)
    then = load_at(db, note.id, note.metadata.slug, reference.revision)
    metadata, warnings = _as_then(db, note, then.metadata)
    return Draft(note, metadata, then.markdown, warnings)


def _as_then(db: Connection, note: Note, then: Metadata) -> tuple[Metadata, tuple[str, ...]]:
    """The former metadata, less what no longer exists."""
    warnings: list[str] = []
    parent = then.parent
    if parent is not None:
        parent_id = notes.find_slug(db, parent)
        if parent_id is None or notes.is_below(db, parent_id, note.id):
            warnings.append(f"its parent then, {parent}, cannot be its parent now: parent left as it is")
            parent = note.metadata.parent
        else:
            parent = notes.slug_of(db, parent_id)
    return replace(then, slug=note.metadata.slug, parent=parent, deleted=False), tuple(warnings)


def delete(db: Connection, reference: Reference, if_revision: int | None) -> Draft:
    """Make the note a tombstone."""
    note = notes.load(db, notes.find(db, reference))
    if if_revision is not None and not note.metadata.deleted:
        require_revision(db, note, if_revision, None)
    return Draft(note, replace(note.metadata, deleted=True), note.markdown)


def relink(
    db: Connection,
    source: Reference,
    targets: tuple[str, ...],
    relation: str,
    mode: str,
    allow_missing: bool,
) -> Draft:
    """Add, remove or set the links of one relation that are set on purpose."""
    note = living(db, notes.find(db, source))
    word = labels.tag_word(relation, "relation")
    if word == "mentions":
        raise Invalid("relation='mentions' is for links found in the body: write [[slug]] there instead", "relation")
    named = [ExplicitLink(word, _target(db, note.id, target, allow_missing or mode == "remove")) for target in targets]
    kept = list(note.metadata.links)
    if mode == "set":
        kept = [link for link in kept if link.relation != word]
    if mode == "remove":
        kept = [link for link in kept if link not in named]
    else:
        kept += [link for link in named if link not in kept]
    links = tuple(sorted(set(kept), key=lambda link: (link.relation, link.target)))
    return Draft(note, replace(note.metadata, links=links), note.markdown)


def _target(db: Connection, source_id: int, text: str, allow_missing: bool) -> str:
    reference = parse_reference(text)
    anchor = f"#{reference.anchor}" if reference.anchor else ""
    try:
        target_id = notes.find(db, reference)
    except NotFound:
        if allow_missing and is_slug(reference.name):
            return reference.name + anchor
        raise
    if target_id == source_id:
        raise Invalid(f"targets: {text!r} is the note itself", "targets")
    return notes.slug_of(db, target_id) + anchor
