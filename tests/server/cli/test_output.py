"""What the commands print is fit for a terminal, and comes out of a pipe as it was stored."""

from __future__ import annotations

import ast
import json
import os
import pty
import select
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from tests.server.conftest import NOTEWELL, PATIENCE, environment

import notewell_server.cli
from notewell_store import open_store
from notewell_store.access import tokens
from notewell_store.safe_text import spelt_out
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call

ORDERS = (
    "\x1b]52;c;ZXZpbA==\x07 \x1b[2J \x9b31m \x7f \u202eevil\u202c \u2066x\u2069 \u200bword\ufe01\U000e0141 \u2028 a\rb"
)
TURNED = "dep\u202eyol\u202c\u200b"
FORGED = "fine · https://github.com/acme/app/pull/7 · seq 41"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose every text and field wants something of a terminal."""
    file = tmp_path_factory.mktemp("hostile") / "notewell.db"
    fields = {"title": TURNED, "note_type": "sop", "status": f"active{TURNED}", "tags": [f"ops{TURNED}"]}
    by = {"reason": f"{FORGED} {TURNED}", "revised_by": f"https://x/{TURNED}"}
    with closing(open_store(file)) as store:
        call = Call(store, "tester")
        for revision, words in enumerate(("one", "two")):
            content = {"content": f"# {ORDERS}\n\n{words} {ORDERS} [[missing]]\n"}
            call_tool(lambda: call, "upsert_note", {"slug": "a", "if_revision": revision, **fields, **content, **by})
        call_tool(lambda: call, "projects", {"slug": "web", "name": TURNED})
        tokens.create(store, "ci", "read", f"x{TURNED}", None, None)
    return file


def run(file: Path, *arguments: str, status: int | None = 0) -> subprocess.CompletedProcess[bytes]:
    """A command whose output goes into pipes."""
    done = subprocess.run(
        [NOTEWELL, *arguments], env=environment(file), capture_output=True, timeout=PATIENCE, stdin=subprocess.DEVNULL
    )
    assert status in (None, done.returncode), done.stderr
    return done


EACH = """
import os, sys
from notewell_server.cli.commands import cli
from notewell_server.cli.output import guard_streams

guard_streams()
for line in os.environb[b"COMMANDS"].split(b"\\n"):
    try:
        cli([os.fsdecode(word) for word in line.split(b"\\t")], prog_name="notewell")
    except SystemExit:
        sys.stdout.flush()
        sys.stderr.write("\\n=====\\n")
