"""A history with branches and merges as one line of changes, file by file.

The commits are walked ancestors first, and the tree of files is kept as it would stand after each. A commit
is what it changed; a merge only where it holds what that tree does not, so that no change comes twice.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from notewell_store.files.commits import Commit, Entry
from notewell_store.files.naming import may_stand_for_folder
from notewell_store.resolution import without_ending


class Event(NamedTuple):
    """One file changed: `blob` is its new text, None where it is gone; `old` the path that it bore before."""

    path: str
    blob: str | None
    old: str | None = None


class Lineage:
    def __init__(self, tree: dict[str, str], main_line: frozenset[str], takes: Callable[[str], bool]) -> None:
        """`tree` are the files, with their blobs, before the first commit; `takes` tells pages from other files."""
        self._tree = tree
        self._takes = takes
        self._main_line = main_line
        self._moved: dict[str, str] = {}  # where a file went that another branch may still change

    def events(self, commit: Commit) -> list[Event]:
        """What the commit changed, in the order in which notes want it: see in_order."""
        diffs = [[self._pages_only(entry) for entry in diff] for diff in commit.diffs]
        if len(commit.parents) > 1:
            return in_order(self._merge(commit, diffs))
        return in_order(event for diff in diffs for entry in diff for event in self._change(entry))

    def _pages_only(self, entry: Entry) -> Entry:
        old, new = (path if path and self._takes(path) else None for path in (entry.old, entry.new))
        return Entry(old, new, entry.blob)

    def _change(self, entry: Entry) -> Iterator[Event]:
        old = self._now(entry.old) if entry.old else None
        if entry.new is None:
            if old is not None:
                yield self._deleted(old)
        elif old is not None and entry.old != entry.new and entry.new not in self._tree:
            yield self._renamed(old, entry.new, entry.blob)
        else:
            target = old if old is not None and entry.old == entry.new else entry.new
            if self._tree.get(target) != entry.blob:
                yield self._written(target, entry.blob)
            if old is not None and old != target:
                yield self._deleted(old)

    def _now(self, path: str) -> str | None:
        """Where the file of that path stands by now, or None if it does not."""
        seen: set[str] = set()
        while path not in self._tree:
            if path in seen or path not in self._moved:
                return None
            seen.add(path)
            path = self._moved[path]
        return path

    def _written(self, path: str, blob: str) -> Event:
        self._tree[path] = blob
        self._moved.pop(path, None)
        return Event(path, blob)

    def _deleted(self, path: str) -> Event:
        del self._tree[path]
        return Event(path, None)

    def _renamed(self, old: str, new: str, blob: str) -> Event:
        del self._tree[old]
        self._written(new, blob)
        self._moved[old] = new
        return Event(new, blob, old)

    def _merge(self, commit: Commit, diffs: list[list[Entry]]) -> Iterator[Event]:
        """Where the merge's tree is not what the walk has come to.

        On the main line that holds for every path in which it differs from a parent. A merge into a side
        branch counts only where it differs from all parents: otherwise it is just older than this walk.
        """
        result, moves = _result_of(diffs)
        needed = 1 if commit.sha in self._main_line else len(commit.parents)
        for path, (blob, times) in result.items():
            if times < needed or self._tree.get(path) == blob:
                continue
            old = moves.get(path)
            if blob is None:
                yield self._deleted(path)
            elif old in self._tree and path not in self._tree and result.get(old, ("", 0))[0] is None:
                yield self._renamed(old, path, blob)
            else:
                yield self._written(path, blob)


def brought_by(parents: Mapping[str, tuple[str, ...]], pulls: Mapping[str, str], tip: str) -> dict[str, str]:
    """The pull request that each commit was merged with, the innermost of several; `pulls` are those of the merges.

    A merge brings what its other parents lead to, and its first does not. It is on the account itself.
    """
    found: dict[str, str] = {}
    seen: set[str] = set()
    lines: list[tuple[Iterator[str], str | None]] = [(_line(parents, seen, tip), None)]
    while lines:
        line, pull = lines[-1]
        sha = next(line, None)
        if sha is None:
            lines.pop()
            continue
        own = pulls.get(sha, pull)
        if own is not None:
            found[sha] = own
        lines += [(_line(parents, seen, side), own) for side in reversed(parents[sha][1:])]
    return found


def _line(parents: Mapping[str, tuple[str, ...]], seen: set[str], tip: str) -> Iterator[str]:
    """What leads to `tip` by first parents and was not seen, the oldest first."""
    line: list[str] = []
    at = tip
    while at in parents and at not in seen:
        line.append(at)
        seen.add(at)
        at = next(iter(parents[at]), "")
    yield from reversed(line)


def _result_of(diffs: list[list[Entry]]) -> tuple[dict[str, tuple[str | None, int]], dict[str, str]]:
    """For each path what the merge has there and from how many parents that differs; and what it moved whence.

    New paths come before those that are gone, so that a file is seen to move before it is seen to go.
    """
    blobs: dict[str, str | None] = {}
    times: dict[str, int] = {}
    moves: dict[str, str] = {}
    for entry in (entry for diff in diffs for entry in diff):
        for path, blob in {entry.old: None, entry.new: entry.blob}.items():
            if path is not None:
                blobs[path] = blob
                times[path] = times.get(path, 0) + 1
        if entry.old and entry.new and entry.old != entry.new:
            moves[entry.new] = entry.old
    return {path: (blobs[path], times[path]) for path in sorted(blobs, key=lambda path: blobs[path] is None)}, moves


def differences(old: dict[str, str], new: dict[str, str]) -> list[Event]:
    """What leads from one tree of files to another. A text that left one path for another is a rename."""
    gone = {path: blob for path, blob in old.items() if path not in new}
    came = [path for path in new if path not in old]
    sources, targets = _single(gone), _single({path: new[path] for path in came})
    moved = {targets[blob]: path for blob, path in sources.items() if blob in targets}
    left = set(moved.values())
    changed = [path for path, blob in new.items() if old.get(path) != blob]
    events = [Event(path, new[path], moved.get(path)) for path in changed]
    return in_order([*events, *(Event(path, None) for path in gone if path not in left)])


def _single(files: dict[str, str]) -> dict[str, str]:
    """The path of each blob that only one has."""
    often = Counter(files.values())
    return {blob: path for path, blob in files.items() if often[blob] == 1}


def in_order(events: Iterable[Event]) -> list[Event]:
    """What goes makes room first; then the pages of folders from the top down, then the files in them."""
    every = list(events)
    folders = {event.path[:at] for event in every for at, char in enumerate(event.path) if char == "/"}

    def place(event: Event) -> tuple[int, int, int, str]:
        depth = event.path.count("/")
        if event.blob is None:
            return 0, 0, 0, event.path
        if may_stand_for_folder(event.path):
            return 1, depth, 0, event.path
        is_beside = without_ending(event.path) in folders
        return (1, depth + 1, 1, event.path) if is_beside else (2, 0, 0, event.path)

    return sorted(every, key=place)
