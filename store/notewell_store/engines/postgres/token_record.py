"""Which tokens were made in this database, and which of them were revoked: see contract.Connection.token_record.

The record is a table of its own, whose rows name the database of the cluster in which they were written. What is
dumped and laid elsewhere brings them along, and they vouch for nothing there. Where a cluster itself is put back to an
earlier time, its record is too: docs/postgresql.md says what to do then.
"""

from collections.abc import Mapping

from notewell_store.contract import Snapshot

PLACE = """(SELECT concat(system_identifier, '/', oid) FROM pg_control_system(), pg_database
  WHERE datname = current_database())"""


def read(db: Snapshot) -> dict[str, str | None]:
    return dict(db.execute(f"SELECT token, revoked_at FROM main.token_record WHERE place = {PLACE}").fetchall())


def amend(db: Snapshot, told: Mapping[str, str | None]) -> None:
    """Write down what is told; what was revoked stays so."""
    db.executemany(
        f"""INSERT INTO main.token_record (place, token, revoked_at) VALUES ({PLACE}, ?, ?)
            ON CONFLICT (place, token) DO UPDATE SET
              revoked_at = coalesce(excluded.revoked_at, token_record.revoked_at)""",
        list(told.items()),
    )
