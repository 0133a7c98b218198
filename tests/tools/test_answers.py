"""The answers of the tools against their types: nothing is answered that a type does not name, nothing named that is
never answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from jsonschema import Draft202012Validator
from tests.tools.conftest import Agent

from notewell_store import open_store
from notewell_tools import results
from notewell_tools.answer_schemas import schema_of
from notewell_tools.catalogue import CATALOGUE
from notewell_tools.definition import Call
from notewell_tools.get_note import whole_note
from notewell_tools.revisions import changes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from notewell_store import Store

PLAN = "# Plan\n\n## Vision\n\nOne store. See [[sop-deploy]].\n\n## Steps\n\n- [x] one\n- [ ] two\n\n" + "words " * 400
PAGE = "# Web\n\nThe shop.\n\n## People\n\nInes.\n\n## Levels\n\nHigh: see [[sop-deploy#steps]].\n"
BOARD = "---\ncolumns: [Todo, Doing (1), Done]\nmoves: {Doing: [Todo, Done, nowhere]}\n---\n# Todos\n"
MANY = " ".join(f"[[gone-{number}]]" for number in range(230))

STORY: list[tuple[str, dict[str, Any]]] = [
    # an empty store
    ("list_notes", {}),
    ("search_notes", {"query": "anything"}),
    ("revisions", {}),
    ("tags", {}),
    ("projects", {}),
    ("brief", {}),
    ("check_refs", {"text": "nothing here"}),
    # projects
    ("projects", {"slug": "web", "name": "Web", "platform": "github", "repo_url": "https://github.com/x/web"}),
    ("projects", {"slug": "bare", "name": "Bare"}),
    ("projects", {}),
    # writes: created, unchanged, updated, merged, of a dry run, with warnings, with dangling links
    ("upsert_note", {"slug": "web", "content": PAGE, "project": "web", "is_public": True}),
    ("upsert_note", {"slug": "web", "content": PAGE, "if_revision": 1}),
    ("upsert_note", {"slug": "sop-deploy", "content": "# Deploy\n\n## Steps\n\nPush.\n", "note_type": "sop"}),
    ("upsert_note", {"slug": "sop-deploy", "project": "web", "status": "active", "tags": "ops", "revised_by": "abc"}),
    ("upsert_note", {"slug": "sop-draft", "content": "Draft.\n", "note_type": "sop", "status": "draft"}),
    ("upsert_note", {"slug": "new", "content": "text\n", "dry_run": True}),
    ("upsert_note", {"slug": "child", "content": "See [[sop-deploi]] and [[nowhere]].\n", "parent": "web"}),
    ("edit_note", {"ref": "child", "mode": "append", "new_text": "AKIAIOSFODNN7EXAMPLE\n", "reason": "why"}),
    ("edit_note", {"ref": "web#people", "mode": "append", "new_text": "Bo.\n"}),
    ("edit_note", {"ref": "web@1", "mode": "replace", "old_text": "High", "new_text": "Low"}),
    ("edit_note", {"ref": "web", "mode": "prepend", "new_text": "First.\n", "dry_run": True}),
    ("edit_note", {"ref": "child", "mode": "replace_all", "old_text": "nowhere", "new_text": "not-there"}),
    ("upsert_note", {"slug": "leaf", "content": "# Leaf\n\n## Part\n\nx\n"}),
    ("edit_note", {"ref": "leaf#part", "mode": "move", "to": "child"}),
    ("update_notes", {"refs": ["leaf", "child"], "status": "draft"}),
    ("revisions", {"since": "1", "summary": True}),
    ("update_notes", {"refs": ["leaf", "child"], "status": "active", "dry_run": True}),
    ("upsert_note", {"slug": "many", "content": MANY, "project": "web"}),
    ("upsert_note", {"slug": "twin-a", "content": "one\n", "title": "The twin"}),
    ("upsert_note", {"slug": "twin-b", "content": "two\n", "title": "The twin"}),
    ("upsert_note", {"slug": "of-twins", "content": "See [[The twin]].\n"}),
    # links that are set on purpose
    ("upsert_note", {"slug": "plan-0", "content": "# Zero\n", "note_type": "plan", "status": "done", "project": "web"}),
    ("upsert_note", {"slug": "plan-1", "content": PLAN, "note_type": "plan", "status": "completed", "project": "web"}),
    ("upsert_note", {"slug": "plan-2", "content": PLAN, "note_type": "plan", "status": "active", "project": "web"}),
    ("link_notes", {"source": "plan-1", "targets": "plan-0", "relation": "continues"}),
    ("link_notes", {"source": "plan-2", "targets": "plan-1", "relation": "continues"}),
    ("link_notes", {"source": "plan-2", "targets": ["sop-deploy#nowhere"], "relation": "implements"}),
    ("link_notes", {"source": "plan-2", "targets": ["later"], "allow_missing": True}),
    # reading
    ("get_note", {"ref": "sop-deploy", "include": ["links", "children", "history"]}),
    ("get_note", {"ref": "web", "include": ["links", "children", "history"], "as_of": "9"}),
    ("get_note", {"ref": "web", "view": "toc"}),
    ("get_note", {"ref": "web, sop-deploy"}),
    ("upsert_note", {"slug": "cited", "content": "# Cited\n\n## Here\n\n[[Deploy]]\n\n" + "words " * 1_000}),
    ("get_note", {"ref": "cited"}),
    ("get_note", {"ref": "cited#here", "include": "links"}),
    ("get_note", {"ref": "web#people", "view": "toc"}),
    ("get_note", {"ref": "web#people", "view": "html"}),
    ("get_note", {"ref": "web@1", "view": "meta"}),
    ("get_note", {"ref": "plan-1", "max_chars": 100}),
    ("get_note", {"ref": "plan-1", "max_chars": 100, "offset": 100, "view": "html"}),
    ("list_notes", {"limit": 2}),
    ("list_notes", {"as_of": "5", "sort": "title"}),
    ("search_notes", {"query": "shop", "project": "web"}),
    ("search_notes", {"query": "shopp levels"}),
    ("link_notes", {"source": "plan-1", "targets": ["plan-0"], "relation": "supersedes"}),
    ("search_notes", {"query": "zero"}),
    ("get_note", {"ref": "plan-0"}),
    ("revisions", {"limit": 2}),
    ("revisions", {"ref": "web"}),
    ("revisions", {"ref": "web", "diff": "1..2"}),
    ("revisions", {"ref": "web", "blame": True}),
    ("revisions", {"ref": "web#people", "blame": True}),
    ("tags", {"prefix": "o", "project": "web"}),
    ("check_refs", {"text": "[[sop-deploy#nowhere]], plan-3, https://github.com/x/web/pull/9 and abc plan-1@9"}),
    ("check_refs", {"text": "\n".join(f"[[web]] [[gone-{number}]]" for number in range(300))}),
    ("check_refs", {"ref": "plan-2"}),
    ("check_refs", {"project": "web"}),
    ("upsert_note", {"slug": "keys", "content": "# Keys\n\n## Stories\n\n- story:x is this\n", "project": "bare"}),
    ("link_notes", {"source": "keys", "targets": ["later", "web"], "allow_missing": True}),
    ("check_refs", {"project": "bare"}),
    ("upsert_note", {"slug": "keys", "title": "All keys", "revised_by": "https://git.example.com/a/b/pull/1"}),
    ("check_refs", {"text": "story:x https://git.example.com/a/b/pull/1"}),
    ("upsert_note", {"slug": "decision-1", "content": "# D\n", "note_type": "decision", "project": "web"}),
    ("upsert_note", {"slug": "todo-1", "content": "# T\n", "note_type": "todo", "project": "web"}),
    ("upsert_note", {"slug": "convention-1", "content": "# C\n", "note_type": "convention", "project": "web"}),
    ("brief", {"project": "web", "since": "0", "max_chars": 20_000}),
    ("brief", {"project": "web", "max_chars": 1_000}),
    ("brief", {"since": "2020-01-01"}),
    ("projects", {"slug": "bare-two", "name": "Bare"}),
    ("projects", {"slug": "bare-two", "delete": True}),
    # a board
    ("upsert_note", {"slug": "todos", "content": BOARD, "note_type": "board", "project": "web"}),
    ("upsert_note", {"slug": "card-1", "content": "# One\n", "parent": "todos", "project": "web", "position": 1000}),
    ("upsert_note", {"slug": "card-2", "content": "# Two\n", "parent": "todos", "project": "web", "status": "odd"}),
    ("upsert_note", {"slug": "card-3", "content": "# Three\n", "parent": "todos", "status": "Doing"}),
    ("upsert_note", {"slug": "card-3", "status": "Done"}),
    ("upsert_note", {"slug": "card-4", "content": "# Four\n", "parent": "todos", "status": "Doing"}),
    ("board", {"ref": "todos", "include": "flow,timeline"}),
    ("sync_board", {"ref": "todos", "plan": "plan-2", "dry_run": True}),
    ("sync_board", {"ref": "todos", "plan": "plan-2"}),
    ("sync_issues", {"ref": "todos", "source": str(Path(__file__).with_name("issues.json"))}),
    # a tombstone
    ("delete_note", {"ref": "sop-deploy", "reason": "old"}),
    ("delete_note", {"ref": "sop-deploy"}),
    ("list_notes", {"deleted": True}),
    ("get_note", {"ref": "sop-deploy@3"}),
    ("check_refs", {"text": "[[sop-deploy]]"}),
    ("brief", {"since": "0", "project": "web", "max_chars": 20_000}),
    ("restore_note", {"ref": "sop-deploy"}),
    ("restore_note", {"ref": "web@1"}),
]

OF_THOUSANDS = {
    ("Flow", "part"),
    ("BlameLine", "or_before"),
    ("Note", "links_unread"),
    ("RestOfProject", "after"),
    ("SearchResult", "more"),
}
"""Fields that are there only in a store of thousands of notes or hundreds of revisions."""
OF_WHAT_EXISTS = {("NoteProblem", "anchor"), ("NoteProblem", "revision")}
"""Fields that a problem shares with references that exist, which alone have them."""

OF_NOBODY = {
    (kind, "reads_as")
    for kind in ("Brief", "CheckedText", "NoteList", "ProjectList", "RevisionList", "SearchResult", "TagList")
}
"""Fields of answers to who is not known, which tests/tools/test_rights.py asks for."""

OF_MEANING = {("Hit", "found"), ("SearchResult", "meaning_not_asked")}
"""Fields that need an embedder, which tests/server/cli/test_fill.py names."""


class Answered(NamedTuple):
    tool: str
    arguments: dict[str, Any]
    answer: dict[str, Any]


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Answered]]:
    store = open_store(tmp_path_factory.mktemp("answers") / "notewell.db")
    agent = Agent(store, issue_tokens="", client="pytest 1")
    yield [Answered(tool, arguments, agent.ask(tool, **arguments)) for tool, arguments in STORY]
    store.close()


def told_fields(schema: Mapping[str, Any], answer: Any, whole: Mapping[str, Any]) -> set[tuple[str, str]]:
    """The fields that an answer has, each with the name of its type."""
    if "$ref" in schema:
        return told_fields(whole["$defs"][schema["$ref"].rpartition("/")[2]], answer, whole)
    if "anyOf" in schema:
        parts = whole.get("$defs", {})
        fitting = [one for one in schema["anyOf"] if Draft202012Validator({"$defs": parts, **one}).is_valid(answer)]
        return set().union(*(told_fields(one, answer, whole) for one in fitting))
    if isinstance(answer, list):
        return set().union(*(told_fields(schema["items"], one, whole) for one in answer))
    if not isinstance(answer, dict) or schema.get("additionalProperties") is True:  # arguments, which a tool names
        return set()
    inner = (told_fields(schema["properties"][name], value, whole) for name, value in answer.items())
    return {(schema["title"], name) for name in answer}.union(*inner)


def named_fields(whole: Mapping[str, Any]) -> set[tuple[str, str]]:
    types = [*whole.get("$defs", {}).values(), *([whole] if "properties" in whole else [])]
    return {(one["title"], name) for one in types for name in one["properties"]}


def test_every_tool_is_asked() -> None:
    assert {tool for tool, _ in STORY} == CATALOGUE.keys()


@pytest.mark.parametrize("tool", CATALOGUE)
def test_every_answer_is_what_its_type_says(answered: list[Answered], tool: str) -> None:
    validator = Draft202012Validator(CATALOGUE[tool].answer_schema)
    for one in answered:
        if one.tool == tool:
            validator.validate(one.answer)


def test_every_field_of_a_type_is_answered_by_some_call(answered: list[Answered]) -> None:
    schemas = {name: tool.answer_schema for name, tool in CATALOGUE.items()}
    told = set().union(*(told_fields(schemas[one.tool], one.answer, schemas[one.tool]) for one in answered))
    named = set().union(*map(named_fields, schemas.values()))
    assert sorted(named - told) == sorted(OF_THOUSANDS | OF_WHAT_EXISTS | OF_NOBODY | OF_MEANING)


@pytest.mark.parametrize("tool", CATALOGUE)
def test_every_object_of_an_answer_is_closed(tool: str) -> None:
    schema = CATALOGUE[tool].answer_schema
    types = [*schema.get("$defs", {}).values(), *([schema] if "properties" in schema else [])]
    assert [one["title"] for one in types if one["additionalProperties"] is not False] == []


def test_a_field_that_the_type_has_not_is_no_answer(answered: list[Answered]) -> None:
    validator = Draft202012Validator(CATALOGUE["list_notes"].answer_schema)
    (_, _, answer), *_ = (one for one in answered if one.tool == "list_notes" and one.answer["notes"])
    assert not validator.is_valid({**answer, "extra": 1})
    assert not validator.is_valid({**answer, "notes": [{**answer["notes"][0], "body": "text"}]})


def test_what_doors_use_beside_the_tools_is_what_its_type_says(agent: Agent, store: Store) -> None:
    agent.note("one", "# One\n", tags=["x"], is_public=True)
    agent.ask("delete_note", ref="one")
    call = Call(store, "tester", issue_tokens="")
    for answer, kind in (
        (whole_note(call, "one@1"), results.WholeNote),
        (whole_note(call, "one@2"), results.WholeNote),
        (changes(call, 0, 1), results.Changes),
        (changes(call, 2, 1), results.Changes),
    ):
        Draft202012Validator(schema_of(kind)).validate(json.loads(json.dumps(answer)))
