"""Which store the host's files in a folder give to the sessions' server there, and which to their hook.

Read from `.mcp.json` and `.claude/settings.json` as they are: what names no store has that of the environment.
"""

import json
import os
import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path, PurePath
from typing import Any

from notewell_store.regular import regular_bytes

LARGEST = 1_000_000  # bytes of a file that is read
_VARIABLE = re.compile(r"\$\{(\w{1,100})(?::-([^}]{0,1000}))?\}")


def store_of_server(folder: Path, default: str) -> str | None:
    """The address that the server of the folder's sessions reads; None where `.mcp.json` names no server of ours."""
    servers = _read(folder / ".mcp.json").get("mcpServers")
    for server in servers.values() if isinstance(servers, dict) else ():
        if isinstance(server, dict) and _is_ours(server.get("command")):
            arguments = server.get("args")
            words = list(map(str, arguments)) if isinstance(arguments, list) else []
            return _address(folder, _named(words, server.get("env")), default)
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
    for value in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        yield from _commands(value)
    if isinstance(found, dict) and isinstance(found.get("command"), str):
        yield found["command"]


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError:  # a quote is open
        return command.split()


def told_apart(folder: Path, database: str, default: str) -> str | None:
    """The address of the sessions' server, where it is another than `database`, which their hook reads."""
    server = store_of_server(folder, default)
    return server if server not in (None, database) else None


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
    if expanded:
        return expanded if "://" in expanded else str(folder / Path(expanded).expanduser())
    return default if "://" in default else str(Path(default).absolute())
