"""What a note is to become: each kind of change turns the note as it stands into a draft, and writes nothing.

A draft is made before the gate, so that the work that needs no lock is done outside it. It counts if nobody has
committed until the gate is held; else it is made again inside, on the newest state.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from notewell_store.contract import Snapshot
from notewell_store.errors import (
    Deleted,
    Invalid,
    NextCall,
    NotFound,
    OfAnotherProject,
)
from notewell_store.markdown.slugs import MAX_SLUG, is_slug
from notewell_store.models import EMBEDS, OF_TEXT, Change, ExplicitLink, Metadata, Note
from notewell_store.references import Reference, parse_reference
from notewell_store.saved import MissingSection, UnusableParent, Warned
from notewell_store.tables import labels, notes
from notewell_store.tables.nearest import nearest_names
from notewell_store.tables.project_rows import called_now, has_project, present_slug
from notewell_store.tables.revisions import load_at
from notewell_store.tables.sections import read_anchors, section_named
from notewell_store.writing.anchors import unsettled
from notewell_store.writing.fields import (
    changed_metadata,
    check_slug,
    check_text,
    clears,
    content_of,
    derived_title,
    require_whole_text,
)
from notewell_store.writing.limits import refuse_excess
from notewell_store.writing.merging import State, conflict, meet, unseen_revisions

SUPERSEDED = "superseded"
MOST_TOGETHER = 100  # notes that one call changes
MOST_LOOKED_FOR = 10  # sections that links name and their notes may not have


@dataclass(frozen=True, slots=True)
class Draft:
    """A note as it is (None: not yet there) and as it is to be; `merged_with` are revisions its writer had not seen.
    `others` are drafts of other notes, which are written with it or it is not; `anchor` is what a section that was
    moved here is called now, `replaced` how many occurrences were replaced; a card that `follows` what it stands for
    elsewhere is held back by no rule of a board. One that `confirms` is kept though it changes nothing: somebody
    looked, and what the note says still holds."""

    before: Note | None
    metadata: Metadata
    markdown: str
    warnings: tuple[Warned, ...] = ()
    merged_with: tuple[int, ...] = ()
    others: tuple["Draft", ...] = ()
    anchor: str | None = None
    replaced: int | None = None
    follows: bool = False
    confirms: bool = False


def upsert(
    db: Snapshot,
    slug: str,
    change: Change,
    if_revision: int | None,
    home: str | None = None,
    supersedes: tuple[str, ...] = (),
) -> Draft:
    """Create the note, or change what `change` names of it. A new note belongs to the project of its parent, else to
    `home`, unless the change names another, if there is such a project. It is linked to those that it supersedes, whose
    status says so.

    Raises OfAnotherProject for a slug that another project's note has, unless a revision is named, and Conflict
    when the content of an existing note would be replaced without naming the revision that was
    read, or when what changed since that revision overlaps with the change.
    """
    draft = _upsert(db, slug, change, if_revision, home)
    return _superseding(db, draft, supersedes) if supersedes else draft


def _upsert(db: Snapshot, slug: str, change: Change, if_revision: int | None, home: str | None) -> Draft:
    reference = parse_reference(slug)
    _require_whole(reference, "slug")
    note_id = notes.find_slug(db, reference.name)
    if (
        note_id is None
        and reference.note_id is not None
        and (change.content is None or notes.find_id(db, reference) is not None)
    ):
        note_id = notes.find(db, reference)
    if note_id is None:
        check_slug(reference.name, "slug", slug)
        return _created(db, reference.name, _at_home(db, change, home), if_revision)
    note = living(db, note_id)
    if not if_revision:
        _refuse_anothers(db, note, change, home)
    if if_revision is not None:
        draft = met(db, note, if_revision, lambda base: _upserted(db, base, change))
        if change.confirm and draft.merged_with:
            raise conflict(db, note, if_revision)  # nobody confirms what they did not read
        return replace(draft, confirms=change.confirm)
    if change.content is not None and change.content != note.markdown:
        raise conflict(db, note, None)
    return Draft(note, *_upserted(db, note, change), confirms=change.confirm)


def _refuse_anothers(db: Snapshot, note: Note, change: Change, home: str | None) -> None:
    """Raise OfAnotherProject where a slug was meant for a note of one project that a note of another has: its text
    would be replaced, or it would be taken over."""
    kept = note.metadata
    sent = home if change.project is None else change.project
    replacing = change.content is not None and change.content != note.markdown
    taking = change.project is not None
    if kept.project is None or sent is None or clears(sent) or not (replacing or taking):
        return
    if kept.project in (sent, home) or not has_project(db, sent):
        return
    wanted = present_slug(db, sent)
    if kept.project in (wanted, called_now(db, home)):
        return
    raise OfAnotherProject(
        kept.slug,
        kept.title,
        kept.note_type,
        kept.project,
        note.revision,
        wanted=wanted,
        free=_free_slug(db, f"{wanted}-{kept.slug}"),
        taking=taking,
    )


def _free_slug(db: Snapshot, slug: str) -> str:
    """The slug, or with the first number behind it that no note has."""
    room = slug[: MAX_SLUG - 4].rstrip("-")
    names = (room, *(f"{room}-{number}" for number in range(2, 100)))
    return next((name for name in names if notes.find_slug(db, name) is None), room)


def _superseding(db: Snapshot, draft: Draft, refs: tuple[str, ...]) -> Draft:
    note_id = draft.before.id if draft.before else 0
    named = [ExplicitLink("supersedes", _target(db, note_id, ref, False, "supersedes")) for ref in refs]
    links = {_meant(db, link): link for link in (*named, *draft.metadata.links)}
    metadata = replace(draft.metadata, links=_ordered(links.values()))
    refuse_excess(metadata, draft.before.metadata if draft.before else draft.metadata)
    others = together(db, refs, Change(status=SUPERSEDED))
    return replace(draft, metadata=metadata, others=(others, *others.others))


def together(db: Snapshot, refs: Iterable[str], change: Change) -> Draft:
    """Change the same of the metadata of many notes: the draft of the first, with the others. Raises Invalid."""
    found = dict.fromkeys(notes.find_living(db, parse_reference(ref)) for ref in refs)
    if not found or len(found) > MOST_TOGETHER:
        raise Invalid(f"{len(found):,} notes are named: name 1 to {MOST_TOGETHER}", "refs")
    first, *others = (_altered(living(db, note_id), db, change) for note_id in found)
    return replace(first, others=tuple(others))


def _altered(note: Note, db: Snapshot, change: Change) -> Draft:
    return Draft(note, changed_metadata(db, note.id, note.metadata, change), note.markdown)


def _upserted(db: Snapshot, note: Note, change: Change) -> State:
    if not change.is_whole:
        require_whole_text(change.content, note)
    return changed_metadata(db, note.id, note.metadata, change), content_of(change.content, note.markdown)


def met(db: Snapshot, note: Note, read_at: int, change: Callable[[Note], State]) -> Draft:
    """The draft of a change that was made from revision `read_at`. Raises Conflict."""
    unseen = unseen_revisions(db, note, read_at)
    merged = meet(db, note, read_at, change)
    check_text(merged.markdown)
    warnings = unsettled(db, note, merged.markdown)
    return Draft(note, merged.metadata, merged.markdown, warnings, unseen)


def _require_whole(reference: Reference, argument: str) -> None:
    """Raise Invalid for a part or a revision, where the whole note as it stands would be changed for it."""
    if reference.anchor is not None or reference.revision is not None:
        raise Invalid(
            (
                f"{argument}={str(reference)[:80]!r} names a part or a revision, but this changes the whole note: send "
                f"{reference.name[:80]!r} if that is meant; one section is changed with ",
                NextCall("edit_note"),
            ),
            argument,
        )


def _at_home(db: Snapshot, change: Change, home: str | None) -> Change:
    if change.project is not None:
        return change
    project = _project_above(db, change.parent) or home
    return replace(change, project=project) if project and has_project(db, project) else change


def _project_above(db: Snapshot, parent: str | None) -> str | None:
    if parent is None or clears(parent):
        return None
    return notes.project_below(db, notes.find_living(db, parse_reference(parent)))


def living(db: Snapshot, note_id: int) -> Note:
    note = notes.load(db, note_id)
    if note.metadata.deleted:
        raise Deleted(note.metadata.slug, note.revision)
    return note


def _created(db: Snapshot, slug: str, change: Change, if_revision: int | None) -> Draft:
    if if_revision:
        raise NotFound("note", slug, nearest_names(db, slug))
    if change.content is None:
        raise NotFound("note", slug, nearest_names(db, slug), purpose="change")
    check_text(change.content)
    start = Metadata(slug=slug, title=derived_title(slug, change.content))
    return Draft(None, changed_metadata(db, None, start, change), change.content)


def restore(db: Snapshot, reference: Reference) -> Draft:
    """Make a revision the newest again, under the note's present slug; without one, bring back a deleted note."""
    _require_whole(replace(reference, revision=None), "ref")
    note = notes.load(db, notes.find(db, reference))
    if reference.revision is None:
        if not note.metadata.deleted:
            raise Invalid(
                (
                    f"{note.metadata.slug} is not deleted: to go back to an earlier state send {note.metadata.slug}@N, "
                    "N from ",
                    NextCall("revisions", {"ref": note.metadata.slug}),
                ),
                "ref",
            )
        return Draft(note, replace(note.metadata, deleted=False), note.markdown)
    _require_unredacted(db, note, reference.revision)
    then = load_at(db, note.id, note.metadata.slug, reference.revision)
    metadata, warnings = _as_then(db, note, then.metadata)
    return Draft(note, metadata, then.markdown, warnings)


