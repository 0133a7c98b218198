"""The table of readers, and which of them a source is for. One module for each kind of source."""

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from notewell_store.errors import Invalid, NextArgument
from notewell_store.files.archive import Archive
from notewell_store.files.folder import Folder, SingleFile
from notewell_store.files.readers.adr import AdrReader
from notewell_store.files.readers.basic_memory import BasicMemoryReader
from notewell_store.files.readers.claude_memory import ClaudeFolder, ClaudeReader
from notewell_store.files.readers.dendron import DendronReader
from notewell_store.files.readers.logseq import LogseqReader
from notewell_store.files.readers.mcp_memory_service import McpMemoryServiceReader
from notewell_store.files.readers.notion import NotionReader
from notewell_store.files.readers.obsidian import ObsidianReader
from notewell_store.files.readers.okf import OkfReader
from notewell_store.files.readers.outline import OutlineReader
from notewell_store.files.readers.reader import FileReader, Files, Reader
from notewell_store.files.readers.server_memory import ServerMemoryReader
from notewell_store.files.readers.wiki import WikiReader
from notewell_store.regular import kind_of

READERS: tuple[Reader, ...] = (
    FileReader(),
    ObsidianReader(),
    ClaudeReader(),
    OkfReader(),
    NotionReader(),
    AdrReader(),
    ServerMemoryReader(),
    BasicMemoryReader(),
    WikiReader(),
    LogseqReader(),
    DendronReader(),
    McpMemoryServiceReader(),
    OutlineReader(),
)
"""Of two that are equally sure the first is taken."""


@contextmanager
def opened(location: Path, name: str | None = None) -> Iterator[Folder | Archive]:
    """The files of a source, for the reader of that name. Raises Invalid when there is nothing that can be read."""
    with suppress(OSError):  # of what is not there, a folder tells
        kind = kind_of(location.stat().st_mode)
        if kind not in (None, "a folder"):
            raise Invalid(f"{location} is {kind}, no file and no folder: name one", "path")
    if zipfile.is_zipfile(location):
        with closing(Archive(location)) as archive:
            yield archive
    elif location.is_file():
        yield SingleFile(location)
    else:
        yield ClaudeFolder(location) if name == ClaudeReader.name else Folder(location)


def reader_of(files: Files, name: str | None = None) -> Reader:
    """The reader of that name, or the one that is surest of the source. Raises Invalid where there is none."""
    reader = _reader_of(files, name, READERS)
    return reader.of(files) if isinstance(reader, FileReader) else reader


def _reader_of(files: Files, name: str | None, among: Sequence[Reader]) -> Reader:
    if name is None:
        sure, _, reader = max((reader.detects(files), -place, reader) for place, reader in enumerate(among))
        if not sure:
            raise Invalid(
                (
                    f"nothing here can read {files.location}: name a folder, or send what the file is as ",
                    NextArgument("from"),
                ),
                "path",
            )
        return reader
    for reader in among:
        if reader.name == name:
            return reader
    raise Invalid(f"from={name!r}: send one of {', '.join(reader.name for reader in among)}", "from")


def file_reader_of(files: Files, name: str | None = None) -> FileReader:
    """Of those that can read a history."""
    reader = _reader_of(files, name, [reader for reader in READERS if isinstance(reader, FileReader)])
    assert isinstance(reader, FileReader)
    return reader.of(files)
