"""A folder of Markdown files, read from disk."""

import hashlib
import json
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from notewell_store.errors import Invalid
from notewell_store.files.contents import LARGEST_FILE, TOO_LARGE, Content, Refused, read_content
from notewell_store.names import is_markdown, is_readable

Skip = Callable[[str, str], None]

LARGEST_MARKER = 256_000_000  # bytes: a million files
SUM = re.compile(r"[0-9a-f]{64}")
MARKER = ".notewell-export"
"""The file by which an export knows its folder again; it names the folders that hold a source each."""


class Folder:
    def __init__(self, location: Path, without: frozenset[str] = frozenset()) -> None:
        """The folder but for what stands in its subfolders `without`. Raises Invalid when there is none."""
        self.path = location.expanduser().resolve()
        self._without = without
        if not self.path.is_dir():
            raise Invalid(f"there is no folder at {location}", "path")

    def parts(self) -> list["Folder"]:
        """The sources in the folder: more than itself where it is an export of several."""
        named = {name for name in read_marker(self.path).sources if _is_part(self.path, name)}
        return [Folder(self.path, frozenset(named)), *(Folder(self.path / name) for name in sorted(named))]

    def files(self, skip: Skip) -> dict[str, str]:
        """The paths of the Markdown files, in order, each with the SHA-256 of its bytes. What cannot be read is told
        to `skip`.

        Hidden files and folders are left out without a word.
        """
        found: dict[str, str] = {}
        for path in self._walk(self.path, "", skip):
            try:
                found[path] = hashlib.sha256(self._bytes(path)).hexdigest()
            except Refused as refused:
                skip(path, str(refused))
        return found

    def read(self, path: str) -> Content:
        """The file's content as it is now. Raises Refused."""
        data = self._bytes(path)
        return read_content(data, path, hashlib.sha256(data).hexdigest())

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
            elif is_markdown(entry.name):
                yield path

    def _bytes(self, path: str) -> bytes:
        file = self.path / path
        try:
            if not file.resolve().is_relative_to(self.path):
                raise Refused("a symbolic link that leads out of the folder")
            if not stat.S_ISREG(file.stat().st_mode):
                raise Refused("no regular file")
            with file.open("rb") as stream:
                data = stream.read(LARGEST_FILE + 1)
        except OSError as error:
            raise Refused(f"cannot be read: {error.strerror}") from None
        if len(data) > LARGEST_FILE:
            raise Refused(TOO_LARGE)
        return data


def _listed(folder: Path, start: str, skip: Skip) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        skip(start, f"cannot be read: {error.strerror}")
        return []


class Marker(NamedTuple):
    """What an export wrote down of itself: the folders that hold a source each, and the SHA-256 of each of its files,
    while it is under way also of each as it is to be. `is_there` is False where no export made the folder."""

    is_there: bool = False
    sources: frozenset[str] = frozenset()
    known: Mapping[str, frozenset[str]] = MappingProxyType({})


def read_marker(folder: Path) -> Marker:
    """Whoever wrote the marker, it names nothing that an export does not write: visible Markdown files below it."""
    try:
        kept = json.loads(regular_bytes(folder / MARKER, LARGEST_MARKER))
        known: dict[str, frozenset[str]] = {}
        for sums in (kept.get("sums", {}), kept.get("coming", {})):
            for path, digest in sums.items():
                if _is_of_an_export(path) and SUM.fullmatch(digest):
                    known[path] = known.get(path, frozenset()) | {digest}
        return Marker(isinstance(kept["files"], list), frozenset(map(str, kept["sources"])), known)
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
