"""A git repository or bundle, read through the `git` program: its branches, trees, commits and blobs.

A few bytes can stand for a tree of any size, so what is read of one is bounded.
"""

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO

from notewell_store.errors import Invalid
from notewell_store.files.commits import FORMAT, Commit, Entry, path_of, read_commits, read_entries, until_nul
from notewell_store.files.git_program import ask, at_most, conversing, said, streamed, without_filters
from notewell_store.files.lineage import brought_by
from notewell_store.files.remotes import pull_number

BRANCHES = ("refs/heads/", "refs/remotes/origin/")
"""Where a repository keeps its branches, and those of the one that it was cloned from."""
MOST_REQUESTED = 128  # blobs asked for before the first is read: their names must fit into a pipe
TO_FETCH = "`git fetch --refetch --no-filter` in it"
MOST_NAMED = 1_000  # paths of a commit to which the search for renames with changes is limited: they are arguments

LARGEST_DIFF = 64 << 20  # bytes
MOST_PATHS = 1_000_000  # of a tree, or changed by a commit
MOST_CHANGED = 20_000_000  # paths, by all commits that are read
MOST_READ = 10 << 30  # bytes of all texts together


@contextmanager
def open_repository(location: Path) -> Iterator["Repository"]:
    """The repository at `location`: a working copy, a bare one, or a bundle, which is unpacked for the while.

    Raises Invalid when it is none.
    """
    path = Path(os.path.realpath(location.expanduser()))
    if path.is_file():
        with tempfile.TemporaryDirectory(prefix="notewell-") as folder:
            clone = ["clone", "--mirror", "--quiet", "--", str(path), folder]
            ask(clone, f"{location} is no git bundle", GIT_ALLOW_PROTOCOL="file")
            yield Repository(Path(folder))
    elif path.is_dir():
        repository = Repository(path)
        repository.require_top(location)
        if not repository.is_partial():
            yield repository
            return
        with tempfile.TemporaryDirectory(prefix="notewell-") as folder:
            repository.read_through(Path(folder))
            yield repository
    else:
        raise Invalid(f"there is no repository or bundle at {location}", "path")


