"""The tokens of a backup that is put in the place of a store: none that was revoked comes back."""

from pathlib import Path

from notewell_store.engines.sqlite import token_record
from notewell_store.engines.sqlite.connection import Connection, connect
from notewell_store.engines.sqlite.copies import has_sides, sync_file
from notewell_store.engines.sqlite.driver import sqlite3
from notewell_store.tables.tokens import DIGEST, bind_all


def settle_tokens(part: Path, database: Path, keep_all: bool) -> tuple[str, ...]:
    """Let no token of the new file count that was revoked here, nor, unless all are kept, one of which nothing here
    tells; the answer is the names of these. The store that gives way must be of no use to anybody else by now."""
    told = _told(database)
    db = connect(part)
    try:
        db.execute("BEGIN IMMEDIATE")
        names = _settled(db, told)
        db.execute("COMMIT")
    finally:
        db.close()
    sync_file(part)
    if keep_all:
        told |= dict.fromkeys(names)
    if told or names or token_record.read(database) is not None:
        token_record.amend(database, told)
    return () if keep_all else tuple(sorted(names.values()))


def _settled(db: Connection, told: token_record.Record) -> dict[str, str]:
    """Tokens that the record does not tell of, by id; what the file itself calls revoked is added to it."""
    held = db.execute("SELECT id, name, revoked_at FROM tokens").fetchall()
    told.update((token, at) for token, _, at in held if at and not told.get(token))
    revoked = [(at, token) for token, at in told.items() if at]
    db.executemany("UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", revoked)
    bind_all(db)
    return {token: name for token, name, _ in held if token not in told}


def _told(database: Path) -> token_record.Record:
    """When which tokens were revoked (None: they were not), as the record beside the store and the store itself tell.
    That is opened so that nothing of it changes: what is damaged is kept as it is."""
    record = token_record.read(database)
    told = dict(record or {})
    for token, revoked_at, size in _tokens_in(database):
        if revoked_at:
            told[token] = told.get(token) or revoked_at
        elif record is None and size == DIGEST:
            told[token] = None
    return told


def _tokens_in(database: Path) -> list[tuple[str, str | None, int]]:
    mode = "mode=ro" if has_sides(database) else "mode=ro&immutable=1"
    try:
        db = sqlite3.connect(f"{database.as_uri()}?{mode}", uri=True)
    except sqlite3.DatabaseError:
        return []
    try:
        return db.execute("SELECT id, revoked_at, length(digest) FROM tokens").fetchall()
    except Connection.DAMAGE:  # or of a time when there were none
        return []
    finally:
        db.close()
