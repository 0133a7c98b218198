"""Which tokens were made at this place and which of them were revoked, kept beside the database.

What is restored, copied or laid in the database's place brings the tokens of its own time back, those that were revoked
since as valid ones. So each token that is made or revoked is written down here first, durably and before the answer,
and no token counts that this record does not vouch for. It names tokens by their public ids, one short line each, and
holds no secret.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from notewell_store.engines.sqlite.database_file import record_file_of, sync_folders
from notewell_store.errors import Unusable
from notewell_store.regular import regular_bytes

LARGEST = 64 * 1024 * 1024  # bytes: a million tokens
LINE = re.compile(rb"([0-9a-f]{12}) (-|\d{4}-\d\d-\d\dT[\d:.]{8,15}Z)")

Record = dict[str, str | None]
"""When each token was revoked; None: it was not."""


def read(database: Path) -> Record | None:
    """None where no record was ever begun. A line that is none of ours vouches for nothing. Raises Unusable where it
    cannot be read: then nobody can say which tokens were revoked."""
    try:
        return _read(record_file_of(database))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(record_file_of(database), error) from error


def amend(database: Path, told: Mapping[str, str | None]) -> None:
    """Write down what is told, so that it is on disk; what was revoked stays so. The write lock must be held."""
    file = record_file_of(database)
    record = read(database)
    try:
        amended = (record or {}) | {name: at or (record or {}).get(name) for name, at in told.items()}
        if amended != record:
            _replace(file, amended)
    except OSError as error:
        raise Unusable(f"{file}, which tells the tokens that were revoked, cannot be kept: {error.strerror}") from error


def _read(file: Path) -> Record:
    found = filter(None, map(LINE.fullmatch, regular_bytes(file, LARGEST).splitlines()))
    return {line[1].decode(): None if line[2] == b"-" else line[2].decode() for line in found}


def _unreadable(file: Path, error: OSError) -> Unusable:
    return Unusable(f"{file}, which tells the tokens that were revoked, cannot be read: {error.strerror}")


def _replace(file: Path, record: Record) -> None:
    part = file.with_name(f".{file.name}.part")  # always the same, so that a killed writer leaves one at most
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as written:
        written.writelines(f"{name} {at or '-'}\n" for name, at in sorted(record.items()))
        written.flush()
        os.fsync(written.fileno())
    part.replace(file)
    sync_folders(file)