class Repository:
    def __init__(self, path: Path) -> None:
        self.path = self._objects = path

    def is_partial(self) -> bool:
        """Whether it was cloned without some of the objects, which git would fetch when they are read."""
        return bool(self._maybe("config", "--get-regexp", r"^(extensions\.partialclone|remote\..*\.promisor)$"))

    def read_through(self, folder: Path) -> None:
        """Read history through a repository made in `folder`, which has the same objects and knows of nobody to fetch
        from: git before 2.45 gives up where it may not fetch, instead of saying that something is missing."""
        form = self._ask("rev-parse", "--show-object-format")
        ask(["init", "--quiet", "--bare", "--template=", f"--object-format={form}", str(folder)], "git failed")
        (folder / "objects" / "info").mkdir(exist_ok=True)
        objects = self.path / self._ask("rev-parse", "--git-path", "objects")
        (folder / "objects" / "info" / "alternates").write_bytes(os.fsencode(f"{objects.resolve()}\n"))
        shallow = self.path / self._ask("rev-parse", "--git-path", "shallow")
        if shallow.is_file():
            (folder / "shallow").write_bytes(shallow.read_bytes())
        self._objects = folder

    def require_top(self, location: Path) -> None:
        """Raise Invalid unless the folder is a repository itself, not a part of one."""
        found = self._ask("rev-parse", "--absolute-git-dir", failure=f"{location} is no git repository")
        if Path(found).resolve() in {self.path, self.path / ".git"}:
            return
        top = self._ask("rev-parse", "--show-toplevel")
        if Path(top).resolve() != self.path:
            raise Invalid(f"{location} lies inside the repository {top}: name that one", "path")

    def tip(self, branch: str | None) -> str:
        """The newest commit of the branch; without one of HEAD, `main`, `master` or the only branch. A clone of a
        bundle that has no HEAD knows branches of its origin only."""
        names = [branch] if branch is not None else ["main", "master", *self._only_branch()]
        ways = [f"{where}{name}" for where in BRANCHES for name in names]
        for way in ways if branch is not None else ["HEAD", *ways]:
            sha = self._maybe("rev-parse", "--verify", "--quiet", "--end-of-options", way + "^{commit}")
            if sha:
                return sha
        known = ", ".join(self._branches()[:10]) or "none"
        wanted = f"no branch {branch!r}" if branch else "no commit at HEAD, and no branch main or master"
        raise Invalid(f"the repository has {wanted}; its branches: {known}", "branch")

    def _branches(self) -> list[str]:
        refs = self._ask("for-each-ref", "--format=%(refname)", *BRANCHES).split("\n")
        names = (ref.removeprefix(where) for where in BRANCHES for ref in refs if ref.startswith(where))
        return list(dict.fromkeys(name for name in names if name != "HEAD"))

    def _only_branch(self) -> list[str]:
        branches = self._branches()
        return branches if len(branches) == 1 and branches[0] else []

    def root(self, tip: str) -> str:
        """The first commit of the line that `tip` stands at the end of: it stays while the history grows."""
        return self._ask("rev-list", "--max-parents=0", "--first-parent", tip).split("\n")[-1]

    def is_shallow(self) -> bool:
        return self._ask("rev-parse", "--is-shallow-repository") == "true"

    def origin_url(self) -> str | None:
        return self._maybe("config", "--get", "remote.origin.url") or None

    def follows(self, new: str, old: str) -> bool:
        """Whether `old` is there and among the ancestors of `new`."""
        return self._succeeds("merge-base", "--is-ancestor", old, new)

    def has(self, sha: str) -> bool:
        return self._succeeds("cat-file", "-e", sha + "^{commit}")

    def count(self, base: str | None, tip: str) -> int:
        return int(self._ask("rev-list", "--count", *_range(base, tip)))

    def main_line(self, base: str | None, tip: str) -> frozenset[str]:
        """The commits that `tip` comes from by first parents."""
        return frozenset(self._ask("rev-list", "--first-parent", *_range(base, tip)).split("\n"))

    def tree(self, commit: str) -> Iterator[tuple[str, str, str]]:
        """Path, mode and name of every file of the commit. What is not UTF-8 in a path is given as `\\udcXX`."""
        with self._stream("ls-tree", "-r", "-z", "--full-tree", commit) as output:
            for number, line in enumerate(until_nul(output)):
                if number == MOST_PATHS:
                    raise Invalid(f"the tree of {commit[:12]} has more than {MOST_PATHS:,} paths: too many", "path")
                head, _, path = line.partition("\t")
                mode, _, sha = head.split(" ")
                yield path_of(path), mode, sha

    def commits(self, base: str | None, tip: str, takes: Callable[[str], bool]) -> Iterator[Commit]:
        """The commits since `base`, ancestors first, branch by branch; merges that changed nothing may be left out.

        `takes` tells the files whose texts are read, where git needs them to tell a rename with changes.
        """
        with self._log("--reverse", "--topo-order", "-M100%", *_range(base, tip)) as output:
            for commit in read_commits(output, MOST_PATHS, MOST_CHANGED):
                yield self._with_renames(commit, takes)

    def _with_renames(self, commit: Commit, takes: Callable[[str], bool]) -> Commit:
        """As it is where a text is missing: then the new file is another page."""
        if not any(_may_rename(diff, takes) for diff in commit.diffs):
            return commit
        named = (path for diff in commit.diffs for entry in diff for path in entry[:2] if path and takes(path))
        paths = tuple(dict.fromkeys(named))
        limits = ["--", *paths] if len(paths) <= MOST_NAMED else []
        try:
            with self._log("--no-walk", "-M", commit.sha, *limits) as output:
                return next(read_commits(output, MOST_PATHS, MOST_PATHS), commit)
        except Invalid:
            return commit

    def _log(self, *arguments: str) -> AbstractContextManager[IO[bytes]]:
        raw = [
            "--raw",
            "-z",
            "--no-abbrev",
            "--diff-merges=separate",
            "--no-ext-diff",
            "--no-textconv",
            "--no-relative",
        ]
        plain = ["--no-mailmap", "--no-notes", "--no-color", f"--format={FORMAT}"]
        return self._stream("log", *raw, *plain, *arguments)

    def merged_pulls(self, base: str | None, tip: str) -> dict[str, str]:
        """The number of the pull request that each commit since `base` was merged with, where there is one."""
        log = ["log", "-z", "--merges", "--no-mailmap", "--no-notes", "--format=%H%x00%s%x00%b", *_range(base, tip)]
        with self._stream(*log) as output:
            parts = until_nul(output)
            merges = zip(parts, parts, parts, strict=True)
            pulls = {sha: number for sha, subject, body in merges if (number := pull_number(subject, body))}
        return brought_by(self._parents(base, tip), pulls, tip) if pulls else {}

    def _parents(self, base: str | None, tip: str) -> dict[str, tuple[str, ...]]:
        with self._stream("rev-list", "--parents", *_range(base, tip)) as output:
            lines = (line.decode().split() for line in output)
            return {sha: tuple(parents) for sha, *parents in lines}

    def commit(self, sha: str) -> Commit:
        """The commit without its diffs. Raises Invalid where it cannot be read."""
        with self._stream("log", "-1", "-z", "--no-mailmap", "--no-notes", f"--format={FORMAT}", sha) as output:
            commit = next(read_commits(output, 0, 0), None)  # git says at its end why there is none
        if commit is None:
            raise Invalid(f"commit {sha} cannot be read", "path")
        return commit

    def changes(self, old: str, new: str) -> tuple[Entry, ...]:
        """What differs between the trees of two commits."""
        with self._stream("diff-tree", "-r", "-z", "--no-abbrev", "-M", "--raw", old, new) as output:
            return tuple(read_entries(output, MOST_PATHS))

    @contextmanager
    def blobs(self) -> Iterator["Blobs"]:
        with conversing(["-C", str(self._objects), "cat-file", "--batch"]) as (process, errors):
            yield Blobs(process, errors)

    def _ask(self, *arguments: str, failure: str = "git failed") -> str:
        return ask(["-C", str(self.path), *arguments], failure)

    def _maybe(self, *arguments: str) -> str:
        try:
            return self._ask(*arguments)
        except Invalid:
            return ""

    def _succeeds(self, *arguments: str) -> bool:
        try:
            self._ask(*arguments)
        except Invalid:
            return False
        return True

    @contextmanager
    def _stream(self, *arguments: str) -> Iterator[IO[bytes]]:
        try:
            with streamed(["-C", str(self._objects), *arguments]) as output:
                yield output
        except Invalid as failed:
            if self._objects == self.path:
                raise
            raise Invalid(f"{failed}. It is a partial clone: {TO_FETCH} brings what it lacks", "path") from failed


