"""The system refuses: the disk is full, a file may not grow, nothing may be written, another program holds the lock.

Each time one clear error is given and nothing is half done; reads go on where they can; once the cause is gone
the same call is done by the same server.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from checking import Written, check_store
from figures import Times, times_of
from notewell_store.sqlite.connection import BUSY_MILLISECONDS
from servers import NOTEWELL, OBEYING_MODES, PATIENCE, Answer, BrokenPromise, Server
from shims import Missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

SOME = 10
LONGEST_READ = 1.0
PATIENCE_WITH_OTHERS = BUSY_MILLISECONDS / 1000


@dataclass(frozen=True, slots=True)
class RefusalFigures:
    answered: int
    refused: int
    said: str
    seconds_to_the_refusal: float
    reads_meanwhile: Times


@dataclass(slots=True)
class Writer:
    """Writes new notes through one server, and knows which of them were answered and which refused."""

    server: Server
    answered: list[Written] = field(default_factory=list)
    refused: list[Answer] = field(default_factory=list)
    reads: list[float] = field(default_factory=list)

    def write(self, slug: str, size: int = 2_000) -> Answer:
        filler = "words to fill a note " * (size // 21)
        words = f"{slug} is here."
        answer = self.server.call(
            "upsert_note", slug=slug, content=f"# {slug}\n\n{words}\n\n{filler}\n", idempotency_key=slug
        )
        if answer.failed:
            self.refused.append(answer)
        else:
            self.answered.append(Written(slug, 1, words))
        return answer

    def read(self) -> None:
        """Everything that only reads still answers, and in time."""
        slug = self.answered[-1].slug
        for tool, arguments in (
            ("get_note", {"ref": slug}),
            ("search_notes", {"query": slug}),
            ("list_notes", {"limit": "5"}),
            ("revisions", {"ref": slug}),
        ):
            answer = self.server.call(tool, **arguments)
            if answer.failed or slug not in answer.text:
                raise BrokenPromise(f"{tool} of what was written before says: {answer.text[:300]}")
            self.reads.append(answer.seconds)
        if self.reads[-1] > LONGEST_READ:
            raise BrokenPromise(f"a read took {self.reads[-1]:.2f} s")


def withstand(
    database: Path,
    trouble: Callable[[Server], AbstractContextManager[None]],
    clear: Sequence[str],
    *,
    command: Sequence[str] = NOTEWELL,
    most: int = 400,
    size: int = 20_000,
    reads: bool = True,
) -> RefusalFigures:
    """Write until the trouble refuses it, read, and write again without it. `clear` is what the error must say."""
    with Server(database, command=command) as server:
        writer = Writer(server)
        for number in range(SOME):
            writer.write(f"before-{number}")
        if writer.refused:
            raise BrokenPromise(f"refused before there was any trouble: {writer.refused[0].text}")
        with trouble(server):
            for number in range(most):
                if writer.write(f"during-{number}", size).failed:
                    break
            else:
                raise BrokenPromise(f"{most} writes were answered in the midst of trouble")
            again = writer.write("during-again", size)
            if reads:
                writer.read()
        refused = writer.refused[0]
        for answer in writer.refused:
            _must_be_clear(answer, clear)
        if writer.write(f"during-{number}", size).failed or (
            again.failed and writer.write("during-again", size).failed
        ):
            raise BrokenPromise(f"still refused once the trouble is over: {writer.refused[-1].text}")
        server.close_input()
        server.wait()
    kept = check_store(database, writer.answered)
    if kept.revisions != len(writer.answered):
        raise BrokenPromise(f"{len(writer.answered)} writes were answered, {kept.revisions} are kept")
    return RefusalFigures(
        len(writer.answered), len(writer.refused), refused.text, refused.seconds, times_of(writer.reads)
    )


def _must_be_clear(answer: Answer, clear: Sequence[str]) -> None:
    missing = [words for words in clear if words not in answer.text]
    if missing or "Traceback" in answer.text or answer.text.startswith("Internal"):
        raise BrokenPromise(f"the error does not say {missing}: {answer.text}")


def full_disk(folder: Path) -> RefusalFigures:
    """A file system of two megabytes. Raises Missing where none can be mounted."""
    disk = folder / "disk"
    disk.mkdir()
    with mounted(disk):
        return withstand(disk / "notewell.db", lambda _: filled(disk / "filler"), ["full", "Nothing was written"])


@contextmanager
def mounted(disk: Path) -> Iterator[None]:
    if sys.platform != "linux" or os.geteuid():
        raise Missing("only root on Linux can mount a small file system")
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)]
    if (done := subprocess.run(mount, capture_output=True, text=True)).returncode:
        raise Missing(f"no small file system can be mounted: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@contextmanager
def filled(filler: Path) -> Iterator[None]:
    """Leave 200 KB on the disk."""
    facts = os.statvfs(filler.parent)
    filler.write_bytes(bytes(facts.f_bavail * facts.f_frsize - 200_000))
    try:
        yield
    finally:
        filler.unlink()


def limited_file_size(folder: Path) -> RefusalFigures:
    """The server's files may not grow beyond a limit (`ulimit -f`)."""
    if sys.platform != "linux":
        raise Missing("the limits of a running process can be set on Linux only")
    return withstand(folder / "notewell.db", limited, ["disk", "Nothing was written"])


@contextmanager
def limited(server: Server) -> Iterator[None]:
    import resource

    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@contextmanager
