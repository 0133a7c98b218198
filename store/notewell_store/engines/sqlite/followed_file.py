"""Noticing that another file was laid in the place of ours: what is written to one that has lost its name is lost."""

from pathlib import Path

from notewell_store.errors import NextCommand, Unusable

Identity = tuple[int, int]


class FollowedFile:
    """A database by its name, whichever file bears it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._wal_path = path.with_name(f"{path.name}-wal")
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
                f"another file was laid in the place of {self._path}, and {self._wal_path.name}, which is of the "
                "former, would damage it: end all sessions, move both away, and use ",
                NextCommand("restore"),
            )
        self._wal = wal
        return is_another


def _identity(path: Path) -> Identity | None:
    """Which file it is, whatever its name; None where there is none."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_dev, facts.st_ino
