"""The one way by which notes change: a draft becomes a revision, with all that is derived, in one transaction."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, fields, replace

from notewell_store.clock import now
from notewell_store.contract import Snapshot, Store
from notewell_store.markdown import Section
from notewell_store.markdown.blocks import scan
from notewell_store.markdown.diffs import unified_diff
from notewell_store.markdown.links import BodyLink, find_links
from notewell_store.markdown.passages import Indexed
from notewell_store.markdown.secrets import find_secrets
from notewell_store.markdown.sections import sections_among
from notewell_store.models import Attribution, Metadata, Note, Once, Outcome
from notewell_store.saved import Saved, SeemingSecret, UsedKey
from notewell_store.tables import (
    aliases,
    bearers,
    idempotency,
    labels,
    links,
    notes,
    passages,
    revisions,
    sections,
    stale,
    texts,
)
from notewell_store.tables.history import diff_metadata
from notewell_store.tables.rendered import pack_html
from notewell_store.writing import templates, write_scope
from notewell_store.writing.drafts import Draft
from notewell_store.writing.limits import attributed

LONGEST_DIFF = 20_000  # characters of a dry run's diff
LONGEST_BEHIND = 20_000  # characters of a text that may be drafted and parsed behind the gate: some milliseconds
MOST_ROUNDS = 2  # before a longer one is so too, where others change it faster than it can be read


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

    All is read, drafted and parsed before the gate, and counts if nobody has committed since; else it is drafted again
    behind the gate, where the text is the same, and all is begun anew where it is not: what takes as long as a text is
    long keeps nobody waiting. Its HTML is rendered after the answer.
    """
    by = attributed(by)
    for _ in range(MOST_ROUNDS):
        with suppress(_Overtaken):
            return _written(store, compose, by, once, dry_run=dry_run)
    return _written(store, compose, by, once, dry_run=dry_run, is_last=True)


class _Overtaken(Exception):
    """Somebody else changed the note while a change of it was made."""


def _written(
    store: Store,
    compose: Callable[[Snapshot], Draft],
    by: Attribution,
    once: Once | None,
    *,
    dry_run: bool,
    is_last: bool = False,
) -> Saved:
    version = None if dry_run else store.version()

    def told(db: Snapshot) -> Draft:
        return _warned(write_scope.within(store, templates.checked(db, compose(db))))

    with store.reading() as db:
        answered = idempotency.first_answer(db, once)
        if answered:
            return _foreseen_again(answered) if dry_run else answered
        draft = told(db)
        if dry_run:
            return _foreseen(db, draft)
        wanted = _is_to_be_derived(db, draft)
    derived = derive(draft.markdown, html=False) if wanted else None
    with store.writing() as db:
        is_as_read = version is not None and store.version() == version
        if not is_as_read or store.visibility is not None:  # who does not see all may not see what has the key
            answered = idempotency.first_answer(db, once)
            if answered:
                return answered
        if not is_as_read:
            if not is_last:
                _refuse_overtaken(db, draft)
            with store.seeing(db):
                draft = told(db)
            derived = _derived_anew(db, draft, derived)
        draft = write_scope.fitted(store, db, draft)
        note_id, saved = _apply(db, draft, derived, by)
        saved = write_scope.as_seen(store, db, note_id, saved)
        idempotency.keep(db, once, saved)
    if derived is not None:
        store.background.add(note_id)
    return saved


def _refuse_overtaken(db: Snapshot, draft: Draft) -> None:
    """Raise _Overtaken where the draft is of a long text that is no longer the newest."""
    before = draft.before
    size = 0 if before is None else max(len(before.markdown), len(draft.markdown))
    if before is not None and size > LONGEST_BEHIND and not notes.is_newest(db, before.id, before.revision):
        raise _Overtaken


def _derived_anew(db: Snapshot, draft: Draft, derived: Derived | None) -> Derived | None:
    """What is derived of a draft that was made again; `derived` is of the one before."""
    if derived is not None and derived.markdown == draft.markdown:
        return derived
    return derive(draft.markdown, html=False) if _is_to_be_derived(db, draft) else None


