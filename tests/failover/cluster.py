"""Three PostgreSQL servers on loopback that Patroni and etcd keep as one cluster, with quorum commit.

Patroni is installed by `make failover`; etcd is the system's (Debian: etcd-server). Neither runs as root.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import yaml
from tests.postgres_server import another_user, is_alive, programs

from shims import Missing

if TYPE_CHECKING:
    from collections.abc import Callable

PATRONI = Path(__file__).resolve().parents[2] / "build" / "patroni"
PATIENCE = 180.0
"""Seconds that the cluster gets to come to a state."""
OFTEN = 0.05  # seconds between two looks
EXAMPLE = Path(__file__).resolve().parents[2] / "deploy" / "postgres" / "patroni.yml"
SETTINGS: dict[str, Any] = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))["bootstrap"]["dcs"]
"""Those that we tell others to use."""
LESS_MEMORY = {"shared_buffers": "32MB", "max_connections": 60}


def interpreter(rights: dict[str, Any]) -> str:
    """A Python that the user of the database may run, with Patroni. Raises Missing."""
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            done = subprocess.run(
                [python, "-c", "import patroni, psycopg"], env=with_patroni(), cwd="/", capture_output=True, **rights
            )
        except OSError:
            continue
        if done.returncode == 0:
            return python
    raise Missing("there is no Patroni for the user that runs the database: `make failover` installs it")


def with_patroni() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(PATRONI), "PATH": f"{programs()}:{os.environ.get('PATH', '')}"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


def until(happens: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    end = time.monotonic() + patience
    while not happens():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {patience:g} s")
        time.sleep(OFTEN)


class Node:
    """One host: Patroni, and the server that it keeps."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self._cluster = cluster
        self.name = name
        self.port, self.api = free_port(), free_port()
        self.folder = cluster.folder / name
        self._patroni: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        settings = self.folder / "patroni.yml"
        settings.write_text(yaml.safe_dump(self._settings()))
        self._cluster.give_away(self.folder)
        with (self.folder / "log").open("ab") as log:
            self._patroni = self._cluster.run([self._cluster.python, "-m", "patroni", str(settings)], log)

    def _settings(self) -> dict[str, Any]:
        hba = ["local all all trust", "host all all 127.0.0.1/32 trust", "host replication all 127.0.0.1/32 trust"]
        settings = SETTINGS | {
            "postgresql": {"use_pg_rewind": True, "parameters": {"wal_log_hints": "on"} | LESS_MEMORY}
        }
        users = {"superuser": "notewell", "replication": "replicator", "rewind": "rewinder"}
        return {
            "scope": "notewell",
            "name": self.name,
            "restapi": {"listen": f"127.0.0.1:{self.api}", "connect_address": f"127.0.0.1:{self.api}"},
            "etcd3": {"host": f"127.0.0.1:{self._cluster.etcd_port}"},
            "bootstrap": {"dcs": settings, "initdb": [{"encoding": "UTF8"}, {"locale": "C"}, "data-checksums"]},
            "postgresql": {
                "listen": f"127.0.0.1:{self.port}",
                "connect_address": f"127.0.0.1:{self.port}",
                "data_dir": str(self.folder / "data"),
                "bin_dir": str(programs()),
                "pgpass": str(self.folder / "pgpass"),
                "authentication": {use: {"username": user, "password": "x"} for use, user in users.items()},
                "parameters": {"unix_socket_directories": str(self.folder)},
                "pg_hba": hba,
            },
        }

    @property
    def is_primary(self) -> bool:
        return self._says("primary")

    @property
    def is_in_quorum(self) -> bool:
        return self._says("quorum")

    def _says(self, role: str) -> bool:
        """Whether Patroni's own check for load balancers says that the node has this role."""
        with suppress(OSError, ValueError):
            return self.ask(role)[0] == 200
        return False

    def ask(self, path: str, told: dict[str, Any] | None = None) -> tuple[int, str]:
        """What Patroni answers, with its status."""
        sent = None if told is None else json.dumps(told).encode()
        asked = urllib.request.Request(f"http://127.0.0.1:{self.api}/{path}", data=sent)
        try:
            with urllib.request.urlopen(asked, timeout=60 if sent else 2) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    @property
    def postmaster(self) -> int:
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def processes(self) -> list[int]:
        """The server's processes, its parent first."""
        keeper = self.postmaster
        return [keeper, *map(int, Path(f"/proc/{keeper}/task/{keeper}/children").read_text().split())]

    def receiver(self) -> int:
        """The process that takes in what the primary writes."""
        return next(
            process for process in self.processes() if b"walreceiver" in Path(f"/proc/{process}/cmdline").read_bytes()
        )

    def tell_all(self, what: signal.Signals) -> None:
        """Patroni and the server, as if the host did it."""
        assert self._patroni is not None
        for process in (self._patroni.pid, *self.processes()):
            with suppress(ProcessLookupError):
                os.kill(process, what)

    def lose(self) -> None:
        """End all of the host at once, and leave it so."""
        everyone = [str(process) for process in self.processes()]
        self.tell_all(signal.SIGKILL)
        assert self._patroni is not None
        self._patroni.wait(PATIENCE)
        until(lambda: not any(map(is_alive, everyone)), f"the end of {self.name}")
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)

    def kill_server(self) -> None:
        """End the server alone, and its children with it."""
        for process in self.processes():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def stop(self) -> None:
        if self._patroni is None or self._patroni.poll() is not None:
            return
        with suppress(OSError):
            self.tell_all(signal.SIGCONT)
        with suppress(OSError):
            self.tell_all(signal.SIGKILL)
        self._patroni.kill()
        self._patroni.wait(PATIENCE)


