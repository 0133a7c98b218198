"""The file of a database: which one a path leads to, its name on disk, and whether it is still the one.

Devices, pipes and folders bear no store, nor does anything that has one beside it; that is told before anything is
opened or made. What is written to a file
that has lost its name is lost, so another that was laid in its place is noticed.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from notewell_store.errors import NextCommand, Unusable
from notewell_store.regular import kind_of

Identity = tuple[int, int]

SIDES = ("-wal", "-shm", "-journal")  # what SQLite may keep beside a database


def record_file_of(database: Path) -> Path:
    """Where it is kept which tokens were made and revoked: see token_record."""
    return database.with_name(database.name + ".tokens")


def resolved(path: Path) -> Path:
    """The path without links. Raises Unusable where they lead round in a circle."""
    try:
        return path.expanduser().resolve()
    except (OSError, RuntimeError, ValueError) as error:  # ValueError: a NUL in it
        raise Unusable(f"{str(path)!r} leads to no file ({_cause(error)}): name another") from error


def must_be_regular(path: Path, remedy: str = "name another") -> None:
    """Raise Unusable for what is there and is no regular file, and where that cannot be seen."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise Unusable(f"{path} cannot be looked at ({_cause(error)}): {remedy}") from error
    kind = kind_of(mode)
    if kind is not None:
        raise Unusable(f"{path} is {kind}, no file: {remedy}")


def must_be_regular_beside(database: Path, names: Iterable[str] = SIDES) -> None:
    """The same for what bears the database's name with one of these endings. SQLite would wait for a pipe without
    end, or take it for an empty file."""
    for name in names:
        must_be_regular(database.with_name(database.name + name), "move it away")


def make_folder(folder: Path) -> None:
    """Make the folder, and what is missing above it, for their owner only, whatever the umask. Raises OSError."""
    if not folder.is_dir():
        if folder.parent != folder:
            make_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def _cause(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


def sync_folders(path: Path) -> None:
    """Let the names of a new file and of its folders outlast a power cut: a sync of the file vouches for no name."""
    for folder in path.resolve().parents if os.name == "posix" else ():
        try:
            descriptor = os.open(folder, os.O_RDONLY)
        except PermissionError:  # it is another's, and older than the file
            return
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class FollowedFile:
    """A database by its name, whichever file bears it."""

    def __init__(self, path: Path) -> None:
        self._path = os.fspath(path)  # which is looked at twice a call
        self._wal_path = f"{self._path}-wal"
        self._file: Identity | None = None
        self._wal: Identity | None = None

    def remember(self) -> None:
        """The file that bears the name now is ours."""
        self._file = _identity(self._path)

    def stranger(self) -> Identity | None:
        """The file that bears the name now where that is not the one remembered."""
        file = _identity(self._path)
        return None if file == self._file else file

    def is_another(self) -> bool:
        """Whether another file bears the name than the one remembered. Raises Unusable where there is none, and where
        SQLite would lay the former file's -wal over the new one."""
        file, wal = _identity(self._path), _identity(self._wal_path)
        if file is None:
            raise Unusable(f"{self._path} is gone: put it back")
        is_another = self._file != file
        if is_another and wal is not None and wal == self._wal:
            raise Unusable(
                f"another file was laid in the place of {self._path}, and {Path(self._wal_path).name}, which is of the "
                "former, would damage it: end all sessions, move both away, and use ",
                NextCommand("restore"),
            )
        self._wal = wal
        return is_another


def _identity(path: str) -> Identity | None:
    """Which file it is, whatever its name; None where there is none."""
    try:
        facts = os.stat(path)  # noqa: PTH116 - a Path takes longer to name than to be looked at
    except OSError:
        return None
    return facts.st_dev, facts.st_ino
