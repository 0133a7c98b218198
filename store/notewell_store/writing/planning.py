"""What a write has to ask of the store, asked before the gate: where nobody has written since, it only tells behind it,
and waits for little."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from notewell_store.contract import Snapshot
from notewell_store.markdown import Section
from notewell_store.resolution import NOBODY, Asker, fold
from notewell_store.tables import bearers, link_rows, link_targets, notes, passages, revisions, sections
from notewell_store.tables.dangling import NONE_UNRESOLVED, Unresolved, none_dangles, unresolved
from notewell_store.tables.texts import Kept, kept_for_later, searched_of
from notewell_store.writing.deriving import (
    Derived,
    cut,
    derive,
    derive_of,
    is_long,
    is_searched_otherwise,
    is_to_be_derived,
    searched_change,
)
from notewell_store.writing.drafts import Draft


class Place(NamedTuple):
    """The note's number, what its next revision is written as, and what its row says of its metadata."""

    note_id: int
    next: revisions.Next
    columns: dict[str, Any]

    @property
    def project(self) -> int | None:
        """That of a new note."""
        project: int | None = self.columns["project_id"]
        return project


@dataclass(frozen=True, slots=True)
class Plan:
    """What a draft becomes. What is None is made or asked for as it is written."""

    asker: Asker | None = None
    """Whose text it will be; None where nothing is derived of it."""
    derived: Derived | None = None
    old_sections: tuple[Section, ...] | None = None
    """By which the former text is cut; None where that may be done behind the lock."""
    packed: revisions.Packed | None = None
    """The text as its revision may keep it."""
    place: Place | None = None
    kept: Kept | None = None
    change: link_rows.Change | None = None
    searched: passages.Change | None = None
    dangling: Unresolved | None = None
    awaiting: link_targets.Asking | None = None
    """The links that wait for a new note."""


UNPLANNED = Plan()


def plan(db: Snapshot, drafts: Sequence[Draft], *, sees_all: bool) -> list[Plan]:
    """In the snapshot in which the drafts were made. Of several each may change what the next one has to know, and who
    does not see all does not know what all fits to: then no more is asked than what is derived by."""
    return [_whole(db, drafts[0])] if sees_all and len(drafts) == 1 else [_of_text(db, draft) for draft in drafts]


def made(draft: Draft, planned: Plan) -> Plan:
    """With all that is derived of the text; it takes as long as that is long."""
    derived = planned.derived
    if derived is None and planned.asker is not None:
        derived = derive_of(draft, planned.asker, planned.kept)
    planned = replace(planned, derived=derived, searched=_searched(draft, derived, planned))
    if planned.old_sections is None:
        return planned
    if planned.searched is None:
        cut(draft, derived, planned.old_sections)
    packed = planned.packed or _packed(draft)
    packed.get_ready()
    return replace(planned, packed=packed)


def _searched(draft: Draft, derived: Derived | None, planned: Plan) -> passages.Change | None:
    if planned.searched is not None or planned.place is None or planned.kept is None:
        return planned.searched
    return searched_change(planned.place.note_id, draft, derived, planned.kept)


def laying_aside(drafts: Sequence[Draft], plans: list[Plan]) -> Callable[[Snapshot], None] | None:
    """What lays the rows of many links aside before the lock, at the connection that is going to write, and tells the
    plans: see Store.writing. None where there are not many."""
    many = [
        number
        for number, own in enumerate(plans)
        if own.derived is not None and own.change is None and len(own.derived.links.rows) >= link_rows.MANY
    ]

    def lay_aside(db: Snapshot) -> None:
        for number in many:
            plans[number] = _laid_aside(db, drafts[number], plans[number])

    return lay_aside if many else None


def _laid_aside(db: Snapshot, draft: Draft, planned: Plan) -> Plan:
    derived, asker, place, kept = planned.derived, planned.asker, planned.place, planned.kept
    assert derived is not None and asker is not None
    if place is None or kept is None:
        link_rows.make_ready(db, derived.links, asker)
        return planned
    leads_alike = _leads_alike(draft, place.note_id, derived)
    if link_rows.are_kept(derived.links, asker, kept.links):
        dangling = _dangling(db, draft, derived, place, link_rows.UNCHANGED) if leads_alike else None
        return replace(planned, change=link_rows.UNCHANGED, dangling=dangling)
    link_rows.make_ready(db, derived.links, asker)
    if derived.links.foreseen is None or not leads_alike:
        return planned
    change = link_rows.foreseen_change(derived.links, kept.links)
    return replace(planned, change=change, dangling=_dangling(db, draft, derived, place, change))


def again(db: Snapshot, drafts: Sequence[Draft], plans: Sequence[Plan]) -> list[Plan]:
    """Behind the lock, of drafts that were made again: what the `plans` of the ones before know of the same texts."""
    known = {planned.derived.markdown: planned for planned in plans if planned.derived is not None}
    return [_again(db, draft, known.get(draft.markdown)) for draft in drafts]


