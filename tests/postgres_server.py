"""A PostgreSQL server for tests: one for each process of them, started when it is first asked for, gone at its end.

It keeps everything in memory where there is room, syncs nothing, and listens on a Unix socket alone. PostgreSQL does
not run as root: there another user of the system runs it.
"""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest

REQUIRED = "NOTEWELL_TEST_POSTGRES"
"""Where it says `required`, tests that need a server fail without one; where it says `off`, they skip."""
PATIENCE = 60  # seconds that a program of PostgreSQL gets
SETTINGS = (
    *("fsync=off", "full_page_writes=off", "listen_addresses=", "max_connections=120", "shared_buffers=32MB"),
    *("autovacuum=off", "wal_level=minimal", "max_wal_senders=0", "log_min_messages=fatal"),
)


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

    def __init__(self, folder: Path, own: Path) -> None:
        self.folder = folder
        self._own = own
        self._numbers = count(1)
        self._connections: dict[tuple[str, str], Any] = {}
        self._rights = _another_user() if os.geteuid() == 0 else {}

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
        options = " ".join(f"-c {setting}" for setting in (*SETTINGS, f"unix_socket_directories={self.folder}"))
        self.run("pg_ctl", "-D", data, "-l", str(self.folder / "log"), "-w", "-o", options, "start")

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

    def new_database(self) -> str:
        name = f"notewell_{next(self._numbers)}"
        self.execute("postgres", f"CREATE DATABASE {name}")
        return name


def _another_user() -> dict[str, Any]:
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
    place = next((Path(room) for room in ("/dev/shm", "/tmp") if os.access(room, os.W_OK)), None)
    own = programs()
    assert own is not None
    server = Server(Path(tempfile.mkdtemp(prefix="nw-pg-", dir=place)), own)
    atexit.register(server.stop)
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
