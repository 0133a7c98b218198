"""Zips as sources: read where they are, within limits, so that nothing is unpacked that could be left behind."""

import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from functools import cached_property
from pathlib import Path
from typing import IO, NamedTuple

from notewell_store.clock import told_time
from notewell_store.errors import Invalid
from notewell_store.files.contents import LARGEST_FILE, TOO_LARGE, Refused
from notewell_store.files.folder import LARGEST_MARKER, MARKER, Listing, Marker, marker_of
from notewell_store.names import is_readable

MOST_ENTRIES = 100_000
MOST_UNPACKED = 8 << 30  # bytes, of all entries together
LARGEST_INNER = 2 << 30  # bytes of a zip in the zip
MOST_RATIO = 200  # of a large entry to its packed size: texts are packed to a tenth, seldom to a fiftieth
LARGE = 1 << 20

_ENCRYPTED = 0x1
_UTF8 = 0x800
_BROKEN = (OSError, EOFError, NotImplementedError, ValueError, zipfile.BadZipFile, zlib.error)


class _Entry(NamedTuple):
    archive: zipfile.ZipFile
    info: zipfile.ZipInfo


class Archive:
    """The files of a zip; of one that holds nothing but zips, as Notion makes them, of all those. A folder around
    everything is left out of the paths."""

    kind = "zip"

    def __init__(self, location: Path) -> None:
        """Raises Invalid for a zip that is damaged or beyond the limits. To be closed."""
        self.location = location.expanduser().resolve()
        self._open = ExitStack()
        try:
            self._entries, self._unreadable = self._read()
            for true, path in self.marker.kept_as(self._entries).items():
                self._entries[true] = self._entries.pop(path)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._open.close()

    @cached_property
    def listing(self) -> Listing:
        shown = (path for path in self._entries if not f"/{path}".count("/.") and not path.startswith("__MACOSX/"))
        return Listing(tuple(sorted(shown)), self._unreadable)

    def holds(self, path: str) -> bool:
        return path in self._entries or any(each.startswith(f"{path}/") for each in self._entries)

    def data(self, path: str, most: int = LARGEST_FILE) -> bytes:
        """Raises Refused."""
        archive, info = self._entries[path]
        try:
            with archive.open(info) as stream:
                data = stream.read(most + 1)
        except (*_BROKEN, RuntimeError) as error:
            raise Refused(f"cannot be unpacked: {error}") from None
        if len(data) > most:
            raise Refused(TOO_LARGE if most == LARGEST_FILE else f"larger than {most:,} bytes")
        return data

    def time(self, path: str) -> str | None:
        """Zips know no zone; it is read as UTC."""
        year, month, day, hour, minute, second = self._entries[path].info.date_time
        return told_time(f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}") if year > 1980 else None

    @cached_property
    def marker(self) -> Marker:
        try:
            return marker_of(self.data(MARKER, LARGEST_MARKER)) if MARKER in self._entries else Marker()
        except Refused:
            return Marker()

    def comment(self, path: str) -> str:
        """What the zip says of one entry."""
        return self._entries[path].info.comment.decode("utf-8", "replace")

    def _read(self) -> tuple[dict[str, _Entry], dict[str, str]]:
        entries: dict[str, _Entry] = {}
        refused: dict[str, str] = {}
        for archive in self._archives(self._opened(self.location)):
            for info in archive.infolist():
                path = _path(info)
                why = _refusal(path, info) or ("another entry has the same name" if path in entries else None)
                if why:
                    refused[path] = why
                elif not info.is_dir():
                    entries[path] = _Entry(archive, info)
        top = _top(entries)
        return {path.removeprefix(top): entry for path, entry in entries.items()}, refused

    def _archives(self, outer: zipfile.ZipFile) -> list[zipfile.ZipFile]:
        held = [info for info in outer.infolist() if not info.is_dir()]
        if not held or not all(info.filename.lower().endswith(".zip") for info in held):
            return [outer]
        archives = [self._opened(self._copied(outer, info)) for info in held]
        self._require_within(info for archive in archives for info in archive.infolist())
        return archives

    def _opened(self, source: Path | IO[bytes]) -> zipfile.ZipFile:
        try:
            archive = self._open.enter_context(zipfile.ZipFile(source))
        except _BROKEN as error:
            raise Invalid(f"{self.location} cannot be read as a zip: {error}", "path") from None
        self._require_within(archive.infolist())
        return archive

    def _copied(self, outer: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
        """A zip out of the zip, in a file that has no name and is gone with this process, however that ends."""
        copy = self._open.enter_context(tempfile.TemporaryFile())  # noqa: SIM115, closed with the archive
        if info.flag_bits & _ENCRYPTED:
            raise self._beyond(f"{info.filename} in it is encrypted")
        try:
            with outer.open(info) as stream:
                while piece := stream.read(LARGE):
                    if copy.tell() > LARGEST_INNER:
                        raise self._beyond(f"{info.filename} in it is larger than {LARGEST_INNER:,} bytes")
                    copy.write(piece)
        except _BROKEN as error:
            raise Invalid(f"{info.filename} in {self.location} cannot be unpacked: {error}", "path") from None
        return copy

    def _require_within(self, infos: Iterable[zipfile.ZipInfo]) -> None:
        every = list(infos)
        if len(every) > MOST_ENTRIES:
            raise self._beyond(f"it has {len(every):,} entries, at most {MOST_ENTRIES:,} are read")
        unpacked = sum(info.file_size for info in every)
        if unpacked > MOST_UNPACKED:
            raise self._beyond(f"it unpacks to {unpacked:,} bytes, at most {MOST_UNPACKED:,} are read")
        for info in every:
            if info.file_size > LARGE and info.file_size > MOST_RATIO * max(1, info.compress_size):
                sizes = f"{info.file_size:,} bytes of {info.compress_size:,}"
                raise self._beyond(f"{info.filename} in it unpacks to {sizes}, which no text does")

    def _beyond(self, why: str) -> Invalid:
        return Invalid(f"{self.location} was not read: {why}. Unpack it and import the folder, if you trust it", "path")


def _path(info: zipfile.ZipInfo) -> str:
    """The name of an entry. Many programs write UTF-8 without saying so, and some backslashes."""
    name = info.orig_filename
    if not info.flag_bits & _UTF8:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode()
    return name.replace("\\", "/").removeprefix("./")


def _refusal(path: str, info: zipfile.ZipInfo) -> str | None:
    """Why an entry is not taken."""
    parts = path.rstrip("/").split("/")
    if path.startswith("/") or (len(path) > 1 and path[1] == ":"):
        return "its name is an absolute path"
    if ".." in parts:
        return "its name leads out of the zip"
    if not is_readable(path) or "" in parts or "." in parts:
        return "its name is not a printable path"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "a symbolic link"
    if info.flag_bits & _ENCRYPTED:
        return "it is encrypted"
    return None


def _top(entries: Iterable[str]) -> str:
    """The folder that everything stands in, with its slash, or nothing."""
    tops = {path.partition("/")[0] if "/" in path else "" for path in entries if not path.startswith("__MACOSX/")}
    return f"{tops.pop()}/" if len(tops) == 1 and "" not in tops else ""
