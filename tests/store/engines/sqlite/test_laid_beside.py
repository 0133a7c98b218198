"""Pipes, devices, sockets and folders in the place of a store's files: a plain error at once, and nothing is made."""

from __future__ import annotations

import os
import queue
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.store.histories import put

from notewell_store import Unusable, open_store
from notewell_store.access import tokens
from notewell_store.engines.sqlite.read_only import read_once
from notewell_store.engines.sqlite.salvage.salvage import salvage
from notewell_store.engines.sqlite.upkeep.backup import backup
from notewell_store.engines.sqlite.upkeep.backup_records import last_backup
from notewell_store.engines.sqlite.upkeep.doctor import examine
from notewell_store.engines.sqlite.upkeep.restore import restore
from notewell_store.integrity.verify import verify
from notewell_store.opening import engine_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from notewell_store import Store

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes and devices among its files")

PATIENCE = 30  # seconds; what hangs would do so for ever


def _lay_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the address of a socket may have 100 bytes
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


KINDS: dict[str, Callable[[Path], None]] = {
    "a pipe": os.mkfifo,
    "a folder": Path.mkdir,
    "a socket": _lay_socket,
    "a device": lambda path: path.symlink_to("/dev/zero"),
}


def at_once(call: Callable[[], Any]) -> Any:
    """What the call answers or raises, which does not wait for anybody at the other end of a pipe."""
    answers: queue.Queue[tuple[Any, BaseException | None]] = queue.Queue()

    def answer() -> None:
        try:
            answers.put((call(), None))
        except Exception as error:
            answers.put((None, error))

    threading.Thread(target=answer, daemon=True).start()
    found, error = answers.get(timeout=PATIENCE)
    if error is not None:
        raise error
    return found


def reopened(database: Path, use: Callable[[Store], Any]) -> Any:
    store = open_store(database)
    try:
        return use(store)
    finally:
        store.close()


def write(store: Store) -> None:
    put(store, "b", "more\n")


def list_tokens(store: Store) -> None:
    with store.reading() as db:
        tokens.list_tokens(db)


def read(store: Store) -> None:
    with store.reading():
        pass


def hook(database: Path) -> None:
    with read_once(database):
        pass


OF_DATABASE: dict[str, Callable[[Path], object]] = {
    "open": lambda database: reopened(database, read),
    "hook": hook,
    "restore": lambda database: restore(database.with_name("kept.db"), database),
    "restore from it": lambda database: restore(database, database.with_name("other.db")),
    "salvage": lambda database: salvage(database, database.with_name("saved.db")),
}
USES: dict[str, dict[str, Callable[[Path], object]]] = {
    **dict.fromkeys(("", "-wal", "-shm", "-journal"), OF_DATABASE),
    ".gate": {
        "write": lambda database: reopened(database, write),
        "verify": lambda database: reopened(database, verify),
        "backup": lambda database: reopened(database, backup),
        "restore": OF_DATABASE["restore"],
        "salvage": OF_DATABASE["salvage"],
    },
    ".tokens": {
        "list": lambda database: reopened(database, list_tokens),
        "create": lambda database: reopened(database, lambda store: tokens.create(store, "u", "read", "ann")),
        "revoke": lambda database: reopened(database, lambda store: tokens.revoke(store, "t")),
        "restore": OF_DATABASE["restore"],
    },
    ".backups": {"backup": lambda database: reopened(database, backup)},
}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A store with a note and a token, closed, and a copy of it in `kept.db`."""
    store = open_store(tmp_path / "notewell.db")
    put(store, "a", "text\n")
    tokens.create(store, "t", "read", "ann")
    backup(store, tmp_path / "kept.db")
    store.close()
    return Path(store.address)


def lay(database: Path, name: str, kind: str) -> Path:
    path = database.with_name(database.name + name)
    path.unlink(missing_ok=True)
    KINDS[kind](path)
    return path


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("name", "use"), [(name, use) for name, uses in USES.items() for use in uses])
def test_what_is_no_file_is_told_at_once_by_whoever_would_use_it(
    database: Path, name: str, use: str, kind: str
) -> None:
    laid = lay(database, name, kind)
    before = set(database.parent.iterdir())
    with pytest.raises(Unusable) as refused:
        at_once(lambda: USES[name][use](database))
    assert kind in str(refused.value)
    assert kind == "a device" or str(laid) in str(refused.value)
    made = {path.name for path in set(database.parent.iterdir()) - before}
    assert made <= {"notewell.db.gate", "notewell.db-wal", "notewell.db-shm", "other.db.gate"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", USES)
def test_the_doctor_names_it_and_figures_go_on(database: Path, name: str, kind: str) -> None:
    laid = lay(database, name, kind)
    checks = at_once(lambda: examine(database))
    faults = [check for check in checks if check.state == "problem"]
    assert any(kind in check.found for check in faults)
    assert any(str(laid if name else "--db") in check.advice for check in faults)
    if name.startswith("."):
        sizes = at_once(lambda: reopened(database, lambda store: engine_at(store.address).upkeep.sizes(store)))
        assert sizes.database_bytes > 0
        assert name != ".backups" or at_once(lambda: last_backup(database)) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_running_store_refuses_what_is_laid_in_the_place_of_its_lock(database: Path, kind: str) -> None:
    store = open_store(database)
    put(store, "b", "before\n")
    laid = lay(database, ".gate", kind)
    with pytest.raises(Unusable, match=kind):
        at_once(lambda: put(store, "b", "after\n"))
    laid.rmdir() if kind == "a folder" else laid.unlink()
    at_once(lambda: put(store, "b", "after\n"))
    at_once(store.close)


def test_lines_of_the_record_of_backups_that_are_none_of_ours_say_nothing(database: Path) -> None:
    good = database.with_name("notewell.db.backups").read_text()
    bad = ['{"at": 1, "path": 2, "seq": "x", "bytes": null}', "[" * 100_000, '{"at": "now"}', "\0", "7"]
    database.with_name("notewell.db.backups").write_text(good + "\n".join(bad))
    last = last_backup(database)
    assert last is not None
    assert last.path.endswith("kept.db")
    assert all(check.name != "backup" or check.state == "ok" for check in examine(database))
