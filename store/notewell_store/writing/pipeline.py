"""The one way by which notes change: a draft becomes a revision, with all that is derived, in one transaction."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from notewell_store.clock import now
from notewell_store.contract import Snapshot, Store
from notewell_store.markdown.blocks import scan
from notewell_store.markdown.diffs import unified_diff
from notewell_store.markdown.links import BodyLink, find_links
from notewell_store.markdown.secrets import secret_warnings
from notewell_store.markdown.sections import Section, sections_among
from notewell_store.models import Attribution, Metadata, Note, Once, Outcome, Saved
from notewell_store.search.passages import Indexed
from notewell_store.tables import idempotency, labels, links, notes, passages, revisions, sections
from notewell_store.tables.history import diff_metadata
from notewell_store.tables.projects import project_id
from notewell_store.tables.rendered import pack_html
from notewell_store.writing import templates, write_scope
from notewell_store.writing.drafts import Draft
from notewell_store.writing.limits import attributed

PLAIN_COLUMNS = ("slug", "title", "note_type", "status", "position", "is_public", "deleted")
LONGEST_DIFF = 20_000  # characters of a dry run's diff


@dataclass(frozen=True, slots=True)
class Derived:
    """What is made from a text alone. `html` is None where it was not rendered."""

    markdown: str
    sections: tuple[Section, ...]
    links: tuple[BodyLink, ...]
    html: bytes | None = None


def derive(markdown: str, *, html: bool) -> Derived:
    lines = tuple(scan(markdown))
    packed = pack_html(markdown) if html else None
    return Derived(markdown, sections_among(lines, markdown), find_links(markdown, lines), packed)


def write(
    store: Store,
    compose: Callable[[Snapshot], Draft],
    by: Attribution,
    *,
    once: Once | None = None,
    dry_run: bool = False,
) -> Saved:
    """Do what `compose` drafts, once; a dry run says what would be done and does not.

    The text is parsed before the gate, and its HTML rendered after the answer.
    """

    by = attributed(by)

    def told(db: Snapshot) -> Draft:
        return templates.checked(db, compose(db))

    with store.reading() as db:
        answered = idempotency.first_answer(db, once)
        if answered:
            return answered
        draft = _warned(write_scope.within(store, told(db)))
        if dry_run:
            return _foreseen(db, draft)
        wanted = _is_to_be_derived(db, draft)
    derived = derive(draft.markdown, html=False) if wanted else None
    with store.writing() as db:
        answered = idempotency.first_answer(db, once)
        if answered:
            return answered
        draft = _warned(write_scope.draft(store, db, told))
        if derived is None or derived.markdown != draft.markdown:
            derived = derive(draft.markdown, html=False) if _is_to_be_derived(db, draft) else None
        note_id, saved = _apply(db, draft, derived, by)
        saved = write_scope.as_seen(store, db, note_id, saved)
        idempotency.keep(db, once, saved)
    if derived is not None:
        store.background.add(note_id)
    return saved


def _warned(draft: Draft) -> Draft:
    """With a warning of each secret that a new text seems to hold."""
    if draft.before is not None and draft.before.markdown == draft.markdown:
        return draft
    return replace(draft, warnings=(*draft.warnings, *secret_warnings(draft.markdown)))


def _is_to_be_derived(db: Snapshot, draft: Draft) -> bool:
    """Whether the text is another one, or what is derived from it may be missing: an import leaves notes stale
    until its end, and those that it deletes without anything."""
    before = draft.before
    if before is None or before.markdown != draft.markdown:
        return True
    if before.metadata.deleted and not draft.metadata.deleted:
        return True
    return db.execute("SELECT 1 FROM stale WHERE note_id = ?", (before.id,)).fetchone() is not None


def _foreseen(db: Snapshot, draft: Draft) -> Saved:
    before, slug = draft.before, draft.metadata.slug
    diff = unified_diff(
        before.markdown if before else "",
        draft.markdown,
        f"{slug}@{before.revision}" if before else "(new)",
        slug,
        LONGEST_DIFF,
    )
    metadata = diff_metadata(before.metadata, draft.metadata) if before else ""
    return Saved(slug, before.revision if before else 0, _outcome(draft), (), draft.warnings, metadata + diff)


def _outcome(draft: Draft) -> Outcome:
    if draft.before is None:
        return "created"
    if not kinds_of_change(draft):
        return "unchanged"
    return "merged" if draft.merged_with else "updated"


KINDS = {
    "slug": "slug",
    "title": "title",
    "note_type": "type",
    "status": "status",
    "project": "project",
    "tags": "tags",
    "parent": "parent",
    "position": "position",
    "is_public": "public",
    "links": "links",
}


def kinds_of_change(draft: Draft) -> tuple[str, ...]:
    """What kinds of thing a draft changes; empty when it changes nothing."""
    before = draft.before
    if before is None:
        return ("created",)
    old, new = before.metadata, draft.metadata
    kinds = [word for name, word in KINDS.items() if getattr(old, name) != getattr(new, name)]
    if old.deleted != new.deleted:
        kinds.insert(0, "deleted" if new.deleted else "restored")
    if before.markdown != draft.markdown:
        kinds.insert(0, "content")
    return tuple(kinds)


def _apply(db: Snapshot, draft: Draft, derived: Derived | None, by: Attribution) -> tuple[int, Saved]:
    before = draft.before
    if before is not None and not kinds_of_change(draft):
        return before.id, Saved(
            draft.metadata.slug, before.revision, "unchanged", links.dangling(db, before.id), draft.warnings
        )
    note_id, revision = record(db, draft, by)
    write_derived(db, note_id, draft, derived)
    saved = Saved(
        draft.metadata.slug,
        revision,
        _outcome(draft),
        links.dangling(db, note_id),
        draft.warnings,
        merged_with=draft.merged_with,
    )
    return note_id, saved


def record(db: Snapshot, draft: Draft, by: Attribution) -> tuple[int, int]:
    """Keep the draft as the note's newest revision; the answer is the note's id and the revision's number.

    What is derived from the text (sections, links, search, HTML) is not yet written: see write_derived.
    """
    before, metadata = draft.before, draft.metadata
    revised_at = by.at or now()
    note_id = before.id if before else _new_id(db)
    if before is None:
        _insert_note(db, note_id, metadata, revised_at)
    head = None
    if before is not None:
        revisions.check_metadata(db, note_id, before.revision, before.metadata)
        head = revisions.Head(before.revision, before.markdown)
    revision, seq = revisions.append(
        db, note_id, head, metadata, draft.markdown, by, revised_at, kinds_of_change(draft)
    )
    was = before.metadata if before else None
    _update_note(db, note_id, was, metadata, len(draft.markdown), revision, seq, revised_at, by)
    _write_text(db, note_id, draft)
    if (
        before is None
        or labels.labels_of(before.metadata) != labels.labels_of(metadata)
        or (before.metadata.deleted != metadata.deleted)
    ):
        labels.write_labels(db, note_id, metadata)
    _write_names(db, note_id, before, metadata)
    return note_id, revision


def _write_text(db: Snapshot, note_id: int, draft: Draft) -> None:
    """The newest text stands beside the note while it lives; a tombstone's is kept by its revisions alone."""
    before = draft.before
    if draft.metadata.deleted:
        db.execute("DELETE FROM texts WHERE note_id = ?", (note_id,))
    elif before is None or before.metadata.deleted or before.markdown != draft.markdown:
        db.execute(
            """INSERT INTO texts (note_id, markdown) VALUES (?, ?)
               ON CONFLICT (note_id) DO UPDATE SET markdown = excluded.markdown, html = NULL""",
            (note_id, draft.markdown),
        )


