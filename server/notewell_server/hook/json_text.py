"""Changing a JSON file that people keep: one value goes in or out, all other bytes stay as they are.

Of members with the same key the last one counts, as it does for all who read JSON.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

_SPACE = re.compile(r"[ \t\r\n]*")
_INDENT = re.compile(r"^[{\[][ \t]*\r?\n([ \t]+)\S", re.MULTILINE)
_DECODER = json.JSONDecoder()

Path = tuple[str | int, ...]


class Span(NamedTuple):
    """A member of an object or an element of an array: where it begins (a member with its key), where its value
    does, and where it ends."""

    name: str | int
    start: int
    value: int
    end: int


def inserted(text: str, path: Path, value: Any) -> str:
    """The text with a value behind the last one of the object or array that the path leads to. The last name of the
    path is the new member's key; for an array it is its length."""
    place = _value_at(text, path[:-1])
    inside = list(_spans(text, place))
    step, line_end = indent_of(text), "\r\n" if "\r\n" in text else "\n"
    outer, inner = step * (len(path) - 1), step * len(path)
    written = json.dumps(value, indent=step, ensure_ascii=False).replace("\n", f"\n{inner}")
    key = f"{json.dumps(path[-1])}: " if isinstance(path[-1], str) else ""
    piece = f"\n{inner}{key}{written}".replace("\n", line_end)
    if inside:
        return f"{text[: inside[-1].end]},{piece}{text[inside[-1].end :]}"
    end = _skip(text, place + 1)
    return f"{text[: place + 1]}{piece}{line_end}{outer}{text[end:]}"


def removed(text: str, path: Path) -> str:
    """The text without the value that the path leads to, nor the comma that it needed."""
    place = _value_at(text, path[:-1])
    inside = list(_spans(text, place))
    number = max(number for number, span in enumerate(inside) if span.name == path[-1])
    if len(inside) == 1:
        return text[: place + 1] + text[_skip(text, inside[0].end) :]
    if number == 0:
        return text[: inside[0].start] + text[inside[1].start :]
    return text[: inside[number - 1].end] + text[inside[number].end :]


def replaced(text: str, path: Path, value: Any) -> str:
    """The text with another value at the path."""
    place = _value_at(text, path)
    _, end = _DECODER.raw_decode(text, place)
    return text[:place] + json.dumps(value, ensure_ascii=False) + text[end:]


def indent_of(text: str) -> str:
    """What the file indents by; two spaces where it does not tell."""
    found = _INDENT.search(text)
    return found[1] if found else "  "


def _value_at(text: str, path: Path) -> int:
    place = _skip(text, 0)
    for name in path:
        *_, place = (span.value for span in _spans(text, place) if span.name == name)
    return place


def _spans(text: str, place: int) -> Iterator[Span]:
    """What the object or array at this place holds; the text is known to be JSON."""
    is_object = text[place] == "{"
    at, number = _skip(text, place + 1), 0
    while text[at] not in "}]":
        start, name = at, number
        if is_object:
            name, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        value = at
        _, at = _DECODER.raw_decode(text, at)
        yield Span(name, start, value, at)
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
        number += 1


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    assert found is not None
    return found.end()
