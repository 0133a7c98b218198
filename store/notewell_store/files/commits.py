"""The commits of a repository, read from what `git log --raw -z` prints."""

from collections.abc import Iterator
from typing import IO, NamedTuple

REGULAR = frozenset({"100644", "100755"})
FORMAT = "commit%x00%H%x00%P%x00%at%x00%an%x00%s"


class Entry(NamedTuple):
    """One changed path of a commit. `old` and `new` are None where the path is no regular file on that side."""

    old: str | None
    new: str | None
    blob: str


class Commit(NamedTuple):
    """`diffs` holds what differs from each parent, less the parents that it does not differ from."""

    sha: str
    parents: tuple[str, ...]
    time: int
    author: str
    subject: str
    diffs: tuple[tuple[Entry, ...], ...]


def until_nul(stream: IO[bytes]) -> Iterator[str]:
    """What stands between NULs. Bytes that are not UTF-8 are given as `\\udcXX`."""
    rest = b""
    while chunk := stream.read(1 << 16):
        *whole, rest = (rest + chunk).split(b"\0")
        for part in whole:
            yield part.decode("utf-8", "surrogateescape")


def read_commits(output: IO[bytes]) -> Iterator[Commit]:
    """The commits in their order, from a log in FORMAT with raw diffs from each parent."""
    return _merged(_records(until_nul(output)))


def _records(parts: Iterator[str]) -> Iterator[Commit]:
    """Each commit as often as it has parents that it differs from, once where it has none."""
    head: Commit | None = None
    entries: list[Entry] = []
    for part in parts:
        if part == "commit":
            if head:
                yield head._replace(diffs=(tuple(entries),))
            head, entries = _head(parts), []
        else:
            entries.append(_entry(part.lstrip("\n"), parts))
    if head:
        yield head._replace(diffs=(tuple(entries),))


def _head(parts: Iterator[str]) -> Commit:
    sha, parents, time, author, subject = (next(parts) for _ in range(5))
    readable = [text.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for text in (author, subject)]
    return Commit(sha, tuple(parents.split()), int(time), readable[0], readable[1], ())


def read_entries(output: IO[bytes]) -> Iterator[Entry]:
    """The entries of one raw diff."""
    parts = until_nul(output)
    for part in parts:
        yield _entry(part, parts)


def _entry(raw: str, parts: Iterator[str]) -> Entry:
    old_mode, new_mode, _, blob, status = raw[1:].split(" ")
    old = new = next(parts)
    if status[0] in "RC":
        new = next(parts)
    return Entry(old if old_mode in REGULAR else None, new if new_mode in REGULAR else None, blob)


def _merged(records: Iterator[Commit]) -> Iterator[Commit]:
    """One Commit for each: a merge's records follow one another."""
    last: Commit | None = None
    for record in records:
        if last and record.sha == last.sha:
            last = last._replace(diffs=last.diffs + record.diffs)
            continue
        if last:
            yield last
        last = record
    if last:
        yield last
