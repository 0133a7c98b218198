"""Programs of others, installed from npm at the versions that package.json names, into a folder of their own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "build" / "conformance"
WANTED = Path(__file__).with_name("package.json")
MODULES = FOLDER / "node_modules"
PATIENCE = 300.0  # seconds for anything


class Failed(Exception):
    """A program of others found something wrong, or could not be run."""


def install() -> None:
    """Install what is not there yet. Nothing that comes with a package is run while it is installed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    kept = FOLDER / "package.json"
    if kept.exists() and kept.read_bytes() == WANTED.read_bytes() and (FOLDER / "installed").exists():
        return
    (FOLDER / "installed").unlink(missing_ok=True)
    shutil.copy(WANTED, kept)
    done = run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--cache", str(FOLDER / "cache")])
    if done.returncode:
        raise Failed(f"npm install: {done.stderr}")
    (FOLDER / "installed").touch()


def node() -> str:
    """The Node that was installed with them: theirs need a newer one than many systems have."""
    found = sorted(MODULES.glob("node-linux-*/bin/node"))
    return str(found[0]) if found else "node"


def run(command: list[str], surroundings: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=FOLDER, env=surroundings, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