"""


def on_a_terminal(file: Path, *commands: tuple[bytes, ...]) -> list[str]:
    """What each of the commands sends to the terminal that it runs on."""
    main, side = pty.openpty()
    given = os.fsdecode(b"\n".join(b"\t".join(command) for command in commands))
    process = subprocess.Popen(
        [sys.executable, "-c", EACH],
        env=environment(file, {"COMMANDS": given, "TERM": "xterm", "NO_COLOR": ""}),
        stdin=subprocess.DEVNULL,
        stdout=side,
        stderr=side,
    )
    os.close(side)
    came, deadline = b"", time.monotonic() + PATIENCE
    with suppress(OSError):  # which is how the end of a terminal reads
        while select.select([main], [], [], max(0, deadline - time.monotonic()))[0] and (more := os.read(main, 65536)):
            came += more
    os.close(main)
    assert process.wait(PATIENCE) == 0, came
    return without_our_own(came.decode().replace("\r\n", "\n")).split("\n=====\n")[:-1]


COLOURS = tuple(f"\x1b[{number}m" for number in (0, 1, 2, 31, 32, 33, 36))


def without_our_own(printed: str) -> str:
    """Less what draws our bars and paints our answers."""
    for drawn in ("\x1b[?25l", "\x1b[?25h", "\x1b[K", "\r", *COLOURS):
        printed = printed.replace(drawn, "")
    return printed


TELLING = (
    "get-note a",
    "get-note a --view toc",
    "get-note a --view html",
    "get-note a --json",
    "get-note a --view meta --include history,links",
    "search-notes evil",
    "search evil --explain",
    "list-notes",
    "list-notes --json",
    "revisions",
    "revisions a --blame",
    "revisions a --diff 1..2",
    "tags",
    "projects",
)
OTHERS = ("brief", "check-refs --ref a", "check --ref a", "verify", "doctor", "token list", "impact --base HEAD")


def test_no_command_lets_a_stored_text_act_on_the_terminal(database: Path) -> None:
    commands = [*TELLING, *OTHERS]
    printed = on_a_terminal(database, *(tuple(command.encode().split()) for command in commands))
    for command, shown in zip(commands, printed, strict=True):
        assert shown == spelt_out(shown), command
        assert "\\u" in shown or command in OTHERS, command


def test_no_name_of_a_file_and_no_argument_acts_on_the_terminal(database: Path, tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/x\x1b[2J\xe2\x80\xaey"
    Path(os.fsdecode(folder)).mkdir()
    for name in (b"a\x1b]0;evil\x07.md", b"b\xff.md", b"c\xe2\x80\xae.md"):
        Path(os.fsdecode(folder + b"/" + name)).write_text("# x\n\nSee [[nowhere]].\n")
    asked = (
        (b"import", folder, b"--dry-run"),
        (b"import", folder, b"--dry-run", b"--json"),
        (b"check", folder),
        (b"check", folder, b"--json"),
        (b"export", folder),
        (b"backup", folder + b"/none/kept.db"),
        (b"restore", folder),
        (b"salvage", folder, folder + b"/new"),
        (b"import", folder + b"/nothing"),
        (b"no-such\x1b[2Jcommand",),
        (b"get-note", b"no\x1b[2J\xe2\x80\xaenote"),
        (b"get-note", b"a", b"--no-such\x1b[2Joption"),
        (b"impact", b"--base", b"no\x1b[2J\xe2\x80\xaesuch"),
        (b"--db", folder + b"/kept.db", b"list-notes"),
    )
    for arguments, shown in zip(asked, on_a_terminal(database, *asked), strict=True):
        assert shown == spelt_out(shown), arguments
        assert shown.strip(), arguments
        assert "Traceback" not in shown, arguments


def test_a_note_comes_out_of_a_pipe_as_it_went_in(database: Path) -> None:
    content = f"# {ORDERS}\n\ntwo {ORDERS} [[missing]]\n"
    assert run(database, "get-note", "a").stdout.decode().endswith(f"\n\n{content}\n")
    assert json.loads(run(database, "get-note", "a", "--json").stdout)["markdown"] == content


def test_fields_of_lists_and_histories_are_safe_wherever_they_go(database: Path) -> None:
    asked: tuple[tuple[str, dict[str, Any]], ...] = (
        ("list_notes", {}),
        ("revisions", {}),
        ("get_note", {"ref": "a", "view": "meta"}),
        ("tags", {}),
    )
    with closing(open_store(database)) as store:
        call = Call(store, "tester")
        for tool, arguments in (*asked, ("projects", {})):
            shown = call_tool(lambda: call, tool, arguments).shown
            assert shown == spelt_out(shown), tool
            assert "\\u202e" in shown, tool


def test_a_reason_forges_no_fields_of_a_line(database: Path) -> None:
    line = run(database, "revisions", "a", "--limit", "1").stdout.decode().splitlines()[1]
    assert len(line.split(" · ")) == 4  # what changed, why, on whose account, seq
    assert FORGED not in line


def test_standard_error_obeys_nobody_wherever_it_goes(database: Path) -> None:
    done = run(database, "get-note", "no\x1b[2J\u202enote", status=None)
    assert done.returncode
    assert done.stderr.decode() == spelt_out(done.stderr.decode())


def test_the_commands_print_in_one_place_only() -> None:
    """Streams are guarded where a command begins; nothing goes round that."""
    for file in Path(notewell_server.cli.__file__).parent.glob("*.py"):
        if file.stem not in ("output", "progress"):
            tree = ast.parse(file.read_text())
            used = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute | ast.Name)}
            printing = {"print", "click.echo", "click.secho", "click.echo_via_pager", "sys.stdout", "sys.stderr"}
            assert used.isdisjoint(printing | {"sys.__stdout__", "sys.__stderr__", "os.write"}), file