class Blobs:
    """The contents of blobs, in the order in which they were requested."""

    def __init__(self, process: subprocess.Popen[bytes], errors: IO[bytes]) -> None:
        assert process.stdin is not None and process.stdout is not None
        self._errors = errors
        self._requests = process.stdin
        self._answers = process.stdout
        self._left = MOST_READ

    def request(self, names: Sequence[str]) -> None:
        """Ask for at most MOST_REQUESTED blobs; each must be read before the next are asked for."""
        assert len(names) <= MOST_REQUESTED
        self._requests.write("".join(f"{name}\n" for name in names).encode())
        self._requests.flush()

    def read(self, limit: int) -> bytes | None:
        """The next blob, or its first `limit` + 1 bytes; None if the repository lacks it."""
        head = self._answers.readline().split()
        if head[-1:] == [b"missing"]:
            return None
        size = int(head[2]) if len(head) == 3 else -1
        self._left -= min(size, limit)
        if self._left < 0:
            raise Invalid(f"the texts in the repository have more than {MOST_READ:,} bytes: too many", "path")
        kept = self._answers.read(min(size, limit + 1)) if size > 0 else b""
        left = size - len(kept) + 1  # a line feed ends it
        while left > 0 and (passed := len(self._answers.read(min(left, 1 << 20)))):
            left -= passed
        if size < 0 or left:
            raise Invalid(f"git stopped answering while its files were read: {said(self._errors)}", "path")
        return kept


def _may_rename(diff: Sequence[Entry], takes: Callable[[str], bool]) -> bool:
    """Whether files both came and went."""
    came = any(entry.old is None and entry.new is not None and takes(entry.new) for entry in diff)
    return came and any(entry.new is None and entry.old is not None and takes(entry.old) for entry in diff)


def _range(base: str | None, tip: str) -> list[str]:
    return [tip] if base is None else [tip, f"^{base}"]


def working_diff(folder: Path, base: str) -> bytes:
    """What `git diff BASE` says of the working copy in the folder. Raises Invalid where there is none, when git
    refuses, or for a diff of more than LARGEST_DIFF bytes."""
    here = str(folder)
    is_copy = at_most(["-C", here, "rev-parse", "--is-inside-work-tree"], 100, f"{folder} is in no working copy of git")
    if is_copy.strip() != b"true":
        raise Invalid(f"{folder} is in no working copy of git: begin in one, or send a diff", "path")
    plain = ["--no-color", "--no-ext-diff", "--no-textconv", "--submodule=short", "--ignore-submodules=dirty"]
    failure = f"git diff {base}"
    return at_most(["-C", here, "diff", *plain, base, "--"], LARGEST_DIFF, failure, **without_filters(here))
