"""Which file a path leads to, and names of files that outlast a power cut.

Devices, pipes and folders bear no store; that is told before anything is made beside them.
"""

import os
import stat
from pathlib import Path

from notewell_store.errors import Unusable

KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
)


def resolved(path: Path) -> Path:
    """The path without links. Raises Unusable where they lead round in a circle."""
    try:
        return path.expanduser().resolve()
    except (OSError, RuntimeError, ValueError) as error:  # ValueError: a NUL in it
        raise Unusable(f"{str(path)!r} leads to no file ({_cause(error)}): name another") from error


def must_be_regular(path: Path) -> None:
    """Raise Unusable for what is there and is no regular file, and where that cannot be seen."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise Unusable(f"{path} cannot be looked at ({_cause(error)}): name another file") from error
    for is_such, name in KINDS:
        if is_such(mode):
            raise Unusable(f"{path} is {name}, no file: name another")


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
