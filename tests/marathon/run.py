"""All attacks in their long form, ten minutes or more, each printing its figures.

    python tests/marathon/run.py [--seed 7] [--only killed power] [--scale 0.5]

A broken promise is printed and makes the exit status 1; what this machine cannot try is said. The seed makes the
same texts and choices again, though not the same moments.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import traceback
from pathlib import Path
from random import SystemRandom
from typing import TYPE_CHECKING, Any

import clocks
import crowd
import endings
import hostile
import locks
import long_reader
import moves
import outages
import power_cuts
import read_only
import refusals
import twins
import two_engines
from figures import show
from servers import BrokenPromise
from shims import Missing

if TYPE_CHECKING:
    from collections.abc import Callable

    Attack = Callable[[Path, int, float], Any]


def many(count: int, scale: float) -> int:
    return max(1, round(count * scale))


def killed(folder: Path, seed: int, scale: float) -> crowd.CrowdFigures:
    return crowd.attack(folder, seed=seed, notes=many(100, scale), edits=many(100, scale), kill_share=0.2)


def power(folder: Path, seed: int, scale: float) -> power_cuts.PowerFigures:
    return power_cuts.attack(folder, seed=seed, writes=many(240, scale), cuts=many(600, scale))


def locked_for_a_minute(folder: Path, seed: int, scale: float) -> refusals.RefusalFigures:
    return locks.locked(folder, 60.0 * scale)


ATTACKS: dict[str, tuple[str, Attack]] = {
    "crowd": (
        "eight agents at once",
        lambda folder, seed, scale: crowd.attack(folder, seed=seed, notes=many(100, scale), edits=many(100, scale)),
    ),
    "killed": ("eight agents, their servers killed at random", killed),
    "power": ("power cuts", power),
    "full": ("the disk is full", lambda folder, seed, scale: refusals.full_disk(folder)),
    "limit": ("files may not grow", lambda folder, seed, scale: refusals.limited_file_size(folder)),
    "files": ("files become read-only", lambda folder, seed, scale: read_only.files(folder)),
    "database": ("the database is read-only", lambda folder, seed, scale: read_only.database(folder)),
    "folder": ("the folder is read-only", lambda folder, seed, scale: read_only.folder(folder)),
    "locked": ("another program holds the lock for a minute", locked_for_a_minute),
    "moved": ("the store is moved away", lambda folder, seed, scale: moves.attack(folder)),
    "clock": (
        "the clock is set back and forth",
        lambda folder, seed, scale: clocks.attack(folder, seed=seed, writes=many(1000, scale)),
    ),
    "reader": (
        "a reader stays for minutes",
        lambda folder, seed, scale: long_reader.attack(folder, seed=seed, seconds=120 * scale),
    ),
    "hostile": (
        "hostile text",
        lambda folder, seed, scale: hostile.attack(folder, seed=seed, queries=many(20_000, scale)),
    ),
    "endings": (
        "servers end in the midst of writes",
        lambda folder, seed, scale: endings.attack(folder, seed=seed, rounds=many(150, scale)),
    ),
    "twins": (
        "a writer of one project, and what another is told",
        lambda folder, seed, scale: twins.attack(folder, seed=seed, rounds=many(150, scale)),
    ),
    "outages": (
        "eight agents on PostgreSQL, their servers and the database killed at random",
        lambda folder, seed, scale: outages.attack(seed=seed, notes=many(60, scale), edits=many(90, scale)),
    ),
    "database-twins": (
        "twins on PostgreSQL",
        lambda folder, seed, scale: two_engines.on_postgres(seed=seed, rounds=many(5, scale), acts=1_000),
    ),
    "engines": (
        "a project's tokens are told the same on both engines",
        lambda folder, seed, scale: two_engines.same(folder, seed=seed, rounds=many(25, scale)),
    ),
    "blocked": ("servers end while they wait for a lock", lambda folder, seed, scale: endings.all_blocked(folder)),
}


def left_in(folder: Path) -> str:
    """What an attack that failed has left: it tells whether the files were still there."""
    if not folder.exists():
        return "nothing, not even the folder: something outside of the attack has removed it"
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return ", ".join(f"{path.relative_to(folder)} ({path.stat().st_size:,})" for path in files) or "an empty folder"


def run(name: str, seed: int, scale: float) -> bool:
    """Whether all promises held."""
    words, attack = ATTACKS[name]
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="marathon-") as folder:
        try:
            show(f"{name}: {words} (seed {seed})", attack(Path(folder), seed, scale))
        except Missing as missing:
            print(f"\n{name}: {words}: not tried: {missing}")
        except BrokenPromise as broken:
            print(f"\n{name}: {words} (seed {seed}): BROKEN: {broken}")
            traceback.print_exc(limit=4, file=sys.stdout)
            print(f"  left behind: {left_in(Path(folder))}", flush=True)
            return False
    print(f"  {time.monotonic() - started:.0f} s in all", flush=True)
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description="Attack a store as reliability.md tells")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(1_000_000))
    parser.add_argument("--scale", type=float, default=1.0, help="of all counts and times (%(default)s)")
    parser.add_argument("--only", nargs="+", choices=ATTACKS, default=list(ATTACKS))
    options = parser.parse_args()
    started = time.monotonic()
    held = [run(name, options.seed, options.scale) for name in options.only]
    print(f"\n{sum(held)} of {len(held)} held, {(time.monotonic() - started) / 60:.1f} minutes, seed {options.seed}")
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
