"""What goes wrong with a server is one sentence with what to do, and tells no password."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from notewell_store import Busy, Invalid, StoreError, Unusable, open_store
from notewell_store.engines.postgres.address import place_of
from notewell_store.engines.postgres.errors import refusal
from notewell_store.errors import Lost

if TYPE_CHECKING:
    from tests.conftest import Knowledge
    from tests.postgres_server import Server

SECRET = "s3cr3t"


def refused(address: str) -> str:
    with pytest.raises(StoreError) as raised:
        open_store(address)
    assert SECRET not in str(raised.value)
    return str(raised.value)


def test_a_server_that_is_not_there(cluster: Server) -> None:
    assert "cannot be reached: see that PostgreSQL runs there" in refused(
        f"postgresql://ann:{SECRET}@127.0.0.1:1/notes?connect_timeout=2"
    )


def test_a_database_that_is_not_there_and_a_user_who_is_not(cluster: Server) -> None:
    assert "there is no such database" in refused(cluster.address("nowhere"))
    assert "does not let this user in" in refused(cluster.address("postgres", "nobody"))


def test_an_address_that_is_none() -> None:
    assert "the address of the database cannot be read" in refused(f"postgresql://ann:{SECRET}@host/notes?colour=red")


def test_a_password_is_known_again_and_told_to_nobody(cluster: Server) -> None:
    name = cluster.new_database()
    address = cluster.address(name).replace("notewell@", f"notewell:{SECRET}@")
    with closing(open_store(address)) as store:
        assert SECRET not in store.address
        with closing(open_store(store.address)) as again:
            assert again.address == store.address
    assert place_of(store.address).lacking({})["password"] == SECRET


def test_a_foreign_schema_is_left_alone(cluster: Server) -> None:
    name = cluster.new_database()
    cluster.execute(name, "CREATE SCHEMA main")
    assert "of some other program" in refused(cluster.address(name))


def test_a_standby_or_a_server_that_only_reads_is_named(knowledge: Knowledge, cluster: Server, address: str) -> None:
    database = address.partition("@/")[2].partition("?")[0]
    cluster.execute("postgres", f"ALTER DATABASE {database} SET default_transaction_read_only = on")
    try:
        words = "target_session_attrs=read-write"
        with closing(open_store(address)) as store, pytest.raises(Unusable, match=words), store.writing():
            pass
    finally:
        cluster.execute("postgres", f"ALTER DATABASE {database} RESET default_transaction_read_only")


def test_who_waits_in_vain_at_the_gate_is_told_so(knowledge: Knowledge, address: str) -> None:
    busy = pytest.raises(Busy, match="stayed locked by other writers")
    with closing(open_store(address)) as other, other.writing(), busy, knowledge.store.writing(0.2):
        pass
    assert knowledge.put("a", "text").revision == 1


def test_writers_of_one_process_wait_for_each_other_and_hold_one_connection(knowledge: Knowledge) -> None:
    def write(number: int) -> None:
        knowledge.put(f"note-{number}", "text")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(knowledge.listed()) == 24
    assert [revision.seq for revision in knowledge.history()] == list(range(24, 0, -1))


def test_a_connection_that_the_server_ended_is_replaced_unnoticed(
    knowledge: Knowledge, cluster: Server, address: str
) -> None:
    database = address.partition("@/")[2].partition("?")[0]
    knowledge.put("a", "one")
    for end in (lambda: knowledge.rewrite("a", "two"), lambda: knowledge.note("a")):
        cluster.execute(
            "postgres", f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{database}'"
        )
        cluster.forget(database)
        end()
    assert knowledge.note("a").markdown == "two"


def test_a_write_that_lost_its_connection_wrote_nothing(knowledge: Knowledge, cluster: Server, address: str) -> None:
    database = address.partition("@/")[2].partition("?")[0]
    with pytest.raises(Unusable, match="Nothing was written"), knowledge.store.writing() as db:
        db.execute("INSERT INTO sources (name) VALUES (?)", ("x",))
        db.settle()
        cluster.execute(
            "postgres", f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
        )
        cluster.forget(database)
        db.execute("SELECT name FROM sources").fetchall()
    with knowledge.store.reading() as db:
        assert db.execute("SELECT name FROM sources").fetchall() == []


@pytest.mark.parametrize(
    ("state", "kind", "words"),
    [
        ("53100", Unusable, "its disk is full. Nothing was written. To mend it, make room"),
        ("53300", Unusable, "too many connections"),
        ("28P01", Unusable, "PGPASSFILE"),
        ("25006", Unusable, "read-only, as a standby is"),
        ("42501", Unusable, "this user may not"),
        ("57P01", Lost, "ended this connection. Nothing was written"),
        ("55P03", Busy, "stayed locked"),
        ("54000", Invalid, "too long for an index"),
        ("XX001", Unusable, "is damaged"),
    ],
)
def test_each_state_that_has_a_remedy_names_it(state: str, kind: type[StoreError], words: str) -> None:
    error = refusal(place_of(f"postgresql://ann:{SECRET}@db1/notes"), state, "written")
    assert type(error) is kind
    assert words in str(error) and SECRET not in str(error)


def test_what_is_no_fault_of_the_server_is_no_error_of_ours() -> None:
    assert refusal(place_of("postgresql://ann@db1/notes"), "42601", "read") is None
