"""Peers come from the public registries into a folder of their own, each into an environment of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / "build" / "peers"
NEW_ENOUGH = "import sys; sys.exit(sys.version_info < (3, 12))"
LOADS_EXTENSIONS = "import sqlite3, sys; sys.exit(not hasattr(sqlite3.Connection, 'enable_load_extension'))"
LATEST_CERTIFICATES = "certifi"
"""A peer may ask for a release of this list of certificates that a mirror does not have yet; any will do."""


class Installed(NamedTuple):
    """A peer that can be started: its command, and its name with its version."""

    command: list[str]
    version: str


class Missing(Exception):
    """A peer that cannot be installed here, and why."""


def server_memory() -> Installed:
    folder = PEERS / "server-memory"
    node, npm = _found("node"), _found("npm")
    package = folder / "node_modules" / "@modelcontextprotocol" / "server-memory"
    if not package.exists():
        _run(
            [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), "@modelcontextprotocol/server-memory"]
        )
    version = _said([node, "-p", f"require('{package}/package.json').version"])
    return Installed([node, str(package / "dist" / "index.js")], version)


def basic_memory() -> Installed:
    return _from_pypi("basic-memory", "basic-memory", ["mcp"], NEW_ENOUGH, "needs Python 3.12")


def mcp_memory_service() -> Installed:
    why = "needs a Python whose sqlite3 can load extensions"
    return _from_pypi("mcp-memory-service", "memory-server", [], LOADS_EXTENSIONS, why)


PEER_INSTALLERS: dict[str, Callable[[], Installed]] = {
    "server-memory": server_memory,
    "basic-memory": basic_memory,
    "mcp-memory-service": mcp_memory_service,
}


ELSEWHERE = {
    "zettelkasten-mcp": (
        "pip finds no release of that name; its authors publish a repository with a lock file of its own"
    ),
}
"""Peers that are known and not asked for."""


def _from_pypi(package: str, command: str, arguments: list[str], check: str, why: str) -> Installed:
    folder = PEERS / package
    binaries = folder / "bin"
    if not (binaries / command).exists():
        python = next((path for path in _pythons() if _succeeds([path, "-c", check])), None)
        if python is None:
            raise Missing(why)
        _run([python, "-m", "venv", str(folder)])
        _run([str(binaries / "python"), "-m", "pip", "install", "--quiet", "uv"])
        loosened = PEERS / "overrides.txt"
        loosened.write_text(LATEST_CERTIFICATES)
        install = [str(binaries / "uv"), "pip", "install", "--quiet", "--compile-bytecode"]
        _run([*install, "--python", str(binaries / "python"), "--override", str(loosened), package])
    query = f"import importlib.metadata as m; print(m.version({package!r}))"
    return Installed([str(binaries / command), *arguments], _said([str(binaries / "python"), "-c", query]))


def _pythons() -> Iterator[str]:
    for name in ("python3.12", "python3.13", "python3.14", "python3.11"):
        if found := shutil.which(name):
            yield found
    yield sys.executable
    yield "/usr/bin/python3"
    yield from map(str, sorted(Path.home().glob(".pyenv/versions/3.1[1-9]*/bin/python")))


def _found(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise Missing(f"there is no {program} here")
    return found


def _run(command: list[str]) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise Missing(f"{Path(command[0]).name} failed: {done.stderr.strip().splitlines()[-1:]}")


def _said(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def _succeeds(command: list[str]) -> bool:
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except OSError:
        return False
