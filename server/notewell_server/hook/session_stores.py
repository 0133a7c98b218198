"""Which store the host's files in a folder give to the sessions' server there, and which to their hook.

Read from `.mcp.json` and `.claude/settings.json` as they are: what names no store has that of the environment.
"""

import json
import os
import re
import shlex
from collections import deque
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from notewell_store.regular import regular_bytes

LARGEST = 1_000_000  # bytes of a file that is read
_VARIABLE = re.compile(r"\$\{(\w{1,100})(?::-([^}]{0,1000}))?\}")


def store_of_server(folder: Path, default: str) -> str | None:
    """The address that the server of the folder's sessions reads; None where `.mcp.json` names no server of ours."""
    server = _server_of(folder)
    return None if server is None else _address(folder, server.store, default)


def told_apart(folder: Path, database: str, default: str) -> str | None:
    """The address of the sessions' server, where it is another than `database`, which their hook reads. It is told
    unasked, so the variables in it stay as they are written: else the file could have any value of the environment
    told."""
    server = _server_of(folder)
    if server is None or _address(folder, server.store, default) == _address(folder, None, database):
        return None
    shown = _VARIABLE.sub(lambda found: found[0] if os.environ.get(found[1]) else found[2] or "", server.store or "")
    return shown if "${" in shown else _address(folder, shown, default)


class _Server(NamedTuple):
    """A server of ours, and the store that its words or its environment name, if they do."""

    store: str | None


def _server_of(folder: Path) -> _Server | None:
    servers = _read(folder / ".mcp.json").get("mcpServers")
    for server in servers.values() if isinstance(servers, dict) else ():
        if isinstance(server, dict) and _is_ours(server.get("command")):
            arguments = server.get("args")
            words = list(map(str, arguments)) if isinstance(arguments, list) else []
            return _Server(_named(words, server.get("env")))
    return None


def store_of_hook(folder: Path, default: str) -> str | None:
    """The address that the hook of the folder's sessions reads; None where its settings start no hook of ours."""
    for command in _commands(_read(folder / ".claude" / "settings.json").get("hooks")):
        words = _words(command)
        given = dict(word.split("=", 1) for word in words if word.startswith("NOTEWELL_") and "=" in word)
        if "hook" in words and any(map(_is_ours, words)):
            return _address(folder, _named(words, given), default)
    return None


def _commands(found: object) -> Iterator[str]:
    """All texts under the key `command`, however deep they stand."""
    left = deque([found])
    while left:
        value = left.popleft()
        left += value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        if isinstance(value, dict) and isinstance(value.get("command"), str):
            yield value["command"]


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:  # a quote is open
        return command.split()


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(regular_bytes(file, LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_ours(word: object) -> bool:
    return PurePath(str(word)).name in ("notewell", "notewell.exe")


def _named(words: list[str], given: Any) -> str | None:
    flags = [after for word, after in pairwise(words) if word == "--db"]
    named = flags[0] if flags else given.get("NOTEWELL_DB") if isinstance(given, dict) else None
    return str(named) if named else None


def _address(folder: Path, named: str | None, default: str) -> str:
    expanded = _VARIABLE.sub(lambda found: os.environ.get(found[1]) or found[2] or "", named or "")
    if "://" in expanded:
        from notewell_store.opening import without_password

        return without_password(expanded)[0]
    if expanded:
        return os.path.normpath(folder / Path(expanded).expanduser())
    return default if "://" in default else os.path.normpath(Path(default).absolute())
