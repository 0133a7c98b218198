"""Rows read from a file's pages one by one, without the trees that lead to them.

SQLite reaches a row through its table's pages, from the root down: one broken page hides all below it. But a leaf
page says itself which rows it holds, and so do the page images in a -wal. What is read so may be old, or garbage
that only looks like a row: whoever uses it must verify it, as the SHA-256 of a revision allows.
"""

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

PAGE_SIZE = 4096  # of every store that we make
FILE_HEADER = 100
LEAF_HEADER = 8
OTHER_PAGES = frozenset({0x02, 0x05, 0x0A})  # inner pages, and those of indexes
LARGEST_ROW = 16_000_000
WAL_HEADER, FRAME_HEADER = 32, 24
INTEGER_SIZES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8, 8: 0, 9: 0}

Values = list[Any]
Wanted = Callable[[list[int]], bool]
"""Tells by the kinds of its values, as SQLite numbers them, whether a row is one of those looked for."""
Lookup = Callable[[int], bytes]
"""The page of a number; empty where there is none."""


def rows_in(database: Path, wal: Path | None, wanted: Wanted) -> Iterator[tuple[int, Values]]:
    """All rows that are wanted, with their rowids, in no order, some of them several times or long outdated."""
    with database.open("rb") as file:
        size = page_size(file)

        def page(number: int) -> bytes:
            file.seek((number - 1) * size)
            return file.read(size)

        yield from _rows_of_file(file, size, page, wanted)
        if wal is not None and wal.exists():
            with wal.open("rb") as frames:
                yield from _rows_of_wal(frames, file, size, page, wanted)


def page_size(file: BinaryIO) -> int:
    """As the file's header says, if that makes sense."""
    file.seek(16)
    (size,) = struct.unpack(">H", file.read(2).rjust(2, b"\0"))
    size = 65_536 if size == 1 else size
    return size if size >= 512 and size & (size - 1) == 0 else PAGE_SIZE


def _rows_of_file(file: BinaryIO, size: int, page: Lookup, wanted: Wanted) -> Iterator[tuple[int, Values]]:
    number = 1
    while True:
        file.seek((number - 1) * size)
        image = file.read(size)
        if not image:
            return
        yield from rows_of_page(image, FILE_HEADER if number == 1 else 0, page, wanted)
        number += 1


def _rows_of_wal(
    frames: BinaryIO, file: BinaryIO, size: int, page: Lookup, wanted: Wanted
) -> Iterator[tuple[int, Values]]:
    """The rows of all page images in the -wal, and those of the file as it is with the newest of them in place."""
    newest = dict(_frames(frames, size))

    def latest(number: int) -> bytes:
        if number not in newest:
            return page(number)
        frames.seek(newest[number])
        return frames.read(size)

    for number, offset in _frames(frames, size):
        frames.seek(offset)
        yield from rows_of_page(frames.read(size), FILE_HEADER if number == 1 else 0, latest, wanted)
    yield from _rows_of_file(file, size, latest, wanted)


def _frames(frames: BinaryIO, size: int) -> Iterator[tuple[int, int]]:
    """Each page image's number and its place, whatever its checksum says."""
    offset = WAL_HEADER
    while True:
        frames.seek(offset)
        header = frames.read(FRAME_HEADER)
        if len(header) < FRAME_HEADER:
            return
        (number,) = struct.unpack(">I", header[:4])
        if number:
            yield number, offset + FRAME_HEADER
        offset += FRAME_HEADER + size


def rows_of_page(image: bytes, start: int, page: Lookup, wanted: Wanted) -> Iterator[tuple[int, Values]]:
    """The wanted rows of a leaf page. A header that lies about their number is not believed."""
    if len(image) < 512 or image[start] in OTHER_PAGES:
        return
    (count,) = struct.unpack_from(">H", image, start + 3)
    first = start + LEAF_HEADER
    for number in range((len(image) - first) // 2):
        (offset,) = struct.unpack_from(">H", image, first + 2 * number)
        if not first + 2 * (number + 1) <= offset < len(image) - 4:
            if number >= count:
                return
            continue
        try:
            row = _row(image, offset, page, wanted)
        except (ValueError, IndexError, struct.error):
            continue
        if row is not None:
            yield row


def _row(image: bytes, offset: int, page: Lookup, wanted: Wanted) -> tuple[int, Values] | None:
    length, offset = _varint(image, offset)
    rowid, offset = _varint(image, offset)
    if not 2 <= length <= LARGEST_ROW:
        return None
    local = _local_size(length, len(image))
    head = image[offset : offset + local]
    size, at = _varint(head, 0)
    kinds = []
    while at < size:
        kind, at = _varint(head, at)
        kinds.append(kind)
    if not wanted(kinds):
        return None
    payload = head if local == length else head + _overflow(image, offset + local, length - local, page)
    return rowid, list(_values(payload, size, kinds))


def _local_size(length: int, usable: int) -> int:
    """How much of a row stands in the leaf page itself: see "B-tree Cell Format" in SQLite's file format."""
    if length <= usable - 35:
        return length
    least = (usable - 12) * 32 // 255 - 23
    size = least + (length - least) % (usable - 4)
    return size if size <= usable - 35 else least


def _overflow(image: bytes, at: int, length: int, page: Lookup) -> bytes:
    """The rest of a row, from page to page."""
    pieces = []
    (number,) = struct.unpack_from(">I", image, at)
    while length > 0:
        following = page(number) if number else b""
        if len(following) < len(image):
            raise ValueError("the chain of pages is broken")
        pieces.append(following[4 : 4 + min(length, len(image) - 4)])
        length -= len(pieces[-1])
        (number,) = struct.unpack_from(">I", following, 0)
    return b"".join(pieces)


def _values(payload: bytes, at: int, kinds: list[int]) -> Iterator[Any]:
    for kind in kinds:
        if kind in INTEGER_SIZES:
            size = INTEGER_SIZES[kind]
            yield kind - 8 if size == 0 else int.from_bytes(payload[at : at + size], "big", signed=True)
        elif kind >= 12:
            size = (kind - 12) // 2
            value = payload[at : at + size]
            if len(value) < size:
                raise ValueError("the row is cut")
            yield value.decode() if kind % 2 else value
        else:
            size = 8 if kind == 7 else 0  # real numbers: no table of ours has any
            yield None
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number = 0
    for _ in range(8):
        byte = data[at]
        number = number << 7 | byte & 0x7F
        at += 1
        if byte < 0x80:
            return number, at
    return number << 8 | data[at], at + 1
