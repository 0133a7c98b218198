"""Settings, read once where a process starts: from flags first, then from the environment."""

import os
import sys
from pathlib import Path
from typing import NamedTuple


class Settings(NamedTuple):  # a dataclass would cost each session's hook an eighth of what it may take
    """`database` is the store's address. `actor` is None where the environment names none: a door then takes its
    client's or the user's name."""

    database: str
    project: str | None
    actor: str | None


def read_settings(database: str | None = None, project: str | None = None, actor: str | None = None) -> Settings:
    """Flags win over NOTEWELL_DB, NOTEWELL_PROJECT and NOTEWELL_ACTOR; empty is as good as absent."""
    named = database or os.environ.get("NOTEWELL_DB")
    return Settings(
        _address(named) if named else str(data_folder() / "notewell.db"),
        project or os.environ.get("NOTEWELL_PROJECT") or None,
        actor or os.environ.get("NOTEWELL_ACTOR") or None,
    )


def _address(named: str) -> str:
    """A path as the user's shell would have it; a URL as it is."""
    return named if "://" in named else str(Path(named).expanduser())


def data_folder() -> Path:
    """The user's data folder, as each system has it."""
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/notewell"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData/Local")) / "notewell"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "notewell"


def system_user() -> str:
    import getpass  # the hook has no use for it

    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"
