"""Figures of an attack: how they are made from single times, and how they are shown."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Times:
    """How long calls took: half of them at most `p50`, ninety-nine in a hundred at most `p99`. Seconds."""

    count: int
    p50: float
    p99: float
    longest: float

    def __str__(self) -> str:
        return (
            f"{self.count:,} calls, p50 {self.p50 * 1000:.1f} ms, p99 {self.p99 * 1000:.1f} ms, "
            f"longest {self.longest * 1000:.0f} ms"
        )


def times_of(seconds: Sequence[float]) -> Times:
    ordered = sorted(seconds) or [0.0]
    last = len(ordered) - 1
    return Times(len(seconds), ordered[last // 2], ordered[round(last * 0.99)], ordered[-1])


def show(attack: str, figures: Any) -> None:
    """Print the figures of an attack, one a line."""
    print(f"\n{attack}")
    for field in fields(figures):
        value = getattr(figures, field.name)
        words = f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else value
        print(f"  {field.name.replace('_', ' '):32} {words}", flush=True)
