"""Notion: pages called `Title <32 hex digits>.md`, whose rows and properties stand as lines under the heading."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import PurePosixPath
from typing import ClassVar, NamedTuple

from notewell_store.clock import told_time
from notewell_store.errors import StoreError
from notewell_store.files.contents import Content, read_content
from notewell_store.files.front_matter import FrontMatter
from notewell_store.files.readers.reader import FileReader, Files
from notewell_store.models import ExplicitLink
from notewell_store.names import as_title, is_markdown, readable
from notewell_store.tables.labels import status_text, tag_word, type_word

MOST_LOOKED_AT = 200  # paths by which an export is known

_ID = re.compile(r"[ _-]?([0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$", re.IGNORECASE)
_ADDRESS = re.compile(
    r"https://(?:www\.)?(?:notion\.so|[\w-]+\.notion\.site)/(?:[^\s()<>?#]*[-/])?([0-9a-f]{32})\b", re.I
)
_HEADING = re.compile(r"# (.+?)[ \t]*(?:\r?\n|\Z)")
_PROPERTY = re.compile(r"([^\W\d_][^:\r\n]{0,60}): (.*?)[ \t]*(?:\r?\n|\Z)")
_TIMES = ("%B %d, %Y %I:%M %p", "%B %d, %Y", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%d/%m/%Y %H:%M", "%d/%m/%Y")


class NotionReader(FileReader):
    name: ClassVar[str] = "notion"

    def __init__(self, pages: frozenset[str] = frozenset()) -> None:
        """`pages` are the paths of all pages of the export."""
        self._pages = pages
        self._ids = frozenset(filter(None, (id_of(PurePosixPath(path).stem) for path in pages)))

    def of(self, files: Files) -> FileReader:
        return NotionReader(frozenset(filter(is_markdown, files.listing.paths)))

    def shown(self, path: str) -> str:
        return without_ids(path)

    def detects(self, files: Files) -> float:
        """Nearly all pages of an export bear an id."""
        pages = list(islice(filter(is_markdown, files.listing.paths), MOST_LOOKED_AT))
        marked = sum(id_of(PurePosixPath(path).stem) is not None for path in pages)
        return 0.95 if marked and marked > 0.8 * len(pages) else 0

    def content(self, data: bytes, path: str, mark: str) -> Content:
        content = read_content(data, path, mark)
        head = _head(content.body)
        front = replace(_with_properties(content.front, head.properties), title=head.title or _title(path))
        own = id_of(PurePosixPath(path).stem)
        others = sorted(self._addressed(content.body) - {own})
        front = replace(
            front,
            aliases=(*(front.aliases or ()), *([own] if own else [])) or None,
            links=tuple(ExplicitLink("relates", other) for other in others) or None,
            parent=front.parent or self._parent(path),
        )
        return replace(content, front=front, named=without_ids(path))

    def _addressed(self, body: str) -> frozenset[str]:
        """The pages of this export that the text names by their addresses on the web."""
        return self._ids.intersection(found[1].lower() for found in _ADDRESS.finditer(body))

    def _parent(self, path: str) -> str | None:
        """The page whose subpages the folder holds, from the page itself: it stands beside the folder."""
        folder = PurePosixPath(path).parent
        page = f"{folder}.md"
        return f"../{folder.name}.md" if page in self._pages else None


def id_of(name: str) -> str | None:
    """The id that ends a name, as it stands in addresses."""
    found = _ID.search(name)
    return found[1].replace("-", "").lower() if found else None


def without_ids(path: str) -> str:
    pure = PurePosixPath(path)
    folders = [_ID.sub("", part) or part for part in pure.parts[:-1]]
    return "/".join([*folders, (_ID.sub("", pure.stem) or pure.stem) + pure.suffix])


def _title(path: str) -> str:
    return as_title(PurePosixPath(without_ids(path)).stem) or "Untitled"


class _Head(NamedTuple):
    title: str | None
    properties: dict[str, str]


def _head(body: str) -> _Head:
    """The heading, which has the title in full where file names are cut, and the properties of the row."""
    heading = _HEADING.match(body)
    if heading is None:
        return _Head(None, {})
    at = heading.end()
    while at < len(body) and body[at] in "\r\n":
        at += 1
    return _Head(as_title(heading[1]), dict(_properties(body, at)))


def _properties(body: str, at: int) -> Iterator[tuple[str, str]]:
    """Lines `Key: value` that follow one another from there on."""
    while found := _PROPERTY.match(body, at):
        yield found[1].strip().lower(), found[2]
        at = found.end()


def _with_properties(front: FrontMatter, said: dict[str, str]) -> FrontMatter:
    tags = next((said[key] for key in ("tags", "tag", "labels", "multi-select") if key in said), "")
    words = {word for item in tags.split(",") if (word := _kept(tag_word, item))}
    return replace(
        front,
        note_type=front.note_type or _kept(type_word, said.get("type") or said.get("category") or ""),
        status=front.status or _kept(status_text, said.get("status") or ""),
        tags=tuple(sorted({*(front.tags or ()), *words})) or None,
        created=front.created or _first_time(said, "created", "created time", "date created", "date"),
        updated=front.updated or _first_time(said, "last edited time", "last edited", "updated", "last updated"),
        author=front.author or _first_line(said, "created by", "author"),
    )


def _first_time(said: dict[str, str], *keys: str) -> str | None:
    return next(filter(None, (_time(said[key]) for key in keys if key in said)), None)


def _first_line(said: dict[str, str], *keys: str) -> str | None:
    return next(filter(None, (readable(said[key]) for key in keys if key in said)), None)


def _time(text: str) -> str | None:
    """Notion writes times in the way of whoever exports; a span by its two ends."""
    first = text.split("→")[0].strip()
    for form in _TIMES:
        try:
            return told_time(datetime.strptime(first, form).replace(tzinfo=UTC).isoformat())
        except ValueError:
            continue
    return told_time(first)


def _kept(read: Callable[[str], str], text: str) -> str | None:
    """The text as it is kept, or None for what cannot be."""
    try:
        return read(text) if text.strip() else None
    except StoreError:
        return None
