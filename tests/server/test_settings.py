"""Settings: what nobody can have meant is refused at every door, before anything is opened."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.server.conftest import NOTEWELL, PATIENCE, environment

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["NOTEWELL_DB", "NOTEWELL_PROJECT", "NOTEWELL_ACTOR"])
@pytest.mark.parametrize(
    ("words", "status"),
    [
        ([], 1),
        (["serve"], 1),
        (["list-notes"], 1),
        (["hook", "session-start"], 0),
        (["serve", "--http", "--port", "0"], 1),
    ],
)
@pytest.mark.parametrize("written", ["${KNOWLEDGE}/x", "$KNOWLEDGE/x"])
def test_a_variable_that_its_host_did_not_expand_is_refused_by_name(
    tmp_path: Path, name: str, words: list[str], status: int, written: str
) -> None:
    done = subprocess.run(
        [NOTEWELL, *words],
        env=environment(tmp_path / "notewell.db", {name: written}),
        cwd=tmp_path,
        input=b'{"cwd": "/"}',
        capture_output=True,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stdout) == (status, b"")
    assert f"{name} is '{written}': its host did not expand it" in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
    assert list(tmp_path.iterdir()) == []
