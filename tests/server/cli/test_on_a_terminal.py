"""What a person sees on a terminal, and only there."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from typing import TYPE_CHECKING

import pytest
from tests.server.cli.terminal import on_terminal
from tests.server.conftest import NOTEWELL

from notewell_store import open_store
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.conftest import CommandLine


@pytest.mark.parametrize("words", [(), ("--db", "other.db")])
def test_without_a_command_a_terminal_shows_the_help(database: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    shown = on_terminal(database, *words, folder=tmp_path)
    assert shown.status == 0
    assert shown.text.startswith("Usage: notewell [OPTIONS] [COMMAND] [ARGS]...\n")
    assert "\n  search " in shown.text
    assert list(tmp_path.iterdir()) == []


def test_without_a_command_a_pipe_is_served(command: CommandLine) -> None:
    opening = (
        b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},'
        b'"clientInfo":{"name":"by-hand","version":"1"}}}\n'
    )
    for words in ((), ("serve",), ("--db", str(command.database))):
        done = command.run(*words, given=opening)
        assert done.stdout.startswith(b'{"jsonrpc":"2.0","id":1,"result":{')
        assert done.returncode == 0


LONG = "# Long\n\n" + "".join(f"- line {number}\n" for number in range(60))


@pytest.fixture
def filled(command: CommandLine) -> CommandLine:
    content = "# Deploy\n\n## Roll out\n\nPush **it**.\n"
    changed = content.replace("Push **it**", "Pull it")
    store = open_store(command.database)
    call = Call(store, "ann")
    for fields in (
        {"slug": "sop-deploy", "note_type": "sop", "content": content},
        {"slug": "sop-deploy", "if_revision": 1, "content": changed},
        {"slug": "long", "content": LONG},
    ):
        call_tool(lambda: call, "upsert_note", fields)
    store.close()
    return command


def plain(text: str) -> str:
    """The text without colours, which are all that it may have for a terminal."""
    return re.sub(r"\x1b\[(?:0|1|2|31|32|33|36)m", "", text)


PAINTED = [
    (("search", "pull"), "\x1b[36msop-deploy#roll-out\x1b[0m\n"),
    (("search", "pull"), "\x1b[1mPull\x1b[0m"),
    (("list",), "\n\x1b[36msop-deploy\x1b[0m · Deploy"),
    (("get", "sop-deploy"), "\x1b[2msop-deploy@2 · "),
    (("get", "sop-deploy"), "\x1b[1m## Roll out\x1b[0m"),
    (("revisions", "sop-deploy", "--diff", "1..2"), "\x1b[32m+Pull it.\x1b[0m"),
    (("revisions", "sop-deploy", "--diff", "1..2"), "\x1b[31m-Push **it**.\x1b[0m"),
    (("doctor",), "\x1b[32mok\x1b[0m "),
]


@pytest.mark.parametrize(("words", "painted"), PAINTED, ids=lambda value: str(value)[:30])
def test_answers_are_painted_on_a_terminal_and_say_the_same(
    filled: CommandLine, words: tuple[str, ...], painted: str
) -> None:
    shown = on_terminal(filled.database, *words).text
    assert painted in shown
    piped = filled.run(*words).stdout.decode()
    assert "\x1b" not in piped
    assert _words(plain(shown).replace("**", "")) == _words(piped.replace("**", ""))


def _words(text: str) -> list[str]:
    """What is said, but for what two runs say differently: figures of time and space."""
    return [word for word in text.split() if not re.search(r"\d", word)]


@pytest.mark.parametrize("added", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colours_where_they_are_not_wanted_or_not_understood(filled: CommandLine, added: dict[str, str]) -> None:
    for words in (("search", "pull"), ("get", "sop-deploy"), ("doctor",)):
        shown = on_terminal(filled.database, *words, added=added).text
        assert "\x1b" not in shown, words
        assert shown, words


def test_json_is_neither_painted_nor_paged(filled: CommandLine, pager: Pager) -> None:
    shown = on_terminal(filled.database, "get", "long", "--json", added=pager.as_own, size=(5, 80)).text
    assert json.loads(shown)["slug"] == "long"
    assert pager.got() is None


class Pager:
    """A pager that keeps what it is given, and says so."""

    def __init__(self, folder: Path) -> None:
        self._got = folder / "paged"
        self._script = folder / "a pager.sh"
        self._script.write_text(f'cat > {shlex.quote(str(self._got))}; echo "paged $LESS $1"\n')

    @property
    def command(self) -> str:
        return f"sh {shlex.quote(str(self._script))} word"

    @property
    def as_own(self) -> dict[str, str]:
        return {"NOTEWELL_PAGER": self.command}

    def got(self) -> str | None:
        return self._got.read_text() if self._got.exists() else None


@pytest.fixture
def pager(tmp_path: Path) -> Pager:
    return Pager(tmp_path)


@pytest.mark.parametrize("name", ["NOTEWELL_PAGER", "PAGER"])
def test_what_does_not_fit_on_the_screen_is_shown_by_a_pager(filled: CommandLine, pager: Pager, name: str) -> None:
    added = {"NOTEWELL_PAGER": "", name: pager.command}
    shown = on_terminal(filled.database, "get", "long", added=added)
    assert (shown.status, shown.text) == (0, "paged FRX word\n")
    assert plain(pager.got() or "") == filled.read("get", "long")


def test_ones_own_pager_comes_before_that_of_all_programs(filled: CommandLine, pager: Pager) -> None:
    shown = on_terminal(filled.database, "get", "long", added={**pager.as_own, "PAGER": "false", "LESS": "Q"})
    assert shown.text == "paged Q word\n"


@pytest.mark.parametrize(
    ("words", "added", "size"),
    [
        (("get", "sop-deploy"), {}, (24, 80)),
        (("get", "long"), {}, (99, 80)),
        (("--no-pager", "get", "long"), {}, (24, 80)),
        (("get", "long", "--no-pager"), {}, (24, 80)),
        (("get", "long"), {"TERM": "dumb"}, (24, 80)),
        (("get", "long"), {"NOTEWELL_PAGER": "cat"}, (24, 80)),
        (("get", "long"), {"NOTEWELL_PAGER": "no-such-pager"}, (24, 80)),
        (("get", "long"), {"NOTEWELL_PAGER": "an open ' quote"}, (24, 80)),
    ],
)
def test_no_pager_for_what_fits_nor_where_none_is_wanted_or_there(
    filled: CommandLine, pager: Pager, words: tuple[str, ...], added: dict[str, str], size: tuple[int, int]
) -> None:
    shown = on_terminal(filled.database, *words, added={**pager.as_own, **added}, size=size)
    assert shown.status == 0
    assert pager.got() is None
    assert plain(shown.text) == filled.read(*(word for word in words if word != "--no-pager"))


def test_a_wide_line_counts_as_the_lines_that_it_takes(filled: CommandLine, pager: Pager) -> None:
    filled.read("upsert-note", "wide", "--content", "word " * 400)
    on_terminal(filled.database, "get", "wide", added=pager.as_own)
    assert "word word" in (pager.got() or "")


def test_less_shows_a_long_answer_with_its_colours_and_ends_at_a_key(filled: CommandLine) -> None:
    if shutil.which("less") is None:
        pytest.skip("less is not installed")
    shown = on_terminal(filled.database, "get", "long", added={"NOTEWELL_PAGER": "less"}, typed=b"q")
    assert shown.status == 0
    assert "\x1b[1m# Long" in shown.text
    assert "line 3" in shown.text
    assert "line 59" not in shown.text


def test_output_that_goes_elsewhere_is_never_paged_though_a_person_sits_there(
    filled: CommandLine, pager: Pager, tmp_path: Path
) -> None:
    script = f"{NOTEWELL} get long > {shlex.quote(str(tmp_path / 'out'))}"
    on_terminal(filled.database, "-c", script, added=pager.as_own, program=("/bin/sh",))
    assert (tmp_path / "out").read_text() == filled.read("get", "long")
    assert pager.got() is None