def _new_id(db: Snapshot) -> int:
    (identity,) = db.execute("SELECT ifnull(max(id), 0) + 1 FROM notes").fetchone()
    return int(identity)


def _insert_note(db: Snapshot, note_id: int, metadata: Metadata, created_at: str) -> None:
    db.execute(
        """INSERT INTO notes (id, slug, title, tags, is_public, deleted, chars, revision, seq, created_at,
             updated_at, actor) VALUES (?, ?, ?, '[]', 0, 0, 0, 0, 0, ?, ?, '')""",
        (note_id, metadata.slug, metadata.title, created_at, created_at),
    )


def _update_note(
    db: Snapshot,
    note_id: int,
    before: Metadata | None,
    metadata: Metadata,
    chars: int,
    revision: int,
    seq: int,
    revised_at: str,
    by: Attribution,
) -> None:
    """SQLite writes an index anew for each column that is set, even to what it was: only what changes is set."""
    values = {
        "chars": chars,
        "revision": revision,
        "seq": seq,
        "updated_at": revised_at,
        "actor": by.actor,
        "revised_by": by.revised_by,
        **_changed_columns(db, before, metadata),
    }
    columns = ", ".join(f"{column} = ?" for column in values)
    db.execute(f"UPDATE notes SET {columns} WHERE id = ?", (*values.values(), note_id))


