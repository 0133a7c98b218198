"""The Open Knowledge Format: a folder of Markdown in which every concept says its type. Read, and written."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, count, islice
from types import MappingProxyType
from typing import Any, ClassVar

import yaml

from notewell_store.clock import told_time
from notewell_store.files.contents import LARGEST_FILE, Content, Refused, read_content
from notewell_store.files.front_matter import LARGEST_BLOCK
from notewell_store.files.plain_yaml import Entry, read_entries, without
from notewell_store.files.readers.reader import FileReader, Files, Page, Skip
from notewell_store.markdown.front_matter import BLOCK
from notewell_store.names import is_markdown, readable

VERSION = "0.2"
INDEX = "index.md"
MOST_LOOKED_AT = 10  # concepts by which a bundle is known
RESERVED = frozenset({INDEX, "log.md"})
NOTE = "note"
"""The type of a concept that has none: the format asks for one, and this says nothing."""

_OURS = frozenset({"generated", "timestamp", "notewell_created", "notewell_name"})
"""Keys that become times and author of revisions, or the name of a file that may not be called so in a bundle."""
_PLACES = {INDEX: ("README.md", "_index.md"), "log.md": ("_log.md",)}
"""Where a note is written whose own name is reserved: beside that, so that its links lead where they did."""
_MOVED = re.compile(r"README\.md|_index(?:-\d+)?\.md|_log\.md")
_TELLING = frozenset({"generated", "resource", "verified", "stale_after", "sources", "timestamp"})


class OkfReader(FileReader):
    name: ClassVar[str] = "okf"

    def __init__(self, names: Mapping[str, str] = MappingProxyType({})) -> None:
        """`names` are the paths of notes that were written elsewhere, since theirs are reserved."""
        self._names = names

    def detects(self, files: Files) -> float:
        """By the version in the index, which many leave out; else by what the first concepts say of themselves."""
        if "okf_version" in _said_of(files, INDEX):
            return 1.0
        concepts = (path for path in files.listing.paths if is_markdown(path) and not _is_reserved(path))
        said = [_said_of(files, path) for path in islice(concepts, MOST_LOOKED_AT)]
        told = bool(said) and all("type" in each for each in said) and any(_TELLING & each.keys() for each in said)
        return 0.85 if told else 0

    def of(self, files: Files) -> FileReader:
        held = (path for path in files.listing.paths if _MOVED.fullmatch(path.rpartition("/")[2]))
        return OkfReader({path: own for path in held if (own := _own_path(files, path))})

    def takes(self, path: str) -> bool:
        """Indexes and logs are listings, no concepts."""
        return is_markdown(path) and not _is_reserved(path)

    def pages(self, files: Files, skip: Skip) -> Iterator[Page]:
        for page in super().pages(files, skip):
            yield page._replace(path=self._names.get(page.path, page.path), file=page.path)

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


def placed(paths: Mapping[str, int]) -> tuple[dict[str, int], dict[str, str]]:
    """The paths of notes in a bundle, and the names of those that could not keep theirs."""
    taken = {path.casefold() for path in paths}
    kept = {path: note for path, note in paths.items() if not _is_reserved(path)}
    names: dict[str, str] = {}
    for path in filter(_is_reserved, paths):
        folder, _, name = path.rpartition("/")
        start = f"{folder}/" if folder else ""
        numbered = (f"_index-{number}.md" for number in count(2))
        place = next(start + each for each in chain(_PLACES[name], numbered) if (start + each).casefold() not in taken)
        kept[place], names[place] = paths[path], name
    return kept, names


def with_generated(text: str, by: str, created: str, updated: str, name: str | None) -> str:
    """A note's file with what the format asks for, and what the reader takes off again."""
    block = BLOCK.match(text)
    assert block is not None
    generated = f'{{by: {json.dumps(by, ensure_ascii=False)}, at: "{updated}"}}'
    lines = [f"generated: {generated}"]
    lines += [f'notewell_created: "{created}"'] if updated != created else []
    lines += [f"notewell_name: {name}"] if name else []
    at = block.start("yaml")
    return text[:at] + "".join(line + block["newline"] for line in lines) + text[at:]


def index_of(concepts: Iterable[tuple[str, str]]) -> str:
    """The index at the root, which says that the folder is a bundle, and lists path and title of each concept."""
    listed = (f"- [{_in_brackets(title)}](<{path}>)\n" for path, title in sorted(concepts))
    return f"---\nokf_version: '{VERSION}'\n---\n\n# Index\n\n{''.join(listed)}"


def _in_brackets(title: str) -> str:
    return title.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _own_path(files: Files, path: str) -> str | None:
    name = _said_of(files, path).get("notewell_name")
    folder = path.rpartition("/")[0]
    return (f"{folder}/{name}" if folder else str(name)) if name in RESERVED else None


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
