"""What the store says of what comes next is data: no text of it names a tool or a command."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from notewell_store.errors import (
    A_SECTION,
    ANY,
    OTHERS,
    NextArgument,
    NextCall,
    NextCommand,
    Open,
    StoreError,
    Unusable,
)
from notewell_tools.catalogue import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from notewell_store.errors import NextStep

ROOT = Path(__file__).parents[2] / "store"
TELLING = "|".join(name for name in CATALOGUE if "_" in name)
CALL = re.compile(rf"(?<!\w)(?:{'|'.join(CATALOGUE)})\(|(?<!\w)(?:{TELLING})(?!\w)|`notewell ")
ARGUMENTS = "|".join({"overwrite", *(name for tool in CATALOGUE.values() for name in tool.arguments.model_fields)})
TO_BE_SENT = re.compile(rf"\b(?:[Ss]end|needs?|name the section:) (?:{ARGUMENTS})(?!\w)|\bthis idempotency_key\b")


def texts(tree: ast.Module) -> Iterator[str]:
    """All strings of a module but docstrings and schemas, where a table may bear the name of a tool."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docs = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, documented)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in docs:
            yield re.sub(r"CREATE (?:TABLE|VIRTUAL TABLE|UNIQUE INDEX|INDEX)[^;]*", "", node.value)


def test_no_text_of_the_store_names_a_tool_or_a_command() -> None:
    files = sorted(ROOT.rglob("*.py"))
    assert len(files) > 100
    named = [
        f"{file.relative_to(ROOT)}: {text}"
        for file in files
        for text in texts(ast.parse(file.read_text(encoding="utf-8")))
        if CALL.search(text) and text not in CATALOGUE  # a tool as data stands alone
    ]
    assert named == []


def test_no_text_of_the_store_and_of_its_errors_names_an_argument_to_be_sent() -> None:
    words = ROOT.parent / "tools" / "notewell_tools" / "errors.py"
    named = [
        f"{file.name}: {text}"
        for file in (*sorted(ROOT.rglob("*.py")), words)
        for text in texts(ast.parse(file.read_text(encoding="utf-8")))
        if TO_BE_SENT.search(text)
    ]
    assert named == []


@pytest.mark.parametrize("text", ["send ref='slug#anchor'", "needs old_text: it", "Send content.", "or send overwrite"])
def test_a_text_that_names_an_argument_would_be_found(text: str) -> None:
    assert TO_BE_SENT.search(text)


@pytest.mark.parametrize(
    "text", ["see get_note(ref='a')", "all: projects()", "read it with get_note.", "`notewell verify`"]
)
def test_a_text_that_names_one_would_be_found(text: str) -> None:
    assert any(CALL.search(found) for found in texts(ast.parse(f"raise Invalid({text!r})")))


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (NextCall("get_note"), "get_note"),
        (NextCall("projects", {}), "projects()"),
        (NextCall("get_note", {"ref": "it's", "view": "toc"}), """get_note(ref="it's", view='toc')"""),
        (
            NextCall("list_notes", {"tags": ["sop", "active"], "limit": 5}),
            "list_notes(tags=['sop', 'active'], limit=5)",
        ),
        (NextCall("revisions", {"ref": "a", "blame": True}), "revisions(ref='a', blame=true)"),
        (NextCall("projects", {"slug": ANY, "name": ANY}), "projects(slug=…, name=…)"),
        (
            NextCall("edit_note", {"mode": Open("'a' or 'b'"), OTHERS: ANY, "reason": ANY}),
            "edit_note(mode='a' or 'b', …, reason=…)",
        ),
        (NextArgument("if_revision", 7), "if_revision=7"),
        (NextArgument("allow_missing", True), "allow_missing=true"),
        (NextArgument("cursor", "a.b"), "cursor=a.b"),
        (NextArgument("old_text"), "old_text"),
        (NextArgument("ref", A_SECTION), "ref='slug#anchor'"),
        (NextCommand("token create"), "`notewell token create`"),
        (NextCommand("check", ("--project", "web")), "`notewell check --project web`"),
    ],
)
def test_a_step_is_written_as_a_model_would_make_it(step: NextStep, words: str) -> None:
    assert str(step) == words


def test_an_error_tells_its_steps_apart_from_its_words() -> None:
    error = Unusable("a.db is damaged: ", NextCommand("verify"), " names the notes")
    assert str(error) == "a.db is damaged: `notewell verify` names the notes"
    assert error.next == (NextCommand("verify"),)
    assert StoreError("plain").next == ()