def _warned(draft: Draft) -> Draft:
    """With a warning of each kind of secret that a new text seems to hold."""
    if draft.before is not None and draft.before.markdown == draft.markdown:
        return draft
    lines: dict[str, dict[int, None]] = {}
    for secret in find_secrets(draft.markdown):
        lines.setdefault(secret.kind, {})[secret.line] = None
    secrets = (SeemingSecret(draft.metadata.slug, kind, tuple(found)) for kind, found in lines.items())
    return replace(draft, warnings=(*draft.warnings, *secrets))


def _is_to_be_derived(db: Snapshot, draft: Draft) -> bool:
    """Whether the text is another one, or what is derived from it may be missing: an import leaves notes stale
    until its end, and those that it deletes without anything."""
    before = draft.before
    if before is None or before.markdown != draft.markdown:
        return True
    if before.metadata.deleted and not draft.metadata.deleted:
        return True
    return stale.is_marked(db, before.id)


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


def _foreseen_again(answered: Saved) -> Saved:
    """Of a call that was made under its key before, and would be given the same answer again."""
    used = UsedKey(answered.slug, answered.revision, answered.outcome)
    return Saved(answered.slug, answered.revision, "unchanged", (), (used,), "")


def _outcome(draft: Draft) -> Outcome:
    if draft.before is None:
        return "created"
    if not kinds_of_change(draft):
        return "unchanged"
    return "merged" if draft.merged_with else "updated"


KINDS = {f.name: f.name for f in fields(Metadata) if f.name != "deleted"} | {"note_type": "type", "is_public": "public"}
"""What a history calls a change of each field; deleting and restoring have words of their own."""


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


CONFIRMED = "confirmed"
"""What a revision changed that changed nothing: its source tells when a page was made, and when it was changed last."""


def record(db: Snapshot, draft: Draft, by: Attribution) -> tuple[int, int]:
    """Keep the draft as the note's newest revision; the answer is the note's id and the revision's number.

    What is derived from the text (sections, links, search, HTML) is not yet written: see write_derived.
    """
    before, metadata = draft.before, draft.metadata
    revised_at = by.at or now()
    note_id = before.id if before else notes.newest_id(db) + 1
    if before is None:
        notes.insert_note(db, note_id, metadata, revised_at)
    revision, seq = revisions.append(
        db, note_id, before, metadata, draft.markdown, by, revised_at, kinds_of_change(draft) or (CONFIRMED,)
    )
    was = before.metadata if before else None
    size = len(draft.markdown)
    notes.update_note(db, note_id, was, metadata, chars=size, revision=revision, seq=seq, updated_at=revised_at, by=by)
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
        texts.remove_text(db, note_id)
    elif before is None or before.metadata.deleted or before.markdown != draft.markdown:
        texts.write_text(db, note_id, draft.markdown)


def _write_names(db: Snapshot, note_id: int, before: Note | None, metadata: Metadata) -> None:
    """A slug that the note no longer has becomes an alias; one that it has again stops being one. Links that name the
    note, or that it has, lead where they do for the names that it bears and for those who read it now."""
    was = before.metadata if before else None
    if was is not None and was.slug != metadata.slug:
        aliases.remove_alias(db, metadata.slug)
        aliases.add_alias(db, was.slug, note_id)
    keys = bearers.write_title(db, note_id, was.title if was else None, metadata.title)
    slugs = [metadata.slug, *([] if was else [str(note_id)])] if was is None or was.slug != metadata.slug else []
    is_moved = was is not None and (was.project, was.is_public) != (metadata.project, metadata.is_public)
    if keys or slugs or is_moved or (was is not None and was.deleted != metadata.deleted):
        links.resolve_named(db, note_id, keys, slugs)
    if is_moved:
        links.resolve_own(db, note_id)


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
        if derived.html is not None:
            texts.write_page(db, note_id, derived.html)
        was_stale = stale.unmark(db, note_id)
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
