"""When and by whom a page says that it was written, under whichever of the keys that programs have for it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from notewell_store.clock import told_time
from notewell_store.files.front_blocks import Unread
from notewell_store.files.plain_yaml import Entry
from notewell_store.names import readable

_TOLD: Mapping[str, tuple[tuple[str, ...], Callable[[Any], str | None]]] = {
    "created": (("created", "created_at", "date created", "date"), told_time),
    "updated": (
        ("updated", "updated_at", "modified", "last_modified", "last_modified_at", "lastmod", "date modified"),
        told_time,
    ),
    "author": (("author",), readable),
}
"""What of a page is told by which keys, the most telling first."""


def told_of(entries: list[Entry]) -> dict[str, str]:
    """When and by whom the page was written, by the first key of each that says it readably."""
    said = {entry.key.lower(): entry.value[0] for entry in entries if entry.value}
    told = {
        name: next(filter(None, (read(said[key]) for key in keys if isinstance(said.get(key), str))), None)
        for name, (keys, read) in _TOLD.items()
    }
    return {name: value for name, value in told.items() if value}


def untold(entries: list[Entry], told: Mapping[str, str]) -> Iterator[Unread]:
    """What stands under keys of times that are not known from any."""
    keys = {key for name, (keys, _) in _TOLD.items() if name not in told for key in keys}
    for entry in entries:
        if entry.key.lower() in keys and entry.value and isinstance(entry.value[0], str):
            yield Unread(entry.first, f"{entry.key}: {entry.value[0][:80]!r} is no time as 2024-05-31")
