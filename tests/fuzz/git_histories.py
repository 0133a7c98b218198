"""Made repositories through `import --git`: odd names, modes, authors, dates and encodings, merges, broken objects.

An import completes or is refused in clear words; the store is whole either way; what was taken says what the newest
commit does; and a second import adds nothing.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fuzz.front_matter import NAMES
from tests.fuzz.hostile_values import near, text
from tests.fuzz.trials import Trial, require, require_whole

from notewell_store import Invalid, Store, open_store
from notewell_store.files.contents import Refused, read_content
from notewell_store.files.importing import import_git
from notewell_store.names import is_markdown, is_readable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from notewell_store.files.summary import Summary

PATIENCE = 60
PATHS = [name.encode() for name in NAMES]
PATHS += [
    b"\xff\xfe.md",
    b"a/\x01.md",
    b"tab\there.md",
    b"new\nline.md",
    b'quo"te.md',
    b"-rf.md",
    b"--help.md",
    b":(top).md",
]
PATHS += [
    b"docs/" * 40 + b"deep.md",
    "\u202ebidi.md".encode(),
    b"a b/c d.md",
    b"UP.MD",
    b"up.md",
    b"x.txt",
    b".hidden/y.md",
]
TEXTS = [
    "# A\n\n[b](b/page.md) [[plan-1]]\n",
    "",
    "---\ntitle: T\nslug: own\naliases: [old-a]\n---\nbody\n",
    "x\r\ny\r\n",
]
TEXTS += [
    "# Long\n\n" + "word " * 400,
    "\ufeff# BOM\n",
    "---\nparent: index\nproject: web\n---\n# P\n",
    "## " * 50,
    "a\0b",
]
MODES = [b"100644"] * 8 + [b"100755", b"120000", b"160000"]
PEOPLE = [
    b"Ann <ann@example.org>",
    b"<>",
    b"\xe9t\xe9 <x@y>",
    b"Bo\tb <b@c>",
    "中\u202e <z@z>".encode(),
    b"A" * 500 + b" <a@a>",
]
WHEN = [b"0 +0000", b"1700000000 +0100", b"4102444800 -1200", b"253402300799 +1400", b"99999999999 +0000", b"1 -0001"]
SAID = [
    b"change",
    b"",
    b"\xff\xfe latin",
    b"a\n\nCo-authored-by: x <y@z>",
    b"line\rone\x1b[2Jred",
    b"Merge pull request #7 from a/b",
]
SAID += [b"x" * 5_000, "İ ﬁ \u2028 中文".encode(), b"feat: y (#12)", b"\x01\x02\x03commit"]
ALONE = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


class Histories(Trial):
    longest = 20.0

    def __init__(self, folder: Path, dice: Random) -> None:
        super().__init__(folder, dice)
        self.repositories = 0

    def attempt(self) -> str:
        self.repositories += 1
        here = self.folder / str(self.repositories)
        repository = here / "repo.git"
        run_git(here, "init", "--quiet", "--bare", "--initial-branch=main", str(repository), made=True)
        stream = self.stream()
        self.given = stream
        fast_import(repository, stream)
        broken = self.dice.random() < 0.25 and self.broken(repository)
        store = open_store(here / "notewell.db")
        try:
            return self.imported(store, repository, broken=broken)
        finally:
            store.close()

    def imported(self, store: Store, repository: Path, *, broken: bool) -> str:
        try:
            first = import_git(store, repository)
        except Invalid as error:
            require(str(error).strip(), "a refusal without words")
            require(broken, f"whole, and refused: {error}")
            require_whole(store)
            return "broken and refused"
        require_whole(store)
        self.require_tip(store, repository, first, broken=broken)
        again = import_git(store, repository)
        require(again.revisions == 0, f"the second import made {again.revisions} revisions")
        require_whole(store)
        return "broken and taken" if broken else "taken"

    def require_tip(self, store: Store, repository: Path, done: Summary, *, broken: bool) -> None:
        """Each file of the newest commit is a note with its text, or was skipped or in conflict by name."""
        with store.reading() as db:
            kept = dict(
                db.execute(
                    """SELECT o.path, t.markdown FROM origins o JOIN notes n ON n.id = o.note_id
                       JOIN texts t ON t.note_id = n.id WHERE NOT n.deleted AND o.path NOT LIKE '%/'"""
                ).fetchall()
            )
        if broken:
            return
        left_out = {one.path for one in done.skipped.items} | {one.path for one in done.conflicting.items}
        wanted = dict(bodies(repository))
        require(kept.keys() | left_out >= wanted.keys(), f"not taken: {wanted.keys() - kept.keys() - left_out}")
        require(kept.keys() <= wanted.keys() | left_out, f"not in the commit: {kept.keys() - wanted.keys()}")
        for path in kept.keys() - left_out:
            require(kept[path] == wanted[path], f"{path}: {kept[path]!r:.300} is not {wanted[path]!r:.300}")

    def stream(self) -> bytes:
        """Commits for `git fast-import`, some on branches, some that merge."""
        made: list[bytes] = []
        marks: list[int] = []
        for mark in range(1, self.dice.choice((1, 2, 5, 12, 30)) + 1):
            parents = self.parents(marks)
            made += [b"commit refs/heads/main", b"mark :%d" % mark, *self.people(), data(self.dice.choice(SAID))]
            made += [
                b"%s :%d" % (word, parent) for word, parent in zip((b"from", b"merge", b"merge"), parents, strict=False)
            ]
            made += self.changes()
            marks.append(mark)
        return b"\n".join([*made, b"done", b""])

    def parents(self, marks: list[int]) -> list[int]:
        if not marks or self.dice.random() < 0.03:
            return []
        more = self.dice.sample(marks, k=min(len(marks), self.dice.choice((0, 0, 0, 0, 1, 2))))
        return list(dict.fromkeys([marks[-1] if self.dice.random() < 0.85 else self.dice.choice(marks), *more]))

    def people(self) -> list[bytes]:
        author, committer = (self.dice.choice(PEOPLE) + b" " + self.dice.choice(WHEN) for _ in range(2))
        encoding = [b"encoding " + self.dice.choice([b"ISO-8859-1", b"no-such"])] if self.dice.random() < 0.1 else []
        return [b"author " + author, b"committer " + committer, *encoding]

    def changes(self) -> Iterator[bytes]:
        for _ in range(self.dice.choice((0, 1, 1, 2, 5))):
            path = quoted(self.dice.choice(PATHS))
            kind = self.dice.random()
            if kind < 0.1:
                yield b"D " + path
            elif kind < 0.13:
                yield b"deleteall"
            else:
                mode = self.dice.choice(MODES)
                if mode == b"160000":
                    yield b"M 160000 " + b"a" * 40 + b" " + path
                else:
                    yield b"M " + mode + b" inline " + path
                    yield data(self.content())

    def content(self) -> bytes:
        kind = self.dice.random()
        if kind < 0.1:
            return self.dice.randbytes(self.dice.randrange(60))
        some = self.dice.choice(TEXTS) if kind < 0.7 else near(self.dice, self.dice.choice(TEXTS))
        return (some if kind < 0.95 else text(self.dice, 300)).encode("utf-8", "surrogatepass")

    def broken(self, repository: Path) -> bool:
        """Take away, cut or spoil some objects. Whether there were any."""
        objects = [path for path in sorted((repository / "objects").glob("??/*")) if path.is_file()]
        for path in self.dice.sample(objects, k=min(len(objects), self.dice.choice((1, 1, 3)))):
            path.chmod(0o600)
            whole = path.read_bytes()
            at = self.dice.randrange(len(whole))
            way = self.dice.choice(("gone", "cut", "spoilt"))
            if way == "gone":
                path.unlink()
            else:
                path.write_bytes(whole[:at] + (b"" if way == "cut" else bytes([whole[at] ^ 1]) + whole[at + 1 :]))
        return bool(objects)


def data(content: bytes) -> bytes:
    return b"data %d\n%s" % (len(content), content)


def quoted(path: bytes) -> bytes:
    escaped = b"".join(
        b"\\%03o" % byte if byte < 32 or byte > 126 or byte in b'"\\' else bytes([byte]) for byte in path
    )
    return b'"' + escaped + b'"'


def run_git(folder: Path, *arguments: str, given: bytes = b"", made: bool = False) -> bytes:
    if made:
        folder.mkdir(parents=True)
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(
        command, input=given, capture_output=True, check=False, timeout=PATIENCE, env={**os.environ, **ALONE}
    )
    require(done.returncode == 0, f"{arguments}: {done.stderr.decode(errors='replace')[:500]}")
    return done.stdout


def fast_import(repository: Path, stream: bytes) -> None:
    command = ["fast-import", "--quiet", "--force", "--done", "--date-format=raw-permissive"]
    run_git(repository, *command, given=stream)


def bodies(repository: Path) -> Iterator[tuple[str, str]]:
    """The text of every file of the newest commit that may be a note, by its path."""
    for line in run_git(repository, "ls-tree", "-r", "-z", "--full-tree", "main").split(b"\0")[:-1]:
        head, _, name = line.partition(b"\t")
        mode, _, sha = head.decode().split(" ")
        path = name.decode("utf-8", "surrogateescape")
        if not is_markdown(path) or not mode.startswith("100") or not is_readable(path):
            continue
        try:
            yield path, read_content(run_git(repository, "cat-file", "blob", sha), path, sha).body
        except Refused:
            continue
