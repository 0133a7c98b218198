"""`notewell import --watch`: a real process follows a real folder, and tells of each change."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from tests.server.conftest import NOTEWELL, PATIENCE, environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.server.conftest import CommandLine


class Following:
    """A process that follows a folder."""

    def __init__(self, database: Path, folder: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            [NOTEWELL, "import", folder, "--watch", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment(database),
        )
        self.said = ""

    def hear(self, words: str) -> str:
        """What is said up to these words, from where the last hearing ended."""
        assert self.process.stdout is not None
        deadline = time.monotonic() + PATIENCE
        while words not in self.said:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))
            piece = os.read(self.process.stdout.fileno(), 1 << 16).decode() if ready else ""
            assert piece, f"{words!r} was not said, but {self.said!r}"
            self.said += piece
        heard, _, self.said = self.said.partition(words)
        return heard

    def end(self, by: signal.Signals = signal.SIGTERM) -> str:
        self.process.send_signal(by)
        rest, _ = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 0, rest
        return self.said + rest.decode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "vault").mkdir()
    (tmp_path / "vault" / "one.md").write_text("# One\n\nfirst\n")
    return tmp_path / "vault"


@pytest.fixture
def follow(database: Path, folder: Path) -> Iterator[Callable[..., Following]]:
    begun: list[Following] = []

    def begin(*options: str) -> Following:
        begun.append(Following(database, folder, *options))
        begun[-1].hear("1 new revision (1 created")
        return begun[-1]

    yield begin
    for each in begun:
        if each.process.poll() is None:
            each.process.kill()
        each.process.communicate()


def save_over(page: Path, text: str) -> None:
    """As editors save: beside the file, and then in its place."""
    beside = page.with_name(f".{page.name}.swp")
    beside.write_text(text)
    beside.replace(page)


def test_what_changes_in_the_folder_is_taken_as_it_does(
    follow: Callable[..., Following], folder: Path, command: CommandLine
) -> None:
    following = follow()
    save_over(folder / "one.md", "# One\n\nsecond\n")
    following.hear("1 new revision (1 updated")
    (folder / "deep").mkdir()
    (folder / "deep" / "two.md").write_text("# Two\n\n[[one]]\n")
    following.hear("3 notes")
    (folder / "one.md").rename(folder / "uno.md")
    following.hear("1 renamed")
    (folder / "deep" / "two.md").unlink()
    following.hear("1 gone")
    assert "revision" not in following.end()
    assert "[[one]]" in command.read("get-note", "deep-two")
    assert "second" in command.read("get-note", "uno")
    assert command.run("verify").returncode == 0


def test_what_editors_lay_beside_a_file_is_not_taken(
    follow: Callable[..., Following], folder: Path, command: CommandLine
) -> None:
    following = follow()
    for name in (".one.md.swp", "one.md~", "#one.md#", ".#one.md", "4913", "one.md.notewell-part"):
        (folder / name).write_text("half of it")
    (folder / ".obsidian").mkdir()
    (folder / ".obsidian" / "page.md").write_text("half of it")
    (folder / "two.md").write_text("# Two\n")
    following.hear("2 notes")
    following.end(signal.SIGINT)
    assert "half" not in command.read("search-notes", "half")[:20]
    assert command.read("list-notes").count("\n") <= 4


def test_an_overlap_is_told_and_what_else_changes_is_taken(
    follow: Callable[..., Following], folder: Path, command: CommandLine
) -> None:
    following = follow()
    command.read("edit-note", "one", "--mode", "replace", "--old-text", "first", "--new-text", "here")
    save_over(folder / "one.md", "# One\n\nthere\n")
    following.hear("left as changed here: 1")
    following.hear("one (one.md): changed here and in its file; the file says one@3")
    (folder / "two.md").write_text("# Two\n")
    following.hear("2 notes")
    following.end()
    assert "here" in command.read("get-note", "one")
    assert (folder / "one.md").read_text() == "# One\n\nthere\n"


def test_with_sync_what_changes_in_the_store_is_written_to_its_file(
    follow: Callable[..., Following], folder: Path, command: CommandLine
) -> None:
    following = follow("--sync")
    command.read("edit-note", "one", "--mode", "replace", "--old-text", "first", "--new-text", "from here")
    following.hear("wrote back: 1\n  one.md\n")
    assert (folder / "one.md").read_text() == "# One\n\nfrom here\n"
    save_over(folder / "one.md", "# One\n\nfrom there\n")
    following.hear("1 updated")
    following.end()
    assert "from there" in command.read("get-note", "one")


def test_an_import_that_is_told_to_end_does_so_between_two_files_and_the_next_completes_it(
    database: Path, folder: Path, command: CommandLine
) -> None:
    for number in range(1_500):
        (folder / f"page-{number}.md").write_text(f"# Page {number}\n\n[[page-{number // 2}]]\n")
    following = Following(database, folder)
    following.hear("Ctrl-C")
    deadline = time.monotonic() + PATIENCE
    while command.run("get-note", "one").returncode:
        assert time.monotonic() < deadline
    following.end()
    assert command.run("verify").returncode == 0
    assert "1,501 notes of this source" in command.read("import", str(folder))
    assert command.run("verify").returncode == 0


def test_who_has_not_installed_what_follows_folders_is_told_how(database: Path, folder: Path) -> None:
    without = (
        "import importlib.util as known; found = known.find_spec\n"
        "known.find_spec = lambda name, *rest: None if name == 'watchfiles' else found(name, *rest)\n"
        "from notewell_server.main import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", without, "import", folder, "--watch"],
        env=environment(database),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "Error: --watch needs watchfiles: pip install 'notewell[watch]'\n")


@pytest.mark.parametrize("options", [("--watch", "--git"), ("--watch", "--dry-run"), ("--sync",)])
def test_what_does_not_go_with_following_is_refused(
    command: CommandLine, folder: Path, options: tuple[str, ...]
) -> None:
    assert command.run("import", str(folder), *options).returncode == 2
    assert command.run("import", str(folder / "one.md"), "--watch").returncode == 2
