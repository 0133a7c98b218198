"""Where an answer of today is meant to be another than that of version b1b7103.

From the name of a call to the reason and the new answer, which `python -m tests.before.record --show NAME` prints.
"""

from __future__ import annotations

DIFFERENCES: dict[str, tuple[str, list[str]]] = {}
