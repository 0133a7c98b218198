"""A folder of files, or one file, read from disk."""

import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from notewell_store.clock import of_second
from notewell_store.errors import Invalid
from notewell_store.files.contents import LARGEST_FILE, TOO_LARGE, Refused
from notewell_store.files.readers.reader import Listing, Skip
from notewell_store.names import is_markdown, is_readable

LARGEST_MARKER = 256_000_000  # bytes: a million files
SUM = re.compile(r"[0-9a-f]{64}")
MARKER = ".notewell-export"
"""The file by which an export knows its folder again; it names the folders that hold a source each."""


class Folder:
    kind = "folder"

    def __init__(
        self, location: Path, without: frozenset[str] = frozenset(), names: Mapping[str, str] | None = None
    ) -> None:
        """The folder but for what stands in its subfolders `without`; `names` are the true paths of files that an
        export could not write under them. Raises Invalid when there is none."""
        self.path = self.location = location.expanduser().resolve()
        self._without = without
        self._names = names
        self._kept_as: Mapping[str, str] = {}
        if not self.path.is_dir():
            raise Invalid(f"there is no folder at {location}", "path")

    def parts(self) -> "list[Folder]":
        """The sources in the folder: more than itself where it is an export of several."""
        marker = read_marker(self.path)
        named = {name for name in marker.sources if _is_part(self.path, name)}
        parts = [Folder(self.path / name, names=_below(name, marker.names)) for name in sorted(named)]
        return [Folder(self.path, frozenset(named), marker.names), *parts]

    @cached_property
    def listing(self) -> Listing:
        unreadable: dict[str, str] = {}
        found = dict.fromkeys(self._walk(self.path, "", unreadable.__setitem__))
        names = read_marker(self.path).names if self._names is None else self._names
        self._kept_as = {true: path for path, true in names.items() if path in found and true not in found}
        true_names = {path: true for true, path in self._kept_as.items()}
        return Listing(tuple(sorted(true_names.get(path, path) for path in found)), unreadable)

    def _file(self, path: str) -> Path:
        """Where the file stands that is called so here."""
        return self.path / self._kept_as.get(path, path)

    def holds(self, path: str) -> bool:
        return self._file(path).exists()

    def time(self, path: str) -> str | None:
        try:
            return of_second(self._file(path).stat().st_mtime)
        except OSError:
            return None

    def data(self, path: str, most: int = LARGEST_FILE) -> bytes:
        file = self._file(path)
        try:
            if not file.resolve().is_relative_to(self.path):
                raise Refused("a symbolic link that leads out of the folder")
            if not stat.S_ISREG(file.stat().st_mode):
                raise Refused("no regular file")
            with file.open("rb") as stream:
                data = stream.read(most + 1)
        except OSError as error:
            raise Refused(f"cannot be read: {error.strerror}") from None
        if len(data) > most:
            raise Refused(TOO_LARGE if most == LARGEST_FILE else f"larger than {most:,} bytes")
        return data

    def _walk(self, folder: Path, start: str, skip: Skip) -> Iterator[str]:
        for entry in _listed(folder, start, skip):
            path = start + entry.name
            if entry.name.startswith("."):
                continue
            if not is_readable(path):
                skip(path, "its name is not printable UTF-8")
            elif entry.is_dir(follow_symlinks=False):
                if path in self._without:
                    continue
                yield from self._walk(folder / entry.name, f"{path}/", skip)
            elif entry.is_symlink() and entry.is_dir():
                skip(path, "a symbolic link to a folder")
            else:
                yield path


def _listed(folder: Path, start: str, skip: Skip) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        skip(start, f"cannot be read: {error.strerror}")
        return []


def opened(location: Path) -> Folder:
    """Raises Invalid when there is nothing that can be read."""
    return SingleFile(location) if location.is_file() else Folder(location)


class SingleFile(Folder):
    """A source that is one file, such as a memory in JSON: a folder in which only that stands."""

    kind = "file"

    def __init__(self, location: Path) -> None:
        super().__init__(location.parent)
        self.location = self.path / location.name

    def parts(self) -> "list[Folder]":
        return [self]

    @cached_property
    def listing(self) -> Listing:
        return Listing((self.location.name,))

    def holds(self, path: str) -> bool:
        return path == self.location.name


class Marker(NamedTuple):
    """What an export wrote down of itself: the folders that hold a source each, and the SHA-256 of each of its files,
    while it is under way also of each as it is to be. `is_there` is False where no export made the folder."""

    is_there: bool = False
    sources: frozenset[str] = frozenset()
    known: Mapping[str, frozenset[str]] = MappingProxyType({})
    names: Mapping[str, str] = MappingProxyType({})
    """What files are called in their sources that could not be written under that name."""


def _below(top: str, names: Mapping[str, str]) -> dict[str, str]:
    return {path.removeprefix(f"{top}/"): true for path, true in names.items() if path.startswith(f"{top}/")}


def _is_name(true: object) -> bool:
    """Whether a source can have a page of that path."""
    parts = true.split("/") if isinstance(true, str) else [""]
    return isinstance(true, str) and is_markdown(true) and is_readable(true) and not {"", ".", ".."} & {*parts}


def read_marker(folder: Path) -> Marker:
    """Whoever wrote the marker, it names nothing that an export does not write: visible Markdown files below it."""
    try:
        kept = json.loads(regular_bytes(folder / MARKER, LARGEST_MARKER))
        known: dict[str, frozenset[str]] = {}
        for sums in (kept.get("sums", {}), kept.get("coming", {})):
            for path, digest in sums.items():
                if _is_of_an_export(path) and SUM.fullmatch(digest):
                    known[path] = known.get(path, frozenset()) | {digest}
        names = {path: true for path, true in kept.get("names", {}).items() if _is_name(true)}
        return Marker(isinstance(kept["files"], list), frozenset(map(str, kept["sources"])), known, names)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Marker()


def regular_bytes(file: Path, largest: int) -> bytes:
    """What the file holds; pipes and devices, which may never end, are not read. Raises OSError."""
    descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as opened:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(0, "it is a pipe, a device or a folder; - reads standard input", str(file))
        if facts.st_size > largest:
            raise OSError(0, f"it is larger than {largest:,} bytes", str(file))
        return opened.read()


def _is_of_an_export(path: str) -> bool:
    parts = path.split("/")
    plain = all(part and not part.startswith(".") and "\0" not in part and "\\" not in part for part in parts)
    return plain and is_markdown(parts[-1])


def _is_part(root: Path, name: str) -> bool:
    path = root / name
    plain = name not in {"", ".", ".."} and not any(mark in name for mark in "/\\\0")
    return plain and not path.is_symlink() and path.is_dir()
