"""What is derived of a draft: made from its text before the lock, written behind it."""

from dataclasses import dataclass

from notewell_store.contract import Snapshot
from notewell_store.markdown import Section
from notewell_store.markdown.blocks import scan
from notewell_store.markdown.links import MARKS, find_links
from notewell_store.markdown.passages import Indexed, passages_of
from notewell_store.markdown.sections import sections_among
from notewell_store.markdown.text_change import TextChange, lines_with, text_change
from notewell_store.models import Metadata
from notewell_store.resolution import NOBODY, Asker
from notewell_store.tables import bearers, link_rows, passages, sections, stale, texts
from notewell_store.tables.rendered import pack_html
from notewell_store.tables.text_links import TextLinks
from notewell_store.tables.texts import Kept, kept_of, searched_of
from notewell_store.writing.drafts import Draft

LONGEST_BEHIND = 20_000  # characters of a text that may be drafted and parsed behind the gate: some milliseconds


@dataclass(frozen=True, slots=True)
class Derived:
    """What is made from a text alone. `html` is None where it was not rendered."""

    markdown: str
    sections: tuple[Section, ...]
    links: TextLinks
    html: bytes | None = None
    change: TextChange | None = None
    """From the text as it stood before, where all headings stay."""


def derive(markdown: str, *, html: bool, asker: Asker = NOBODY) -> Derived:
    """`asker` is whose text it is."""
    lines = tuple(scan(markdown))
    packed = pack_html(markdown) if html else None
    return Derived(markdown, sections_among(lines, markdown), TextLinks(find_links(markdown, lines), asker), packed)


def derive_of(draft: Draft, asker: Asker, kept: Kept | None) -> Derived:
    """The same of a draft's text, without its HTML: where it is known what is `kept` of the text before, no more of it
    is read than has changed, or may hold links."""
    change = _change_of(draft, kept)
    if change is None:
        return derive(draft.markdown, html=False, asker=asker)
    links = find_links(draft.markdown, lines_with(MARKS, draft.markdown, change.sections))
    return Derived(draft.markdown, change.sections, TextLinks(links, asker), change=change)


def _change_of(draft: Draft, kept: Kept | None) -> TextChange | None:
    before = draft.before
    if before is None or before.metadata.deleted or kept is None or kept.is_stale:
        return None
    return text_change(before.markdown, draft.markdown, kept.sections)


def is_to_be_derived(db: Snapshot, draft: Draft) -> bool:
    """Whether the text is another one, or what is derived from it may be missing: an import leaves notes stale
    until its end, and those that it deletes without anything."""
    before = draft.before
    if before is None or before.markdown != draft.markdown:
        return True
    if before.metadata.deleted and not draft.metadata.deleted:
        return True
    return stale.is_marked(db, before.id)


def is_long(draft: Draft) -> bool:
    """Whether to parse and to cut what it was and what it becomes takes more than some milliseconds."""
    return max(len(draft.markdown), len(draft.before.markdown) if draft.before else 0) > LONGEST_BEHIND


def cut(draft: Draft, derived: Derived | None, old_sections: tuple[Section, ...]) -> None:
    """Cut a text into passages, so that they are known behind the lock; what it was too, where all of its passages
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


def write_derived(
    db: Snapshot,
    note_id: int,
    draft: Draft,
    derived: Derived | None,
    kept: Kept | None = None,
    change: link_rows.Change | None = None,
    searched: passages.Change | None = None,
) -> None:
    """Bring links, sections, index and HTML up to the draft; `derived` is None when the text stays. What is `kept` of
    the note, how its links `change`, and what is `searched` of it, is asked for where it is not known. Of a note that
    was not there before there is none of it yet."""
    before, metadata = draft.before, draft.metadata
    if metadata.links != (before.metadata.links if before else ()):
        link_rows.write_explicit_links(db, note_id, metadata.links)
    if derived is None:
        if is_searched_otherwise(draft):
            _write_index(db, note_id, draft, None, kept or searched_of(db, note_id), searched)
        return
    kept = kept or (kept_of(db, note_id) if before else Kept(bearers.asker_of(db, note_id)))
    sections.write_sections(db, note_id, derived.sections, kept.sections)
    change = change or link_rows.change_of(db, note_id, kept.asker, derived.links, kept.links)
    link_rows.write_change(db, note_id, change)
    if derived.html is not None:
        texts.write_page(db, note_id, derived.html)
    if kept.is_stale:
        stale.unmark(db, note_id)
    _write_index(db, note_id, draft, derived, kept, searched)


def is_searched_otherwise(draft: Draft) -> bool:
    """Whether a note whose text stays is searched by another title, or other names."""
    before = draft.before
    return before is not None and indexed(before.metadata, "", ()) != indexed(draft.metadata, "", ())


def _write_index(
    db: Snapshot, note_id: int, draft: Draft, derived: Derived | None, kept: Kept, searched: passages.Change | None
) -> None:
    if searched is None:
        searched = searched_change(note_id, draft, derived, kept)
    if searched is not passages.UNCHANGED:
        passages.write_change(db, note_id, searched, kept.present.newest)


def searched_change(note_id: int, draft: Draft, derived: Derived | None, kept: Kept) -> passages.Change:
    """What is to be written of the index, where this is kept of the note; `derived` is None when the text stays."""
    before, own_sections = draft.before, kept.sections if derived is None else derived.sections
    was = indexed(before.metadata, before.markdown, kept.sections) if before else None
    becomes = indexed(draft.metadata, draft.markdown, own_sections)
    if was == becomes and not kept.is_stale:
        return passages.UNCHANGED
    return passages.change_of(note_id, was, becomes, kept.present, derived.change if derived else None)


def indexed(metadata: Metadata, markdown: str, own_sections: tuple[Section, ...]) -> Indexed | None:
    """What of a note is searched; None for a tombstone."""
    if metadata.deleted:
        return None
    return Indexed(metadata.title, " ".join([metadata.slug, *metadata.tags]), markdown, own_sections)
