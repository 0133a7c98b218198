"""What an idle server costs: processor time, wake-ups, memory.

    python bench/idle.py --seconds 10

Both servers idle side by side, after a list of tools and one call each. Linux only (/proc).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from stdio_client import FLOOR_SERVER, NOTEWELL_SERVER, ServerProcess, Usage, compile_sources, show


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure an idle server, beside the SDK's smallest")
    parser.add_argument("--seconds", type=float, default=10, help="how long to idle (%(default)s)")
    seconds: float = parser.parse_args().seconds
    compile_sources()
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "notes.db"
        with ServerProcess(FLOOR_SERVER, database) as floor, ServerProcess(NOTEWELL_SERVER, database) as ours:
            listed = [awake(floor, "nothing"), awake(ours, "list_notes")]
            time.sleep(1)  # what a first call leaves to the background is not idling
            before = [floor.usage(), ours.usage()]
            time.sleep(seconds)
            after = [floor.usage(), ours.usage()]
    show(
        [f"idle for {seconds:g} s", "CPU ms", "wake-ups", "MB at tools/list", "MB after a call"],
        [row(*values) for values in zip(("floor", "notewell"), listed, before, after, strict=True)],
    )


def awake(server: ServerProcess, tool: str) -> Usage:
    """Serve a list of tools and one call. Returns what was used between the two."""
    server.shake_hands()
    _ = server.ask("tools/list").result
    listed = server.usage()
    _ = server.call(tool).result
    return listed


def row(name: str, listed: Usage, before: Usage, after: Usage) -> list[str]:
    return [
        name,
        f"{(after.cpu - before.cpu) * 1_000:.2f}",
        str(after.wake_ups - before.wake_ups),
        f"{listed.memory:.1f}",
        f"{after.memory:.1f}",
    ]


if __name__ == "__main__":
    main()
