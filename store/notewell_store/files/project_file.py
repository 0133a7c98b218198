"""`.notewell.toml`: what a folder says of the knowledge that belongs to it. All who heed it read it here.

    store = "harbor-line"            # a store of the user's by its name, or a file below the folder: "notes/team.db"
    project = "harbor-line"
    [types]                          # also statuses, tags, projects: by path, for imports
    "alerts/**" = "runbook"

Whoever writes a repository writes this file, so `store` names no file of the user's choosing: see decision 0081.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from notewell_store.regular import regular_bytes

NAME = ".notewell.toml"
LARGEST = 100_000  # bytes
LONGEST = 500  # characters of a name
TABLES = ("types", "statuses", "tags", "projects")
KEYS = ("store", "project")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class ProjectFile(NamedTuple):
    """What it says, as far as it could be read; `faults` are told to whoever can mend them."""

    store: str | None
    project: str | None
    tables: Mapping[str, Mapping[str, Any]]
    faults: tuple[str, ...]


class Above(NamedTuple):
    """What a project file above a folder says, and the path from it to the folder."""

    said: ProjectFile
    path: tuple[str, ...]


def parsed(data: bytes) -> ProjectFile:
    """Raises ValueError for what is no TOML, and for a `store` or `project` that is none."""
    try:
        given = tomllib.loads(data.decode())
    except RecursionError:
        raise ValueError("lists in lists, too deep") from None
    tables = {name: rows for name, rows in given.items() if name in TABLES and isinstance(rows, dict)}
    heeded = ", ".join([*KEYS, *(f"[{name}]" for name in TABLES)])
    faults = [
        f"[{name}] is not heeded; it may have {heeded}" for name in given if name not in tables and name not in KEYS
    ]
    project = _text(given, "project")
    if project is not None and not _SLUG.fullmatch(project):
        raise ValueError(f"project={project!r}: a project's slug is of a-z, 0-9 and single hyphens")
    return ProjectFile(_text(given, "store"), project, tables, tuple(faults))


def _text(given: Mapping[str, Any], key: str) -> str | None:
    value = given.get(key) or None  # empty is as good as absent
    if value is None or (isinstance(value, str) and len(value) <= LONGEST):
        return value
    raise ValueError(f"{f'{key}={value!r}'[:200]}: a word is needed")


def read(file: Path) -> ProjectFile:
    """Raises ValueError, and OSError where it cannot be read."""
    return parsed(regular_bytes(file, LARGEST))


def store_at(file: Path, named: str, own_folder: Path) -> Path:
    """The file of the store that a project file names: a name is that of a store in the user's own folder, anything
    else a path below the project file. Raises ValueError for all others."""
    if _SLUG.fullmatch(named):
        return own_folder / f"{named}.db"
    path, folder = PurePosixPath(named), file.parent.resolve()
    is_plain = path.suffix == ".db" and not {"..", ".git", "~"} & set(path.parts) and not set(":\\\0") & set(named)
    place = (folder / path).resolve() if is_plain else None  # links are followed, and may lead nowhere else
    if place is None or folder not in place.parents:
        raise ValueError(
            f"store={named!r}: it may be a name such as harbor-line, for a file in {own_folder}, or the path of a .db "
            "file below this folder; other places are named by NOTEWELL_DB or --db"
        )
    return place
