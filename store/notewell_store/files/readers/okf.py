"""The Open Knowledge Format: a folder of Markdown in which every concept says its type. Read, and written."""

import json
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from typing import Any, ClassVar

import yaml

from notewell_store.clock import told_time
from notewell_store.files.contents import LARGEST_FILE, Content, Refused, read_content
from notewell_store.files.front_matter import LARGEST_BLOCK
from notewell_store.files.plain_yaml import Entry, read_entries, without
from notewell_store.files.readers.reader import FileReader, Files
from notewell_store.markdown.front_matter import BLOCK
from notewell_store.names import is_markdown, readable

VERSION = "0.2"
INDEX = "index.md"
MOST_LOOKED_AT = 10  # concepts by which a bundle is known
RESERVED = frozenset({INDEX, "log.md"})
NOTE = "note"
"""The type of a concept that has none: the format asks for one, and this says nothing."""

_VERSION_LINE = f'okf_version: "{VERSION}"'
_OURS = frozenset({"generated", "timestamp", "notewell_created", "okf_version"})
"""Keys that become times and author of revisions, or that the bundle's index bears."""
_TELLING = frozenset({"generated", "resource", "verified", "stale_after", "sources", "timestamp"})


class OkfReader(FileReader):
    name: ClassVar[str] = "okf"

    def __init__(self, listings: frozenset[str] = frozenset()) -> None:
        """`listings` are the indexes and logs that are no concepts, for they say no type, or not who made them."""
        self._listings = listings

    def detects(self, files: Files) -> float:
        """By the version in the index, which many leave out; else by what the first concepts say of themselves."""
        if "okf_version" in _said_of(files, INDEX):
            return 1.0
        concepts = (path for path in files.listing.paths if is_markdown(path) and not _is_reserved(path))
        said = [_said_of(files, path) for path in islice(concepts, MOST_LOOKED_AT)]
        told = bool(said) and all("type" in each for each in said) and any(_TELLING & each.keys() for each in said)
        return 0.85 if told else 0

    def of(self, files: Files) -> FileReader:
        reserved = filter(_is_reserved, files.listing.paths)
        return OkfReader(
            frozenset(path for path in reserved if not {"type", "generated"} <= _said_of(files, path).keys())
        )

    def takes(self, path: str) -> bool:
        return is_markdown(path) and path not in self._listings

    def content(self, data: bytes, path: str, mark: str) -> Content:
        said, less = _head(data[:LARGEST_FILE].decode("utf-8", "surrogateescape"))
        content = read_content(less.encode("utf-8", "surrogateescape") if said else data, path, mark)
        front, generated = content.front, said.get("generated")
        generated = generated if isinstance(generated, dict) else {}
        front = replace(
            front,
            note_type=None if front.note_type == NOTE else front.note_type,
            created=_time(said.get("notewell_created")) or front.created,
            updated=_time(generated.get("at")) or _time(said.get("timestamp")) or front.updated,
            author=_line(generated.get("by")) or front.author,
        )
        return replace(content, front=front)


def with_generated(text: str, by: str, created: str, updated: str, *, is_index: bool) -> str:
    """A note's file with what the format asks for, and what the reader takes off again."""
    block = BLOCK.match(text)
    assert block is not None
    generated = f'{{by: {json.dumps(by, ensure_ascii=False)}, at: "{updated}"}}'
    lines = [f"generated: {generated}", *([f'notewell_created: "{created}"'] if updated != created else [])]
    if is_index:
        lines.append(_VERSION_LINE)
    at = block.start("yaml")
    return text[:at] + "".join(line + block["newline"] for line in lines) + text[at:]


def index_of(concepts: Iterable[tuple[str, str]]) -> str:
    """The index at the root, which says that the folder is a bundle, and lists path and title of each concept."""
    listed = (f"- [{_in_brackets(title)}](<{path}>)\n" for path, title in sorted(concepts))
    return f"---\n{_VERSION_LINE}\n---\n\n# Index\n\n{''.join(listed)}"


def _in_brackets(title: str) -> str:
    return title.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _is_reserved(path: str) -> bool:
    return path.rpartition("/")[2] in RESERVED


def _said_of(files: Files, path: str) -> dict[str, Any]:
    if not files.holds(path):
        return {}
    try:
        return _head(files.data(path).decode())[0]
    except (Refused, UnicodeError):
        return {}


def _head(text: str) -> tuple[dict[str, Any], str]:
    """What the front matter says, and the text without the lines that are only told so that revisions bear them."""
    block = BLOCK.match(text)
    entries = read_entries(block["yaml"]) if block and len(block["yaml"]) <= LARGEST_BLOCK else []
    if block is None or not entries:
        return {}, text
    head = block["yaml"]
    said = {entry.key: entry.value[0] if entry.value else _mapping(head, entry, entries) for entry in entries}
    start, end = block.span("yaml")
    return said, text[:start] + without(head, [entry for entry in entries if entry.key in _OURS]) + text[end:]


def _mapping(head: str, entry: Entry, entries: list[Entry]) -> object:
    """The value of one of our keys that is no word: a mapping of words."""
    if entry.key not in _OURS:
        return None
    alone = without(head, [other for other in entries if other is not entry])
    try:
        read: dict[str, object] = yaml.load(alone, Loader=yaml.BaseLoader)  # noqa: S506, makes words and nothing else
        return read[entry.key]
    except (yaml.YAMLError, KeyError, TypeError, ValueError, RecursionError):
        return None


def _time(value: object) -> str | None:
    return told_time(value) if isinstance(value, str) else None


def _line(value: object) -> str | None:
    return readable(value) if isinstance(value, str) else None
