"""The plain part of YAML that front matter is made of: keys with words or lists of words, each on lines of its own.

Only the parser's events are used, and values are taken as they are written: nothing is constructed, so that
`no` stays `no`, a date stays what was typed, and references that would unfold to gigabytes never do.
"""

import itertools
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

DEEPEST = 20  # mappings and lists inside one another
MOST_ITEMS = 10_000  # of a list

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LINE = re.compile("[^\r\n\x85\u2028\u2029]*+(?:\r\n|[\r\n\x85\u2028\u2029]|\\Z)")  # as YAML counts them
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})

Value = str | None | tuple[str, ...]


class Entry(NamedTuple):
    """A key and its value, None where it is one that no known key has; the lines that they take up."""

    key: str
    value: tuple[Value] | None
    first: int
    behind: int
    is_partial: bool = False
    """Whether it is a list of which some items are no words."""


class _NotPlain(Exception):
    """The YAML is no plain block mapping."""


def read_entries(block: str) -> list[Entry]:
    """The entries of a block mapping; none when it is anything else."""
    if "\ufeff" in block:  # one parser skips it, another does not
        return []
    try:
        return list(_read(_events(block)))
    except (yaml.YAMLError, _NotPlain, StopIteration, UnicodeError, RuntimeError, ValueError):
        return []


def _events(block: str) -> Iterator[Any]:
    depth = 0
    for event in yaml.parse(block, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise _NotPlain
        yield event


def _read(events: Iterator[Any]) -> Iterator[Entry]:
    seen: set[str] = set()
    behind = 0
    start, top = list(itertools.islice(events, 3))[1:]
    if start.explicit or not isinstance(top, yaml.MappingStartEvent) or top.flow_style:
        raise _NotPlain
    while isinstance(key := next(events), yaml.ScalarEvent):
        mark: Any = key.start_mark
        if mark.column or mark.line < behind or key.value in seen:
            raise _NotPlain
        seen.add(key.value)
        value, behind, is_partial = _value(events)
        yield Entry(key.value, value, mark.line, behind, is_partial)
    if [type(event) for event in (key, *events)] != [
        yaml.MappingEndEvent,
        yaml.DocumentEndEvent,
        yaml.StreamEndEvent,
    ]:
        raise _NotPlain


def _value(events: Iterator[Any]) -> tuple[tuple[Value] | None, int, bool]:
    """The next value, the line behind it, and whether there is more in it than that."""
    event = next(events)
    if isinstance(event, yaml.ScalarEvent):
        return (None if event.anchor or event.tag else (_text(event),)), _behind(event), False
    if isinstance(event, yaml.SequenceStartEvent):
        return _list(events, event)
    last = _skipped(events) if isinstance(event, yaml.CollectionStartEvent) else event
    return None, _behind(last), False


def _list(events: Iterator[Any], start: Any) -> tuple[tuple[Value] | None, int, bool]:
    items: list[str] = []
    is_plain = not (start.anchor or start.tag)
    is_partial = False
    behind = _behind(start)
    while not isinstance(event := next(events), yaml.SequenceEndEvent):
        if isinstance(event, yaml.CollectionStartEvent):
            event = _skipped(events)
            is_partial = True
        elif not isinstance(event, yaml.ScalarEvent) or event.anchor or event.tag:
            is_plain = False
        elif (text := _text(event)) is not None:
            items.append(text)
        behind = _behind(event)
    if start.flow_style:
        behind = _behind(event)
    is_plain = is_plain and len(items) <= MOST_ITEMS and bool(items or not is_partial)
    return ((tuple(items),) if is_plain else None), behind, is_partial


def _skipped(events: Iterator[Any]) -> Any:
    """The end of the collection that has just begun."""
    depth = 1
    while depth:
        event = next(events)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
    return event


def _text(event: Any) -> str | None:
    return None if event.implicit[0] and event.value in _NULLS else str(event.value)


def _behind(event: Any) -> int:
    first, last = event.start_mark, event.end_mark
    if last.index == first.index and last.column == 0:  # the end of a mapping, told where the next key begins
        return int(last.line)
    return int(last.line) + int(last.column > 0 or last.line == first.line)


def without(block: str, entries: list[Entry]) -> str:
    """The block less the lines of these entries."""
    taken = {line for entry in entries for line in range(entry.first, entry.behind)}
    return "".join(line for number, line in enumerate(_LINE.findall(block)) if number not in taken)
