"""Which SQLite serves: pysqlite3's own where it is installed, else the one that Python links.

SQLite 3.7.0 to 3.51.2 can corrupt a WAL file that several processes write (the WAL-reset bug, mended in
3.51.3 and backported to 3.50.7 and 3.44.6), and Python often links one of those. sqlite-utils makes the
same choice by itself, so that both speak of one library.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
else:
    try:
        from pysqlite3 import dbapi2 as sqlite3
    except ImportError:
        import sqlite3

__all__ = ["sqlite3", "wal_is_safe"]


def wal_is_safe(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """Whether this SQLite is free of the WAL-reset bug."""
    backported = version[:2] in {(3, 50), (3, 44)} and version >= ((3, 50, 7) if version[1] == 50 else (3, 44, 6))
    return version >= (3, 51, 3) or backported
