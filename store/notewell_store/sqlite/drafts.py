"""What a note is to become: each kind of change turns the note as it stands into a draft, and writes nothing.

A draft is made twice for each write: before the gate, so that the work that needs no lock is done outside
it, and again inside, on the newest state; only the second counts.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from notewell_store.errors import Deleted, Invalid, NotFound
from notewell_store.markdown.sections import title_of
from notewell_store.markdown.slugs import is_slug
from notewell_store.models import Change, Edit, ExplicitLink, Metadata, Note
from notewell_store.references import Reference, parse_reference
from notewell_store.sqlite import labels, notes
from notewell_store.sqlite.connection import Connection
from notewell_store.sqlite.edits import edited_text
from notewell_store.sqlite.merging import State, conflict, meet
from notewell_store.sqlite.projects import project_id
from notewell_store.sqlite.revisions import load_at

LARGEST_TEXT = 1_000_000  # bytes: a larger note would hold the gate too long
LONGEST_TITLE = 300
LARGEST_POSITION = 1_000_000_000
NONE = "none"  # what clears a field


@dataclass(frozen=True, slots=True)
class Draft:
    """A note as it is (None: not yet there) and as it is to be; `merged_with` are revisions its writer had not seen."""

    before: Note | None
    metadata: Metadata
    markdown: str
    warnings: tuple[str, ...] = ()
    merged_with: tuple[int, ...] = ()


def upsert(
    db: Connection, slug: str, change: Change, if_revision: int | None, home: str | None = None
) -> Draft:
    """Create the note, or change what `change` names of it. A new note belongs to the project `home` unless
    the change names another, if there is such a project.

    Raises Conflict when the content of an existing note would be replaced without naming the revision that was
    read, or when what changed since that revision overlaps with the change.
    """
    reference = parse_reference(slug)
    _require_whole(reference, "slug")
    note_id = notes.find_slug(db, reference.name)
    if note_id is None and reference.note_id is not None and (change.content is None or notes.has_id(db, reference)):
        note_id = notes.find(db, reference)
    if note_id is None:
        return _created(db, reference.name, _at_home(db, change, home), if_revision)
    note = living(db, note_id)
    if if_revision is not None:
        return _met(db, note, if_revision, lambda base: _upserted(db, base, change))
    if change.content is not None and change.content != note.markdown:
        raise conflict(db, note, None)
    return Draft(note, *_upserted(db, note, change))


def _upserted(db: Connection, note: Note, change: Change) -> State:
    if not change.is_whole:
        require_whole_text(change.content, note)
    return _changed(db, note.id, note.metadata, change), _content(change.content, note.markdown)


CUT = re.compile(r"\[cut: [\d,]+ of [\d,]+ characters; next: offset=\d+")
SHORTEST_PART = 40  # characters; less may stand in a text by chance


def require_whole_text(sent: str | None, note: Note) -> None:
    """Raise Invalid for a content that is only a part of what the note says, as a cut read or a section is."""
    part = (sent or "").strip()
    is_part = SHORTEST_PART <= len(part) < len(note.markdown.strip()) and part in note.markdown
    if is_part or (CUT.search(part) and not CUT.search(note.markdown)):
        raise Invalid(
            f"content has {len(part):,} of the {len(note.markdown):,} characters of {note.metadata.slug} and looks like "
            "a read that was cut: the rest would be gone. Change a part with edit_note, or, if the note is meant to "
            "end so, send is_whole=true",
            "content",
        )


def _met(db: Connection, note: Note, read_at: int, change: Callable[[Note], State]) -> Draft:
    """The draft of a change that was made from revision `read_at`. Raises Conflict."""
    merged = meet(db, note, read_at, change)
    check_text(merged.markdown)
    return Draft(note, merged.metadata, merged.markdown, merged_with=tuple(range(read_at + 1, note.revision + 1)))


def _require_whole(reference: Reference, argument: str) -> None:
    """Raise Invalid for a part or a revision, where the whole note as it stands would be changed for it."""
    if reference.anchor is not None or reference.revision is not None:
        raise Invalid(
            f"{argument}={str(reference)[:80]!r} names a part or a revision, but this changes the whole note: send "
            f"{reference.name[:80]!r} if that is meant; to change one section, edit it",
            argument,
        )


def _at_home(db: Connection, change: Change, home: str | None) -> Change:
    known = home and db.execute("SELECT 1 FROM projects WHERE slug = ?", (home,)).fetchone()
    return replace(change, project=home) if known and change.project is None else change


def living(db: Connection, note_id: int) -> Note:
    note = notes.load(db, note_id)
    if note.metadata.deleted:
        raise Deleted(note.metadata.slug, note.revision)
    return note


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
        raise NotFound("note to change", slug, notes.nearest_slugs(db, slug))
    check_text(change.content)
    start = Metadata(slug=slug, title=_derived_title(slug, change.content))
    return Draft(None, _changed(db, None, start, change), change.content)


def _derived_title(slug: str, content: str) -> str:
    """The first heading, as far as it can be a title, else the slug: a note is not refused for its heading."""
    heading = labels.UNREADABLE.sub(" ", title_of(content) or "")
    title = " ".join(heading.split())[:LONGEST_TITLE].rstrip()
    return title if labels.is_readable(title) else slug.replace("-", " ").capitalize()


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
        position=_position(change.position, metadata.position),
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
    if len(stripped) > LONGEST_TITLE or not labels.is_readable(stripped):
        raise Invalid(f"title={title[:80]!r}: send one line of 1 to {LONGEST_TITLE} printable characters", "title")
    return stripped


def _position(sent: int | None, kept: int | None) -> int | None:
    if sent is not None and abs(sent) > LARGEST_POSITION:
        raise Invalid(f"position={sent}: send a number of at most {LARGEST_POSITION:,}", "position")
    return kept if sent is None else sent


def _status(text: str) -> str:
    labels.status_label(text)
    return " ".join(text.split())


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

    def edited(base: Note) -> State:
        return base.metadata, edited_text(note.metadata.slug, base.markdown, change)

    return _met(db, note, note.revision if if_revision is None else if_revision, edited)


def restore(db: Connection, reference: Reference) -> Draft:
    """Make a revision the newest again, under the note's present slug; without one, bring back a deleted note."""
    _require_whole(replace(reference, revision=None), "ref")
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
        if parent_id is None or notes.is_deleted(db, parent_id) or notes.is_below(db, parent_id, note.id):
            warnings.append(f"its parent then, {parent}, cannot be its parent now: parent left as it is")
            parent = note.metadata.parent
        else:
            parent = notes.slug_of(db, parent_id)
    links = _ordered(link for kept in then.links if (link := _present_link(db, note.id, kept)))
    return replace(then, slug=note.metadata.slug, parent=parent, links=links, deleted=False), tuple(warnings)


