"""What is derived of a draft: made from its text before the lock, written behind it."""

from dataclasses import dataclass

from notewell_store.contract import Snapshot
from notewell_store.markdown import Section
from notewell_store.markdown.blocks import scan
from notewell_store.markdown.links import find_links
from notewell_store.markdown.passages import Indexed, passages_of
from notewell_store.markdown.sections import sections_among
from notewell_store.models import Metadata
from notewell_store.resolution import NOBODY, Asker
from notewell_store.tables import bearers, link_rows, passages, sections, stale, texts
from notewell_store.tables.rendered import pack_html
from notewell_store.tables.text_links import TextLinks
from notewell_store.tables.texts import Kept, kept_of
from notewell_store.writing.drafts import Draft

LONGEST_BEHIND = 20_000  # characters of a text that may be drafted and parsed behind the gate: some milliseconds


@dataclass(frozen=True, slots=True)
class Derived:
    """What is made from a text alone. `html` is None where it was not rendered."""

    markdown: str
    sections: tuple[Section, ...]
    links: TextLinks
    html: bytes | None = None


def derive(markdown: str, *, html: bool, asker: Asker = NOBODY) -> Derived:
    """`asker` is whose text it is."""
    lines = tuple(scan(markdown))
    packed = pack_html(markdown) if html else None
    return Derived(markdown, sections_among(lines, markdown), TextLinks(find_links(markdown, lines), asker), packed)


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
) -> None:
    """Bring links, sections, index and HTML up to the draft; `derived` is None when the text stays. What is `kept` of
    the note, and how its links `change`, is asked for where it is not known. Of a note that was not there before there
    is none of it yet."""
    before, metadata = draft.before, draft.metadata
    if metadata.links != (before.metadata.links if before else ()):
        link_rows.write_explicit_links(db, note_id, metadata.links)
    if derived is None:
        _index_again(db, note_id, draft)
        return
    kept = kept or (kept_of(db, note_id) if before else Kept(bearers.asker_of(db, note_id)))
    sections.write_sections(db, note_id, derived.sections, kept.sections)
    change = change or link_rows.change_of(db, note_id, kept.asker, derived.links, kept.links)
    link_rows.write_change(db, note_id, change)
    if derived.html is not None:
        texts.write_page(db, note_id, derived.html)
    if kept.is_stale:
        stale.unmark(db, note_id)
    was = indexed(before.metadata, before.markdown, kept.sections) if before else None
    becomes = indexed(metadata, draft.markdown, derived.sections)
    if was != becomes or kept.is_stale:
        passages.write_index(db, note_id, was, becomes, kept.present)


def _index_again(db: Snapshot, note_id: int, draft: Draft) -> None:
    """Of a note whose text stays: by what else is searched of it."""
    before, metadata = draft.before, draft.metadata
    if before is None or indexed(before.metadata, "", ()) == indexed(metadata, "", ()):
        return
    own_sections = sections.read_sections(db, note_id)
    was, becomes = (indexed(each, draft.markdown, own_sections) for each in (before.metadata, metadata))
    passages.write_index(db, note_id, was, becomes)


def indexed(metadata: Metadata, markdown: str, own_sections: tuple[Section, ...]) -> Indexed | None:
    """What of a note is searched; None for a tombstone."""
    if metadata.deleted:
        return None
    return Indexed(metadata.title, " ".join([metadata.slug, *metadata.tags]), markdown, own_sections)
