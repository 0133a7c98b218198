"""What SQLite refuses or finds broken, as errors of ours that say what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def wording(path: Path, done: str) -> Iterator[None]:
    """What SQLite raises for a file that is locked, damaged or refused by the disk, as an error of ours. And for what
    it cannot hold, whichever argument that came in, so that no caller has to look through all of them."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise Invalid("an argument holds half of a surrogate pair: send whole characters") from error
    except OverflowError as error:
        raise Invalid("an argument holds a number that is too large") from error
    except UnicodeDecodeError as error:  # SQLite quotes what it finds in a damaged file
        raise _damaged(path, error) from error
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise Busy(f"{path} stayed locked by another program") from error
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "decode" in str(error):
            raise _damaged(path, error) from error
        if code in REMEDIES:
            nothing = "Nothing was written: " if done == "written" else ""
            raise Unusable(f"{path} cannot be {done} ({error}). {nothing}{REMEDIES[code]}, then try again") from error
        raise  # a fault of the program, not of the file