class Cluster:
    def __init__(self) -> None:
        if programs() is None:
            raise Missing("no PostgreSQL is installed here: no initdb on PATH or in /usr/lib/postgresql")
        etcd = shutil.which("etcd")
        if etcd is None:
            raise Missing("there is no etcd here (Debian: apt-get install etcd-server)")
        self._rights: dict[str, Any] = another_user() if os.geteuid() == 0 else {}
        self.python = interpreter(self._rights)
        self.folder = Path(tempfile.mkdtemp(prefix="nw-failover-", dir="/tmp"))
        self.give_away(self.folder)
        self.etcd_port, self._peers = free_port(), free_port()
        self._etcd = etcd
        self.nodes = [Node(self, f"node{number}") for number in (1, 2, 3)]

    def give_away(self, folder: Path) -> None:
        if self._rights:
            os.chown(folder, self._rights["user"], self._rights["group"])

    def run(self, command: list[str], log: Any) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=with_patroni(), cwd="/", **self._rights
        )

    @property
    def address(self) -> str:
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
        return f"postgresql://notewell@{hosts}/postgres?target_session_attrs=read-write&connect_timeout=2"

    def __enter__(self) -> Self:
        here = f"http://127.0.0.1:{self.etcd_port}"
        peers = f"http://127.0.0.1:{self._peers}"
        with (self.folder / "etcd.log").open("wb") as log:
            self._keeper = self.run(
                [
                    *(self._etcd, "--data-dir", str(self.folder / "etcd"), "--name", "one"),
                    *("--listen-client-urls", here, "--advertise-client-urls", here, "--listen-peer-urls", peers),
                    *("--initial-advertise-peer-urls", peers, "--initial-cluster", f"one={peers}"),
                ],
                log,
            )
        try:
            for node in self.nodes:
                node.start()
            self.settled()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        for node in self.nodes:
            node.stop()
        self._keeper.kill()
        self._keeper.wait(PATIENCE)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def primary(self) -> Node:
        until(lambda: any(node.is_primary for node in self.nodes), "a primary")
        return next(node for node in self.nodes if node.is_primary)

    def standbys(self) -> list[Node]:
        return [node for node in self.nodes if not node.is_primary]

    def settled(self) -> None:
        """Wait until one is primary and commits wait for one of two others."""
        until(
            lambda: (
                sum(node.is_primary for node in self.nodes) == 1 and sum(node.is_in_quorum for node in self.nodes) == 2
            ),
            "a primary and two standbys that keep up",
        )

    def next_primary(self, before: Node) -> float:
        """Wait until another is primary; the seconds that it took."""
        began = time.monotonic()
        until(lambda: any(node.is_primary for node in self.nodes if node is not before), "another primary")
        return time.monotonic() - began

    @cached_property
    def version(self) -> str:
        return str(json.loads(self.nodes[0].ask("patroni")[1])["patroni"]["version"])
