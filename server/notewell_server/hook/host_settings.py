"""The hook in Claude Code's settings: put in and taken out, nothing else touched.

The format is that of https://code.claude.com/docs/en/hooks: `hooks` → `SessionStart` → groups with a `matcher` and
`hooks`, each of `type` `command`.
"""

import json
import os
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

from notewell_server.hook.json_text import inserted, removed

EVENT = "SessionStart"
SOURCES = "startup|resume|clear|compact|fork"
SECONDS = 5
EMPTY = "{}\n"
OURS = re.compile(r"notewell\S{0,100}+\s++hook\s+session-start\b")


class SettingsError(Exception):
    """The settings are not such that the hook can be put in."""


def install(file: Path) -> bool:
    """Put the hook into the settings, which are made if there are none; False where it is in already."""
    text = _read(file) if file.exists() else EMPTY
    settings = _checked(text, file)
    if _ours(settings):
        return False
    group = {"matcher": SOURCES, "hooks": [{"type": "command", "command": command(), "timeout": SECONDS}]}
    if "hooks" not in settings:
        text = inserted(text, ("hooks",), {EVENT: [group]})
    elif EVENT not in settings["hooks"]:
        text = inserted(text, ("hooks", EVENT), [group])
    else:
        text = inserted(text, ("hooks", EVENT, len(settings["hooks"][EVENT])), group)
    _write(file, text)
    return True


def uninstall(file: Path) -> bool:
    """Take the hook out, and what it leaves empty, be it the file as `install` makes it; False where it is not in."""
    if not file.exists():
        return False
    text = _read(file)
    settings = _checked(text, file)
    found = _ours(settings)
    for group, number in reversed(found):
        text = removed(text, _emptied(json.loads(text)["hooks"], group, number))
    if text == EMPTY and found and not file.is_symlink():
        _remove(file)
    elif found:
        _write(file, text)
    return bool(found)


def _emptied(hooks: dict[str, Any], group: int, number: int) -> tuple[str | int, ...]:
    """The path of the hook, or of the outermost thing that would be empty without it."""
    groups = hooks[EVENT]
    if len(groups[group]["hooks"]) > 1:
        return ("hooks", EVENT, group, "hooks", number)
    if len(groups) > 1:
        return ("hooks", EVENT, group)
    return ("hooks", EVENT) if len(hooks) > 1 else ("hooks",)


def command() -> str:
    """How the host starts the hook: by name where that is this program, so that the settings can be shared."""
    own = Path(sys.argv[0])
    named = shutil.which("notewell")
    if named and (not own.exists() or own.samefile(named)):
        return "notewell hook session-start"
    return f"{shlex.quote(str(Path(sys.executable).with_name('notewell')))} hook session-start"


def _ours(settings: dict[str, Any]) -> list[tuple[int, int]]:
    """Where the hook stands: the number of its group, and its own in that."""
    return [
        (group, number)
        for group, entry in enumerate(settings.get("hooks", {}).get(EVENT, []))
        if isinstance(entry, dict)
        for number, hook in enumerate(entry.get("hooks") or ())
        if isinstance(hook, dict) and OURS.search(str(hook.get("command")))
    ]


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} cannot be read ({error}). Nothing was written.") from error


def _checked(text: str, file: Path) -> dict[str, Any]:
    try:
        settings = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{file} is no valid JSON ({error}): mend it first. Nothing was written.") from error
    hooks = settings.get("hooks", {}) if isinstance(settings, dict) else None
    if not isinstance(hooks, dict) or not isinstance(hooks.get(EVENT, []), list):
        raise SettingsError(f"{file} does not hold settings as Claude Code reads them. Nothing was written.")
    return dict(settings)


def _remove(file: Path) -> None:
    try:
        file.unlink()
    except OSError as error:
        raise SettingsError(f"{file} cannot be removed ({error.strerror})") from error


def _write(file: Path, text: str) -> None:
    """Replace the file in one step, with the rights that it had; a link to it stays one."""
    target = file.resolve()
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.{os.getpid()}")
        part.touch(mode=0o600)
        part.write_bytes(text.encode())
        if target.exists():
            shutil.copymode(target, part)
        part.replace(target)
    except OSError as error:
        raise SettingsError(f"{file} cannot be written ({error.strerror})") from error
