"""The commits of a repository, read from what `git log --raw -z` prints."""

from collections.abc import Iterator
from typing import IO, NamedTuple

from notewell_store.errors import Invalid

LONGEST_PATH = 4_096  # characters, as many as a file system takes
LONGEST_PART = 65_536  # bytes of a path, an author or a subject that are read
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
    """What stands between NULs, at most LONGEST_PART bytes of each part. Bytes that are not UTF-8 are given as
    `\\udcXX`."""
    rest = b""
    while chunk := stream.read(1 << 16):
        *whole, rest = (rest + chunk).split(b"\0")
        rest = rest[:LONGEST_PART]
        for part in whole:
            yield part[:LONGEST_PART].decode("utf-8", "surrogateescape")


def path_of(part: str) -> str:
    """A path as it was read. Raises Invalid for one that is too long to be a file's."""
    if len(part) > LONGEST_PATH:
        raise Invalid(f"a path in the repository has more than {LONGEST_PATH:,} characters: {part[:60]}…", "path")
    return part


def read_commits(output: IO[bytes], most: int, most_of_all: int) -> Iterator[Commit]:
    """The commits in their order, from a log in FORMAT with raw diffs from each parent. Raises Invalid where one has
    changed more than `most` paths, or all together more than `most_of_all`."""
    return _merged(_records(until_nul(output), most, most_of_all))


def _records(parts: Iterator[str], most: int, most_of_all: int) -> Iterator[Commit]:
    """Each commit as often as it has parents that it differs from, once where it has none."""
    head: Commit | None = None
    entries: list[Entry] = []
    for part in parts:
        if part == "commit":
            if head:
                yield head._replace(diffs=(tuple(entries),))
            head, entries = _head(parts), []
            continue
        if len(entries) == most or not most_of_all:
            raise Invalid("the commits of the repository change more paths than are read: too many", "path")
        most_of_all -= 1
        entries.append(_entry(part.lstrip("\n"), parts))
    if head:
        yield head._replace(diffs=(tuple(entries),))


def _head(parts: Iterator[str]) -> Commit:
    sha, parents, time, author, subject = (next(parts) for _ in range(5))
    readable = [text.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for text in (author, subject)]
    return Commit(sha, tuple(parents.split()), int(time), readable[0], readable[1], ())


def read_entries(output: IO[bytes], most: int) -> Iterator[Entry]:
    """The entries of one raw diff. Raises Invalid where there are more than `most`."""
    parts = until_nul(output)
    for number, part in enumerate(parts):
        if number == most:
            raise Invalid(f"more than {most:,} paths differ between two commits: too many", "path")
        yield _entry(part, parts)


def _entry(raw: str, parts: Iterator[str]) -> Entry:
    old_mode, new_mode, _, blob, status = raw[1:].split(" ")
    old = new = path_of(next(parts))
    if status[0] in "RC":
        new = path_of(next(parts))
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