def _require_unredacted(db: Snapshot, note: Note, revision: int) -> None:
    from notewell_store.tables.redactions import is_redacted  # which other changes do not need

    if is_redacted(db, note.id, revision):
        slug = note.metadata.slug
        others = NextCall("revisions", {"ref": slug})
        raise Invalid((f"{slug}@{revision} was redacted, so that nothing of it can come back: see ", others), "ref")


def _as_then(db: Snapshot, note: Note, then: Metadata) -> tuple[Metadata, tuple[UnusableParent, ...]]:
    """The former metadata, less what no longer exists."""
    slug = note.metadata.slug
    warnings: tuple[UnusableParent, ...] = ()
    parent = then.parent
    if parent is not None:
        parent_id = notes.find_slug(db, parent)
        if parent_id is None or notes.is_deleted(db, parent_id) or notes.is_below(db, parent_id, note.id):
            warnings = (UnusableParent(slug, parent),)
            parent = note.metadata.parent
        else:
            parent = notes.slug_of(db, parent_id)
    links = _ordered({meant: link for link in then.links if (meant := _meant(db, link))[1] != note.id}.values())
    return replace(then, slug=slug, parent=parent, links=links, deleted=False), warnings


def _ordered(links: Iterable[ExplicitLink]) -> tuple[ExplicitLink, ...]:
    return tuple(sorted(set(links), key=lambda link: (link.relation, link.target)))


