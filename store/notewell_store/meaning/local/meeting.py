"""Where the process that serves a model and those who ask it meet: a socket in a folder of the user's own, and a lock
that says that somebody serves, or is about to."""

import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from notewell_store.meaning.embedder import Unreachable
from notewell_store.meaning.local.files import ModelFiles
from notewell_store.regular import open_regular, regular_bytes

LONGEST_ADDRESS = 100  # bytes: a socket's may have 104 on some systems
MOST_TOLD = 2_000  # characters


class Meeting(NamedTuple):
    """The files by which they meet."""

    socket: Path
    lock: Path
    why: Path
    """Why the one that was started last could not serve."""

    def try_lock(self) -> int | None:
        """The lock's descriptor, which holds it until it is closed, by whoever inherits it too; None where another
        has it. Raises OSError."""
        descriptor = open_regular(self.lock, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor

    def holder(self) -> str:
        """The number of the process that serves, where it has said so."""
        with suppress(OSError, ValueError):
            return str(int(regular_bytes(self.lock, 100)))
        return ""

    def told(self) -> str:
        """What stands in `why`."""
        with suppress(OSError):
            return regular_bytes(self.why, 4 * MOST_TOLD).decode("utf-8", "replace")
        return ""

    def tell(self, why: str) -> None:
        with suppress(OSError):
            descriptor = open_regular(self.why, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
                file.write(why[:MOST_TOLD])

    def say_who(self, lock: int) -> None:
        """Let those who look at the lock know which process serves."""
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)

    def is_ours(self) -> bool:
        """Whether the socket is one, and of this user. Raises OSError where there is none."""
        facts = self.socket.lstat()
        return stat.S_ISSOCK(facts.st_mode) and facts.st_uid == os.geteuid()


def meeting_of(files: ModelFiles) -> Meeting:
    """Raises Unreachable where there is no folder of the user's own for it, or the model has gone."""
    try:
        key = files.key()
    except OSError as error:
        raise Unreachable(f"the model in {files.folder} cannot be read: {error.strerror}") from None
    faults = []
    for folder in _folders():
        socket = folder / f"{key}.sock"
        if len(os.fsencode(socket)) > LONGEST_ADDRESS:
            continue
        try:
            make_private(folder)
        except OSError as error:
            faults.append(f"{folder}: {error.strerror}")
        else:
            return Meeting(socket, folder / f"{key}.lock", folder / f"{key}.why")
    raise Unreachable(
        f"there is no folder for the socket of a local model: {'; '.join(faults) or 'all paths are too long'}"
    )


def _folders() -> Iterator[Path]:
    """The user's runtime folder, else the one for caches, else one in that for temporary files."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime:
        yield Path(runtime) / "notewell"
    with suppress(RuntimeError):  # no home
        yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "notewell" / "embedding"
    yield Path(tempfile.gettempdir()) / f"notewell-{os.geteuid()}"


def make_private(folder: Path) -> None:
    """Make it for its owner alone. Raises OSError where it cannot be made, is another's, or others may enter it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid():
        raise PermissionError(0, "it is not this user's own folder", str(folder))
    if facts.st_mode & 0o077:
        raise PermissionError(0, "others may enter it: chmod 700", str(folder))