def _present_link(db: Connection, source_id: int, link: ExplicitLink) -> ExplicitLink | None:
    """The link under its target's present name, so that restoring a state twice is one change; None for a link
    that would lead to the note itself."""
    reference = parse_reference(link.target)
    target_id = notes.find_slug(db, reference.name)
    if target_id is None:
        return link
    return None if target_id == source_id else replace(link, target=_joined(notes.slug_of(db, target_id), reference))


def _ordered(links: Iterable[ExplicitLink]) -> tuple[ExplicitLink, ...]:
    return tuple(sorted(set(links), key=lambda link: (link.relation, link.target)))


def _joined(slug: str, reference: Reference) -> str:
    return f"{slug}#{reference.anchor}" if reference.anchor else slug


def delete(db: Connection, reference: Reference, if_revision: int | None) -> Draft:
    """Make the note a tombstone."""
    _require_whole(reference, "ref")
    note = notes.load(db, notes.find(db, reference))
    if if_revision not in (None, note.revision) and not note.metadata.deleted:
        raise conflict(db, note, if_revision)
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
    return Draft(note, replace(note.metadata, links=_ordered(kept)), note.markdown)


def _target(db: Connection, source_id: int, text: str, allow_missing: bool) -> str:
    reference = parse_reference(text)
    try:
        target_id = notes.find(db, reference) if allow_missing else notes.find_living(db, reference)
    except NotFound as error:
        if allow_missing and is_slug(reference.name):
            return _joined(reference.name, reference)
        raise NotFound("note to link to", error.name, error.nearest) from None
    if target_id == source_id:
        raise Invalid(f"targets: {text!r} is the note itself", "targets")
    return _joined(notes.slug_of(db, target_id), reference)
