"""The act itself: which revisions, what is taken out of them and of what was kept because of them, and what is left.

In one transaction everything is redacted, and marked as not yet erased; then the engine erases what the file still
holds of it. Whoever opens the store after a process that died in between goes on with that.
"""

import re
from dataclasses import dataclass

from notewell_store.clock import now
from notewell_store.contract import Snapshot, Store
from notewell_store.errors import Invalid, NextArgument, NextCall, NotFound
from notewell_store.files.sources import forget_file
from notewell_store.findings import OldCopy
from notewell_store.models import Attribution, Note, Redaction
from notewell_store.redacting.taking_out import NO_TITLE, Lost, marker, taken_out
from notewell_store.references import parse_reference
from notewell_store.tables import aliases, idempotency, link_targets, meanings, notes, redactions
from notewell_store.tables.redactions import Kept
from notewell_store.tables.revisions import read_metadata, write_metadata
from notewell_store.writing.limits import attributed

SHORTEST_SECRET = 4  # characters; what is shorter stands everywhere

_RANGE = re.compile(r"(?P<name>[^@#]+)@(?P<first>\d{1,9})(?:\.\.\.?@?(?P<last>\d{1,9}))?")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Revisions `first` to `last` of the note that bears this name."""

    name: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Redacting:
    """What a redaction does, or did, to the note `slug`.

    `revisions` are those that it takes the text out of, `done_before` those of the range that were redacted already.
    `staying` is what they keep that somebody wrote, as `@3 reason: …`. `doubtful` are other revisions of the note that
    say what these did and the note says no more; `elsewhere` is where a known secret stands beside them.
    `copies` hold these revisions as they were."""

    slug: str
    revisions: tuple[int, ...]
    done_before: tuple[int, ...]
    staying: tuple[str, ...]
    doubtful: tuple[str, ...]
    elsewhere: tuple[str, ...]
    copies: tuple[OldCopy, ...] = ()


def read_wanted(text: str) -> Wanted:
    """`sop-deploy@3..5` or `sop-deploy@3`. Raises Invalid."""
    match = _RANGE.fullmatch(text.strip().removeprefix("note://"))
    if match is None:
        raise Invalid(f"{text[:80]!r}: name the revisions as sop-deploy@3..5, or one as sop-deploy@3", "revisions")
    first = int(match["first"])
    last = int(match["last"] or first)
    if not 0 < first <= last:
        raise Invalid(f"{text[:80]!r}: name the first revision first, and count from 1", "revisions")
    return Wanted(match["name"], first, last)


def foreseen(store: Store, wanted: Wanted, secret: str | None = None) -> Redacting:
    """What `redact` would do. Raises as it does."""
    with store.reading() as db:
        plan = _planned(db, wanted, secret)
    return _told(store, plan, secret)


def redact(store: Store, wanted: Wanted, by: Attribution, secret: str | None = None) -> Redacting:
    """Take the text out of these revisions, and what else their author wrote that the note no longer says; in its place
    stands when, by whom and why that was done. When it returns, nothing of it is left in the store's place but in
    `copies`; repeated, it does what is left to do.

    A `secret` that is known is looked for in all that is kept. Raises NotFound for a note or revision that there is
    not, and Invalid for the newest revision, which is what the note says: that is changed first. Raises Busy where
    somebody reads the store all the time: what is not erased then is by the next to open it.
    """
    by = _checked(by, secret)
    with store.writing() as db:
        plan = _planned(db, wanted, secret)
        if plan.revisions:
            _take_out(db, plan, by)
    store.engine.upkeep.erase(store)
    return _told(store, plan, secret)


def every_redaction(store: Store) -> tuple[tuple[Redaction, ...], tuple[OldCopy, ...]]:
    """All that was redacted, and the copies that still hold any of it as it was."""
    with store.reading() as db:
        found = tuple(redactions.every_redaction(db))
    changes = [(one.note_id, one.revision, one.seq) for one in found]
    return found, store.engine.upkeep.copies_holding(store, changes)


def _checked(by: Attribution, secret: str | None) -> Attribution:
    by = attributed(by)
    if by.reason is None:
        raise Invalid(("say why: ", NextArgument("reason", "…")), "reason")
    if secret and secret.casefold() in by.reason.casefold():
        raise Invalid("the reason holds the secret: say it in other words", "reason")
    return by


@dataclass(frozen=True, slots=True)
class _Plan:
    note: Note
    wanted: Wanted
    done_before: frozenset[int]
    revisions: list[Kept]
    """Those to be redacted."""
    in_range: list[Kept]
    lost: Lost


def _planned(db: Snapshot, wanted: Wanted, secret: str | None) -> _Plan:
    if secret is not None and len(secret) < SHORTEST_SECRET:
        raise Invalid(f"a secret of fewer than {SHORTEST_SECRET} characters would be found everywhere: leave it out")
    note = notes.load(db, notes.find(db, parse_reference(wanted.name)))
    _require_former(note, wanted)
    before = frozenset(redactions.redacted(db, note.id))
    in_range = redactions.kept_revisions(db, note.id, wanted.first, wanted.last)
    revisions = [one for one in in_range if one.revision not in before]
    lost = Lost(revisions, note, secret)
    if any(map(lost.is_secret, (note.markdown, write_metadata(note.metadata)))):
        raise _still_said(note, wanted, f"{note.metadata.slug} still says it")
    if secret is not None and revisions and not any(_says(lost, one) for one in revisions):
        places = ", ".join(_places(db, lost, note.id, frozenset())) or "no other either"
        raise Invalid(f"that secret does not stand in these revisions; it stands in {places}", "secret")
    return _Plan(note, wanted, before, revisions, in_range, lost)


def _require_former(note: Note, wanted: Wanted) -> None:
    slug = note.metadata.slug
    if wanted.last > note.revision:
        raise NotFound("revision", f"{slug}@{wanted.last}", [f"{slug}@{note.revision}"], within=slug)
    if wanted.last == note.revision:
        raise _still_said(note, wanted, f"{slug}@{note.revision} is the newest revision, which is what the note says")


def _still_said(note: Note, wanted: Wanted, fault: str) -> Invalid:
    slug = note.metadata.slug
    deleted = ("bring it back with ", NextCall("restore_note", {"ref": slug}), ", ") if note.metadata.deleted else ()
    return Invalid(
        (
            f"{fault}: ",
            *deleted,
            "take the secret out of it with ",
            NextCall("edit_note", {"ref": slug}),
            f", then redact {slug}@{wanted.first}..N, where N is the last revision that holds it",
        ),
        "revisions",
    )


def _take_out(db: Snapshot, plan: _Plan, by: Attribution) -> None:
    note, at = plan.note, now()
    instead = marker(at, by.actor, by.reason or "")
    done = {one.revision for one in plan.revisions}
    redactions.rewrite(
        db,
        note.id,
        [taken_out(one, note.metadata, plan.lost, instead) if one.revision in done else one for one in plan.in_range],
    )
    redactions.add(db, note.id, sorted(done), at, by.actor, by.reason or "")
    idempotency.redact(db, lambda slug, revision: revision in done and notes.find_slug(db, slug) == note.id)
    forget_file(db, note.id, lambda revision, text: revision in done or bool(text and plan.lost.is_in_lines_of(text)))
    _forget_names(db, plan)
    meanings.sweep(db)


def _forget_names(db: Snapshot, plan: _Plan) -> None:
    """A former name that holds the secret, and that no other revision bears, leads to the note no more."""
    for alias in aliases.aliases_of(db, plan.note.id):
        if plan.lost.is_secret(alias) and alias not in redactions.slugs_of(db, plan.note.id):
            aliases.remove_alias(db, alias)
            link_targets.resolve_named(db, plan.note.id, set(), [alias])


def _told(store: Store, plan: _Plan, secret: str | None) -> Redacting:
    """What is to be told of the plan, whether it was carried out or not: looking for a secret takes long in a large
    store, and nobody is to wait for that."""
    note = plan.note
    done = frozenset(one.revision for one in plan.in_range)
    with store.reading() as db:
        doubtful = _doubtful(db, plan, done) if secret is None else []
        elsewhere = _places(db, plan.lost, note.id, done) if secret is not None else []
    return Redacting(
        note.metadata.slug,
        tuple(one.revision for one in plan.revisions),
        tuple(sorted(plan.done_before & done)),
        tuple(line for one in plan.revisions for line in _staying(one, plan)),
        tuple(doubtful),
        tuple(elsewhere),
        store.engine.upkeep.copies_holding(store, [(note.id, one.revision, one.seq) for one in plan.in_range]),
    )


def _staying(kept: Kept, plan: _Plan) -> list[str]:
    then = taken_out(kept, plan.note.metadata, plan.lost, "")
    title = read_metadata(then.metadata).title
    writer = then.actor if plan.lost.is_secret(then.actor) else None  # who it was always stays
    said = (("title", title), ("reason", then.reason), ("revised_by", then.revised_by), ("actor", writer))
    return [f"@{kept.revision} {name}: {words}" for name, words in said if words and words != NO_TITLE]


def _doubtful(db: Snapshot, plan: _Plan, done: frozenset[int]) -> list[str]:
    """Other revisions of the note that say, as text or as their reason, what it says no more."""
    note, lost = plan.note, plan.lost
    return [
        f"{note.metadata.slug}@{one.revision}"
        for one in redactions.kept_revisions(db, note.id, 1, note.revision)
        if one.revision not in done and (lost.is_in_lines_of(one.text) or lost.is_in(one.reason))
    ]


def _places(db: Snapshot, lost: Lost, note_id: int, done: frozenset[int]) -> list[str]:
    """Where the secret stands beside these revisions."""
    found = [
        f"{slug}@{kept.revision}"
        for owner, slug, kept in redactions.every_revision(db)
        if not (owner == note_id and kept.revision in done) and _says(lost, kept)
    ]
    return [*found, *dict.fromkeys(place for place, text in redactions.other_texts(db) if lost.is_secret(text))]


def _says(lost: Lost, kept: Kept) -> bool:
    return any(map(lost.is_secret, (kept.text, kept.metadata, kept.reason, kept.revised_by, kept.actor, kept.client)))
