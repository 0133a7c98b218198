"""The -wal while many read and write."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import TYPE_CHECKING

from notewell_store import open_store
from notewell_store.engines.sqlite.connection import Connection, connect
from notewell_store.engines.sqlite.log_length import LONG

if TYPE_CHECKING:
    from pathlib import Path

    from notewell_store import Store

SIZE = 400_000  # bytes that each write brings
WRITES = 120


def longest_log(store: Store, log: Path) -> int:
    longest = 0
    for number in range(WRITES):
        with store.writing() as db:
            db.execute("INSERT OR REPLACE INTO pages VALUES (?, randomblob(?))", (number % 3, SIZE))
        longest = max(longest, log.stat().st_size)
    return longest


def read_by_turns(database: Path, turns: list[threading.Semaphore], own: int, ended: threading.Event) -> None:
    """Read for some milliseconds, again and again, each time before the other one ends: some read is always under way,
    of what was written a little before."""
    with closing(connect(database)) as db:
        while turns[own].acquire(timeout=10) and not ended.is_set():
            db.execute("BEGIN")
            db.execute("SELECT count(*) FROM pages").fetchone()
            turns[1 - own].release()
            db.execute("SELECT sum(length(hex(page))) FROM pages").fetchone()
            db.execute("ROLLBACK")
        turns[1 - own].release()


def test_a_log_begins_anew_though_somebody_always_reads(database: Path) -> None:
    with closing(open_store(database)) as store:
        with store.writing() as db:
            db.execute("CREATE TABLE pages (id INTEGER PRIMARY KEY, page BLOB)")
        ended, turns = threading.Event(), [threading.Semaphore(1), threading.Semaphore(0)]
        readers = [
            threading.Thread(target=read_by_turns, args=(database, turns, own, ended), daemon=True) for own in (0, 1)
        ]
        for reader in readers:
            reader.start()
        try:
            longest = longest_log(store, database.with_name(f"{database.name}-wal"))
        finally:
            ended.set()
            for reader in readers:
                reader.join(10)
    assert longest < 2 * LONG


def test_who_reads_for_long_is_waited_for_no_more_until_the_log_has_grown(database: Path) -> None:
    with closing(open_store(database)) as store, closing(connect(database)) as reader:
        with store.writing() as db:
            db.execute("CREATE TABLE pages (id INTEGER PRIMARY KEY, page BLOB)")
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM pages").fetchone()
        log = database.with_name(f"{database.name}-wal")
        assert longest_log(store, log) > 4 * LONG
        said: list[str] = []
        for _ in range(3):
            with store.writing() as db:
                assert isinstance(db, Connection)
                db.set_trace_callback(said.append)
                db.execute("INSERT OR REPLACE INTO pages VALUES (0, randomblob(10))")
            db.set_trace_callback(None)
        assert "COMMIT" in said
        assert not any("wal_checkpoint" in statement for statement in said)
        reader.execute("ROLLBACK")
        longest_log(store, log)
        assert log.stat().st_size < 2 * LONG
