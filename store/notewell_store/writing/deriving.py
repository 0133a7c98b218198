"""What is derived of a draft: made from its text before the lock, written behind it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from notewell_store.contract import Snapshot
from notewell_store.markdown import Section
from notewell_store.markdown.blocks import scan
from notewell_store.markdown.links import find_links
from notewell_store.markdown.passages import Indexed, passages_of
from notewell_store.markdown.sections import sections_among
from notewell_store.models import Metadata
from notewell_store.resolution import NOBODY, Asker
from notewell_store.tables import bearers, links, passages, revisions, sections, stale, texts
from notewell_store.tables.links import TextLinks
from notewell_store.tables.rendered import pack_html
from notewell_store.writing.drafts import Draft

LONGEST_BEHIND = 20_000  # characters of a text that may be drafted and parsed behind the gate: some milliseconds


@dataclass(frozen=True, slots=True)
class Derived:
    """What is made from a text alone. `html` is None where it was not rendered."""

    markdown: str
    sections: tuple[Section, ...]
    links: TextLinks
    html: bytes | None = None
    packed: revisions.Packed | None = None
    """As its revision may keep it, where that was made before the lock."""


def derive(markdown: str, *, html: bool, asker: Asker = NOBODY) -> Derived:
    """`asker` is whose text it is."""
    lines = tuple(scan(markdown))
    packed = pack_html(markdown) if html else None
    return Derived(markdown, sections_among(lines, markdown), TextLinks(find_links(markdown, lines), asker), packed)


class Plan(NamedTuple):
    """What the store has to say of a draft, before anything is derived of it. `asker` is None where nothing is;
    `old_sections` are None where the text is short enough to be cut into passages behind the lock."""

    asker: Asker | None
    old_sections: tuple[Section, ...] | None


def plan(db: Snapshot, draft: Draft) -> Plan:
    return Plan(_asker(db, draft) if _is_to_be_derived(db, draft) else None, _old_sections(db, draft))


def derive_planned(draft: Draft, planned: Plan) -> Derived | None:
    """What is derived of a draft, where its text is another; all that takes as long as that is long is done."""
    derived = None if planned.asker is None else derive(draft.markdown, html=False, asker=planned.asker)
    if planned.old_sections is None:
        return derived
    _cut(draft, derived, planned.old_sections)
    was = draft.before.markdown if draft.before else None
    return derived and replace(derived, packed=revisions.pack(was, draft.markdown))


def made_ready(plans: Sequence[Plan], derived: Sequence[Derived | None]) -> Callable[[Snapshot], None] | None:
    """What is to be done before the lock at the connection that writes: see contract.Store.writing."""
    many = [
        (own.links, planned.asker)
        for planned, own in zip(plans, derived, strict=True)
        if own is not None and planned.asker is not None and len(own.links.rows) >= links.MANY
    ]

    def ready(db: Snapshot) -> None:
        for found, asker in many:
            links.make_ready(db, found, asker)

    return ready if many else None


def derive_again(db: Snapshot, drafts: Sequence[Draft], derived: Sequence[Derived | None]) -> list[Derived | None]:
    """The same behind the lock, of drafts that were made again; `derived` is of the ones before."""
    known = {own.markdown: own for own in derived if own is not None}
    return [
        known.get(draft.markdown) or (derive(draft.markdown, html=False) if _is_to_be_derived(db, draft) else None)
        for draft in drafts
    ]


def _asker(db: Snapshot, draft: Draft) -> Asker:
    """Whose text it will be; a new note comes from no source."""
    return NOBODY if draft.before is None else bearers.asker_of(db, draft.before.id)


def _is_to_be_derived(db: Snapshot, draft: Draft) -> bool:
    """Whether the text is another one, or what is derived from it may be missing: an import leaves notes stale
    until its end, and those that it deletes without anything."""
    before = draft.before
    if before is None or before.markdown != draft.markdown:
        return True
    if before.metadata.deleted and not draft.metadata.deleted:
        return True
    return stale.is_marked(db, before.id)


def _old_sections(db: Snapshot, draft: Draft) -> tuple[Section, ...] | None:
    before = draft.before
    if max(len(draft.markdown), len(before.markdown) if before else 0) <= LONGEST_BEHIND:
        return None
    return sections.read_sections(db, before.id) if before else ()


def _cut(draft: Draft, derived: Derived | None, old_sections: tuple[Section, ...]) -> None:
    """Cut a long text into passages, so that they are known behind the lock; what it was too, where all of its passages
    become others."""
    before = draft.before
    was = indexed(before.metadata, before.markdown, old_sections) if before else None
    becomes = indexed(draft.metadata, draft.markdown, old_sections if derived is None else derived.sections)
    if was == becomes:
        return
    if becomes is not None:
        passages_of(becomes)
    if was is not None and (becomes is None or (was.title, was.names) != (becomes.title, becomes.names)):
        passages_of(was)


def write_derived(db: Snapshot, note_id: int, draft: Draft, derived: Derived | None) -> None:
    """Bring links, sections, index and HTML up to the draft; `derived` is None when the text stays. Of a note that was
    not there before there is none of it yet."""
    before, metadata = draft.before, draft.metadata
    is_new = before is None
    if metadata.links != (before.metadata.links if before else ()):
        links.write_explicit_links(db, note_id, metadata.links)
    old_sections = sections.read_sections(db, note_id) if before else ()
    was_stale = False
    if derived is not None:
        sections.write_sections(db, note_id, derived.sections, old_sections)
        links.write_body_links(db, note_id, derived.links, is_new=is_new)
        if derived.html is not None:
            texts.write_page(db, note_id, derived.html)
        was_stale = before is not None and stale.unmark(db, note_id)
    was = indexed(before.metadata, before.markdown, old_sections) if before else None
    new_sections = derived.sections if derived is not None else old_sections
    becomes = indexed(metadata, draft.markdown, new_sections)
    if was != becomes or was_stale:
        passages.write_index(db, note_id, was, becomes, is_new=is_new)


def indexed(metadata: Metadata, markdown: str, own_sections: tuple[Section, ...]) -> Indexed | None:
    """What of a note is searched; None for a tombstone."""
    if metadata.deleted:
        return None
    return Indexed(metadata.title, " ".join([metadata.slug, *metadata.tags]), markdown, own_sections)
