"""Logseq: pages and journals in a folder each, with properties on the first lines: `alias:: a, b`."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import PurePosixPath
from typing import Any, ClassVar
from urllib.parse import unquote

from notewell_store.clock import told_time
from notewell_store.errors import Invalid
from notewell_store.files.contents import Content, Refused, read_content
from notewell_store.files.front_matter import FrontMatter, aliases_among
from notewell_store.files.readers.namespaces import NamespaceReader
from notewell_store.files.readers.reader import FileReader, Files
from notewell_store.markdown.slugs import slugify
from notewell_store.names import as_title, is_markdown
from notewell_store.tables.labels import status_text, tag_word, type_word

SETTINGS = "logseq/config.edn"
JOURNAL = "journal"  # the type of the page of a day
PLAIN_FORMAT = "MMM do, yyyy"  # of the titles of journals, where the settings name none

_PROPERTY = re.compile(r"(?:[-*][ \t]+)?[ \t]*([A-Za-z][\w-]{0,60})::([^\r\n]*+)(?:\r?\n|\Z)")
_DAY = re.compile(r"(\d{4})[_-](\d{2})[_-](\d{2})")
_FORMAT = re.compile(r'^[^;\n]*:journal/page-title-format\s+"([^"\n]{1,60})"', re.MULTILINE)
_FIELDS = re.compile(r"yyyy|yy|MMMM|MMM|MM|M|do|dd|d|EEEE|EEE|E")
_ITEM = re.compile(r"#?\[\[([^\[\]]+)\]\]|#?([^,\s][^,]*)")


class LogseqReader(NamespaceReader):
    name: ClassVar[str] = "logseq"
    separator: ClassVar[str] = "___"

    def __init__(self, pages: frozenset[str] = frozenset(), day: str = PLAIN_FORMAT) -> None:
        super().__init__(pages)
        self._day = day

    def of(self, files: Files) -> FileReader:
        return LogseqReader(frozenset(filter(self.takes, files.listing.paths)), _format(files))

    def detects(self, files: Files) -> float:
        if files.holds(SETTINGS):
            return 0.95
        days = (path for path in files.listing.paths if path.startswith("journals/"))
        return 0.7 if files.holds("pages") and any(_DAY.fullmatch(PurePosixPath(path).stem) for path in days) else 0

    def takes(self, path: str) -> bool:
        """What is in `logseq/` are settings and copies of former times."""
        return is_markdown(path) and not path.startswith("logseq/")

    def content(self, data: bytes, path: str, mark: str) -> Content:
        pure = PurePosixPath(path)
        day = _day(pure.stem) if pure.parent.name == "journals" else None
        name = _written(day, self._day) if day else unquote(pure.stem.replace(self.separator, "/"))
        content = read_content(data, path, mark, as_title(name))
        front = _with_properties(content.front, content.body)
        if day:
            own = (*(front.aliases or ()), day.isoformat())
            front = replace(front, note_type=front.note_type or JOURNAL, aliases=own, created=told_time(str(day)))
        front = replace(front, parent=front.parent or self.parent_of(path))
        named = f"{slugify(day.isoformat() if day else name) or 'page'}.md"
        return replace(content, front=front, named=named)


def _day(stem: str) -> date | None:
    match = _DAY.fullmatch(stem)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _format(files: Files) -> str:
    """How the titles of journals are written, as the settings say."""
    try:
        said = _FORMAT.search(files.data(SETTINGS).decode("utf-8", "replace")) if files.holds(SETTINGS) else None
    except Refused:
        return PLAIN_FORMAT
    return said[1] if said else PLAIN_FORMAT


def _written(day: date, form: str) -> str:
    endings = {1: "st", 2: "nd", 3: "rd"}
    ordinal = "th" if day.day in (11, 12, 13) else endings.get(day.day % 10, "th")
    fields = {
        "yyyy": f"{day:%Y}",
        "yy": f"{day:%y}",
        "MMMM": f"{day:%B}",
        "MMM": f"{day:%b}",
        "MM": f"{day:%m}",
        "M": str(day.month),
        "do": f"{day.day}{ordinal}",
        "dd": f"{day:%d}",
        "d": str(day.day),
        "EEEE": f"{day:%A}",
        "EEE": f"{day:%a}",
        "E": f"{day:%a}",
    }
    return _FIELDS.sub(lambda field: fields[field[0]], form)


def _with_properties(front: FrontMatter, body: str) -> FrontMatter:
    """The properties of the page are read and stay where they are."""
    given = _properties(body)
    told = {name: value for key, (name, read) in _KNOWN.items() if (value := _read(read, given.get(key, "")))}
    aliases = tuple(sorted({*(front.aliases or ()), *told.pop("aliases", ())})) or None
    tags = tuple(sorted({*(front.tags or ()), *told.pop("tags", ())})) or None
    return replace(front, aliases=aliases, tags=tags, **told)


def _properties(body: str) -> dict[str, str]:
    given: dict[str, str] = {}
    position = len(body) - len(body.lstrip("\ufeff\r\n"))
    while match := _PROPERTY.match(body, position):
        given.setdefault(match[1].lower(), match[2].strip())
        if match.end() == position:
            break
        position = match.end()
    return given


def _items(text: str) -> list[str]:
    return [(linked or plain).strip() for linked, plain in _ITEM.findall(text)]


def _read(read: Callable[[str], Any], text: str) -> Any:
    try:
        return read(text) if text else None
    except Invalid:
        return None


_KNOWN: dict[str, tuple[str, Callable[[str], object]]] = {
    "title": ("title", as_title),
    "alias": ("aliases", lambda text: aliases_among(_items(text))),
    "tags": ("tags", lambda text: tuple(map(tag_word, _items(text)))),
    "type": ("note_type", lambda text: type_word(next(iter(_items(text)), ""))),
    "status": ("status", lambda text: status_text(next(iter(_items(text)), ""))),
    "created-at": ("created", told_time),
    "updated-at": ("updated", told_time),
}
