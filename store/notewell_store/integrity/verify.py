"""Whether a store is whole: the engine's own order, every revision by its SHA-256, and all that is derived."""

from collections.abc import Iterator, Mapping

from notewell_store.committed import CommittedChange
from notewell_store.contract import EngineChecks, Progress, Snapshot, Store
from notewell_store.findings import Finding, Verdict
from notewell_store.integrity.note_checks import check_note
from notewell_store.tables import kept_rows
from notewell_store.tables.kept_rows import Unreadable

MOST_NAMED = 20  # notes of one circle


def verify(store: Store, progress: Progress | None = None) -> Verdict:
    """Look through the whole store in one snapshot, a note at a time; `progress` counts notes.

    Damage is what the verdict is about, so nothing is raised for it.
    """
    upkeep = store.engine.upkeep
    committed = upkeep.committed(store)  # before the snapshot, so that it holds all of them
    with store.reading() as db:
        return verify_snapshot(db, upkeep.checks, committed, progress)


def verify_snapshot(
    db: Snapshot,
    engine: EngineChecks,
    committed: tuple[CommittedChange, ...] = (),
    progress: Progress | None = None,
) -> Verdict:
    """As verify, on a connection that is in a transaction."""
    findings = list(engine.broken(db))
    unfinished = _unfinished(db)
    ids, faults = _known_notes(db, engine)
    findings += faults
    broken = bool(findings)
    revisions = last_seq = 0
    names_of_unfinished: list[str] = []
    for done, note_id in enumerate(sorted(ids)):
        if progress is not None:
            progress(done, len(ids))
        if broken:
            engine.reread(db)
        checked = check_note(db, note_id, stale=note_id in unfinished, broken=broken)
        revisions += checked.revisions
        last_seq = max(last_seq, checked.last_seq)
        findings += checked.findings
        if note_id in unfinished:
            names_of_unfinished.append(checked.name)
    if progress is not None:
        progress(len(ids), len(ids))
    findings += [*_project_findings(db), *engine.index(db), *_lost(db, committed), *_circles(db)]
    if not broken:
        findings += _missing(db)
    return Verdict(len(ids), revisions, last_seq, tuple(findings), tuple(names_of_unfinished))


def _unfinished(db: Snapshot) -> set[int]:
    try:
        return kept_rows.unfinished(db)
    except Unreadable:
        return set()


def _known_notes(db: Snapshot, engine: EngineChecks) -> tuple[set[int], list[Finding]]:
    """The ids of all notes that any table, or the engine by a way of its own, knows of."""
    known: set[int] = set()
    findings = []
    for name, (found, fault) in (kept_rows.note_ids(db) | engine.more_note_ids(db)).items():
        known |= found
        if fault is not None:
            findings.append(Finding("file", f"the list of {name} cannot be read whole: {fault}"))
    return known, findings


def _project_findings(db: Snapshot) -> Iterator[Finding]:
    """A project is as its newest change left it."""
    try:
        changed = kept_rows.changed_projects(db)
    except Unreadable as error:
        yield Finding("file", f"the projects cannot be read: {error}")
        return
    for slug in changed:
        yield Finding("kept", f"the project {slug} is not as its newest change left it")


def _circles(db: Snapshot) -> Iterator[Finding]:
    """Each circle of parents once, told from the oldest of its notes."""
    try:
        for circle in circles_of(kept_rows.parents(db)):
            slugs = [kept_rows.slug_of(db, note_id) for note_id in circle[:MOST_NAMED]]
            left = [f"{len(circle) - MOST_NAMED:,} more"] if len(circle) > MOST_NAMED else []
            way = " → ".join([*slugs, *left, slugs[0]])
            yield Finding("circle", f"its parents form a circle: {way}", slugs[0])
    except Unreadable:
        return  # what cannot be read is named already


def circles_of(above: Mapping[int, int]) -> list[list[int]]:
    """The circles that come of following each one to the one above it; each begins with its least."""
    found = []
    seen: set[int] = set()
    for start in sorted(above):
        path: dict[int, None] = {}
        at: int | None = start
        while at is not None and at not in seen:
            seen.add(at)
            path[at] = None
            at = above.get(at)
        if at in path:
            members = list(path)
            circle = members[members.index(at) :]
            least = circle.index(min(circle))
            found.append([*circle[least:], *circle[:least]])
    return found


def _lost(db: Snapshot, committed: tuple[CommittedChange, ...]) -> Iterator[Finding]:
    """Changes that were committed here and are not in the store."""
    for change in committed:
        try:
            found = kept_rows.change(db, change.seq)
        except Unreadable:
            continue  # its note is named already
        if not _is_in(found, change):
            what = f"it was written here as change {change.seq} and is not in the file"
            yield Finding("lost", what, change.slug, change.revision)


def _missing(db: Snapshot) -> Iterator[Finding]:
    """Changes are numbered without gaps, but for those that are known to be lost."""
    missing = kept_rows.missing_changes(db)
    if missing:
        yield Finding("lost", f"of the changes up to the newest {missing:,} are not in it, and nothing tells why")


def _is_in(found: list[tuple[object, object, object]], change: CommittedChange) -> bool:
    wanted = [(change.note_id, change.revision, change.digest)]
    return [(note_id, revision, _beginning(sha256)) for note_id, revision, sha256 in found] == wanted


def _beginning(sha256: object) -> str:
    """Its first 8 bytes, as the record of committed changes has them."""
    return sha256[:8].hex() if isinstance(sha256, bytes) else ""
