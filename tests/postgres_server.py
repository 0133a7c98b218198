"""A PostgreSQL server for tests: one for each process of them, started when it is first asked for, gone at its end.

It keeps everything in memory where there is room, syncs nothing, and listens on a Unix socket alone. PostgreSQL does
not run as root: there another user of the system runs it.
"""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

REQUIRED = "NOTEWELL_TEST_POSTGRES"
"""Where it says `required`, tests that need a server fail without one; where it says `off`, they skip."""
ROLES = (Path(__file__).parents[1] / "deploy/postgres/roles.sql").read_text(encoding="utf-8")
PATIENCE = 60  # seconds that a program of PostgreSQL gets
SETTINGS = (
    *("fsync=off", "full_page_writes=off", "listen_addresses=", "max_connections=120", "shared_buffers=32MB"),
    *("autovacuum=off", "wal_level=minimal", "max_wal_senders=0", "log_min_messages=fatal"),
)
AS_IN_USE = ("listen_addresses=", "max_connections=120")
"""Of a server that is to be killed: it syncs as any other does."""


def programs() -> Path | None:
    """The folder of PostgreSQL's programs."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda place: int(place.parts[-3]))
    return places[-1].parent if places else None


def why_not() -> str | None:
    """Why there can be no server here; None where there can."""
    if os.environ.get(REQUIRED) == "off":
        return f"{REQUIRED}=off"
    if programs() is None:
        return "no PostgreSQL is installed here: no initdb on PATH or in /usr/lib/postgresql"
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return "psycopg is not installed: pip install 'notewell[postgres]'"
    return None


class Server:
    """`folder` holds the data and the socket."""

    def __init__(self, folder: Path, own: Path, settings: Sequence[str] = SETTINGS) -> None:
        self.folder = folder
        self._settings = settings
        self._own = own
        self._numbers = count(1)
        self._connections: dict[tuple[str, str], Any] = {}
        self._rights = another_user() if os.geteuid() == 0 else {}

    def run(self, program: str, *arguments: str) -> None:
        """One of PostgreSQL's programs, to its end."""
        done = subprocess.run(
            [self._own / program, *arguments], capture_output=True, text=True, timeout=PATIENCE, cwd="/", **self._rights
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        if self._rights:
            os.chown(self.folder, self._rights["user"], self._rights["group"])
        data = str(self.folder / "data")
        self.run("initdb", "-D", data, "-U", "notewell", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        self.resume()

    def resume(self) -> None:
        """Start what was killed, or was never started."""
        options = " ".join(f"-c {setting}" for setting in (*self._settings, f"unix_socket_directories={self.folder}"))
        log = str(self.folder / "log")
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-l", log, "-w", "-o", options, "start")

    def kill(self) -> None:
        """End all its processes as the kernel does, at once."""
        keeper = (self.folder / "data" / "postmaster.pid").read_text().split()[0]
        everyone = [keeper, *Path(f"/proc/{keeper}/task/{keeper}/children").read_text().split()]
        for process in everyone:
            with suppress(ProcessLookupError):
                os.kill(int(process), signal.SIGKILL)
        until = time.monotonic() + PATIENCE
        while any(map(is_alive, everyone)):
            assert time.monotonic() < until, "a server that was killed is still there"
            time.sleep(0.005)
        for lock in (self.folder / "data" / "postmaster.pid", self.folder / ".s.PGSQL.5432.lock"):
            lock.unlink()  # whose owner may look alive to the next server

    def stop(self) -> None:
        for connection in self._connections.values():
            connection.close()
        try:
            self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def address(self, database: str, user: str = "notewell") -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def execute(self, database: str, *statements: str, user: str = "notewell") -> list[Any]:
        """What the last one answers, on a connection that stays open."""
        import psycopg

        if (database, user) not in self._connections:
            self._connections[database, user] = psycopg.connect(self.address(database, user), autocommit=True)
        cursor = self._connections[database, user].cursor()
        for statement in statements:
            cursor.execute(statement, prepare=False)
        return cursor.fetchall() if cursor.description else []

    def forget(self, database: str) -> None:
        """Connections to it that the server has ended."""
        for key in [key for key in self._connections if key[0] == database]:
            self._connections.pop(key).close()

    def new_served_database(self) -> str:
        """With an empty store that nw_migrator has made, and that nw_app may serve."""
        from notewell_store import open_store

        name = self.new_database()
        self.execute(name, ROLES)
        open_store(self.address(name, "nw_migrator")).close()
        self.execute(name, ROLES)
        return name

    def new_database(self) -> str:
        name = f"notewell_{next(self._numbers)}"
        self.execute("postgres", f"CREATE DATABASE {name}")
        return name


def is_alive(process: str) -> bool:
    """Whether it runs; one that has ended may wait for its parent to hear of it."""
    with suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


def another_user() -> dict[str, Any]:
    """For a child process: the user `postgres`, else nobody."""
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    raise AssertionError("PostgreSQL needs a user who is not root")


@cache
def _started() -> Server:
    server = new_server()
    atexit.register(server.stop)
    return server


def new_server(settings: Sequence[str] = SETTINGS) -> Server:
    """One of one's own, to be stopped. There can be one: see why_not."""
    place = next((Path(room) for room in ("/dev/shm", "/tmp") if os.access(room, os.W_OK)), None)
    own = programs()
    assert own is not None
    server = Server(Path(tempfile.mkdtemp(prefix="nw-pg-", dir=place)), own, settings)
    server.start()
    return server


def server() -> Server:
    """The one of this process. Skips the test where there can be none."""
    reason = why_not()
    if reason is not None:
        if os.environ.get(REQUIRED) == "required":
            pytest.fail(f"{REQUIRED}=required, but {reason}")
        pytest.skip(reason)
    return _started()
