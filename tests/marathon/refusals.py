"""The system refuses: the disk is full, or a file may not grow.

Each time one clear error is given and nothing is half done; reads go on where they can; once the cause is gone
the same call is done by the same server.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from checking import Written, check_store
from figures import Times, times_of
from servers import NOTEWELL, Answer, BrokenPromise, Server
from shims import Missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

SOME = 10
LONGEST_READ = 1.0


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
            must_be_clear(answer, clear)
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


def must_be_clear(answer: Answer, clear: Sequence[str]) -> None:
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
