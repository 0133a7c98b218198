"""Nothing may be written to the files, the database alone, or the folder. Reads go on, and never tell old news."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from checking import check_store
from figures import times_of
from refusals import RefusalFigures, Writer, must_be_clear, withstand
from servers import OBEYING_MODES, BrokenPromise, Server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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


def files(folder: Path) -> RefusalFigures:
    """All files of a running server lose the mode that lets it write."""
    return withstand(
        folder / "notewell.db",
        lambda _: modes(folder, 0o755, 0o444),
        ["may not be written", "Nothing was written"],
        command=OBEYING_MODES,
    )


def database(folder: Path) -> RefusalFigures:
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
        for path in folder.iterdir():  # SQLite gave the file's mode to what it laid beside it
            path.chmod(0o600)
        must_be_clear(refused, ["cannot be written", "Nothing was written", "what stands beside it"])
        if not refused.failed or writer.write("during").failed:
            raise BrokenPromise(f"still refused where writing is allowed: {writer.refused[-1].text}")
    check_store(database, writer.answered)
    return RefusalFigures(len(writer.answered), 1, refused.text, refused.seconds, times_of(writer.reads))


def folder(folder: Path) -> RefusalFigures:
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
        must_be_clear(refused, ["may not be written", "Nothing was written"])
        must_be_clear(stale, ["notewell.db", "-wal"])
        if reader.write("during").failed:
            raise BrokenPromise(f"still refused where writing is allowed: {reader.refused[-1].text}")
        reader.read()
    check_store(database, written.answered)
    return RefusalFigures(len(written.answered), 2, refused.text, refused.seconds, times_of(reader.reads))
