"""A folder of Markdown files, read from disk."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from notewell_store.errors import Invalid
from notewell_store.files.contents import LARGEST_FILE, TOO_LARGE, Content, Refused, read_content
from notewell_store.files.regular import IRREGULAR, read_regular
from notewell_store.names import is_markdown, is_readable

Skip = Callable[[str, str], None]


DEEPEST = 100  # folders inside one another
MOST_PATHS = 1_000_000  # files and folders that are looked through
LARGEST_MARKER = 100 << 20  # bytes
MARKER = ".notewell-export"
"""The file by which an export knows its folder again; it names the folders that hold a source each."""


class Folder:
    def __init__(self, location: Path, without: frozenset[str] = frozenset()) -> None:
        """The folder but for what stands in its subfolders `without`. Raises Invalid when there is none."""
        self.path = Path(os.path.realpath(location.expanduser()))  # of a circle of links, too, it says something
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
        for path in self._walk(skip):
            try:
                found[path] = hashlib.sha256(self._bytes(path)).hexdigest()
            except Refused as refused:
                skip(path, str(refused))
        return found

    def read(self, path: str) -> Content:
        """The file's content as it is now. Raises Refused."""
        data = self._bytes(path)
        return read_content(data, path, hashlib.sha256(data).hexdigest())

    def _walk(self, skip: Skip) -> Iterator[str]:
        """The Markdown files in order, those of a folder at its place. Raises Invalid where there is too much to look
        through."""
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
            if entry.name.startswith(".") or path in self._without:
                continue
            if reason := _unread(entry, path, len(todo)):
                skip(path, reason)
            elif entry.is_dir(follow_symlinks=False):
                todo.append((f"{path}/", iter(_listed(self.path / path, f"{path}/", skip))))
            elif is_markdown(entry.name):
                yield path

    def _bytes(self, path: str) -> bytes:
        file = self.path / path
        try:
            if not Path(os.path.realpath(file)).is_relative_to(self.path):
                raise Refused("a symbolic link that leads out of the folder")
            data = read_regular(file, LARGEST_FILE)
        except OSError as error:
            is_other = error.strerror == IRREGULAR
            raise Refused(IRREGULAR if is_other else f"cannot be read: {error.strerror}") from None
        if len(data) > LARGEST_FILE:
            raise Refused(TOO_LARGE)
        return data


def _listed(folder: Path, start: str, skip: Skip) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(islice(entries, MOST_PATHS + 1), key=lambda entry: entry.name)
    except OSError as error:
        skip(start, f"cannot be read: {error.strerror}")
        return []


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


class Marker(NamedTuple):
    """What an export wrote down of itself: its files, the folders that hold a source each, and, once it was finished,
    the SHA-256 of each file."""

    files: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    sums: Mapping[str, str] = MappingProxyType({})


def read_marker(folder: Path) -> Marker:
    """Empty when no export made the folder."""
    try:
        kept = json.loads(read_regular(folder / MARKER, LARGEST_MARKER))
        sums = {str(path): str(digest) for path, digest in kept.get("sums", {}).items()}
        return Marker(frozenset(map(str, kept["files"])), frozenset(map(str, kept["sources"])), sums)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Marker()


def _is_part(root: Path, name: str) -> bool:
    path = root / name
    plain = name not in {"", ".", ".."} and not any(mark in name for mark in "/\\\0")
    return plain and not path.is_symlink() and path.is_dir()
