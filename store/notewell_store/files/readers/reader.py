"""What a reader is: it knows one kind of source, tells whether a source is of that kind, and makes pages of it."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import ClassVar, NamedTuple, Protocol

from notewell_store.files.contents import LARGEST_FILE, Content, Refused, read_content
from notewell_store.files.folder import MARKER, Listing, Marker, Skip
from notewell_store.names import is_markdown

__all__ = ["FileReader", "Files", "Listing", "Page", "Reader", "Skip"]


class Files(Protocol):
    """The files of a source, whatever holds them: a folder, a zip, one file, a commit. Paths are POSIX, from its root.

    `kind` is one of these words; `location` is where the source stands.
    """

    kind: str
    location: Path

    @property
    def listing(self) -> Listing:
        """Hidden files and what hidden folders hold are left out."""

    @property
    def marker(self) -> Marker:
        """What an export wrote down of the files, if it made them."""

    def holds(self, path: str) -> bool:
        """Whether there is such a file or folder, hidden or not."""

    def data(self, path: str, most: int = LARGEST_FILE) -> bytes:
        """Raises Refused, of a file larger than `most` too."""

    def time(self, path: str) -> str | None:
        """When the file was last changed, where that is known."""


class Page(NamedTuple):
    """What becomes a note. `path` is as in the source; `mark` changes when the page does; `read` raises Refused. `file`
    is where it stands, if that is elsewhere."""

    path: str
    mark: str
    read: Callable[[], Content]
    file: str | None = None


class Reader(Protocol):
    """`name` is what `--from` is sent."""

    name: ClassVar[str]

    def detects(self, files: Files) -> float:
        """How sure it is that the source is of its kind, from 0 to 1. Cheap: it may look at names and a few files."""

    def pages(self, files: Files, skip: Skip) -> Iterator[Page]:
        """Each page once. What should be one and cannot is told to `skip`."""

    def shown(self, path: str) -> str:
        """The path as people know it, by which a folder that has no page is named."""


class FileReader:
    """A reader of sources in which each page is a file; a history can be read by it too.

    As it stands it reads any folder of Markdown. Others say in `takes` which files are pages, and in `content` what is
    particular to them.
    """

    name: ClassVar[str] = "markdown"

    def detects(self, files: Files) -> float:
        """An export is its own, whatever else it looks like, but for a format that it was written in."""
        if files.holds(MARKER):
            return 0.99
        return 0.1 if files.kind != "file" or self.takes(files.location.name) else 0

    def of(self, files: Files) -> "FileReader":
        """The reader as it reads this source, of which it may need to know more."""
        return self

    def shown(self, path: str) -> str:
        return path

    def takes(self, path: str) -> bool:
        return is_markdown(path)

    def content(self, data: bytes, path: str, mark: str) -> Content:
        """Raises Refused."""
        return read_content(data, path, mark)

    def as_written(self, body: str) -> str:
        """The text of a note in the spelling of this kind of source."""
        return body

    def pages(self, files: Files, skip: Skip) -> Iterator[Page]:
        for path in files.listing.paths:
            if not (self.takes(path) or path.endswith("/")):
                continue
            try:
                yield Page(path, self._mark(files.data(path)), partial(self._read, files, path))
            except Refused as refused:
                skip(path, str(refused))

    def _read(self, files: Files, path: str) -> Content:
        data = files.data(path)
        content = self.content(data, path, self._mark(data))
        told = files.marker.told_of(path, hashlib.sha256(data).hexdigest(), files.time(path))
        front = replace(content.front, **told._asdict()) if told else content.front
        return replace(content, front=front, changed=files.time(path))

    def _mark(self, data: bytes) -> str:
        """Another reader's reading is another one, though the bytes are the same."""
        digest = hashlib.sha256(data).hexdigest()
        return digest if self.name == FileReader.name else f"{self.name}:{digest}"
