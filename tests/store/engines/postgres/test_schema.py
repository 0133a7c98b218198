"""The two schemas: a step that one engine takes is not forgotten in the other."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from tests.conftest import Knowledge

from notewell_store import Unusable, open_store
from notewell_store.engines.postgres.schema import SCHEMA_VERSION, steps
from notewell_store.tables import near_notes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.postgres_server import Server

    from notewell_store import Store

PATIENCE = 30  # seconds, in which a step is sure to have been taken

OF_POSTGRES = {"gate", "marks", "search", "token_record"}
"""Tables that a file has no use for, or has otherwise."""

COLUMNS = """SELECT table_name, column_name, is_nullable = 'NO' FROM information_schema.columns
  WHERE table_schema = ? ORDER BY table_name, column_name"""


def test_both_engines_have_the_same_tables_and_columns(store: Store, tmp_path: Path) -> None:
    with store.reading() as db:
        here = [tuple(row) for row in db.execute(COLUMNS, ("main",)) if row[0] not in OF_POSTGRES]
    other = open_store(tmp_path / "notewell.db")
    with other.reading() as db:
        there = db.execute(
            """SELECT m.name, c.name, c."notnull" = 1 OR c.pk > 0 FROM sqlite_schema m, pragma_table_info(m.name) c
               WHERE m.type = 'table' AND m.name NOT LIKE 'search%' AND m.name NOT LIKE '%sqlite%' ORDER BY 1, 2"""
        ).fetchall()
    other.close()
    assert here == [(table, column, bool(required)) for table, column, required in there]


def test_who_sees_less_has_a_view_before_every_table_but_those_that_no_noun_reads(store: Store) -> None:
    with store.reading() as db:
        tables = {row[:2] for row in db.execute(COLUMNS, ("main",)) if row[0] not in OF_POSTGRES}
        views = {row[:2] for row in db.execute(COLUMNS, ("seen",))}
    assert views == tables


def test_there_are_as_many_steps_as_the_schema_counts() -> None:
    assert len(steps()) == SCHEMA_VERSION


def test_a_newer_schema_and_an_older_one_are_refused_also_by_who_has_it_open(
    store: Store, cluster: Server, address: str
) -> None:
    database = address.partition("@/")[2].partition("?")[0]
    for number, words in (
        (SCHEMA_VERSION + 1, "made by a newer Notewell"),
        (SCHEMA_VERSION - 1, "of an older Notewell"),
    ):
        cluster.execute(database, f"UPDATE main.gate SET schema = {number}")
        with pytest.raises(Unusable, match=words), store.reading():
            pass
        with pytest.raises(Unusable, match=words), store.writing():
            pass
    cluster.execute(database, f"UPDATE main.gate SET schema = {SCHEMA_VERSION}")


@pytest.mark.parametrize("change", ["UPDATE main.revisions SET actor = 'x'", "DELETE FROM main.revisions"])
def test_no_revision_is_changed_or_removed(knowledge: Knowledge, change: str) -> None:
    knowledge.put("a", "text")
    with pytest.raises(Exception, match="revisions are never changed"), knowledge.store.writing() as db:
        db.execute(change).rowcount  # noqa: B018 - which waits for it
    with pytest.raises(Exception, match="revisions are never changed"), knowledge.store.writing() as db:
        db.execute("TRUNCATE main.revisions")
    assert knowledge.note("a").actor == "tester"


def as_before(vector: str) -> str:
    """The words of a passage as the fifth step of the schema had them: with the letter of a column at each place."""
    words = {word: places.split(",") for word, places in re.findall(r"'([^']+)':([\d,]+)", vector)}

    def letter(word: str, place: str) -> str:
        over = {mark: letter for mark, letter in zip("^#@", "AB ", strict=True) if place in words.get(mark + word, ())}
        return next(iter(over.values()), "C").strip()

    return " ".join(
        f"'{word}':{','.join(place + letter(word, place) for place in places)}"
        for word, places in words.items()
        if word[0] not in "^#@"
    )


def test_a_database_that_lacks_a_step_gets_it_when_its_owner_opens_it(
    knowledge: Knowledge, cluster: Server, address: str
) -> None:
    database = address.partition("@/")[2].partition("?")[0]
    knowledge.put(
        "queue", "# The queue\n\nA queue is opened.\n\n## Opening\n\nOpen the queue server's queue.\n", tags=("work",)
    )
    knowledge.store.close()
    words = "SELECT id, CAST(words AS text) FROM main.search ORDER BY id"
    of_today = cluster.execute(database, words)
    for passage, vector in of_today:
        cluster.execute(database, f"UPDATE main.search SET words = $${as_before(vector)}$$ WHERE id = {passage}")
    assert "^" not in str(cluster.execute(database, words))
    cluster.execute(database, "DROP INDEX main.names_by_beginning", "UPDATE main.gate SET schema = 5")

    open_store(address).close()
    assert cluster.execute(database, "SELECT schema FROM main.gate") == [(SCHEMA_VERSION,)]
    assert cluster.execute(database, "SELECT to_regclass('main.names_by_beginning') IS NOT NULL") == [(True,)]
    assert cluster.execute(database, words) == of_today
    assert "^" in str(of_today)


def test_what_a_server_of_before_was_writing_as_a_step_began_is_not_left_out_of_it(
    knowledge: Knowledge, cluster: Server, address: str
) -> None:
    database = address.partition("@/")[2].partition("?")[0]
    knowledge.put("queue", "# The queue\n\nA queue is opened.\n")
    knowledge.store.close()
    words = "SELECT id, CAST(words AS text) FROM main.search ORDER BY id"
    of_today = cluster.execute(database, words)
    cluster.execute(
        database,
        "DROP INDEX main.names_by_beginning",
        "UPDATE main.gate SET schema = 5",
        "DELETE FROM main.search",
        "BEGIN",
        "SELECT FROM main.gate FOR UPDATE",
        *(f"INSERT INTO main.search VALUES ({passage}, $${as_before(vector)}$$)" for passage, vector in of_today),
    )
    until = time.monotonic() + PATIENCE
    with ThreadPoolExecutor(1) as pool:
        opened = pool.submit(open_store, address)
        while not cluster.execute("postgres", "SELECT count(*) FROM pg_locks WHERE NOT granted")[0][0]:
            assert time.monotonic() < until, "it waits for nobody"
        cluster.execute(database, "COMMIT")
        opened.result(PATIENCE).close()
    assert cluster.execute(database, words) == of_today


def test_a_heading_of_half_a_megabyte_is_kept_and_taken_along_though_it_has_no_room_for_marks(
    knowledge: Knowledge, cluster: Server, address: str
) -> None:
    database = address.partition("@/")[2].partition("?")[0]
    knowledge.put("large", f"# Large\n\n## {' '.join(f'word{number}x' for number in range(50_000))}\n\nIts text.\n")
    assert knowledge.found("word49999x") == ["large"]
    knowledge.store.close()
    cluster.execute(
        database,
        "UPDATE main.search SET words = setweight(words, 'B') WHERE length(words) > 1000",
        "DROP INDEX main.names_by_beginning",
        "UPDATE main.gate SET schema = 5",
    )

    store = open_store(address)
    assert Knowledge(store).found("word49999x") == ["large"]
    store.close()


def test_titles_that_begin_so_are_found_by_an_index_however_long_they_are(
    knowledge: Knowledge, cluster: Server, address: str
) -> None:
    long = "".join(map(chr, range(0x4E00, 0x4E00 + 300)))
    knowledge.put("long", f"# {long}\n")
    told: list[str] = []

    class Explained:
        def __init__(self, db: Any) -> None:
            self._db = db

        def __getattr__(self, name: str) -> Any:
            return getattr(self._db, name)

        def execute(self, sql: str, values: Sequence[Any]) -> Any:
            told.extend(line for (line,) in self._db.execute(f"EXPLAIN {sql}", values))
            return self._db.execute(sql, values)

    # In a store of one note the other ways would be as short.
    cluster.execute(address.partition("@/")[2].partition("?")[0], "DROP INDEX main.names_by_note")
    with knowledge.store.reading() as db:
        db.execute("SET LOCAL enable_seqscan = off")
        explained: Any = Explained(db)
        found = near_notes.titled(explained, [long[:3]], None)
    assert [called.slug for called in found] == ["long"]
    assert any("names_by_beginning" in line for line in told)
