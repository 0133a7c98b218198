"""An agent's day: every task of the bench comes out, over real standard input and output."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TASKS = 20
PATIENCE = 240  # seconds for a server process for each task


def test_each_task_of_an_agents_day_is_done_in_the_end() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "bench" / "agents_day.py")], capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = done.stdout.splitlines()
    assert rows[0] == "| task | calls, now | written, now | read, now |"
    assert len([row for row in rows if row.startswith("| ")]) == TASKS + len(("head", "rule", "all"))
    assert "–" not in done.stdout
