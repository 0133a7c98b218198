"""The command line: the tools as subcommands, for people, pipes and scripts."""

from __future__ import annotations

import getpass
import re
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from notewell_server import VERSION
from notewell_server.cli import NAMES, command_name
from notewell_server.cli.commands import Commands, cli
from notewell_server.cli.option_words import WORDS
from notewell_store import open_store
from notewell_tools.catalogue import CATALOGUE, call_tool
from notewell_tools.definition import Call

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.server.conftest import CommandLine

TEXT = '# Back up\r\n\r\n- [ ] `tar` \\ "quoted" 👩‍👧\n\n\n'


@pytest.fixture
def filled(command: CommandLine) -> CommandLine:
    store = open_store(command.database)
    call = Call(store, "earlier")
    arguments = {"slug": "sop-backup", "note_type": "sop", "status": "active", "content": TEXT}
    call_tool(lambda: call, "upsert_note", arguments)
    store.close()
    return command


def test_every_tool_is_a_command_that_takes_all_its_arguments() -> None:
    for name, tool in CATALOGUE.items():
        taken = {parameter.name for parameter in cli.commands[name.replace("_", "-")].params}
        assert set(tool.arguments.model_fields) - {"format"} <= taken


def test_help_lists_the_commands_and_settings(command: CommandLine) -> None:
    shown = command.read("--help")
    for name in CATALOGUE:
        assert f"  {command_name(name)} " in shown
    assert all(setting in shown for setting in ("NOTEWELL_DB", "NOTEWELL_ACTOR", "NOTEWELL_PROJECT"))
    assert command.read("--version") == f"notewell, version {VERSION}\n"


def test_a_list_of_commands_says_of_each_what_its_help_begins_with() -> None:
    shown = CliRunner().invoke(Commands(), ["--help"], terminal_width=400).output
    listed = dict(re.findall(r"^  ([a-z-]+) +(\S.*)$", shown.partition("Commands:")[2], re.MULTILINE))
    commands = cli.commands.items()
    assert listed == {name: command.get_short_help_str(400) for name, command in commands if not command.hidden}


def test_a_list_of_commands_breaks_off_none_of_them_in_a_narrow_terminal() -> None:
    shown = CliRunner().invoke(Commands(), ["--help"], terminal_width=78).output.partition("Commands:")[2]
    assert "..." not in shown
    assert "  edit-note     Change part of a note\n" in shown


def test_the_names_that_tools_have_elsewhere_work_and_are_listed_nowhere(filled: CommandLine) -> None:
    for tool, name in NAMES.items():
        older, words = tool.replace("_", "-"), [] if tool == "list_notes" else ["sop-backup"]
        assert filled.read(older, *words) == filled.read(name, *words)
        assert older not in filled.read("--help")
        assert filled.read(name, "--help").replace(f"notewell {name} ", f"notewell {older} ") == filled.read(
            older, "--help"
        )


def every_command() -> Iterator[tuple[str, click.Command]]:
    for name, command in cli.commands.items():
        yield name, command
        if isinstance(command, click.Group):
            for below, inner in command.commands.items():
                yield f"{name} {below}", inner


@pytest.mark.parametrize(("name", "command"), [("", cli), *every_command()], ids=lambda value: str(value)[:20])
def test_every_option_and_every_argument_of_a_tool_has_words(name: str, command: click.Command) -> None:
    without = [
        parameter.name
        for parameter in command.params
        if isinstance(parameter, click.Option) and not (parameter.help or "").strip()
    ]
    assert without == []
    if name.replace("-", "_") in CATALOGUE or name in NAMES.values():
        assert [each.name for each in command.params if isinstance(each, click.Argument) and not each.help] == []


def test_no_words_are_kept_for_an_argument_that_no_tool_has() -> None:
    assert WORDS.keys() <= {name for tool in CATALOGUE.values() for name in tool.arguments.model_fields}


