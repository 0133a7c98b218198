"""`notewell redact`, as whoever keeps a store calls it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.conftest import Knowledge
from tests.server.conftest import NOTEWELL, PATIENCE, environment

from notewell_server.cli.commands import OTHERS
from notewell_store import open_store
from notewell_tools.catalogue import CATALOGUE

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "hunter2-and-more"


class Command:
    """The installed command on a store of one note, in whose revisions 2 and 3 the secret stands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "notewell.db"
        knowledge = Knowledge(open_store(self.database))
        knowledge.put("sop-deploy", "# Deploy\n")
        knowledge.rewrite("sop-deploy", f"# Deploy\n\nkey: {SECRET}\n")
        knowledge.put("sop-deploy", add_tags=("ops",))
        knowledge.rewrite("sop-deploy", "# Deploy\n\nclean\n")
        self.backup = knowledge.store.engine.upkeep.backup(knowledge.store).path
        knowledge.store.close()

    def run(self, *words: str, sent: str = "", status: int = 0) -> str:
        """What it prints, errors where it fails."""
        done = subprocess.run(
            [str(NOTEWELL), "redact", *words],
            env=environment(self.database),
            input=sent,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == status, done.stderr
        return done.stderr if status else done.stdout

    def holds_it(self) -> bool:
        knowledge = Knowledge(open_store(self.database))
        text = knowledge.note("sop-deploy@2").markdown
        knowledge.store.close()
        return SECRET in text


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return Command(tmp_path)


def test_it_takes_the_revisions_out_and_tells_what_is_left_to_do(command: Command) -> None:
    assert command.holds_it()
    said = command.run("sop-deploy@2..3", "--reason", "a password", "--yes")
    assert said == (
        "sop-deploy: @2, @3 redacted, and erased from the store\n"
        "what they keep, beside who and when:\n"
        "  @2 title: Deploy\n"
        "  @3 title: Deploy\n"
        "copies of the store that hold it, for you to delete:\n"
        f"  {command.backup}\n"
        "next: make the secret worthless where it is used, if it is not yet; whoever read the note has it\n"
    )
    assert not command.holds_it()
    again = command.run("sop-deploy@2..3", "--reason", "a password")
    assert again.startswith("sop-deploy: @2, @3 redacted before; nothing of it is left in the store\n")


def test_without_revisions_it_lists_what_was_redacted_and_the_copies_that_still_hold_it(command: Command) -> None:
    assert command.run() == "nothing was redacted\n"
    command.run("sop-deploy@2..3", "--reason", "a password", "--yes")
    first, second, *copies = command.run().splitlines()
    assert first.startswith("sop-deploy@2 · 20")
    assert first.endswith(": a password")
    assert second.startswith("sop-deploy@3 · 20")
    assert copies == ["copies of the store that hold it, for you to delete:", f"  {command.backup}"]
    command.backup.unlink()
    assert command.run().splitlines()[2:] == ["no backup that is known holds it"]
    told = json.loads(command.run("--json"))
    assert [(one["revision"], one["reason"], one["erased"]) for one in told["redactions"]] == [
        (2, "a password", True),
        (3, "a password", True),
    ]


def test_a_dry_run_says_what_would_be_done_and_does_nothing(command: Command) -> None:
    said = command.run("sop-deploy@2", "--dry-run")
    assert said.startswith("sop-deploy: @2 would be redacted\n")
    assert "see whether it is that:\n  sop-deploy@3\n" in said
    assert json.loads(command.run("sop-deploy@2", "--dry-run", "--json"))["dry_run"] is True
    assert command.run() == "nothing was redacted\n"


def test_the_secret_is_read_from_a_file_or_standard_input_and_looked_for(command: Command) -> None:
    said = command.run("sop-deploy@2", "--dry-run", "--secret-from", "-", sent=f"{SECRET}\n")
    assert "the secret stands elsewhere too:\n  sop-deploy@3\n" in said
    file = command.folder / "secret.txt"
    file.write_text(f"{SECRET}\n", encoding="utf-8")
    told = json.loads(command.run("sop-deploy@2", "--dry-run", "--json", "--secret-from", str(file)))
    assert told["elsewhere"] == ["sop-deploy@3"]
    file.write_text("another one\n", encoding="utf-8")
    refused = command.run("sop-deploy@2", "--dry-run", "--secret-from", str(file), status=1)
    assert "does not stand in these revisions; it stands in no other either" in refused
    file.write_text("\n", encoding="utf-8")
    assert "there is no secret in it" in command.run("sop-deploy@2", "--secret-from", str(file), status=2)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("sop-deploy@2..4", "--reason", "x"), 1, "`notewell edit-note sop-deploy`, then redact sop-deploy@2..N"),
        (("sop-deploy@2..9", "--reason", "x"), 1, "no revision 'sop-deploy@9'. Nearest: sop-deploy@4."),
        (("sop-deplov@2", "--reason", "x"), 1, "Nearest: sop-deploy."),
        (("sop-deploy", "--reason", "x"), 1, "name the revisions as sop-deploy@3..5"),
        (("sop-deploy@2..3",), 2, "Say --reason: it is kept for good."),
        (("sop-deploy@2..3", "--reason", "x"), 2, "Nobody can be asked here: say --yes, or --dry-run"),
        (("sop-deploy@2", "--reason", "x", "--secret-from", "nowhere.txt"), 1, "nowhere.txt: No such file"),
    ],
)
def test_what_it_cannot_do_it_refuses_with_what_to_do(
    command: Command, words: tuple[str, ...], status: int, said: str
) -> None:
    assert said in command.run(*words, status=status)
    assert command.run() == "nothing was redacted\n"


@pytest.mark.parametrize(("answer", "is_done"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_on_a_terminal_it_shows_what_would_be_done_and_asks(command: Command, answer: str, is_done: bool) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [str(NOTEWELL), "redact", "sop-deploy@2..3", "--reason", "a password"],
        env=environment(command.database),
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(theirs)
    os.write(ours, answer.encode())
    _, asked = process.communicate(timeout=PATIENCE)
    os.close(ours)
    assert asked.startswith("sop-deploy: @2, @3 would be redacted\n")
    assert "Nothing brings it back. Go on? [y/N]" in asked
    assert process.returncode == (0 if is_done else 1)
    assert command.holds_it() != is_done


def test_it_is_a_command_and_no_tool() -> None:
    assert "redact" in OTHERS["redact"]
    assert "redact" not in CATALOGUE
