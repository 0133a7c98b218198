"""Answers as lines that are the same on every day and every machine."""

from __future__ import annotations

import json
import re
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

WIDTH = 110

DUMPS: dict[str, Callable[[Any], str]] = {
    "json": partial(json.dumps, ensure_ascii=False),
    "compact json": partial(json.dumps, ensure_ascii=False, separators=(",", ":")),
    "ascii json": json.dumps,
    "compact ascii json": partial(json.dumps, separators=(",", ":")),
}

RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)"), "<time>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?\b"), "<date>"),
    (re.compile(r"nwl_[0-9a-f]{12}_[0-9a-f]{64}"), "<token>"),
    (re.compile(r"\b[0-9a-f]{12}\b"), "<id of a token>"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:<port>"),
    (re.compile(rf"\b{re.escape(version('notewell'))}\b"), "<version>"),
    (re.compile(r'(?<="seconds": )[\d.]+'), "<amount>"),
    (re.compile(r"\b\d[\d,.]* (?:ms|s|bytes|[kM]B)\b"), "<amount>"),
)
"""What differs from run to run, in the order in which it is replaced. Dates that a text merely cites go the same way:
a rule that knew the day of the run would fail on the day that is cited."""


def plain(text: str, folder: str) -> str:
    """The text without what differs from run to run; `folder` is where this one runs."""
    text = text.replace(folder, "<folder>")
    for pattern, word in RULES:
        text = pattern.sub(word, text)
    return text


def lines_of(text: str) -> list[str]:
    """A text, or JSON laid out: how it was written (with spaces or without) is told by the first line.

    Only a new line ends a line, so that a carriage return in an answer stays to be seen.
    """
    for ending in ("\n", ""):
        data = _read(text.removesuffix(ending))
        for name, dump in DUMPS.items() if data is not None else ():
            if dump(data) + ending == text:
                return [f"{name}{' and a new line' if ending else ''}:", *json_lines(data)]
    return text.split("\n")


def _read(text: str) -> dict[str, Any] | list[Any] | None:
    try:
        data = json.loads(text)
    except ValueError:
        return None
    return data if isinstance(data, dict | list) else None


def json_lines(data: Any, indent: str = "", key: str = "") -> list[str]:
    """JSON, what is short in one line and a text of several lines line by line."""
    flat = json.dumps(data, ensure_ascii=False)
    if isinstance(data, str) and "\n" in data:
        return [f'{indent}{key}"""', *(f"{indent}| {_escaped(line)}" for line in data.split("\n")), f'{indent}"""']
    if not isinstance(data, dict | list) or ("\\n" not in flat and len(indent + key + flat) <= WIDTH):
        return [indent + key + flat]
    pairs = data.items() if isinstance(data, dict) else (("", item) for item in data)
    inner = [
        line
        for name, item in pairs
        for line in json_lines(item, f"{indent}  ", f"{json.dumps(name)}: " if isinstance(data, dict) else "")
    ]
    return [
        f"{indent}{key}{'{' if isinstance(data, dict) else '['}",
        *inner,
        indent + ("}" if isinstance(data, dict) else "]"),
    ]


def _escaped(line: str) -> str:
    return json.dumps(line, ensure_ascii=False)[1:-1].replace('\\"', '"')
