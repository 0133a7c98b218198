"""A git repository or bundle, read through the `git` program: its branches, trees, commits and blobs.

The program is started with argument lists and an environment of its own; nothing in the repository's
configuration can make it run another program or write into the repository.
"""

import io
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from notewell_store.errors import Invalid
from notewell_store.files.commits import FORMAT, Commit, Entry, read_commits, read_entries, until_nul
from notewell_store.files.lineage import brought_by
from notewell_store.files.remotes import pull_number

MOST_REQUESTED = 128  # blobs asked for before the first is read: their names must fit into a pipe

_SETTINGS = {
    "core.quotePath": "false",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "diff.renameLimit": "3000",
    "i18n.logOutputEncoding": "UTF-8",
    "log.showRoot": "true",
    "log.showSignature": "false",
}


@contextmanager
def open_repository(location: Path) -> Iterator["Repository"]:
    """The repository at `location`: a working copy, a bare one, or a bundle, which is unpacked for the while.

    Raises Invalid when it is none.
    """
    path = location.expanduser().resolve()
    if path.is_file():
        with tempfile.TemporaryDirectory(prefix="notewell-") as folder:
            clone = ["clone", "--mirror", "--quiet", "--", str(path), folder]
            _run(clone, f"{location} is no git bundle", GIT_ALLOW_PROTOCOL="file")
            yield Repository(Path(folder))
    elif path.is_dir():
        repository = Repository(path)
        repository.require_top(location)
        yield repository
    else:
        raise Invalid(f"there is no repository or bundle at {location}", "path")


class Repository:
    def __init__(self, path: Path) -> None:
        self.path = path

    def require_top(self, location: Path) -> None:
        """Raise Invalid unless the folder is a repository itself, not a part of one."""
        found = self._ask("rev-parse", "--absolute-git-dir", failure=f"{location} is no git repository")
        if Path(found).resolve() in {self.path, self.path / ".git"}:
            return
        top = self._ask("rev-parse", "--show-toplevel")
        if Path(top).resolve() != self.path:
            raise Invalid(f"{location} lies inside the repository {top}: name that one", "path")

    def tip(self, branch: str | None) -> str:
        """The newest commit of the branch; without one of HEAD, `main`, `master` or the only branch."""
        if branch is not None:
            ways = [f"refs/heads/{branch}", f"refs/remotes/origin/{branch}"]
        else:
            ways = ["HEAD", "refs/heads/main", "refs/heads/master", *self._only_branch()]
        for way in ways:
            sha = self._maybe("rev-parse", "--verify", "--quiet", "--end-of-options", way + "^{commit}")
            if sha:
                return sha
        known = ", ".join(name.removeprefix("refs/heads/") for name in self._branches()[:10]) or "none"
        wanted = f"no branch {branch!r}" if branch else "no commit at HEAD, and no branch main or master"
        raise Invalid(f"the repository has {wanted}; its branches: {known}", "branch")

    def _branches(self) -> list[str]:
        return self._ask("for-each-ref", "--format=%(refname)", "refs/heads/").split("\n")

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
            for line in until_nul(output):
                head, _, path = line.partition("\t")
                mode, _, sha = head.split(" ")
                yield path, mode, sha

    def commits(self, base: str | None, tip: str) -> Iterator[Commit]:
        """The commits since `base`, ancestors first, branch by branch; merges that changed nothing may be left out."""
        options = ["--reverse", "--topo-order", "--raw", "-z", "--no-abbrev", "-M", "--diff-merges=separate"]
        plain = [
            "--no-ext-diff",
            "--no-textconv",
            "--no-relative",
            "--no-mailmap",
            "--no-notes",
            "--no-color",
        ]
        with self._stream("log", *options, *plain, f"--format={FORMAT}", *_range(base, tip)) as output:
            yield from read_commits(output)

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
        """The commit without its diffs."""
        with self._stream("log", "-1", "-z", "--no-mailmap", "--no-notes", f"--format={FORMAT}", sha) as output:
            return next(read_commits(output))

    def changes(self, old: str, new: str) -> tuple[Entry, ...]:
        """What differs between the trees of two commits."""
        with self._stream("diff-tree", "-r", "-z", "--no-abbrev", "-M", "--raw", old, new) as output:
            return tuple(read_entries(output))

    @contextmanager
    def blobs(self) -> Iterator["Blobs"]:
        with _started(["-C", str(self.path), "cat-file", "--batch"], stdin=subprocess.PIPE) as (process, errors):
            yield Blobs(process, errors)

    def _ask(self, *arguments: str, failure: str = "git failed") -> str:
        return _run(["-C", str(self.path), *arguments], failure)

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
        with _started(["-C", str(self.path), *arguments]) as (process, _):
            assert process.stdout is not None
            yield process.stdout


class Blobs:
    """The contents of blobs, in the order in which they were requested."""

    def __init__(self, process: subprocess.Popen[bytes], errors: IO[bytes]) -> None:
        assert process.stdin is not None and process.stdout is not None
        self._errors = errors
        self._requests = process.stdin
        self._answers = process.stdout

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
        kept = self._answers.read(min(size, limit + 1)) if size > 0 else b""
        left = size - len(kept) + 1  # a line feed ends it
        while left > 0 and (passed := len(self._answers.read(min(left, 1 << 20)))):
            left -= passed
        if size < 0 or left:
            raise Invalid(f"git stopped answering while its files were read: {_said(self._errors)}", "path")
        return kept


def _range(base: str | None, tip: str) -> list[str]:
    return [tip] if base is None else [tip, f"^{base}"]


def _environment() -> dict[str, str]:
    """Ours without what would lead git elsewhere, in English, asking nobody anything.

    What a repository lacks is not fetched: that could start any program that its configuration names.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    own = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_REPLACE_OBJECTS": "1"}
    return {**kept, **own, "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none", "LC_ALL": "C"}


def _command(arguments: Sequence[str]) -> list[str]:
    program = shutil.which("git")
    if program is None:
        raise Invalid("the program git is not installed", "path")
    settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
    return [program, "--no-pager", *settings, *arguments]


def _run(arguments: Sequence[str], failure: str, **environment: str) -> str:
    """What git answers, without the last line end. Raises Invalid with what it says when it fails."""
    done = subprocess.run(  # noqa: S603 - a list of arguments, no shell
        _command(arguments),
        capture_output=True,
        env={**_environment(), **environment},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise Invalid(f"{failure}: {_said(io.BytesIO(done.stderr))}", "path")
    return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")


def _said(errors: IO[bytes]) -> str:
    errors.seek(0)
    text = " ".join(errors.read(4_000).decode("utf-8", "replace").split())
    return text[:500] or "it gave no reason"


@contextmanager
def _started(
    arguments: Sequence[str], stdin: int = subprocess.DEVNULL
) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    """git at work, and what it complains of. It is stopped when the block ends; Invalid when it failed by itself."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603 - a list of arguments, no shell
            _command(arguments), stdin=stdin, stdout=subprocess.PIPE, stderr=errors, env=_environment()
        )
        with process:
            try:
                yield process, errors
                if stdin == subprocess.PIPE:
                    return
                failed = process.wait()
            finally:
                process.kill()
        if failed:
            raise Invalid(f"git failed: {_said(errors)}", "path")
