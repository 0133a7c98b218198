"""What SQLite refuses or finds broken, as errors of ours that say what to do."""

from pathlib import Path

from notewell_store.engines.sqlite.driver import sqlite3
from notewell_store.errors import Busy, Invalid, NextCommand, Unusable

RIGHTS = "give this user the right to write it, what stands beside it and its folder"
REMEDIES = {
    sqlite3.SQLITE_CANTOPEN: RIGHTS,
    sqlite3.SQLITE_FULL: "make room on its disk",
    sqlite3.SQLITE_IOERR: "see whether its disk is full or failing, and whether files may not grow (ulimit -f)",
    sqlite3.SQLITE_PERM: RIGHTS,
    sqlite3.SQLITE_PROTOCOL: "see that it is on a local disk",
    sqlite3.SQLITE_READONLY: RIGHTS,
}


def _damaged(path: Path, error: Exception) -> Unusable:
    return Unusable(f"{path} is damaged ({error}): ", NextCommand("verify"), " names the notes")


class wording:  # noqa: N801 - as contextmanager makes one, in a fifth of the time: each read goes through it
    """What SQLite raises for a file that is locked, damaged or refused by the disk, as an error of ours. And for what
    it cannot hold, whichever argument that came in, so that no caller has to look through all of them."""

    def __init__(self, path: Path, done: str) -> None:
        self._path = path
        self._done = done

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if error is not None:
            _raise_worded(error, self._path, self._done)


def _raise_worded(error: BaseException, path: Path, done: str) -> None:
    """Returns where the error is no matter of ours."""
    if isinstance(error, UnicodeEncodeError):
        raise Invalid("an argument holds half of a surrogate pair: send whole characters") from error
    if isinstance(error, OverflowError):
        raise Invalid("an argument holds a number that is too large") from error
    if isinstance(error, UnicodeDecodeError):  # SQLite quotes what it finds in a damaged file
        raise _damaged(path, error) from error
    if not isinstance(error, sqlite3.DatabaseError):
        return
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        raise Busy(f"{path} stayed locked by another program") from error
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "decode" in str(error):
        raise _damaged(path, error) from error
    if code in REMEDIES:
        nothing = "Nothing was written: " if done == "written" else ""
        raise Unusable(f"{path} cannot be {done} ({error}). {nothing}{REMEDIES[code]}, then try again") from error
