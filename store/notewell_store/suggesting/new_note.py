"""What is told to whoever makes a note: what stands near it already. Nothing of it is done."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from notewell_store.contract import Snapshot
from notewell_store.markdown.links import find_links
from notewell_store.references import parse_reference
from notewell_store.resolution import NOBODY
from notewell_store.saved import Near, Suggested, Unlinked
from notewell_store.suggesting.copies import Copy, copies
from notewell_store.suggesting.mentions import Mention, Text, mentions
from notewell_store.suggesting.neighbours import Found, Sought, found
from notewell_store.suggesting.telling_words import AT_ONCE
from notewell_store.suggesting.votes import proposed
from notewell_store.tables import near_notes, notes, text_links
from notewell_store.tables.near_notes import Facts
from notewell_store.writing.drafts import Draft

MOST_NEAR = 2
MOST_UNLINKED = 3


def told(db: Snapshot, draft: Draft) -> Suggested | None:
    """What stands near a note that is to be made, as who writes it may see; None where nothing does, or what does is
    damaged. A note that it links to, or stands below, its writer knows: that is told only where it holds the same."""
    return near_notes.unless_damaged(db, lambda: _told(db, draft))


def _told(db: Snapshot, draft: Draft) -> Suggested | None:
    sought = Sought(draft.metadata.title, draft.markdown, draft.metadata.project)
    near = found(db, sought, AT_ONCE)
    copied = copies(db, sought, near)
    text = Text(draft.markdown[: AT_ONCE.characters])
    called = mentions(db, text, sought, near.passages, frozenset())
    known = _linked(db, draft) if near.neighbours or called else set()
    suggested = Suggested(
        _near(_facts_of(db, copied, near, known), copied),
        proposed(near.neighbours, draft.metadata),
        _unlinked(db, [one for one in called if one.note_id not in known]),
    )
    return None if suggested == Suggested() else suggested


def _facts_of(db: Snapshot, copied: Sequence[Copy], near: Found, known: AbstractSet[int]) -> list[Facts]:
    """The notes that are told to be near, copies first."""
    facts = {one.facts.id: one.facts for one in near.neighbours}
    others = [note_id for note_id in facts if note_id not in known]
    told = list(dict.fromkeys([*(copy.note_id for copy in copied), *others]))[:MOST_NEAR]
    missing = [note_id for note_id in told if note_id not in facts]
    facts |= near_notes.facts(db, missing) if missing else {}
    return [facts[note_id] for note_id in told if note_id in facts]


def _near(told: Sequence[Facts], copied: Sequence[Copy]) -> tuple[Near, ...]:
    of = {copy.note_id: copy for copy in copied}
    return tuple(
        Near(one.slug, one.title, one.revision, of[one.id].share if one.id in of else None, one.id in of)
        for one in told
    )


def _unlinked(db: Snapshot, called: Sequence[Mention]) -> tuple[Unlinked, ...]:
    slugs = notes.slugs_by_id(db, [one.note_id for one in called]) if called else {}
    return tuple(Unlinked(slugs[one.note_id], one.words) for one in called[:MOST_UNLINKED])


def _linked(db: Snapshot, draft: Draft) -> set[int]:
    """The notes that the draft links to, or stands below."""
    written = text_links.TextLinks(find_links(draft.markdown[: AT_ONCE.characters]), NOBODY)
    rows = written.led(db, NOBODY, 0) if written.rows else []
    if draft.metadata.links:
        rows += text_links.explicit_rows(db, draft.metadata.links)
    parent = draft.metadata.parent
    above = None if parent is None else notes.find_slug(db, parse_reference(parent).name)
    return {note_id for note_id in (*(row.target_id for row in rows), above) if note_id is not None}
