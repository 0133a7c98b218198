"""One thing that the doctor looked at, and how it is."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Check:
    """`advice` says what to do; it is empty where nothing needs doing."""

    name: str
    state: State
    found: str
    advice: str = ""


def ok(name: str, found: str) -> Check:
    return Check(name, "ok", found)


def warning(name: str, found: str, advice: str) -> Check:
    return Check(name, "warning", found, advice)


def problem(name: str, found: str, advice: str) -> Check:
    return Check(name, "problem", found, advice)


def megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