def _joined(slug: str, reference: Reference) -> str:
    return f"{slug}#{reference.anchor}" if reference.anchor else slug


def delete(db: Snapshot, reference: Reference, if_revision: int | None) -> Draft:
    """Make the note a tombstone."""
    _require_whole(reference, "ref")
    note = notes.load(db, notes.find(db, reference))
    if if_revision not in (None, note.revision) and not note.metadata.deleted:
        raise conflict(db, note, if_revision)
    return Draft(note, replace(note.metadata, deleted=True), note.markdown)


def relink(
    db: Snapshot,
    source: Reference,
    targets: tuple[str, ...],
    relation: str,
    mode: str,
    allow_missing: bool,
) -> Draft:
    """Add, remove or set the links of one relation that are set on purpose."""
    note = living(db, notes.find(db, source))
    word = labels.tag_word(relation, "relation")
    if word in OF_TEXT:
        written = f"{'!' if word == EMBEDS else ''}[[slug]]"
        raise Invalid(f"relation={word!r} is for links found in the body: write {written} there instead", "relation")
    named = [ExplicitLink(word, _target(db, note.id, target, allow_missing or mode == "remove")) for target in targets]
    kept = {_meant(db, link): link for link in note.metadata.links}
    wanted = {_meant(db, link): link for link in named}
    if mode == "remove":
        links = {meant: link for meant, link in kept.items() if meant not in wanted}
    else:
        staying = {meant: link for meant, link in kept.items() if mode == "add" or link.relation != word}
        links = staying | wanted | {meant: kept[meant] for meant in wanted if meant in kept}
    metadata = replace(note.metadata, links=_ordered(links.values()))
    refuse_excess(metadata, note.metadata)
    warnings = tuple(_missing_sections(db, named)) if mode != "remove" else ()
    return Draft(note, metadata, note.markdown, warnings)


def _meant(db: Snapshot, link: ExplicitLink) -> tuple[str, int | str, str | None]:
    """What a link leads to, whichever of its names it was set by."""
    reference = parse_reference(link.target)
    note_id = notes.find_slug(db, reference.name)
    return link.relation, reference.name if note_id is None else note_id, reference.anchor


def _missing_sections(db: Snapshot, named: Iterable[ExplicitLink]) -> Iterator[MissingSection]:
    """A warning of each link to a section that its target has not. MOST_LOOKED_FOR are looked for beyond what is kept
    of their notes: to read those takes long, and the write lock may be held."""
    kept: dict[int, frozenset[str]] = {}
    left = MOST_LOOKED_FOR
    for link in named:
        reference = parse_reference(link.target)
        target_id = notes.find_slug(db, reference.name)
        if target_id is None or reference.anchor is None or notes.is_deleted(db, target_id):
            continue
        if target_id not in kept:
            kept[target_id] = read_anchors(db, target_id)
        if reference.anchor.lower() not in kept[target_id] and left:
            left -= 1
            yield from _missing_section(db, target_id, reference.name, reference.anchor)


def _missing_section(db: Snapshot, target_id: int, name: str, anchor: str) -> Iterator[MissingSection]:
    target = notes.load(db, target_id)
    try:
        section_named(db, target, anchor)
    except NotFound as error:
        if f'"{anchor}"'.lower() not in target.markdown.lower():  # as HTML may name a place
            yield MissingSection(name, anchor, error.nearest)


def _target(db: Snapshot, source_id: int, text: str, allow_missing: bool, argument: str = "targets") -> str:
    """The target by the name that was sent, which may be a former one; by its slug where a number was sent."""
    reference = parse_reference(text)
    try:
        target_id = notes.find(db, reference) if allow_missing else notes.find_living(db, reference)
    except NotFound as error:
        if allow_missing and is_slug(reference.name):
            return _joined(reference.name, reference)
        raise NotFound("note", error.name, error.nearest, purpose="link to") from None
    if target_id == source_id:
        raise Invalid(f"{argument}: {text!r} is the note itself", argument)
    by_number = notes.find_slug(db, reference.name) is None
    return _joined(notes.slug_of(db, target_id) if by_number else reference.name, reference)