def _again(db: Snapshot, draft: Draft, former: Plan | None) -> Plan:
    if former is not None and former.derived is not None:
        of_text = replace(former.derived, change=None)  # which was from the text that somebody has written over
        return Plan(derived=of_text, packed=former.packed)
    return Plan(derived=derive(draft.markdown, html=False) if is_to_be_derived(db, draft) else None)


def _packed(draft: Draft) -> revisions.Packed:
    return revisions.Packed(draft.before.markdown if draft.before else None, draft.markdown)


def place_of(db: Snapshot, draft: Draft, packed: revisions.Packed | None = None) -> Place:
    before = draft.before
    note_id = notes.newest_id(db) + 1 if before is None else before.id
    columns = notes.columns_of(db, None if before is None else before.metadata, draft.metadata)
    return Place(note_id, revisions.next_of(db, before, draft.markdown, packed), columns)


def names_of(draft: Draft, note_id: int) -> tuple[set[str], list[str]]:
    """Of a note that is new: the key of its title, and what else it is called by."""
    return {fold(draft.metadata.title)}, [draft.metadata.slug, str(note_id)]


def _of_text(db: Snapshot, draft: Draft) -> Plan:
    before, asker = draft.before, None
    if is_to_be_derived(db, draft):
        asker = NOBODY if before is None else bearers.asker_of(db, before.id)
    if not is_long(draft):
        return Plan(asker)
    return Plan(asker, old_sections=() if before is None else sections.read_sections(db, before.id))


def _whole(db: Snapshot, draft: Draft) -> Plan:
    packed = _packed(draft)
    place = place_of(db, draft, packed)
    if draft.before is None:
        asker = Asker(None, None, place.project, draft.metadata.is_public, place.note_id)
        kept = Kept(asker, present=passages.Present((), passages.newest(db)))
        awaiting = link_targets.named(db, place.note_id, *names_of(draft, place.note_id))
        return _with_text(db, draft, Plan(packed=packed, place=place, kept=kept, awaiting=awaiting))
    keeps_names = _keeps_names(draft)
    if not is_to_be_derived(db, draft):
        searched = searched_of(db, place.note_id) if is_searched_otherwise(draft) else None
        dangling = _dangling(db, draft, None, place, link_rows.UNCHANGED) if keeps_names else None
        return Plan(place=place, kept=searched, dangling=dangling)
    kept = kept_for_later(db, place.note_id)
    if not keeps_names:
        kept = kept._replace(asker=_asker_to_be(draft, place, kept.asker))
    return _with_text(db, draft, Plan(packed=packed, place=place, kept=kept))


def _asker_to_be(draft: Draft, place: Place, asker: Asker) -> Asker:
    """Whose text it is in another project, or for other readers."""
    return asker._replace(project=place.columns.get("project_id", asker.project), is_public=draft.metadata.is_public)


def _with_text(db: Snapshot, draft: Draft, planned: Plan) -> Plan:
    """With what the text asks of the store, where it is read in no time."""
    place, kept = planned.place, planned.kept
    assert place is not None and kept is not None
    planned = replace(planned, asker=kept.asker, old_sections=kept.sections)
    if is_long(draft):
        return planned
    derived = derive_of(draft, kept.asker, kept)
    searched = searched_change(place.note_id, draft, derived, kept)
    passages.get_ready(db, searched)
    planned = replace(planned, derived=derived, searched=searched)
    if not _leads_alike(draft, place.note_id, derived):
        return planned
    change = link_rows.change_of(db, place.note_id, kept.asker, derived.links, kept.links)
    return replace(planned, change=change, dangling=_dangling(db, draft, derived, place, change))


def _keeps_names(draft: Draft) -> bool:
    """Whether the note bears the same names for the same readers: what links lead to is then no other, its own too."""
    before, metadata = draft.before, draft.metadata
    assert before is not None
    was = before.metadata
    return not metadata.deleted and all(
        getattr(was, name) == getattr(metadata, name) for name in ("slug", "title", "project", "is_public", "deleted")
    )


def _leads_alike(draft: Draft, note_id: int, derived: Derived) -> bool:
    """Whether the text's links lead before the write where they do after it."""
    return not _names_itself(draft, note_id, derived) if draft.before is None else _keeps_names(draft)


def _names_itself(draft: Draft, note_id: int, derived: Derived) -> bool:
    """Whether a new note's text has a link by a name that it will bear."""
    keys, called = names_of(draft, note_id)
    return any(name in derived.links.names.by_key or name in derived.links.names.by_slug for name in (*keys, *called))


def _dangling(
    db: Snapshot, draft: Draft, derived: Derived | None, place: Place, change: link_rows.Change
) -> Unresolved | None:
    """None where links have become others of which some dangle."""
    if is_without_links(draft, derived):
        return NONE_UNRESOLVED
    if draft.metadata.links != (draft.before.metadata.links if draft.before else ()):
        return None
    if change == link_rows.UNCHANGED:
        return unresolved(db, place.note_id)
    return NONE_UNRESOLVED if none_dangles(db, place.note_id, change) else None


def is_without_links(draft: Draft, derived: Derived | None) -> bool:
    return derived is not None and not derived.links.rows and not draft.metadata.links
