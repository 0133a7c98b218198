"""A folder of files, or one file, read from disk."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Callable, Container, Iterator, Mapping
from functools import cached_property
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from notewell_store.clock import of_second, told_time
from notewell_store.errors import Invalid
from notewell_store.files.contents import ANNEX, LARGEST_FILE, TOO_LARGE, Refused
from notewell_store.names import is_markdown, is_readable, readable
from notewell_store.regular import regular_bytes

DEEPEST = 100  # folders inside one another
MOST_PATHS = 1_000_000  # files and folders that are looked through
LARGEST_MARKER = 256_000_000  # bytes: a million files
PACKAGES = frozenset({"node_modules", "bower_components", "site-packages"})
"""What holds programs of others, and their pages."""
SUM = re.compile(r"[0-9a-f]{64}")
MARKER = ".notewell-export"
"""The file by which an export knows its folder again; it names the folders that hold a source each."""

Skip = Callable[[str, str], None]
"""Told the path of what is not taken, and why."""


class Listing(NamedTuple):
    """The paths of a source's files, in order, and those that cannot be written down, with the reason. `left_out` are
    the folders that were not looked into, with a slash, and hidden pages."""

    paths: tuple[str, ...]
    unreadable: Mapping[str, str] = MappingProxyType({})
    left_out: tuple[str, ...] = ()


class Folder:
    kind = "folder"

    def __init__(self, location: Path, without: frozenset[str] = frozenset(), marker: Marker | None = None) -> None:
        """The folder but for what stands in its subfolders `without`; `marker` is what an export around it says of it.
        Raises Invalid when there is none."""
        self.path = self.location = Path(os.path.realpath(location.expanduser()))
        self._without = without
        self._marker = marker
        self._kept_as: Mapping[str, str] = {}
        if not self.path.is_dir():
            raise Invalid(f"there is no folder at {location}", "path")

    def parts(self) -> list[Folder]:
        """The sources in the folder: more than itself where it is an export of several."""
        named = {name for name in self.marker.sources if _is_part(self.path, name)}
        if not named:
            return [self]
        parts = (Folder(self.path / name, marker=self.marker.below(name)) for name in sorted(named))
        return [Folder(self.path, frozenset(named)), *parts]

    @cached_property
    def marker(self) -> Marker:
        return self._marker or read_marker(self.path)

    @cached_property
    def listing(self) -> Listing:
        unreadable: dict[str, str] = {}
        left_out: list[str] = []
        found = dict.fromkeys(self._walk(unreadable.__setitem__, left_out.append))
        self._kept_as = self.marker.kept_as(found)
        true_names = {path: true for true, path in self._kept_as.items()}
        return Listing(tuple(sorted(true_names.get(path, path) for path in found)), unreadable, tuple(left_out))

    def file(self, path: str) -> Path:
        """Where the file stands that is called so here."""
        return self.path / self._kept_as.get(path, path)

    def holds(self, path: str) -> bool:
        return self.file(path).exists()

    def time(self, path: str) -> str | None:
        try:
            return of_second(self.file(path).stat().st_mtime)
        except OSError:
            return None

    def data(self, path: str, most: int = LARGEST_FILE) -> bytes:
        file = self.file(path)
        try:
            if not Path(os.path.realpath(file)).is_relative_to(self.path):  # a circle of links, too, is some path
                raise Refused("a symbolic link that leads out of the folder")
            if not stat.S_ISREG(file.stat().st_mode):
                raise Refused("no regular file")
            with file.open("rb") as stream:
                data = stream.read(most + 1)
        except OSError as error:
            raise Refused(ANNEX if _is_of_annex(file) else f"cannot be read: {error.strerror}") from None
        if len(data) > most:
            raise Refused(TOO_LARGE if most == LARGEST_FILE else f"larger than {most:,} bytes")
        return data

    def _walk(self, skip: Skip, leave: Callable[[str], None]) -> Iterator[str]:
        """The files in order, those of a folder at its place. Raises Invalid where there is too much to go through."""
        looked_at = 0
        todo = [("", iter(_listed(self.path, "", skip)))]  # the folders that are being read, the innermost last
        while todo:
            start, entries = todo[-1]
            entry = next(entries, None)
            if entry is None:
                todo.pop()
                continue
            looked_at += 1
            if looked_at > MOST_PATHS:
                raise Invalid(f"{self.path} holds more than {MOST_PATHS:,} files: name a folder in it", "path")
            path = start + entry.name
            if path in self._without:
                continue
            if is_left_out(entry.name):
                _leave(entry, path, leave)
            elif reason := _unread(entry, path, len(todo)):
                skip(path, reason)
            elif entry.is_dir(follow_symlinks=False):
                todo.append((f"{path}/", iter(_listed(self.path / path, f"{path}/", skip))))
            else:
                yield path


def _is_of_annex(file: Path) -> bool:
    """Whether it is a link to what git-annex keeps elsewhere."""
    return file.is_symlink() and "/annex/objects/" in file.readlink().as_posix()


def is_left_out(name: str) -> bool:
    """Whether a file or folder of that name is not looked into."""
    return name.startswith(".") or name in PACKAGES


def _listed(folder: Path, start: str, skip: Skip) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(islice(entries, MOST_PATHS + 1), key=lambda entry: entry.name)
    except OSError as error:
        skip(start, f"cannot be read: {error.strerror}")
        return []


def _leave(entry: os.DirEntry[str], path: str, leave: Callable[[str], None]) -> None:
    is_folder = entry.is_dir(follow_symlinks=False)
    if is_readable(path) and (is_folder or is_markdown(path)):
        leave(f"{path}/" if is_folder else path)


def _unread(entry: os.DirEntry[str], path: str, depth: int) -> str:
    """Why what stands there is passed over; '' where it is not."""
    if not is_readable(path):
        return "its name is not printable UTF-8"
    if entry.is_dir(follow_symlinks=False):
        return f"more than {DEEPEST} folders deep" if depth > DEEPEST else ""
    return "a symbolic link to a folder" if entry.is_symlink() and _is_folder(entry) else ""


def _is_folder(link: os.DirEntry[str]) -> bool:
    try:
        return link.is_dir()
    except OSError:  # a circle of links
        return False


class SingleFile(Folder):
    """A source that is one file, such as a memory in JSON: a folder in which only that stands."""

    kind = "file"

    def __init__(self, location: Path) -> None:
        super().__init__(location.parent)
        self.location = self.path / location.name

    @cached_property
    def listing(self) -> Listing:
        return Listing((self.location.name,))

    def holds(self, path: str) -> bool:
        return path == self.location.name


class Told(NamedTuple):
    """What an export writes down of a note's revisions."""

    created: str | None
    updated: str | None
    author: str | None


