"""Which tokens were made at this place and which of them were revoked, kept beside the database.

What is restored, copied or laid in the database's place brings the tokens of its own time back, those that were revoked
since as valid ones. So each token that is made or revoked is written down here first, durably and before the answer,
and no token counts that this record does not vouch for. It names tokens by their public ids, one short line each, and
holds no secret.
"""

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from notewell_store.engines.sqlite.database_file import sync_folders
from notewell_store.errors import Unusable

LINE = re.compile(rb"([0-9a-f]{12}) (-|\d{4}-\d\d-\d\dT[\d:.]{8,15}Z)")

Record = dict[str, str | None]
"""When each token was revoked; None: it was not."""


def record_file_of(database: Path) -> Path:
    return database.with_name(database.name + ".tokens")


def read(database: Path) -> Record | None:
    """None where no record was ever begun. What cannot be read, and a line that is none of ours, vouch for nothing."""
    try:
        return _read(record_file_of(database))
    except FileNotFoundError:
        return None
    except OSError:
        return {}


def amend(database: Path, told: Mapping[str, str | None]) -> None:
    """Write down what is told, so that it is on disk; what was revoked stays so. The write lock must be held."""
    file = record_file_of(database)
    try:
        record = _read(file) if file.exists() else None
        amended = (record or {}) | {name: at or (record or {}).get(name) for name, at in told.items()}
        if amended != record:
            _replace(file, amended)
    except OSError as error:
        raise Unusable(f"{file}, which tells the tokens that were revoked, cannot be kept: {error.strerror}") from error


def _read(file: Path) -> Record:
    descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    with os.fdopen(descriptor, "rb") as opened:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "it is no file", str(file))
        found = filter(None, map(LINE.fullmatch, opened.read().splitlines()))
        return {line[1].decode(): None if line[2] == b"-" else line[2].decode() for line in found}


def _replace(file: Path, record: Record) -> None:
    part = file.with_name(f".{file.name}.part")  # always the same, so that a killed writer leaves one at most
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as written:
        written.writelines(f"{name} {at or '-'}\n" for name, at in sorted(record.items()))
        written.flush()
        os.fsync(written.fileno())
    part.replace(file)
    sync_folders(file)
