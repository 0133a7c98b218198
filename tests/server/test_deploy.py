"""The unit and the container file fit the program that they start."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from notewell_server.cli.commands import cli
from notewell_server.http.operations.serving import GRACE

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "deploy/notewell.service"
CONTAINER = (ROOT / "deploy/Containerfile").read_text(encoding="utf-8")
INSTRUCTIONS = re.findall(r"^([A-Z]+) (.*)$", CONTAINER.replace("\\\n", " "), re.MULTILINE)
STARTED_BY = {
    "unit": shlex.split(re.findall(r"^ExecStart=(.*)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)[0])[1:],
    "container": json.loads(dict(INSTRUCTIONS)["CMD"]),
}


@pytest.mark.skipif(
    not any("--http" in parameter.opts for parameter in cli.commands["serve"].params),
    reason="this command line has no HTTP door",
)
@pytest.mark.parametrize("words", STARTED_BY.values(), ids=STARTED_BY)
def test_the_command_that_is_started_exists_with_its_options(words: list[str]) -> None:
    asked = CliRunner().invoke(cli, [*words, "--help"])
    assert asked.exit_code == 0, asked.output


def test_the_unit_waits_longer_than_the_server_takes_to_end() -> None:
    (seconds,) = re.findall(r"^TimeoutStopSec=(\d+)$", UNIT.read_text(encoding="utf-8"), re.MULTILINE)
    assert int(seconds) > GRACE


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_the_unit_is_one_that_systemd_understands_and_calls_safe(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    unit.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", UNIT.read_text(encoding="utf-8"), flags=re.M))
    verified = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True)
    assert (verified.returncode, verified.stderr) == (0, "")
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(unit)], capture_output=True, text=True
    )
    assert rated.returncode == 0, rated.stdout[-300:]


def test_the_container_file_takes_what_is_there_and_runs_without_rights() -> None:
    for name, words in INSTRUCTIONS:
        if name == "COPY" and "--from" not in words:
            *sources, _ = words.split()
            assert [source for source in sources if not (ROOT / source).exists()] == []
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    copied = {source for name, words in INSTRUCTIONS if name == "COPY" for source in words.split()[:-1]}
    assert {name for name in copied if not name.startswith(("-", "/"))} == set(re.findall(r"^!(\S+)", ignored, re.M))
    assert [words for name, words in INSTRUCTIONS if name == "USER"] == ["10001:10001"]
    assert dict(INSTRUCTIONS)["VOLUME"] == "/data"
    assert all(re.search(r":3\.\d+-slim", words) for name, words in INSTRUCTIONS if name == "FROM")