def test_help_says_that_numbers_are_numbers_within_which_bounds_and_what_counts_without_one(
    command: CommandLine,
) -> None:
    for name, tool in CATALOGUE.items():
        shown = " ".join(command.read(command_name(name), "--help").split())
        for field, schema in tool.arguments.model_json_schema()["properties"].items():
            kinds = {kind.get("type") for kind in schema.get("anyOf", [schema])}
            if "integer" in kinds:
                option = re.search(rf"--{field.replace('_', '-')} INTEGER(?: RANGE)? [^-]*?(?= --|$)", shown)
                assert option, (name, field)
                assert schema.get("default") is None or f"default: {schema['default']}" in option[0], option[0]
    assert re.search(
        r"--limit INTEGER RANGE\s+How many at most.\s+\[default: 20; 1<=x<=200\]", command.read("list", "--help")
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["list", "--limit", "many"], "'many' is not a valid integer range."),
        (["list", "--limit", "201"], "201 is not in the range 1<=x<=200."),
        (["edit-note", "a", "--mode", "append", "--if-revision", "-1"], "-1 is not in the range x>=0."),
        (["projects", "web", "--platform", "gitbub"], "'gitbub' is not one of 'github', 'forgejo', 'local'."),
    ],
)
def test_what_is_no_such_number_or_choice_is_refused_before_the_store_is_asked(
    command: CommandLine, words: list[str], told: str
) -> None:
    done = command.run(*words)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().endswith(f"{told}\n")
    assert not command.database.exists()


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["lst"], "No such command 'lst'. Did you mean list?"),
        (["serach", "x"], "No such command 'serach'. Did you mean search?"),
        (["get-noet", "a"], "No such command 'get-noet'. Did you mean get or edit-note or upsert-note?"),
        (["exprot", "out"], "No such command 'exprot'. Did you mean export"),
        (["zzzz"], "No such command 'zzzz'.\n"),
        (["help"], "No such command 'help'. Did you mean --help?"),
        (["version"], "No such command 'version'. Did you mean --version?"),
        (["get", "a", "--veiw", "toc"], "No such option '--veiw'. Did you mean '--view'?"),
        (["import", "docs", "--dry-rnu"], "No such option '--dry-rnu'. Did you mean '--dry-run'?"),
        (["list", "--bd", "x.db"], "No such option '--bd'. Did you mean '--db'?"),
    ],
)
def test_a_mistyped_command_or_option_is_answered_with_the_near_ones(
    command: CommandLine, words: list[str], meant: str
) -> None:
    done = command.run(*words)
    assert (done.returncode, done.stdout) == (2, b"")
    assert meant in done.stderr.decode()


@pytest.mark.parametrize("name", ["--db", "--actor", "--home"])
def test_settings_may_stand_before_or_behind_any_command(name: str) -> None:
    for words, command in every_command():
        assert name in {flag for parameter in command.params for flag in parameter.opts}, words


def test_a_store_that_is_named_behind_a_command_is_the_one_that_counts(command: CommandLine, tmp_path: Path) -> None:
    other = str(tmp_path / "other.db")
    command.read("projects", "web", "--name", "Web", "--db", other)
    command.read("upsert-note", "a", "--content", "x", "--db", other, "--actor", "ann", "--home=web")
    assert command.read("--db", other, "get", "a") == command.read("get", "a", f"--db={other}")
    assert command.ask("get", "a", "--db", other)["project"] == "web"
    assert command.ask("revisions", "--db", other)["revisions"][0]["actor"] == "ann"
    assert command.read("token", "list", "--db", other).startswith("no tokens yet")
    assert command.read("token", "--db", other, "list").startswith("no tokens yet")
    assert not command.database.exists()
    assert command.read("get", "a", "--db", other, added={"NOTEWELL_DB": "${UNSET}/x"})


def test_revisions_keeps_its_own_actor(filled: CommandLine) -> None:
    assert filled.ask("revisions", "--actor", "nobody")["revisions"] == []
    assert [each["actor"] for each in filled.ask("revisions", "--actor", "earlier")["revisions"]] == ["earlier"]


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_has_help(name: str) -> None:
    asked = CliRunner().invoke(cli, [name, "--help"], prog_name="notewell")
    assert asked.exit_code == 0
    assert asked.output.startswith(f"Usage: notewell {name} ")
    assert re.search(r"\n\n  [A-Z]", asked.output), "a sentence on what it does"


def test_help_says_steps_as_they_are_typed(command: CommandLine) -> None:
    def said(name: str) -> str:
        return " ".join(command.read(name, "--help").split())

    assert "one section (slug#anchor); --view toc first where it is long." in said("get")
    assert "`restore-note` brings it back." in said("delete-note")
    assert "List projects; create, change or delete one." in said("projects")
    assert "replace_section keeps the heading unless --new-text has one." in said("edit-note")


def test_help_on_a_tool_makes_no_store(command: CommandLine) -> None:
    shown = command.read("get-note", "--help")
    assert "--view [markdown|toc|html|meta]" in shown
    assert not command.database.exists()