class Marker(NamedTuple):
    """What an export wrote down of itself: the folders that hold a source each, and the SHA-256 of each of its files,
    while it is under way also of each as it is to be; and what is told of the notes. `is_there` is False where no
    export made the folder."""

    is_there: bool = False
    sources: frozenset[str] = frozenset()
    known: Mapping[str, frozenset[str]] = MappingProxyType({})
    told: Mapping[str, Told] = MappingProxyType({})
    names: Mapping[str, str] = MappingProxyType({})
    """What files are called in their sources that could not be written under that name; with a slash at its end the
    folder that one stands for."""

    def below(self, folder: str) -> Marker:
        """As it is of one of the folders."""
        start = f"{folder}/"
        known = {path.removeprefix(start): each for path, each in self.known.items() if path.startswith(start)}
        told = {path.removeprefix(start): each for path, each in self.told.items() if path.startswith(start)}
        names = {path.removeprefix(start): true for path, true in self.names.items() if path.startswith(start)}
        return Marker(known=known, told=told, names=names)

    def kept_as(self, found: Container[str]) -> dict[str, str]:
        """Of the files that are found, where those stand whose source calls them otherwise, by what it does."""
        return {true: path for path, true in self.names.items() if path in found and true not in found}

    @property
    def _written(self) -> Mapping[str, str]:
        return {true: path for path, true in self.names.items()}

    def told_of(self, path: str, digest: str, changed: str | None) -> Told | None:
        """What is told of a file's note; one that was edited since was updated when the file was `changed`."""
        written = self._written.get(path, path)
        told = self.told.get(written)
        if told is None or digest in self.known.get(written, ()):
            return told
        return Told(told.created, changed, None)


def _is_name(true: object) -> bool:
    """Whether a source can have a page of that path, or a folder."""
    if not isinstance(true, str) or not (is_markdown(true) or true.endswith("/")):
        return False
    return is_readable(true) and not {"", ".", ".."} & {*true.removesuffix("/").split("/")}


def read_marker(folder: Path) -> Marker:
    """Empty when no export made the folder."""
    try:
        return marker_of(regular_bytes(folder / MARKER, LARGEST_MARKER))
    except OSError:
        return Marker()


def marker_of(data: bytes) -> Marker:
    """Whoever wrote the marker, it names nothing that an export does not write: visible Markdown files below it."""
    try:
        kept = json.loads(data)
        known: dict[str, frozenset[str]] = {}
        for sums in (kept.get("sums", {}), kept.get("coming", {})):
            for path, digest in sums.items():
                if _is_of_an_export(path) and SUM.fullmatch(digest):
                    known[path] = known.get(path, frozenset()) | {digest}
        told = {path: _told(each) for path, each in kept.get("told", {}).items()}
        names = {path: true for path, true in kept.get("names", {}).items() if _is_name(true)}
        return Marker(isinstance(kept["files"], list), frozenset(map(str, kept["sources"])), known, told, names)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Marker()


def _told(kept: list[str]) -> Told:
    created, updated, author = map(str, kept)
    return Told(told_time(created), told_time(updated), readable(author))


def _is_of_an_export(path: str) -> bool:
    parts = path.split("/")
    plain = all(part and not part.startswith(".") and "\0" not in part and "\\" not in part for part in parts)
    return plain and is_markdown(parts[-1])


def _is_part(root: Path, name: str) -> bool:
    path = root / name
    plain = name not in {"", ".", ".."} and not any(mark in name for mark in "/\\\0")
    return plain and not path.is_symlink() and path.is_dir()
