"""Tokens as they are kept: without their secrets, of which only a digest is there.

A store may be laid in the place of another, or be an older copy of itself. So beside each store a record is kept of the
tokens that were made and revoked there (see contract.Connection.token_record), and what a row says counts only as far
as the record vouches for it. Rows that were written before there were records count as long as none was begun; all
others are bound to theirs, by a byte behind the digest, and a copy without it has no token that is taken.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from notewell_store.contract import Connection

DIGEST = 32  # bytes of a SHA-256
BOUND = b"\1"

_COLUMNS = "id, name, scope, project, created_at, created_by, expires_at, revoked_at, length(digest)"


class Row(NamedTuple):
    """`is_known`: it was made at this place, as far as is known there. Where it was not, nobody can say whether it was
    revoked."""

    id: str
    name: str
    scope: str
    project: str | None
    created_at: str
    created_by: str
    expires_at: str | None
    revoked_at: str | None
    is_known: bool


def add_token(
    db: Connection,
    identity: str,
    name: str,
    scope: str,
    project: str | None,
    digest: bytes,
    created_at: str,
    created_by: str,
    expires_at: str | None,
) -> None:
    db.execute(
        """INSERT INTO tokens (id, name, scope, project, digest, created_at, created_by, expires_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        (identity, name, scope, project, digest + BOUND, created_at, created_by, expires_at),
    )
    db.amend_token_record({identity: None})


def read_tokens(db: Connection) -> list[Row]:
    """All that ever were, the oldest first."""
    record = db.token_record()
    rows = db.execute(f"SELECT {_COLUMNS} FROM tokens ORDER BY created_at, id").fetchall()
    return [_as_recorded(row, record) for row in rows]


def of_project(db: Connection, project: str) -> list[Row]:
    """Those that were made for this project."""
    return [row for row in read_tokens(db) if row.project == project]


def move_project(db: Connection, project_id: int, before: str, after: str) -> None:
    """Let the project of that id be called otherwise, also where tokens say for which project they are. A token names
    an existing project or none at any moment, which nobody but this transaction sees."""
    held = [identity for (identity,) in db.execute("SELECT id FROM tokens WHERE project = ?", (before,))]
    db.execute("UPDATE tokens SET project = NULL WHERE project = ?", (before,))
    db.execute("UPDATE projects SET slug = ? WHERE id = ?", (after, project_id))
    db.executemany("UPDATE tokens SET project = ? WHERE id = ?", [(after, identity) for identity in held])


def read_token(db: Connection, identity: str) -> Row:
    """The token of that id, which there is."""
    row = db.execute(f"SELECT {_COLUMNS} FROM tokens WHERE id = ?", (identity,)).fetchone()
    return _as_recorded(row, db.token_record())


def _as_recorded(row: Sequence[Any], record: Mapping[str, str | None] | None) -> Row:
    *facts, revoked_at, size = row
    if record is None:
        return Row._make([*facts, revoked_at, size == DIGEST])
    return Row._make([*facts, revoked_at or record.get(facts[0]), facts[0] in record])


def lacks_record(db: Connection) -> bool:
    """Whether there are tokens, and no record was begun."""
    return db.token_record() is None and db.execute("SELECT 1 FROM tokens LIMIT 1").fetchone() is not None


def settle(db: Connection) -> None:
    """Let the rows and the record say the same: what either calls revoked is so, and what is known is bound."""
    rows = read_tokens(db)
    db.amend_token_record(vouched_for(db))
    for row in rows:
        if row.revoked_at:
            db.execute("UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", (row.revoked_at, row.id))
    bind_all(db)


def vouched_for(db: Connection) -> dict[str, str | None]:
    """When each token that counts in this store was revoked (None: it was not), to be vouched for in another."""
    return {row.id: row.revoked_at for row in read_tokens(db) if row.is_known or row.revoked_at}


def vouch(db: Connection, told: Mapping[str, str | None]) -> None:
    """Let these tokens, whose rows are here, count here as they did where they came from; others do not."""
    db.amend_token_record(told)
    settle(db)


def bind_all(db: Connection) -> None:
    """Let no token count from now on that a record does not vouch for."""
    unbound = db.execute("SELECT digest, id FROM tokens WHERE length(digest) = ?", (DIGEST,)).fetchall()
    bound = [(bytes(digest) + BOUND, identity) for digest, identity in unbound]
    db.executemany("UPDATE tokens SET digest = ? WHERE id = ?", bound)


def digest_of(db: Connection, identity: str) -> bytes | None:
    """The digest by which the token of that id is known; None where there is none."""
    row = db.execute("SELECT digest FROM tokens WHERE id = ?", (identity,)).fetchone()
    return bytes(row[0])[:DIGEST] if row else None


def valid_digests(db: Connection, at: str) -> list[bytes]:
    """Of the tokens that are known here, and neither revoked nor expired."""
    record = db.token_record()
    rows = db.execute(
        f"SELECT digest, {_COLUMNS} FROM tokens WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)",
        (at,),
    )
    found = [(bytes(digest)[:DIGEST], _as_recorded(row, record)) for digest, *row in rows]
    return [digest for digest, row in found if row.is_known and row.revoked_at is None]


def find_unrevoked(db: Connection, name_or_id: str) -> str | None:
    """The id of the token that has this id, else of the one that bears this name; None where they are revoked."""
    row = db.execute(
        """SELECT id FROM tokens WHERE (id = ?1 OR name = ?1) AND revoked_at IS NULL
           ORDER BY CASE WHEN id = ?1 THEN 0 ELSE 1 END""",
        (name_or_id,),
    ).fetchone()
    return str(row[0]) if row else None


def bearer_of(db: Connection, name: str) -> Row | None:
    """The token that bears the name and is not revoked."""
    row = db.execute("SELECT id FROM tokens WHERE name = ? AND revoked_at IS NULL", (name,)).fetchone()
    return read_token(db, row[0]) if row else None


def unrevoked_names(db: Connection) -> list[str]:
    return [name for (name,) in db.execute("SELECT name FROM tokens WHERE revoked_at IS NULL ORDER BY name")]


def revoke_token(db: Connection, identity: str, at: str) -> None:
    db.amend_token_record({identity: at})
    db.execute("UPDATE tokens SET revoked_at = ? WHERE id = ?", (at, identity))