def modes(folder: Path, of_folder: int, of_files: int) -> Iterator[None]:
    """The folder and what is in it have these modes for a while."""
    paths = [*folder.iterdir(), folder]
    kept = [(path, path.stat().st_mode) for path in paths]
    for path in paths:
        path.chmod(of_folder if path is folder else of_files)
    try:
        yield
    finally:
        for path, mode in reversed(kept):
            path.chmod(mode)


def read_only_files(folder: Path) -> RefusalFigures:
    """All files of a running server lose the mode that lets it write."""
    return withstand(
        folder / "notewell.db",
        lambda _: modes(folder, 0o755, 0o444),
        ["may not be written", "Nothing was written"],
        command=OBEYING_MODES,
    )


def read_only_database(folder: Path) -> RefusalFigures:
    """The file alone is read-only when a server opens it: that server writes as soon as it may."""
    database = folder / "notewell.db"
    with Server(database) as server:
        written = Writer(server)
        written.write("before")
        server.close_input()
        server.wait()
    with Server(database, command=OBEYING_MODES) as server:
        writer = Writer(server, written.answered)
        database.chmod(0o444)
        writer.read()
        refused = writer.write("during")
        writer.read()
        database.chmod(0o600)
        _must_be_clear(refused, ["cannot be written", "Nothing was written"])
        if not refused.failed or writer.write("during").failed:
            raise BrokenPromise(f"still refused where writing is allowed: {writer.refused[-1].text}")
    check_store(database, writer.answered)
    return RefusalFigures(len(writer.answered), 1, refused.text, refused.seconds, times_of(writer.reads))


def read_only_folder(folder: Path) -> RefusalFigures:
    """A store on a read-only disk, as it were: a new server reads it, sees what others write, and refuses to write."""
    data = folder / "data"
    database = data / "notewell.db"
    with Server(database, "owner") as owner:
        written = Writer(owner)
        written.write("before")
        owner.close_input()
        owner.wait()
    with Server(database, "guest", command=OBEYING_MODES) as guest:
        reader = Writer(guest, written.answered)
        with modes(data, 0o555, 0o444):
            reader.read()
            refused = reader.write("during")
            reader.read()
        with Server(database, "owner") as owner:
            Writer(owner, written.answered).write("meanwhile")
            owner.kill()  # its log stays behind
        database.with_name("notewell.db-shm").unlink()
        with modes(data, 0o555, 0o444):
            stale = guest.call("get_note", ref="meanwhile")
        _must_be_clear(refused, ["may not be written", "Nothing was written"])
        _must_be_clear(stale, ["notewell.db", "-wal"])
        if reader.write("during").failed:
            raise BrokenPromise(f"still refused where writing is allowed: {reader.refused[-1].text}")
        reader.read()
    check_store(database, written.answered)
    return RefusalFigures(len(written.answered), 2, refused.text, refused.seconds, times_of(reader.reads))


def locked(folder: Path, seconds: float, *, refused_after: float = PATIENCE_WITH_OTHERS) -> RefusalFigures:
    """Another program holds SQLite's write lock for a time: writes wait, then are refused; reads go on.

    Unlike withstand, the lock goes by itself; meanwhile one server writes and another reads.
    """
    database = folder / "notewell.db"
    with Server(database, "writer") as one, Server(database, "reader") as other:
        writer, reader = Writer(one), Writer(other)
        writer.write("before")
        reader.answered = writer.answered
        tried = 0
        with holding(database):
            end = time.monotonic() + seconds
            while (left := end - time.monotonic()) > 0:
                one.send("wait", "upsert_note", slug=f"during-{tried}", content="x", idempotency_key=f"{tried}")
                while not one.has_spoken(min(0.05, max(0.0, left))) and (left := end - time.monotonic()) > 0:
                    reader.read()
                if left <= 0:
                    break
                writer.refused.append(one.receive())
                tried += 1
        last = one.receive() if left <= 0 and tried == len(writer.refused) else None
        if last is None or last.failed:
            raise BrokenPromise(f"the write that waited when the lock went was refused: {last and last.text}")
        writer.answered.append(Written(f"during-{tried}", 1, "x"))
        for number, answer in enumerate(writer.refused):
            _must_be_clear(answer, ["locked by another program", "Nothing was written", "again"])
            if not answer.failed or not refused_after * 0.9 < answer.seconds < refused_after * 1.5:
                raise BrokenPromise(f"refused after {answer.seconds:.1f} s: {answer.text}")
            again = one.call("upsert_note", slug=f"during-{number}", content="x", idempotency_key=f"{number}")
            writer.answered.append(Written(again.id and f"during-{number}", 1, "x"))
    kept = check_store(database, writer.answered)
    if kept.revisions != len(writer.answered):
        raise BrokenPromise(f"{len(writer.answered)} writes were answered, {kept.revisions} are kept")
    said = writer.refused[0] if writer.refused else last
    return RefusalFigures(len(writer.answered), len(writer.refused), said.text, said.seconds, times_of(reader.reads))


HOLDER = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def holding(database: Path) -> Iterator[None]:
    """Another program holds the lock of writers."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdin
    assert holder.stdout
    try:
        if holder.stdout.readline() != b"held\n":
            raise BrokenPromise("the lock could not be taken")
        yield
    finally:
        holder.communicate(timeout=PATIENCE)
