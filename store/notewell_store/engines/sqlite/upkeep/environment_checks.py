"""What the doctor sees from outside of a store's file: its disk, its rights, what stands beside it, who uses it."""

import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from notewell_store.engines.sqlite.database_file import SIDES
from notewell_store.engines.sqlite.upkeep.processes import described, openers, snapshots
from notewell_store.findings import Check, ok, problem, warning
from notewell_store.regular import kind_of

NETWORKS = {"9p", "afs", "ceph", "cifs", "davfs", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "smb3", "smbfs"}
SHARED_FOLDERS = {"drvfs", "prl_fs", "vboxsf", "virtiofs", "vmhgfs"}
LARGE_WAL = 12_000_000  # bytes; writers empty it at 4 MB, and leave it at 8 MB at most
WAL_THAT_WAITS = 5_000_000  # bytes that stay only while someone reads an old state
SECOND_LOOK = 0.2  # seconds after which a reader that is still there is no passing one
LITTLE_SPACE = 500_000_000
NO_SPACE = 50_000_000
OCTAL = re.compile(r"\\([0-7]{3})")
BESIDE = ("", *SIDES, ".gate", ".tokens", ".backups")


def megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def _place(path: Path) -> Path:
    """The nearest folder that there is."""
    return next(folder for folder in path.parents if folder.is_dir())


def _file_system(path: Path) -> Check:
    kind = file_system_of(_place(path))
    if kind is None:
        return ok("file system", f"not looked up on {sys.platform}; a network file system is not supported")
    if kind.removeprefix("fuse.") in NETWORKS | SHARED_FOLDERS or kind.startswith("fuse."):
        advice = "move the store to a local disk: over a network SQLite's locks do not hold"
        return problem("file system", f"{kind}, a network or shared one", advice)
    return ok("file system", kind)


def file_system_of(folder: Path, mounts: Path = Path("/proc/self/mountinfo")) -> str | None:
    """The kind of file system that a folder is on, where the system shows it as Linux does."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    best: tuple[int, str] | None = None
    for line in lines:
        # 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw
        before, _, after = line.partition(" - ")
        point = Path(OCTAL.sub(lambda code: chr(int(code[1], 8)), before.split()[4]))
        if folder.is_relative_to(point) and (best is None or len(point.parts) >= best[0]):
            best = len(point.parts), after.split()[0]
    return best[1] if best else None


def space(path: Path) -> Check:
    """Whether there is room on the disk that a file is, or would be, on."""
    place = _place(path)
    free = shutil.disk_usage(place).free
    size = path.stat().st_size if path.exists() else 0
    found = f"{megabytes(free)} free, the store has {megabytes(size)}"
    if free < NO_SPACE:
        return problem("space", found, f"make room on the disk of {place}: writes will soon be refused")
    if free < max(LITTLE_SPACE, 2 * size):
        return warning("space", found, f"make room on the disk of {place}: a backup needs as much as the store")
    return ok("space", found)


def _folder(path: Path) -> Check:
    place = _place(path)
    if not os.access(place, os.W_OK | os.X_OK):
        advice = f"give this user the right to write {place}: SQLite and the gate keep files in it"
        return problem("folder", f"{place} may not be written by this user", advice)
    mode = place.stat().st_mode
    if sys.platform != "win32" and mode & 0o002 and not mode & 0o1000:
        return warning("folder", f"{place} may be written by everyone", f"chmod o-w {place}")
    return ok("folder", str(place))


def _rights(path: Path) -> Check:
    faults = list(_faults(path))
    if not faults:
        return ok("rights", "read and written by its owner only")
    hard = [fault for fault in faults if fault[0] == "problem"]
    found, advice = (
        "; ".join(dict.fromkeys(text)) for text in zip(*((f[1], f[2]) for f in hard or faults), strict=True)
    )
    return problem("rights", found, advice) if hard else warning("rights", found, advice)


def _faults(path: Path) -> Iterator[tuple[str, str, str]]:
    user = os.geteuid() if sys.platform != "win32" else None
    for name in BESIDE:
        file = path.with_name(path.name + name)
        if not file.exists():
            continue
        facts = file.stat()
        kind = kind_of(facts.st_mode)
        if kind is not None:
            yield "problem", f"{file.name} is {kind}, no file", f"move {file} away"
        elif not os.access(file, os.R_OK | os.W_OK):
            yield "problem", f"{file.name} may not be read and written by this user", f"chown or chmod u+rw {file}"
        elif user not in (None, 0, facts.st_uid):
            yield "warning", f"{file.name} belongs to another user ({facts.st_uid})", f"chown {file}"
        if kind is None and user is not None and facts.st_mode & 0o077:
            yield (
                "warning",
                f"{file.name} has mode {facts.st_mode & 0o777:04o}: others may read it",
                f"chmod 600 {file}",
            )


def _wal(path: Path) -> Check:
    file = path.with_name(path.name + "-wal")
    size = file.stat().st_size if file.exists() else 0
    if size < WAL_THAT_WAITS:
        return ok("wal", megabytes(size))
    readers = _lasting_readers(path)
    if size < LARGE_WAL and not readers:
        return ok("wal", megabytes(size))
    if readers:
        names = described({pid: name for pid, name in (openers(path) or {}).items() if pid in readers})
        found = (
            f"{megabytes(size)}: a reader keeps it from being emptied, process {names or ', '.join(map(str, readers))}"
        )
        return warning("wal", found, "end that process if it hangs; the next writes then empty the -wal")
    advice = f"if it does not shrink with the next writes, some reader stays open: `lsof {path}` or `fuser` names it"
    return warning("wal", megabytes(size), advice)


def _lasting_readers(path: Path) -> tuple[int, ...]:
    first = snapshots(path)
    if not first:
        return ()
    time.sleep(SECOND_LOOK)
    return tuple(pid for pid in snapshots(path) if pid in first)


def _users(path: Path) -> Check:
    using = openers(path)
    if using is None:
        return ok("sessions", f"not looked up on {sys.platform}")
    using.pop(os.getpid(), None)
    return ok("sessions", described(using) if using else "none has it open")


Look = Callable[[Path], Check]

OF_PLACES: tuple[tuple[str, Look], ...] = (("file system", _file_system), ("space", space), ("folder", _folder))
"""What can be said of a place even without a file."""

OF_FILES: tuple[tuple[str, Look], ...] = (
    ("rights", _rights),
    ("wal", _wal),
    ("sessions", _users),
)
