"""Settings, read once where a process starts: from flags first, then from the environment."""

import getpass
import os
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """`actor` is None where the environment names none: a door then takes its client's or the user's name."""

    database: Path
    project: str | None
    actor: str | None


def read_settings(database: str | None = None, project: str | None = None, actor: str | None = None) -> Settings:
    """Flags win over NOTEWELL_DB, NOTEWELL_PROJECT and NOTEWELL_ACTOR; empty is as good as absent."""
    named = database or os.environ.get("NOTEWELL_DB")
    return Settings(
        Path(named).expanduser() if named else data_folder() / "notewell.db",
        project or os.environ.get("NOTEWELL_PROJECT") or None,
        actor or os.environ.get("NOTEWELL_ACTOR") or None,
    )


def data_folder() -> Path:
    """The user's data folder, as each system has it."""
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/notewell"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData/Local")) / "notewell"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "notewell"


def system_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"
