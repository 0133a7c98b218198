"""What copies of a store leave behind: those laid aside on purpose, and what was killed before it was finished."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from notewell_store.engines.sqlite.upkeep.backup_records import records
from notewell_store.engines.sqlite.upkeep.environment_checks import Look, megabytes
from notewell_store.engines.sqlite.upkeep.processes import openers
from notewell_store.findings import Check, ok, problem, warning

LAID_ASIDE = (".before-schema-", ".before-restore-")
UNFINISHED = re.compile(r"\..+\.(?:[0-9a-f]{8}|tokens)\.part(?:-wal|-shm|-journal|\.gate)?|\.notewell-salvage-\w+")
"""As copies.laid_down, restore, salvage and token_record name what is not finished yet."""
MOST_NAMED = 10


def copies(path: Path) -> Check:
    """Copies that a migration or a restore laid aside."""
    found = sorted(entry for entry in path.parent.iterdir() if _is_laid_aside(entry.name, path.name))
    twin = next((copy for copy in found if copy.samefile(path)), None)
    if twin is not None:
        said = f"{twin.name} is the same file as the store: a restore was cut off, and may have moved the -wal there"
        advice = (
            f"end all sessions, rename {twin.name}-wal (if there is one) to {path.name}-wal, then remove {twin.name}"
        )
        return problem("copies", said, advice)
    if not found:
        return ok("copies", "none left over")
    return warning("copies", _named(found), "remove them once the store has proved well")


def _is_laid_aside(name: str, store: str) -> bool:
    return name.startswith(tuple(store + ending for ending in LAID_ASIDE))


def unfinished(path: Path) -> Check:
    """What a backup, a restore, a salvage or a migration left that was killed. What a process has open is at work."""
    folders = {path.parent, path.with_name("backups"), *(Path(record.path).parent for record in records(path))}
    found = sorted(entry for folder in folders for entry in _unfinished_in(folder) if not _is_at_work(entry))
    if not found:
        return ok("unfinished", "nothing was cut off")
    names = " ".join(shlex.quote(str(entry)) for entry in found[:MOST_NAMED])
    removing = f"`rm -r {names}`, and do again what was cut off"
    advice = f"nothing of it is needed: if no backup, restore or salvage is running, {removing}"
    return warning("unfinished", f"left by what was killed: {_named(found)}", advice)


def _unfinished_in(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (entry for entry in folder.iterdir() if UNFINISHED.fullmatch(entry.name))


def _is_at_work(entry: Path) -> bool:
    return any(openers(file) for file in (entry, *entry.rglob("*")))


def _named(found: list[Path]) -> str:
    more = f" and {len(found) - MOST_NAMED:,} more" if len(found) > MOST_NAMED else ""
    size = sum(entry.lstat().st_size for top in found for entry in (top, *top.rglob("*")))
    return f"{', '.join(entry.name for entry in found[:MOST_NAMED])}{more} ({megabytes(size)})"


OF_FILES: tuple[tuple[str, Look], ...] = (("copies", copies), ("unfinished", unfinished))
