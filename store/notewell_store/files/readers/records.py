"""What readers of memories share that are one file of JSON: each record in it becomes a page."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from functools import partial
from typing import ClassVar, NamedTuple

from notewell_store.files.contents import TOO_LARGE, Content, Refused, Related
from notewell_store.files.folder import Skip
from notewell_store.files.front_matter import FrontMatter
from notewell_store.files.readers.reader import Files, Page
from notewell_store.names import is_readable
from notewell_store.writing.limits import LARGEST_TEXT

LARGEST_MEMORY = 64 << 20  # bytes of a file of records, which is held as a whole
LOOKED_AT = 65_536  # bytes by which one is known
LONGEST_NAME = 120  # characters of a path that is made of a name or a text


class Record(NamedTuple):
    """`path` is the one that the page would have as a file of its own."""

    path: str
    front: FrontMatter
    body: str
    related: tuple[Related, ...] = ()


class RecordReader(ABC):
    name: ClassVar[str]

    @abstractmethod
    def is_one(self, head: bytes) -> bool:
        """Whether a file that begins so is of this kind."""

    @abstractmethod
    def records(self, data: bytes, skip: Skip) -> Iterator[Record]:
        """Raises Refused for a file that is none of this kind."""

    def shown(self, path: str) -> str:
        return path

    def detects(self, files: Files) -> float:
        if files.kind != "file" or not files.location.name.lower().endswith((".json", ".jsonl")):
            return 0
        with files.location.open("rb") as stream:
            return 0.95 if self.is_one(stream.read(LOOKED_AT).lstrip(b"\xef\xbb\xbf \t\r\n")) else 0

    def pages(self, files: Files, skip: Skip) -> Iterator[Page]:
        for path in files.listing.paths:
            changed = files.time(path)
            try:
                for record in self.records(files.data(path, LARGEST_MEMORY), skip):
                    yield Page(record.path, self._mark(record), partial(self._content, record, changed), path)
            except Refused as refused:
                skip(path, str(refused))

    def _mark(self, record: Record) -> str:
        return f"{self.name}:{hashlib.sha256(repr(record).encode('utf-8', 'surrogatepass')).hexdigest()}"

    def _content(self, record: Record, changed: str | None) -> Content:
        try:
            size = len(record.body.encode())
        except UnicodeEncodeError:
            raise Refused("holds half a character") from None
        if size > LARGEST_TEXT:
            raise Refused(TOO_LARGE)
        if "\0" in record.body:
            raise Refused("holds a NUL character")
        return Content(record.front, record.body, self._mark(record), changed, related=record.related)


def file_name(name: str) -> str:
    """A name as the name of a file, without its ending."""
    plain = " ".join("".join(char if is_readable(char) or char.isspace() else " " for char in name).split())
    return plain.replace("/", "-").lstrip(".")[:LONGEST_NAME].strip() or "page"


def unlike(taken: Callable[[str], bool], name: str) -> str:
    """The path of a page of that name, unlike those that are taken, which differ in more than case."""
    path, number = f"{name}.md", 1
    while taken(path.casefold()):
        number += 1
        path = f"{name}-{number}.md"
    return path
