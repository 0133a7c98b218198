"""The one way by which notes change: a draft becomes a revision, with all that is derived, in one transaction."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import fields, replace
from typing import NamedTuple

from notewell_store.clock import now
from notewell_store.contract import Snapshot, Store
from notewell_store.errors import Lost, StoreError
from notewell_store.markdown.diffs import unified_diff
from notewell_store.markdown.secrets import find_secrets
from notewell_store.models import Attribution, Metadata, Once, Outcome
from notewell_store.saved import LinksLeftOut, Saved, SeemingSecret, Suggested, UsedKey, Written
from notewell_store.tables import bearers, dangling, idempotency, labels, link_targets, notes, revisions, texts
from notewell_store.tables.changes import commits_before, has_written
from notewell_store.tables.history import diff_metadata, list_revisions
from notewell_store.writing import planning, templates, write_scope
from notewell_store.writing.deriving import Derived, is_long, write_derived
from notewell_store.writing.drafts import Draft
from notewell_store.writing.limits import attributed
from notewell_store.writing.planning import UNPLANNED, Plan

LONGEST_DIFF = 20_000  # characters of a dry run's diff
Suggest = Callable[[Snapshot, Draft], Suggested | None]
"""Says what stands near a note that is to be made."""
MOST_ROUNDS = 2  # before a longer one is so too, where others change it faster than it can be read


def write(
    store: Store,
    compose: Callable[[Snapshot], Draft],
    by: Attribution,
    *,
    once: Once | None = None,
    dry_run: bool = False,
    suggest: Suggest | None = None,
) -> Saved:
    """Do what `compose` drafts, once; a dry run says what would be done and does not. Of a note that is made the answer
    has what `suggest` finds, which looks before the gate.

    All is read, drafted and parsed before the gate, and counts if nobody has committed since; else it is drafted again
    behind the gate, where the text is the same, and all is begun anew where it is not: what takes as long as a text is
    long keeps nobody waiting. Its HTML is rendered after the answer. A connection that is lost before it was written is
    lost once without a word.
    """
    sent = _Sent(compose, attributed(by), once, suggest)
    done = _foreseen if dry_run else _in_rounds
    with suppress(Lost):
        return done(store, sent)
    return done(store, sent)


class _Sent(NamedTuple):
    """What a caller wants to be written: see write."""

    compose: Callable[[Snapshot], Draft]
    by: Attribution
    once: Once | None
    suggest: Suggest | None


def _in_rounds(store: Store, sent: _Sent) -> Saved:
    for _ in range(MOST_ROUNDS):
        with suppress(_Overtaken):
            return _written(store, sent)
    return _written(store, sent, is_last=True)


class _Overtaken(Exception):
    """Somebody else changed the note while a change of it was made."""


def _written(store: Store, sent: _Sent, *, is_last: bool = False) -> Saved:
    version = store.version()
    with store.reading() as db:
        if answered := idempotency.first_answer(db, sent.once):
            return answered
        drafts = _drafts(store, db, sent)
        commits = commits_before(db)
        sees_all = store.visibility is None and _is_written(drafts[0])
        plans = planning.plan(db, drafts, sees_all=sees_all)
        suggested = _suggested(db, drafts[0], sent)
    plans = list(map(planning.made, drafts, plans))
    with store.writing(ready=planning.laying_aside(drafts, plans)) as db:
        is_as_read = (version is not None and store.version() == version) or has_written(db, commits) is False
        if not is_as_read or store.visibility is not None:  # who does not see all may not see what has the key
            answered = idempotency.first_answer(db, sent.once)
            if answered:
                return answered
        if not is_as_read:
            if not is_last:
                _refuse_overtaken(db, drafts)
            with store.seeing(db):
                drafts = _drafts(store, db, sent)
            plans = planning.again(db, drafts, plans)
        done = [_apply(store, db, draft, planned, sent.by) for draft, planned in zip(drafts, plans, strict=True)]
        saved = _suggesting(_joined([one for _, one in done], drafts), suggested)
        loose = _loose(store, db, done[0][0], drafts[0], plans[0], sent.once)
        idempotency.keep(db, sent.once, saved, loose.facts() if sent.once and loose else ())
    for (note_id, _), planned in zip(done, plans, strict=True):
        if planned.derived is not None:
            store.background.add(note_id)
    if loose is None:
        loose = _loose_now(store, done[0][0])
    return replace(saved, dangling=loose.told())


def _foreseen(store: Store, sent: _Sent) -> Saved:
    """What a dry run tells."""
    with store.reading() as db:
        if answered := idempotency.first_answer(db, sent.once):
            return _foreseen_again(answered)
        drafts = _drafts(store, db, sent)
        suggested = _suggested(db, drafts[0], sent)
    return _suggesting(_joined([_foreseen_of(draft) for draft in drafts], drafts), suggested)


def _drafts(store: Store, db: Snapshot, sent: _Sent) -> tuple[Draft, ...]:
    """What is to be written, with what comes along, as far as the writer may."""
    first = _unless_confirmed(db, sent.compose(db), sent.by)
    drafts = (first, *first.others)
    made = tuple(_warned(write_scope.within(store, templates.checked(db, draft))) for draft in drafts)
    _check_moves(db, made)
    return made


def _suggested(db: Snapshot, draft: Draft, sent: _Sent) -> Suggested | None:
    """What stands near a note that is to be made. To be asked last: where that is damaged, an engine may answer nothing
    more in this snapshot."""
    return None if sent.suggest is None or draft.before is not None else sent.suggest(db, draft)


def _loose(
    store: Store, db: Snapshot, note_id: int, draft: Draft, planned: Plan, once: Once | None
) -> dangling.Unresolved | None:
    """The links of the note that dangle, for the writer: one to what is not seen does. None where a long text may have
    so many of them that they are asked for after the lock; what is kept with the answer is asked for behind it."""
    if planned.dangling is not None:
        return planned.dangling
    if planning.is_without_links(draft, planned.derived):
        return dangling.NONE_UNRESOLVED
    if is_long(draft) and once is None:
        return None
    with nullcontext() if store.visibility is None else store.seeing(db):
        return dangling.unresolved(db, note_id)


def _loose_now(store: Store, note_id: int) -> dangling.Unresolved:
    """The same after the write. That is done: who heard of an error here might write again."""
    with suppress(StoreError), store.reading() as db:
        return dangling.unresolved(db, note_id)
    return dangling.NONE_UNRESOLVED


def _suggesting(saved: Saved, suggested: Suggested | None) -> Saved:
    """With what stands near a note that was made, unless somebody else made it meanwhile."""
    return replace(saved, suggested=suggested) if suggested is not None and saved.outcome == "created" else saved


OF_CARDS = ("status", "parent", "project", "note_type", "tags", "deleted")
"""What of a note decides on which boards it is a card, and in which column."""


def _may_move(draft: Draft) -> bool:
    """Whether it may bring a card to another column of a board."""
    before, after = draft.before, draft.metadata
    if after.deleted or not after.status:
        return False
    return before is None or any(getattr(before.metadata, name) != getattr(after, name) for name in OF_CARDS)


def _check_moves(db: Snapshot, drafts: Sequence[Draft]) -> None:
    """Raise MoveNotAllowed or FullColumn where a draft brings a card to where its board lets none come."""
    if not any(map(_may_move, drafts)):
        return
    from notewell_store.boards.moves import Change, check_moves  # which a change of a text does not need

    check_moves(db, [Change(draft.before, draft.metadata, _may_move(draft), draft.follows) for draft in drafts])


def _joined(done: Sequence[Saved], drafts: Sequence[Draft]) -> Saved:
    """What was done to the first note, with what was done to the others, and all that it warns of."""
    first, *others = done
    if not others:
        return first
    diffs = [f"{one.slug}@{one.revision}\n{one.diff}" for one in done if one.diff]
    return replace(
        first,
        warnings=tuple(warning for one in done for warning in one.warnings),
        diff=None if first.diff is None else "".join(diffs),
        others=tuple(
            Written(one.slug, one.revision, one.outcome, draft.anchor)
            for one, draft in zip(others, drafts[1:], strict=True)
        ),
    )


def _refuse_overtaken(db: Snapshot, drafts: Sequence[Draft]) -> None:
    """Raise _Overtaken where a draft is of a long text that is no longer the newest."""
    for draft in drafts:
        before = draft.before
        if before is not None and is_long(draft) and not notes.is_newest(db, before.id, before.revision):
            raise _Overtaken


def _warned(draft: Draft) -> Draft:
    """With a warning of each kind of secret that a new text seems to hold."""
    if draft.before is not None and draft.before.markdown == draft.markdown:
        return draft
    lines: dict[str, dict[int, None]] = {}
    for secret in find_secrets(draft.markdown):
        lines.setdefault(secret.kind, {})[secret.line] = None
    secrets = [SeemingSecret(draft.metadata.slug, kind, tuple(found)) for kind, found in lines.items()]
    return replace(draft, warnings=(*draft.warnings, *secrets)) if secrets else draft


def _foreseen_of(draft: Draft) -> Saved:
    before, slug = draft.before, draft.metadata.slug
    diff = unified_diff(
        before.markdown if before else "",
        draft.markdown,
        f"{slug}@{before.revision}" if before else "(new)",
        slug,
        LONGEST_DIFF,
    )
    metadata = diff_metadata(before.metadata, draft.metadata) if before else ""
    return Saved(
        slug,
        before.revision if before else 0,
        _outcome(draft),
        (),
        draft.warnings,
        metadata + diff,
        project=draft.metadata.project,
        replaced=draft.replaced,
    )


def _foreseen_again(answered: Saved) -> Saved:
    """Of a call that was made under its key before, and would be given the same answer again."""
    used = UsedKey(answered.slug, answered.revision, answered.outcome)
    return Saved(answered.slug, answered.revision, "unchanged", (), (used,), "")


def _outcome(draft: Draft) -> Outcome:
    if draft.before is None:
        return "created"
    if not kinds_of_change(draft):
        return "confirmed" if draft.confirms else "unchanged"
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


def _is_written(draft: Draft) -> bool:
    """Whether it makes a revision."""
    return draft.before is None or draft.confirms or bool(kinds_of_change(draft))


def _apply(store: Store, db: Snapshot, draft: Draft, planned: Plan, by: Attribution) -> tuple[int, Saved]:
    draft = write_scope.fitted(store, db, draft)
    before, derived = draft.before, planned.derived
    if before is not None and not _is_written(draft):
        return before.id, Saved(draft.metadata.slug, before.revision, "unchanged", (), draft.warnings)
    note_id, revision = record(db, draft, by, planned)
    write_derived(db, note_id, draft, derived, planned.kept, planned.change, planned.searched)
    saved = Saved(
        draft.metadata.slug,
        revision,
        _outcome(draft),
        (),
        (*draft.warnings, *_of_links(draft, derived)),
        merged_with=draft.merged_with,
        project=draft.metadata.project,
        replaced=draft.replaced,
    )
    return note_id, saved


def _of_links(draft: Draft, derived: Derived | None) -> Iterator[LinksLeftOut]:
    if derived is not None and derived.links.left_out:
        yield LinksLeftOut(draft.metadata.slug, len(derived.links.rows), derived.links.left_out)


CONFIRMED = "confirmed"
"""What a revision changed that changed nothing: somebody looked, and it still holds; or its source tells when a page
was made, and when it was changed last."""


def _unless_confirmed(db: Snapshot, draft: Draft, by: Attribution) -> Draft:
    """The draft, which confirms nothing where the same hand confirmed the note today, and nobody changed it since: to
    say it twice is to say it once."""
    before = draft.before
    if before is None or not draft.confirms or (before.actor, before.updated_at[:10]) != (by.actor, now()[:10]):
        return draft
    newest = list_revisions(db, before.id, limit=1).items[0]
    return replace(draft, confirms=newest.changed != (CONFIRMED,))


def record(db: Snapshot, draft: Draft, by: Attribution, planned: Plan = UNPLANNED) -> tuple[int, int]:
    """Keep the draft as the note's newest revision; the answer is the note's id and the revision's number.

    What is derived from the text (sections, links, search, HTML) is not yet written: see write_derived.
    """
    before, metadata = draft.before, draft.metadata
    revised_at = by.at or now()
    changed = kinds_of_change(draft) or (CONFIRMED,)
    size = len(draft.markdown)
    note_id, own, columns = planned.place or planning.place_of(db, draft, planned.packed)
    if before is None:
        notes.insert_note(db, note_id, columns, chars=size, seq=own.seq, created_at=revised_at, by=by)
    revisions.append(db, note_id, own, metadata, draft.markdown, by, revised_at, changed)
    if before is not None:
        numbers = {"chars": size, "revision": own.revision, "seq": own.seq}
        notes.update_note(db, note_id, columns, **numbers, updated_at=revised_at, by=by)
    _write_text(db, note_id, draft)
    if (
        before is None
        or labels.labels_of(before.metadata) != labels.labels_of(metadata)
        or (before.metadata.deleted != metadata.deleted)
    ):
        labels.write_labels(db, note_id, metadata, is_new=before is None)
    _write_names(db, note_id, draft, planned.awaiting)
    return note_id, own.revision


def _write_text(db: Snapshot, note_id: int, draft: Draft) -> None:
    """The newest text stands beside the note while it lives; a tombstone's is kept by its revisions alone."""
    before = draft.before
    if draft.metadata.deleted:
        texts.remove_text(db, note_id)
    elif before is None or before.metadata.deleted or before.markdown != draft.markdown:
        texts.write_text(db, note_id, draft.markdown)


def _write_names(db: Snapshot, note_id: int, draft: Draft, awaiting: link_targets.Asking | None) -> None:
    """A slug that the note no longer has becomes an alias; one that it has again stops being one. Links that name the
    note, or that it has, lead where they do for the names that it bears and for those who read it now."""
    metadata, was = draft.metadata, draft.before.metadata if draft.before else None
    if was is None:
        bearers.write_title(db, note_id, None, metadata.title)
        if awaiting is None:
            awaiting = link_targets.named(db, note_id, *planning.names_of(draft, note_id))
        link_targets.lead_again(db, awaiting)
        return
    if was.slug != metadata.slug:
        from notewell_store.tables import aliases  # which most changes do not need

        aliases.remove_alias(db, metadata.slug)
        aliases.add_alias(db, was.slug, note_id)
    keys = bearers.write_title(db, note_id, was.title, metadata.title)
    slugs = [metadata.slug] if was.slug != metadata.slug else []
    is_moved = (was.project, was.is_public) != (metadata.project, metadata.is_public)
    if keys or slugs or is_moved or was.deleted != metadata.deleted:
        link_targets.resolve_named(db, note_id, keys, slugs)
    if is_moved:
        link_targets.resolve_own(db, note_id, is_elsewhere=False)
