"""The hooks in Claude Code's settings: put in and taken out, nothing else touched.

The format is that of https://code.claude.com/docs/en/hooks: `hooks` → an event → groups with a `matcher` and `hooks`,
each of `type` `command`.
"""

import json
import os
import re
import shlex
import shutil
import sys
from collections.abc import Collection, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from notewell_server.hook.events import EVENTS
from notewell_server.hook.json_text import inserted, removed, replaced
from notewell_store.regular import regular_bytes

LARGEST = 10_000_000  # bytes
EMPTY = "{}\n"
NOTHING: Mapping[str, str] = {}


class SettingsError(Exception):
    """The settings are not such that the hook can be put in."""


def install(file: Path, given: Mapping[str, str] = NOTHING, names: Collection[str] = tuple(EVENTS)) -> bool:
    """Put the hooks of these names into the settings, which are made if there are none, with the variables that they
    are `given`: of hooks that are there and have others the command becomes another. Those of other names are taken
    out. False where all is so."""
    before = text = _read(file) if file.exists() else EMPTY
    _checked(text, file)
    for name in EVENTS:
        text = _installed(text, name, given) if name in names else _without(text, name)
    if text != before:
        _write(file, text)
    return text != before


def _installed(text: str, name: str, given: Mapping[str, str]) -> str:
    hooks = json.loads(text).get("hooks", {}).get(EVENTS[name].host_name, [])
    there = _ours(json.loads(text), name)
    for group, number in there:
        kept = _variables(str(hooks[group]["hooks"][number]["command"]))
        if any(shlex.split(kept.get(variable, "")) != [value] for variable, value in given.items()):
            path = ("hooks", EVENTS[name].host_name, group, "hooks", number, "command")
            text = replaced(text, path, command(name, {**kept, **_as_written(given)}))
    return text if there else _with_hook(text, name, given)


_VARIABLE = re.compile(r"""(?<!\S)(NOTEWELL_\w+)=((?:[^\s"'\\;&|]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')*)""")


def _variables(written: str) -> dict[str, str]:
    """Those of ours that a command sets, as they are written: a `$HOME` in one is the shell's to read."""
    return dict(_VARIABLE.findall(written))


def _with_hook(text: str, name: str, given: Mapping[str, str]) -> str:
    event = EVENTS[name]
    hook = {"type": "command", "command": command(name, _as_written(given)), "timeout": event.seconds}
    group = ({"matcher": event.matcher} if event.matcher else {}) | {"hooks": [hook]}
    settings = json.loads(text)
    if "hooks" not in settings:
        return inserted(text, ("hooks",), {event.host_name: [group]})
    groups = settings["hooks"].get(event.host_name)
    if groups is None:
        return inserted(text, ("hooks", event.host_name), [group])
    return inserted(text, ("hooks", event.host_name, len(groups)), group)


def uninstall(file: Path) -> bool:
    """Take the hooks out, and what they leave empty, be it the file as `install` makes it; False where none is in."""
    if not file.exists():
        return False
    before = text = _read(file)
    _checked(text, file)
    for name in EVENTS:
        text = _without(text, name)
    if text == EMPTY and before != EMPTY and not file.is_symlink():
        _remove(file)
    elif text != before:
        _write(file, text)
    return text != before


def _without(text: str, name: str) -> str:
    for group, number in reversed(_ours(json.loads(text), name)):
        text = removed(text, _emptied(json.loads(text)["hooks"], EVENTS[name].host_name, group, number))
    return text


def _emptied(hooks: dict[str, Any], event: str, group: int, number: int) -> tuple[str | int, ...]:
    """The path of the hook, or of the outermost thing that would be empty without it."""
    groups = hooks[event]
    if len(groups[group]["hooks"]) > 1:
        return ("hooks", event, group, "hooks", number)
    if len(groups) > 1:
        return ("hooks", event, group)
    return ("hooks", event) if len(hooks) > 1 else ("hooks",)


def _as_written(given: Mapping[str, str]) -> dict[str, str]:
    return {variable: shlex.quote(value) for variable, value in given.items()}


def command(name: str, variables: Mapping[str, str] = NOTHING) -> str:
    """How the host's shell starts the hook: by name where that is this program, so that the settings can be shared.
    The variables are as a shell reads them."""
    words = (f"{variable}={value}" for variable, value in variables.items())
    own = Path(sys.argv[0])
    named = shutil.which("notewell")
    is_named = named and (not own.exists() or own.samefile(named))
    program = "notewell" if is_named else str(Path(sys.executable).with_name("notewell"))
    return " ".join([*words, shlex.quote(program), "hook", name])


def _ours(settings: dict[str, Any], name: str) -> list[tuple[int, int]]:
    """Where the hook stands: the number of its group, and its own in that."""
    return [
        (group, number)
        for group, entry in enumerate(settings.get("hooks", {}).get(EVENTS[name].host_name, []))
        if isinstance(entry, dict)
        for number, hook in enumerate(entry.get("hooks") or ())
        if isinstance(hook, dict) and _starts(str(hook.get("command")), name)
    ]


def _starts(written: str, name: str) -> bool:
    """Whether a command is this hook, also where somebody moved it or added to it."""
    try:
        words = shlex.split(written)
    except ValueError:
        return False
    return ("hook", name) in pairwise(words) and "notewell" in " ".join(words[: words.index("hook")])


def _read(file: Path) -> str:
    try:
        return regular_bytes(file, LARGEST).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} cannot be read ({error}). Nothing was written.") from error


def _checked(text: str, file: Path) -> dict[str, Any]:
    try:
        settings = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{file} is no valid JSON ({error}): mend it first. Nothing was written.") from error
    hooks = settings.get("hooks", {}) if isinstance(settings, dict) else None
    names = (event.host_name for event in EVENTS.values())
    if not isinstance(hooks, dict) or not all(isinstance(hooks.get(name, []), list) for name in names):
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
