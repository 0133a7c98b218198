"""Notewell beside servers that do the same job: installs them, drives all with one client, writes docs/benchmarks.md.

    python bench/beside_peers.py --sizes 100,1000,10000

The peers come from the public registries into build/peers. Linux only (/proc). Half an hour with the largest
size; a size that a server would take longer than --patience seconds to fill is left out for it.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from peers.adapters import MAKERS, Subject, floor, notewell
from peers.installing import ELSEWHERE, PEER_INSTALLERS, Missing
from peers.measuring import Found, measure_kills, measure_size, measure_starts, measure_two_writers
from peers.reporting import report
from stdio_client import ROOT, compile_sources

REPORT = ROOT / "docs" / "benchmarks.md"


def subjects() -> tuple[list[Subject], dict[str, str]]:
    """The servers, and why those are missing that are."""
    there, missing = [notewell(), floor()], dict(ELSEWHERE)
    for name, install in PEER_INSTALLERS.items():
        try:
            there.append(MAKERS[name](install()))
        except Missing as reason:
            missing[name] = str(reason)
    return there, missing


def _try(found: Found, measure: Callable[[], None]) -> None:
    """A peer that refuses a call is told of, and the others are measured all the same."""
    try:
        measure()
    except RuntimeError as error:
        found.failed.append(str(error)[:200])


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure Notewell beside its peers")
    parser.add_argument("--sizes", default="100,1000,10000", help="notes (%(default)s)")
    parser.add_argument("--patience", type=float, default=600, help="seconds to fill one server (%(default)s)")
    parser.add_argument("--only", default="", help="peers to measure, by name (default: all)")
    parser.add_argument("--report", type=Path, default=REPORT)
    options = parser.parse_args()
    compile_sources()
    there, missing = subjects()
    if options.only:
        there = [one for one in there if one.name in (*options.only.split(","), "notewell") or not one.version]
    every = [Found(one) for one in there]
    loads = [os.getloadavg()[0]]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:  # a killed server may have heirs
        folder = Path(name)
        measure_starts(every, folder / "start")
        for found in every:
            if found.subject.version:
                print(f"{found.subject.name}: two writers, kills …", flush=True)
                _try(found, partial(measure_two_writers, found, folder / "two" / found.subject.name))
                _try(found, partial(measure_kills, found, folder / "killed" / found.subject.name))
        for size in map(int, options.sizes.split(",")):
            print(f"{size:,} notes …", flush=True)
            measure_size(every, folder / str(size), size, options.patience)
            loads.append(os.getloadavg()[0])
            options.report.write_text(report(every, missing, loads), encoding="utf-8")
    print(f"written: {options.report.name}")


if __name__ == "__main__":
    main()
