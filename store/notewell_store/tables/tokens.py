"""Tokens as they are kept: without their secrets, of which only a digest is there."""

from typing import Any

from notewell_store.contract import Connection

_COLUMNS = "id, name, scope, project, created_at, created_by, expires_at, revoked_at"

Row = tuple[Any, ...]
"""Its id, name, scope and project, when and by whom it was made, when it expires, when it was revoked."""


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
        (identity, name, scope, project, digest, created_at, created_by, expires_at),
    )


def read_tokens(db: Connection) -> list[Row]:
    """All that ever were, the oldest first."""
    return db.execute(f"SELECT {_COLUMNS} FROM tokens ORDER BY created_at, id").fetchall()


def read_token(db: Connection, identity: str) -> Row:
    """The token of that id, which there is."""
    row: Row = db.execute(f"SELECT {_COLUMNS} FROM tokens WHERE id = ?", (identity,)).fetchone()
    return row


def digest_of(db: Connection, identity: str) -> bytes | None:
    """The digest by which the token of that id is known; None where there is none."""
    row = db.execute("SELECT digest FROM tokens WHERE id = ?", (identity,)).fetchone()
    return bytes(row[0]) if row else None


def valid_digests(db: Connection, at: str) -> list[bytes]:
    """Of the tokens that are neither revoked nor expired."""
    rows = db.execute(
        "SELECT digest FROM tokens WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?)", (at,)
    )
    return [bytes(digest) for (digest,) in rows]


def find_unrevoked(db: Connection, name_or_id: str) -> str | None:
    """The id of the token that has this id, else of the one that bears this name; None where they are revoked."""
    row = db.execute(
        """SELECT id FROM tokens WHERE (id = ?1 OR name = ?1) AND revoked_at IS NULL
           ORDER BY CASE WHEN id = ?1 THEN 0 ELSE 1 END""",
        (name_or_id,),
    ).fetchone()
    return str(row[0]) if row else None


def is_name_taken(db: Connection, name: str) -> bool:
    """Whether a token that is not revoked bears the name."""
    return db.execute("SELECT 1 FROM tokens WHERE name = ? AND revoked_at IS NULL", (name,)).fetchone() is not None


def unrevoked_names(db: Connection) -> list[str]:
    return [name for (name,) in db.execute("SELECT name FROM tokens WHERE revoked_at IS NULL ORDER BY name")]


def revoke_token(db: Connection, identity: str, at: str) -> None:
    db.execute("UPDATE tokens SET revoked_at = ? WHERE id = ?", (at, identity))
