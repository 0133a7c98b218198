"""Whether a store is whole: SQLite's own order, every revision by its SHA-256, and all that is derived."""

from collections.abc import Iterator
from pathlib import Path

from notewell_store.contract import Snapshot, Store
from notewell_store.engines.sqlite import commit_log
from notewell_store.engines.sqlite.commit_log import CommittedChange
from notewell_store.engines.sqlite.copies import Progress
from notewell_store.engines.sqlite.write_lock import lock_file_of
from notewell_store.integrity.damaged_reading import keys, messages, rows
from notewell_store.integrity.note_checks import check_note
from notewell_store.integrity.verdict import Finding, Verdict

MOST_MESSAGES = 100  # of SQLite's own check: one broken page brings thousands

NOTES = "SELECT id FROM notes WHERE id > ? ORDER BY id LIMIT 500"
NOTES_BACKWARDS = "SELECT id FROM notes WHERE id < ? ORDER BY id DESC LIMIT 500"
NOTES_BY_UPDATE = "SELECT DISTINCT id FROM notes INDEXED BY notes_by_update WHERE id > ? ORDER BY id"
HISTORIES = "SELECT DISTINCT note_id FROM revisions WHERE note_id > ? ORDER BY note_id LIMIT 500"
HISTORIES_BACKWARDS = """SELECT DISTINCT note_id FROM revisions
  WHERE note_id < ? ORDER BY note_id DESC LIMIT 500"""
TEXTS = "SELECT note_id FROM texts WHERE note_id > ? ORDER BY note_id LIMIT 500"
TEXTS_BACKWARDS = "SELECT note_id FROM texts WHERE note_id < ? ORDER BY note_id DESC LIMIT 500"

OPEN_INDEX = "SELECT rowid FROM search LIMIT 1"
"""Before a check FTS5 does not look whether another process has written since this connection used the index: it
would find its own memory damaged. A query looks."""
UNINDEXED = "SELECT count(*) FROM passages WHERE id NOT IN (SELECT id FROM search_docsize)"
ORPHANS = "SELECT count(*) FROM search_docsize WHERE id NOT IN (SELECT id FROM passages)"
WITNESSED = "SELECT note_id, revision, lower(hex(substr(sha256, 1, 8))) FROM revisions WHERE seq = ?"


def verify(store: Store, progress: Progress | None = None) -> Verdict:
    """Look through the whole store in one snapshot, a note at a time; `progress` counts notes.

    Damage is what the verdict is about, so nothing is raised for it.
    """
    written = commit_log.read(lock_file_of(Path(store.address)))  # before the snapshot, so that it holds all of them
    with store.reading() as db:
        return verify_snapshot(db, written, progress)


def verify_snapshot(
    db: Snapshot, written: tuple[CommittedChange, ...] = (), progress: Progress | None = None
) -> Verdict:
    """As verify, on a connection that is in a transaction."""
    findings = list(_file_findings(db))
    stale = _stale(db)
    ids, faults = _known_notes(db)
    findings += faults
    broken = bool(findings)
    revisions = last_seq = 0
    unfinished: list[str] = []
    for done, note_id in enumerate(sorted(ids)):
        if progress is not None:
            progress(done, len(ids))
        checked = check_note(db, note_id, stale=note_id in stale, broken=broken)
        revisions += checked.revisions
        last_seq = max(last_seq, checked.last_seq)
        findings += checked.findings
        if note_id in stale:
            unfinished.append(checked.name)
    if progress is not None:
        progress(len(ids), len(ids))
    findings += [*_project_findings(db), *_index_findings(db), *_lost(db, written)]
    return Verdict(len(ids), revisions, last_seq, tuple(findings), tuple(unfinished))


def _file_findings(db: Snapshot) -> Iterator[Finding]:
    """What SQLite itself says. Its check looks at pages, indexes and the search index."""
    rows(db, OPEN_INDEX)
    for message in messages(db, f"integrity_check({MOST_MESSAGES})"):
        yield Finding("file", message)
    found = rows(db, 'SELECT "table", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2')
    if isinstance(found, str):
        yield Finding("file", f"the references between tables {found}")
        return
    for table, parent, count in found:
        yield Finding("file", f"{count} rows of {table} refer to rows of {parent} that are not there")


def _known_notes(db: Snapshot) -> tuple[set[int], list[Finding]]:
    """The ids of all notes that any table knows of: a broken page of one does not hide them."""
    known: set[int] = set()
    findings = []
    ways = (
        ("notes", NOTES, NOTES_BACKWARDS),
        ("notes by time", NOTES_BY_UPDATE, ""),
        ("histories", HISTORIES, HISTORIES_BACKWARDS),
        ("texts", TEXTS, TEXTS_BACKWARDS),
    )
    for name, onwards, backwards in ways:
        found, fault = keys(db, onwards, backwards)
        known |= found
        if fault is not None:
            findings.append(Finding("file", f"the list of {name} cannot be read whole: {fault}"))
    return known, findings


def _stale(db: Snapshot) -> set[int]:
    found = rows(db, "SELECT note_id FROM stale")
    return set() if isinstance(found, str) else {note_id for (note_id,) in found}


def _project_findings(db: Snapshot) -> Iterator[Finding]:
    """A project is as its newest change left it."""
    found = rows(
        db,
        """SELECT p.slug FROM projects p
           LEFT JOIN project_changes c ON c.id = (SELECT max(id) FROM project_changes WHERE project_id = p.id)
           WHERE (p.name, p.platform, p.repo_url) IS NOT (c.name, c.platform, c.repo_url)""",
    )
    if isinstance(found, str):
        yield Finding("file", f"the projects {found}")
        return
    for (slug,) in found:
        yield Finding("kept", f"the project {slug} is not as its newest change left it")


def _index_findings(db: Snapshot) -> Iterator[Finding]:
    """The search index holds the passages that are listed, and no others."""
    for query, what in ((UNINDEXED, "passages are not in it"), (ORPHANS, "of its rows are of no passage")):
        found = rows(db, query)
        if isinstance(found, str):
            yield Finding("derived", f"the search index {found}")
        elif found[0][0]:
            yield Finding("derived", f"the search index: {found[0][0]} {what}")


def _lost(db: Snapshot, written: tuple[CommittedChange, ...]) -> Iterator[Finding]:
    """Changes that the gate's file witnesses and the database does not have."""
    for change in written:
        found = rows(db, WITNESSED, change.seq)
        if isinstance(found, str):
            continue  # its note is named already
        if [tuple(row) for row in found] != [(change.note_id, change.revision, change.digest)]:
            what = f"it was written here as change {change.seq} and is not in the file"
            yield Finding("lost", what, change.slug, change.revision)
