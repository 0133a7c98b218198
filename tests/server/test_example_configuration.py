"""mcp.json.example: what people copy is parsed as Claude Code reads it, and really started."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters

from notewell_tools.catalogue import CATALOGUE

EXAMPLE = Path(__file__).parents[2] / "mcp.json.example"
BIN = str(Path(sys.executable).parent)


def expanded(value: Any, known: dict[str, str]) -> Any:
    """`${VAR}` and `${VAR:-default}` replaced as Claude Code does it: without value and default they stay."""
    if isinstance(value, dict):
        return {name: expanded(inner, known) for name, inner in value.items()}
    if isinstance(value, list):
        return [expanded(inner, known) for inner in value]
    if not isinstance(value, str):
        return value
    return re.sub(
        r"\$\{(\w+)(?::-([^}]*))?\}",
        lambda found: known.get(found[1], found[0] if found[2] is None else found[2]),
        value,
    )


def read_example(known: dict[str, str]) -> StdioServerParameters:
    """The one server of the example, as it is started in a shell with `known` set."""
    (server,) = json.loads(EXAMPLE.read_text())["mcpServers"].values()
    assert server["type"] == "stdio"
    filled = expanded(server, known)
    assert "${" not in json.dumps(filled), "a variable without a default would reach the server as it is written"
    command = shutil.which(filled["command"], path=known["PATH"])
    assert command, "the command is not on the PATH where pip puts it"
    return StdioServerParameters(command=command, args=filled["args"], env={**known, **filled["env"]})


async def list_and_write(server: StdioServerParameters) -> tuple[int, bool]:
    with anyio.fail_after(30):
        async with Client(server, mode="legacy") as client:
            listed = await client.list_tools()
            written = await client.call_tool("upsert_note", {"slug": "a", "content": "x"})
            return len(listed.tools), bool(written.is_error)


@pytest.mark.parametrize("named", [False, True])
def test_the_example_starts_a_server_with_or_without_a_file_named(tmp_path: Path, named: bool) -> None:
    known = {
        "PATH": os.pathsep.join([BIN, os.defpath]),
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path / "data"),
    }
    file = tmp_path / "data" / "notewell" / "notewell.db"
    if named:
        file = tmp_path / "team.db"
        known["NOTEWELL_DB"] = str(file)
    assert anyio.run(list_and_write, read_example(known)) == (len(CATALOGUE), False)
    if sys.platform == "linux" or named:
        assert file.stat().st_mode & 0o777 == 0o600


def test_the_example_names_only_settings_that_are_read() -> None:
    (server,) = json.loads(EXAMPLE.read_text())["mcpServers"].values()
    settings = (Path(__file__).parents[2] / "server/notewell_server/settings.py").read_text()
    assert all(name in settings for name in server["env"])
