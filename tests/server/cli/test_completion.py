"""Tab in bash, zsh and fish: the shells themselves are asked."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.server.cli.terminal import on_terminal
from tests.server.conftest import NOTEWELL, PATIENCE, environment

from notewell_store import open_store
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.conftest import CommandLine

FOUND = {"PATH": f"{NOTEWELL.parent}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture
def filled(command: CommandLine) -> CommandLine:
    with closing(open_store(command.database)) as store:

        def call(tool: str, **arguments: str) -> None:
            call_tool(lambda: Call(store, "tester"), tool, arguments)

        call("projects", slug="harbor-line", name="Harbor Line")
        for slug, title in (("sop-deploy", "Deploy: it's easy"), ("sop-rollback", "Back"), ("plan-a", "A")):
            call("upsert_note", slug=slug, content=f"# {title}\n")
        call("delete_note", ref="plan-a")
    return command


def asked(command: CommandLine, line: str, shell: str = "bash") -> list[str]:
    """What the shell's script is told of a line whose last word is begun."""
    words = line.split(" ")
    told = {"_NOTEWELL_COMPLETE": f"{shell}_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    done = command.run(added=told, given=b"")
    assert (done.returncode, done.stderr) == (0, b"")
    return [answer.removeprefix("plain,") for answer in done.stdout.decode().splitlines() if answer]


def test_commands_options_and_choices_are_completed(filled: CommandLine) -> None:
    assert asked(filled, "notewell ge") == ["get"]
    assert asked(filled, "notewell get-") == []
    assert {"list", "get", "search", "edit", "import", "stores"} <= set(asked(filled, "notewell "))
    assert asked(filled, "notewell --d") == ["--db"]
    assert asked(filled, "notewell get x --vi") == ["--view"]
    assert asked(filled, "notewell get x --view t") == ["toc"]
    assert asked(filled, "notewell token cr") == ["create"]
    assert asked(filled, "notewell completion ") == ["bash", "zsh", "fish"]
    assert asked(filled, "notewell import ") == ["file,"]


def test_slugs_and_projects_come_from_the_store_that_the_line_names(filled: CommandLine, tmp_path: Path) -> None:
    assert asked(filled, "notewell get sop-") == ["sop-deploy", "sop-rollback"]
    assert asked(filled, "notewell get ") == ["sop-rollback", "sop-deploy"]  # changed last
    assert asked(filled, "notewell edit sop-r") == ["sop-rollback"]
    assert asked(filled, "notewell link-notes sop-deploy sop-r") == ["sop-rollback"]
    assert asked(filled, "notewell update-notes --refs sop-deploy,sop-r") == ["sop-deploy,sop-rollback"]
    assert asked(filled, "notewell list --project har") == ["harbor-line"]
    assert asked(filled, "notewell --home har") == ["harbor-line"]
    other = tmp_path / "other.db"
    filled.read("upsert-note", "sop-other", "--content", "x", "--db", str(other))
    assert asked(filled, f"notewell --db {other} get sop-") == ["sop-other"]
    assert asked(filled, f"notewell get --db {other} sop-") == ["sop-other"]


def test_what_cannot_be_asked_completes_to_nothing_and_makes_nothing(command: CommandLine, tmp_path: Path) -> None:
    assert asked(command, "notewell get sop-") == []
    assert not command.database.exists()
    command.database.write_text("no database, but a text of some length. " * 30)
    assert asked(command, "notewell get sop-") == []
    assert asked(command, "notewell list --project x") == []
    assert asked(command, "notewell nothing of the kind") == []


def shell(name: str) -> str:
    return shutil.which(name) or pytest.skip(f"{name} is not installed")


def test_bash_completes_what_is_begun(filled: CommandLine, database: Path) -> None:
    typed = b'eval "$(notewell completion bash)"\nnotewell ge\tsop-dep\t\nexit\n'
    shown = on_terminal(database, "--norc", "-i", added=FOUND, typed=typed, program=(shell("bash"),))
    assert "sop-deploy@1 · Deploy: it's easy · " in shown.text, shown.text


def test_zsh_completes_what_is_begun(filled: CommandLine, database: Path, tmp_path: Path) -> None:
    typed = b'autoload -Uz compinit; compinit -D -u; eval "$(notewell completion zsh)"\nnotewell ge\tsop-dep\t\nexit\n'
    added = {**FOUND, "ZDOTDIR": str(tmp_path)}
    shown = on_terminal(database, "-f", "-i", added=added, typed=typed, program=(shell("zsh"),))
    assert "sop-deploy@1 · Deploy: it's easy · " in shown.text, shown.text


def test_fish_completes_what_is_begun(filled: CommandLine, database: Path, tmp_path: Path) -> None:
    asks = "notewell completion fish | source; complete -C 'notewell ge'; complete -C 'notewell get sop-dep'"
    done = subprocess.run(
        [shell("fish"), "--no-config", "-c", asks],
        env=environment(database, {**FOUND, "HOME": str(tmp_path)}),
        capture_output=True,
        timeout=PATIENCE,
        stdin=subprocess.DEVNULL,
    )
    lines = done.stdout.decode().splitlines()
    assert [line.split("\t")[0] for line in lines] == ["get", "sop-deploy"], done


def test_nothing_but_slugs_is_completed_whatever_somebody_wrote_into_the_file(filled: CommandLine) -> None:
    with closing(sqlite3.connect(filled.database)) as db, db:
        db.execute("UPDATE notes SET slug = slug || char(10) || 'plain,$(x)' WHERE slug = 'sop-deploy'")
    assert asked(filled, "notewell get sop-") == ["sop-rollback"]