def _changed_columns(db: Snapshot, before: Metadata | None, metadata: Metadata) -> dict[str, object]:
    values: dict[str, object] = {
        name: getattr(metadata, name)
        for name in PLAIN_COLUMNS
        if before is None or getattr(before, name) != getattr(metadata, name)
    }
    if before is None or before.tags != metadata.tags:
        values["tags"] = _json_list(metadata.tags)
    if before is None or before.project != metadata.project:
        values["project_id"] = project_id(db, metadata.project) if metadata.project else None
    if before is None or before.parent != metadata.parent:
        values["parent_id"] = notes.find_slug(db, metadata.parent) if metadata.parent else None
    return values


def _json_list(words: tuple[str, ...]) -> str:
    return json.dumps(words, ensure_ascii=False)


def _write_names(db: Snapshot, note_id: int, before: Note | None, metadata: Metadata) -> None:
    """A slug that the note no longer has becomes an alias; one that it has again stops being one."""
    if before is not None and before.metadata.slug != metadata.slug:
        db.execute("DELETE FROM aliases WHERE slug = ?", (metadata.slug,))
        db.execute("INSERT INTO aliases (slug, note_id) VALUES (?, ?)", (before.metadata.slug, note_id))
    if before is None or before.metadata.slug != metadata.slug:
        links.resolve_dangling(db, note_id, metadata.slug)


def write_derived(db: Snapshot, note_id: int, draft: Draft, derived: Derived | None) -> None:
    """Bring links, sections, index and HTML up to the draft; `derived` is None when the text stays."""
    before, metadata = draft.before, draft.metadata
    if before is None or before.metadata.links != metadata.links:
        links.write_explicit_links(db, note_id, metadata.links)
    old_sections = sections.read_sections(db, note_id) if before else ()
    was_stale = False
    if derived is not None:
        sections.write_sections(db, note_id, derived.sections)
        links.write_body_links(db, note_id, derived.links)
        db.execute("UPDATE texts SET html = ? WHERE note_id = ?", (derived.html, note_id))
        was_stale = db.execute("DELETE FROM stale WHERE note_id = ?", (note_id,)).rowcount > 0
    was = indexed(before.metadata, before.markdown, old_sections) if before else None
    new_sections = derived.sections if derived is not None else old_sections
    becomes = indexed(metadata, draft.markdown, new_sections)
    if was != becomes or was_stale:
        passages.write_index(db, note_id, was, becomes)


def indexed(metadata: Metadata, markdown: str, own_sections: tuple[Section, ...]) -> Indexed | None:
    """What of a note is searched; None for a tombstone."""
    if metadata.deleted:
        return None
    return Indexed(metadata.title, " ".join([metadata.slug, *metadata.tags]), markdown, own_sections)
