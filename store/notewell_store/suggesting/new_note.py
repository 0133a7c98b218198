"""What is told to whoever makes a note: what stands near it already. Nothing of it is done."""

from notewell_store.contract import Snapshot
from notewell_store.markdown.links import find_links
from notewell_store.references import parse_reference
from notewell_store.saved import Near, Suggested, Unlinked
from notewell_store.suggesting.copies import Copy, copies
from notewell_store.suggesting.mentions import Text, mentions
from notewell_store.suggesting.neighbours import Found, Sought, found
from notewell_store.suggesting.telling_words import AT_ONCE
from notewell_store.suggesting.votes import proposed
from notewell_store.tables import links, near_notes, notes
from notewell_store.writing.drafts import Draft

MOST_NEAR = 2
MOST_UNLINKED = 3


def told(db: Snapshot, draft: Draft) -> Suggested | None:
    """What stands near a note that is to be made, as who writes it may see; None where nothing does."""
    metadata = draft.metadata
    if metadata.deleted:
        return None
    sought = Sought(metadata.title, draft.markdown, metadata.project)
    near = found(db, sought, AT_ONCE)
    suggested = Suggested(
        _near(db, sought, near, copies(db, sought, near)),
        proposed(near.neighbours, metadata),
        _unlinked(db, draft, sought, near),
    )
    return None if suggested == Suggested() else suggested


def _near(db: Snapshot, sought: Sought, near: Found, copied: list[Copy]) -> tuple[Near, ...]:
    """Copies first."""
    of_copies = {copy.note_id: copy for copy in copied}
    known = {one.facts.id: one.facts for one in near.neighbours}
    missing = [note_id for note_id in of_copies if note_id not in known]
    known |= near_notes.facts(db, missing, sought.project) if missing else {}
    order = dict.fromkeys([*(note_id for note_id in of_copies if note_id in known), *known])
    told = [(known[note_id], of_copies.get(note_id)) for note_id in list(order)[:MOST_NEAR]]
    return tuple(
        Near(facts.slug, facts.title, facts.revision, copy.share if copy else None, copy is not None)
        for facts, copy in told
    )


def _unlinked(db: Snapshot, draft: Draft, sought: Sought, near: Found) -> tuple[Unlinked, ...]:
    text = Text(draft.markdown[: AT_ONCE.characters])
    called = mentions(db, text, sought, near.passages, frozenset())
    if not called:
        return ()
    linked = _linked(db, draft)
    left = [one for one in called if one.note_id not in linked][:MOST_UNLINKED]
    slugs = notes.slugs_by_id(db, [one.note_id for one in left])
    return tuple(Unlinked(slugs[one.note_id], one.words) for one in left)


def _linked(db: Snapshot, draft: Draft) -> set[int]:
    """The notes that the draft links to, or stands below."""
    written = {row.target_id for row in links.body_rows(db, 0, find_links(draft.markdown))}
    set_on_purpose = {row.target_id for row in links.explicit_rows(db, draft.metadata.links)}
    parent = draft.metadata.parent
    above = {None if parent is None else notes.find_slug(db, parse_reference(parent).name)}
    return {note_id for note_id in written | set_on_purpose | above if note_id is not None}