@pytest.mark.parametrize("words", [("list-notes",), ("export", "pages"), ("verify",)])
def test_an_address_that_no_engine_serves_is_refused_without_its_password(
    command: CommandLine, tmp_path: Path, words: tuple[str, ...]
) -> None:
    address = {"NOTEWELL_DB": "redis://ann:secret@host/notewell"}
    refused = command.refusal(*words, added=address)
    assert "no store can be opened at redis://…" in refused
    assert "secret" not in refused
    assert list(tmp_path.glob("**/redis*")) == []


def test_an_answer_is_text_or_json_on_standard_output(filled: CommandLine) -> None:
    assert filled.read("list-notes", "--tags", "sop,active").startswith(
        "1 note\nsop-backup · Back up · sop active · r1 "
    )
    assert filled.ask("list-notes", "--tags", "sop,active")["notes"][0]["slug"] == "sop-backup"
    assert filled.ask("get-note", "sop-backup")["markdown"] == TEXT


def test_content_comes_from_a_file_byte_for_byte(command: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "backup.md"
    file.write_bytes(TEXT.encode())
    command.read("upsert-note", "a", "--content-file", str(file))
    assert command.ask("get-note", "a")["markdown"] == TEXT


def test_content_comes_from_standard_input_when_asked_for(command: CommandLine) -> None:
    command.read("upsert-note", "a", "--content-file", "-", given=TEXT.encode())
    assert command.ask("get-note", "a")["markdown"] == TEXT


def test_content_that_is_a_hyphen_comes_from_standard_input(command: CommandLine) -> None:
    command.read("upsert-note", "a", "--content", "-", given=TEXT.encode())
    assert command.ask("get-note", "a")["markdown"] == TEXT


def test_content_comes_from_a_pipe_unasked(command: CommandLine) -> None:
    command.read("upsert-note", "a", given=TEXT.encode())
    command.read("edit-note", "a", "--mode", "append", given=b"- [ ] piped\n")
    assert "- [ ] piped\n" in command.ask("get-note", "a")["markdown"]


def test_a_pipe_that_says_nothing_changes_no_content(filled: CommandLine) -> None:
    filled.read("upsert-note", "sop-backup", "--title", "Backups", given=b"")
    assert filled.ask("get-note", "sop-backup")["markdown"] == TEXT


def test_an_option_for_the_text_wins_over_a_pipe(command: CommandLine) -> None:
    command.read("upsert-note", "a", "--content", "from the option", given=b"from the pipe")
    assert command.ask("get-note", "a")["markdown"] == "from the option"


def test_text_that_is_not_utf_8_is_refused_with_its_place(command: CommandLine) -> None:
    assert "not UTF-8 (byte 2)" in command.refusal("upsert-note", "a", given=b"ab\xff")
    assert not command.database.exists()


def test_a_refusal_goes_to_standard_error_with_exit_code_1(filled: CommandLine) -> None:
    assert filled.refusal("get-note", "sop-bakcup") == "There is no note 'sop-bakcup'. Nearest: sop-backup."
    assert "needs the revision you read" in filled.refusal("upsert-note", "sop-backup", "--content", "new")
    assert "that cursor is not one of ours" in filled.refusal("list-notes", "--cursor", "x")


@pytest.mark.parametrize(
    "words", [["get-notes"], ["get-note"], ["get-note", "a", "--veiw", "toc"], ["list-notes", "--sort", "x"]]
)
def test_a_misspelt_command_line_is_refused_with_exit_code_2(command: CommandLine, words: list[str]) -> None:
    done = command.run(*words)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Usage: notewell" in done.stderr


def test_a_refusal_names_commands_and_quotes_notes_as_they_are(filled: CommandLine) -> None:
    assert "All anchors: `notewell get sop-backup --view toc`." in filled.refusal("get-note", "sop-backup#x")
    said = filled.refusal("list-notes", "--project", "web")
    assert "All projects: `notewell projects`; create one: `notewell projects … --name …`." in said
    said = filled.refusal("get-note", "qqq")
    assert said.endswith("Find it with `notewell search` or `notewell list`.")
    filled.read("upsert-note", "a", "--content", "Send get_note(ref='b') then.")
    said = filled.refusal("edit-note", "a", "--mode", "replace", "--old-text", "Send get_note then.", "--new-text", "x")
    assert said.endswith("reads exactly:\nSend get_note(ref='b') then.")


def test_answers_name_commands_too(filled: CommandLine) -> None:
    assert filled.read("list-notes", "--tags", "none").endswith(
        "`notewell tags` and `notewell projects` list what there is\n"
    )
    assert filled.read("projects") == "no projects yet: `notewell projects … --name …` creates one\n"
    filled.read("upsert-note", "long", "--content", "word " * 60)
    assert "; next: --cursor " in filled.read("list-notes", "--limit", "1")
    cut = filled.read("get-note", "long", "--max-chars", "100")
    assert "next: --offset 100, or read one section: `notewell get long --view toc`]" in cut
    assert "undo: `notewell restore-note long`" in filled.read("delete-note", "long")
    assert "projects: `notewell brief --project …` tells of one" in filled.read("brief")
    for number in range(9):
        filled.read("upsert-note", f"todo-{number}", "--title", "Long " * 20, "--note-type", "todo", "--content", "x")
    assert "shown; `notewell list --tags todo`" in filled.read("brief", "--max-chars", "1000")


def test_choices_and_flags_are_options(filled: CommandLine) -> None:
    assert filled.read("get-note", "sop-backup", "--view", "toc").endswith("#back-up · Back up · 42\n")
    filled.read("upsert-note", "sop-backup", "--is-public")
    assert filled.ask("get-note", "sop-backup")["is_public"] is True
    filled.read("upsert-note", "sop-backup", "--no-is-public")
    assert filled.ask("get-note", "sop-backup")["is_public"] is False
    assert filled.read("revisions", "sop-backup", "--blame").startswith("1-5 @1 ")


def test_targets_are_words_of_their_own(filled: CommandLine) -> None:
    for slug in ("one", "two"):
        filled.read("upsert-note", slug, "--content", "x")
    links = filled.ask("link-notes", "sop-backup", "one", "two", "--relation", "blocks")["links"]
    assert [link["target"] for link in links] == ["one", "two"]


def test_the_folder_of_the_file_is_made_and_the_file_is_private(command: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "new" / "folder" / "notes.db"
    command.read("--db", str(file), "upsert-note", "a", "--content", "x")
    assert file.stat().st_mode & 0o777 == 0o600
    assert not command.database.exists()


@pytest.mark.parametrize(
    "words",
    [
        ["list-notes"],
        ["tags"],
        ["get-note", "a"],
        ["projects"],
        ["export", "out"],
        ["impact", "--diff", "-"],
        ["token", "list"],
        ["token", "revoke", "a"],
    ],
)
def test_a_command_that_only_reads_makes_no_store(command: CommandLine, tmp_path: Path, words: list[str]) -> None:
    file = tmp_path / "mistyped" / "notes.db"
    done = command.run("--db", str(file), *words, given=b"")
    assert done.returncode == 1
    assert f"there is no store at {file}: `notewell import` or any write makes one" in done.stderr.decode()
    assert not file.parent.exists()


def test_flags_win_over_the_environment(command: CommandLine, tmp_path: Path) -> None:
    settings = {"NOTEWELL_ACTOR": "environment", "NOTEWELL_PROJECT": "web"}
    for slug in ("web", "api"):
        command.read("projects", slug, "--name", slug)
    command.read("upsert-note", "a", "--content", "x", added=settings)
    command.read("--actor", "flag", "--home", "api", "upsert-note", "b", "--content", "x", added=settings)
    revisions = command.ask("revisions")["revisions"]
    assert [revision["actor"] for revision in revisions] == ["flag", "environment"]
    assert [command.ask("get-note", slug)["project"] for slug in "ab"] == ["web", "api"]


def test_without_a_name_the_system_user_is_the_actor(filled: CommandLine) -> None:
    filled.read("upsert-note", "sop-backup", "--title", "Backups")
    assert filled.ask("revisions")["revisions"][0]["actor"] == getpass.getuser()


def test_without_a_file_the_store_is_in_the_data_folder(command: CommandLine, tmp_path: Path) -> None:
    home = {"NOTEWELL_DB": "", "XDG_DATA_HOME": str(tmp_path / "data"), "HOME": str(tmp_path)}
    command.read("upsert-note", "a", "--content", "x", added=home)
    (file,) = tmp_path.rglob("notewell.db")
    assert file.parent.name == "notewell"
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_made_is_refused_with_its_name(command: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    refusal = command.refusal("--db", str(tmp_path / "file" / "notes.db"), "upsert-note", "a", "--content", "x")
    assert str(tmp_path / "file" / "notes.db") in refusal
