"""What comes next, as the command line says it: commands that run."""

from __future__ import annotations

import shlex
from typing import Any

import click
import pytest
from click.core import ParameterSource

from notewell_server.cli.commands import cli
from notewell_server.cli.wording import as_commands
from notewell_store.errors import A_SECTION, ANY, NextArgument, NextCall, NextCommand

CALLS: list[tuple[str, dict[str, Any], str]] = [
    ("get_note", {"ref": "sop-deploy", "view": "toc"}, "notewell get sop-deploy --view toc"),
    ("get_note", {"ref": "plan#the vision"}, "notewell get 'plan#the vision'"),
    ("get_note", {"ref": "plan", "include": ["links", "history"]}, "notewell get plan --include links,history"),
    (
        "list_notes",
        {"project": "web", "tags": ["sop", "it's"]},
        """notewell list --project web --tags 'sop,it'"'"'s'""",
    ),
    ("revisions", {"since": "5 days; ls"}, "notewell revisions --since '5 days; ls'"),
    ("revisions", {"blame": True, "ref": "plan"}, "notewell revisions plan --blame"),
    ("restore_note", {"ref": "plan@3"}, "notewell restore-note plan@3"),
    (
        "link_notes",
        {"source": "a", "targets": ["b", "c"], "relation": "blocks"},
        "notewell link-notes a b c --relation blocks",
    ),
    ("projects", {}, "notewell projects"),
    ("brief", {"project": "web"}, "notewell brief --project web"),
]


@pytest.mark.parametrize(("tool", "arguments", "line"), CALLS, ids=[line for _, _, line in CALLS])
def test_a_call_is_said_as_a_command_that_makes_it(tool: str, arguments: dict[str, Any], line: str) -> None:
    assert as_commands(NextCall(tool, arguments)) == f"`{line}`"
    program, name, *words = shlex.split(line)
    context = cli.commands[name].make_context(name, words)
    told = [key for key in context.params if context.get_parameter_source(key) is ParameterSource.COMMANDLINE]
    given = {key: list(value) if isinstance(value := context.params[key], tuple) else value for key in told}
    assert program == "notewell"
    assert given == {key: _joined(key, value) for key, value in arguments.items()}


def _joined(name: str, value: object) -> object:
    """As click gives it: a list that no place takes is one word."""
    return ",".join(value) if isinstance(value, list) and name != "targets" else value


def test_what_the_caller_is_to_choose_stays_open() -> None:
    assert as_commands(NextCall("projects", {"slug": ANY, "name": ANY})) == "`notewell projects … --name …`"


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (NextCall("search_notes"), "`notewell search`"),
        (NextArgument("if_revision", 7), "--if-revision 7"),
        (NextArgument("allow_missing", True), "--allow-missing"),
        (NextArgument("is_public", False), "--no-is-public"),
        (NextArgument("old_text"), "--old-text"),
        (NextArgument("ref", A_SECTION), "'slug#anchor'"),
        (NextCommand("verify"), "`notewell verify`"),
    ],
)
def test_other_steps_are_said_in_the_command_lines_terms(step: Any, words: str) -> None:
    assert as_commands(step) == words


def test_all_that_is_said_to_be_sent_is_an_option() -> None:
    options = {option for command in cli.commands.values() for parameter in command.params for option in _of(parameter)}
    assert {
        "--if-revision",
        "--allow-missing",
        "--is-whole",
        "--cursor",
        "--offset",
        "--limit",
        "--old-text",
        "--text",
        "--content",
    } <= options


def _of(parameter: click.Parameter) -> list[str]:
    return [*parameter.opts, *parameter.secondary_opts]
