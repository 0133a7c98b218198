"""`notewell impact`: what git is asked for the change, and that the repository's settings start nothing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.server.conftest import NOTEWELL, PATIENCE, environment
from tests.store.files.conftest import Repo

from notewell_store import Invalid
from notewell_store.files import git

if TYPE_CHECKING:
    from tests.conftest import Knowledge

TRAP = "touch {caught}; cat"
RUNS = {
    "core.fsmonitor": "{caught}.sh",
    "filter.trap.clean": TRAP,
    "filter.trap.smudge": TRAP,
    "filter.trap.process": TRAP,
    "filter.trap.required": "true",
    "filter.a=b.clean": TRAP,
    "diff.trap.textconv": "{caught}.sh",
    "diff.trap.command": "{caught}.sh",
    "diff.external": "{caught}.sh",
    "core.pager": TRAP,
    "pager.diff": TRAP,
    "core.sshCommand": TRAP,
    "credential.helper": "!{caught}.sh",
    "alias.diff": "!{caught}.sh",
    "uploadpack.packObjectsHook": "{caught}.sh",
    "diff.submodule": "diff",
}


class Trap:
    """A repository whose every setting that can start a program would leave a file."""

    def __init__(self, repo: Repo, caught: Path) -> None:
        self.repo, self.caught = repo, caught
        script = Path(f"{caught}.sh")
        script.write_text(f"#!/bin/sh\ntouch {caught}\nprintf '/\\0'\ncat\n")
        script.chmod(0o700)
        repo.write("app/waves.py", "def roll_out():\n    pass\n")
        repo.write(".gitattributes", "*.py filter=trap diff=trap\n*.txt filter=a=b\n")
        repo.write("notes.txt", "x")
        repo.commit()

    def set(self) -> None:
        lines = [(name, value.format(caught=self.caught)) for name, value in RUNS.items()]
        (self.repo.path / "included").write_text("")
        for name, value in lines:
            self.repo.git("config", "--file", "included", name, value)
        self.repo.git("config", "include.path", "../included")
        hooks = self.repo.path / ".git" / "hooks"
        hooks.mkdir(exist_ok=True)
        for hook in ("post-index-change", "pre-auto-gc", "reference-transaction"):
            (hooks / hook).write_bytes(Path(f"{self.caught}.sh").read_bytes())
            (hooks / hook).chmod(0o700)


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    return Trap(Repo(tmp_path / "repo"), tmp_path / "caught")


def impact(database: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [NOTEWELL, "impact", *words], env=environment(database), cwd=folder, capture_output=True, timeout=PATIENCE
    )


def test_no_setting_of_a_repository_starts_a_program(knowledge: Knowledge, database: Path, trap: Trap) -> None:
    knowledge.put("a", "It calls `roll_back()` of app/waves.py.\n")
    trap.set()
    trap.repo.write("app/waves.py", "def roll_back():\n    pass\n")
    trap.repo.write("notes.txt", "y")
    done = impact(database, trap.repo.path, "--base", "HEAD")
    assert not trap.caught.exists()
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"2 files and 2 definitions changed: 1 note to look at" in done.stdout


def test_no_setting_of_a_submodule_starts_a_program(
    knowledge: Knowledge, database: Path, trap: Trap, tmp_path: Path
) -> None:
    knowledge.put("a", "x\n")
    outer = Repo(tmp_path / "outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(trap.repo.path), "inner")
    outer.commit()
    inner = outer.path / ".git" / "modules" / "inner" / "config"
    inner.write_text(
        inner.read_text() + f"[core]\n\tfsmonitor = {trap.caught}.sh\n[diff]\n\texternal = {trap.caught}.sh\n"
    )
    (outer.path / "inner" / "notes.txt").write_text("z")
    assert impact(database, outer.path, "--base", "HEAD").returncode == 0
    assert not trap.caught.exists()


def test_a_setting_that_reads_without_end_is_given_up(
    knowledge: Knowledge, trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(trap.repo.path / "pipe")
    trap.repo.git("config", "include.path", "../pipe")
    monkeypatch.setattr("notewell_store.files.git_program.PATIENCE", 1)
    with pytest.raises(Invalid, match="it took more than 1 seconds"):
        git.working_diff(trap.repo.path, "HEAD")


def test_a_revision_that_is_none_is_told_in_gits_words(knowledge: Knowledge, database: Path, trap: Trap) -> None:
    knowledge.put("a", "x\n")
    done = impact(database, trap.repo.path, "--base", "no-such")
    assert done.returncode == 1
    assert done.stderr.startswith(b"Error: git diff no-such: fatal: bad revision")


def test_a_diff_larger_than_is_read_is_refused(
    knowledge: Knowledge, trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git, "LARGEST_DIFF", 100)
    trap.repo.write("app/waves.py", "x = 1\n" * 100)
    with pytest.raises(Invalid, match="more than 100 bytes"):
        git.working_diff(trap.repo.path, "HEAD")


def test_outside_of_a_repository_it_says_so_in_one_line(knowledge: Knowledge, database: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    done = impact(database, outside, "--base", "HEAD")
    assert (done.returncode, done.stdout) == (1, b"")
    (line,) = done.stderr.decode().splitlines()
    assert line.startswith(f"Error: {outside} is in no working copy of git")


def test_inside_of_the_repositorys_own_files_it_says_so_too(
    knowledge: Knowledge, database: Path, tmp_path: Path
) -> None:
    repo = Repo(tmp_path / "repo")
    repo.page("a.md", "x\n")
    done = impact(database, repo.path / ".git", "--base", "HEAD")
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert line.endswith("is in no working copy of git: begin in one, or send a diff")
