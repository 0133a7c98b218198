"""What the store refuses, in words: the facts are the store's, the sentences stand in one place, the steps are the
door's."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import pytest

from notewell_store import (
    Busy,
    Conflict,
    Damaged,
    Deleted,
    Forbidden,
    Invalid,
    NoMatch,
    NotFound,
    StoreError,
    Unusable,
)
from notewell_store.errors import (
    FullColumn,
    Incomplete,
    Lost,
    MoveNotAllowed,
    Near,
    NextArgument,
    NextCall,
    NextCommand,
    NotYetMade,
    OfAnotherProject,
    ProjectInUse,
    Unsure,
)
from notewell_store.models import Revision
from notewell_store.saved import (
    KeptSentence,
    LinksLeftOut,
    LostSection,
    MissingHeadings,
    MissingSection,
    MovedSection,
    SeemingSecret,
    StrayedLinks,
    UnusableParent,
    UsedKey,
    Warned,
)
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call
from notewell_tools.errors import to_tool_error
from notewell_tools.saving import warning_words

if TYPE_CHECKING:
    from tests.tools.conftest import Agent

    from notewell_store import Store
    from notewell_store.errors import NextStep


CHANGE = Revision("plan", 7, 9, "2026-01-05T09:30:00.000Z", "ann", None, "why", ("content",))

WORDED: list[tuple[StoreError, str, str]] = [
    (
        MoveNotAllowed("todos", "card", "doing", "done", ("review", "todo")),
        "conflict",
        "card cannot move from doing to done on todos: from there cards move to review, todo. Nothing was written. "
        "Send <status='review'>, or see <board(ref='todos')>.",
    ),
    (
        FullColumn("todos", "card", "doing", 2, ("one", "two")),
        "conflict",
        "doing on todos is full: it holds 2 cards (one, two), so card cannot come. Nothing was written. Move one of "
        "them first: <upsert_note(slug='one', status=…)>, or see <board(ref='todos')>.",
    ),
    (NotFound("note", "a", ["b", "c"]), "not-found", "There is no note 'a'. Nearest: b, c."),
    (NotFound("note", "a"), "not-found", "There is no note 'a'. Find it with <search_notes> or <list_notes>."),
    (
        NotFound("note", "a", purpose="change"),
        "not-found",
        "There is no note 'a' to change. To create it send <content>.",
    ),
    (
        NotFound("note", "a", ["b"], purpose="link to"),
        "not-found",
        "There is no note 'a' to link to. Nearest: b. To link to it before it exists send <allow_missing=true>.",
    ),
    (
        NotFound("section", "x", ["y"], within="a"),
        "not-found",
        "There is no section 'x' in a. Nearest: y. All anchors: <get_note(ref='a', view='toc')>.",
    ),
    (
        NotFound("revision", "a@9", ["a@2"], within="a"),
        "not-found",
        "There is no revision 'a@9'. Nearest: a@2. All revisions: <revisions(ref='a')>.",
    ),
    (
        NotFound("project", "web"),
        "not-found",
        "There is no project 'web'. All projects: <projects()>; create one: <projects(slug=…, name=…)>.",
    ),
    (NotFound("token", "ci", purpose="revoke"), "not-found", "There is no token 'ci' to revoke."),
    (
        NotYetMade("a", 3, "2026-01-05T00:00:00.000Z", 5),
        "not-found",
        "a did not exist as of change 3: it was created at 2026-01-05T00:00:00.000Z (seq 5).",
    ),
    (
        Deleted("a", 3),
        "not-found",
        "a was deleted (revision 3). Bring it back with <restore_note(ref='a')>, or read what it said with "
        "<get_note(ref='a@2')>.",
    ),
    (Invalid("limit=0: send 1", "limit"), "invalid", "limit=0: send 1. Nothing was written."),
    (
        Invalid(("leave out what ", NextCall("get_note"), " puts above")),
        "invalid",
        "leave out what <get_note> puts above. Nothing was written.",
    ),
    (
        Incomplete(MissingHeadings("a", "plan", "template-plan", ("Steps",))),
        "invalid",
        "notes of type plan follow [[template-plan]]; missing: 'Steps'. That template is strict: add them and send the "
        "call again. Nothing was written.",
    ),
    (Forbidden("your rights are for web"), "forbidden", "your rights are for web. Nothing was written."),
    (Busy("a.db is locked"), "busy", "a.db is locked. Nothing was written. Send the same call again."),
    (
        Unusable("a.db is damaged: ", NextCommand("verify"), " names the notes"),
        "unusable",
        "a.db is damaged: <`notewell verify`> names the notes.",
    ),
    (
        Lost("the connection to a was lost. Nothing was written. Try again"),
        "unusable",
        "the connection to a was lost. Nothing was written. Try again.",
    ),
    (
        Unsure("it is not known whether it was written: send it again with the same ", NextArgument("idempotency_key")),
        "unusable",
        "it is not known whether it was written: send it again with the same <idempotency_key>.",
    ),
    (
        Damaged("a", 2),
        "unusable",
        "a@2 is damaged: what is kept is not what was written, so it is not shown. Other revisions may be whole: "
        "<revisions(ref='a')>. <`notewell verify`> names all damage.",
    ),
    (
        Conflict("plan", 7, None, [CHANGE], ""),
        "conflict",
        "plan exists, at revision 7; replacing its content needs the revision you read. Nothing was written. Read it "
        "and send <if_revision=7>, or change a part with <edit_note>. Last change: "
        "@7 2026-01-05 09:30 ann: content · why · seq 9",
    ),
    (
        OfAnotherProject("a", "It's", None, "ops", 3, wanted="web", free="web-a", taking=True),
        "conflict",
        'a is a note of the project ops ("It\'s"). Nothing was written. For a note of web send <slug=web-a>; to take '
        "that one over read it and send <if_revision=3> and <project=web>.",
    ),
    (
        ProjectInUse("web", 3, 1, 2),
        "conflict",
        "The project web is not empty, so it was not deleted. 3 notes: <list_notes(project='web')> names them, "
        "<update_notes(refs=…, project=…)> moves them. 1 deleted note: <list_notes(project='web', deleted=true)> names "
        "them; to move one, <restore_note(ref=…)> first. 2 tokens for it: <`notewell token list`>, then "
        "<`notewell token revoke NAME`>.",
    ),
    (
        Conflict("plan", 7, 9, [], ""),
        "conflict",
        "plan is at revision 7, there is no revision 9. Nothing was written.",
    ),
    (
        Conflict("plan", 7, 4, [CHANGE], "-get_note(ref='b')\n+two\n", ["content"]),
        "conflict",
        "plan is at revision 7, you sent <if_revision=4>. Both change: content. Nothing was written. Changed since:\n"
        "@7 2026-01-05 09:30 ann: content · why · seq 9\nand 2 before: <revisions(ref='plan')>\n"
        "-get_note(ref='b')\n+two\nMerge your text with it and send <if_revision=7>.",
    ),
    (
        NoMatch("a#x", [3, 3, 9], None),
        "invalid",
        "old_text stands more than once in a#x (line 3, 9). Nothing was written. Send more of the text around it, or "
        "name the section: <ref='slug#anchor'>.",
    ),
    (
        NoMatch("a", [], Near(4, "get_note(ref='b')")),
        "invalid",
        "old_text does not stand in a. Nothing was written. The nearest passage, from line 4, reads exactly:\n"
        "get_note(ref='b')",
    ),
    (
        NoMatch("a", [], None),
        "invalid",
        "old_text does not stand in a, nor anything like it. Nothing was written. Read it with <get_note>.",
    ),
]


WARNED: list[tuple[Warned, str]] = [
    (
        LostSection("a", "x", 1),
        "#x is gone, and 1 note links to a#x; its links: <get_note(ref='a', view='meta', include=['links'])>",
    ),
    (
        LostSection("a", "x", 2_000),
        "#x is gone, and 2,000 notes link to a#x; its links: <get_note(ref='a', view='meta', include=['links'])>",
    ),
    (
        LostSection("a", "x", 1, "y"),
        "#x is #y now, and 1 note links to a#x; its links: <get_note(ref='a', view='meta', include=['links'])>",
    ),
    (MovedSection("a", "x", None, ("b",)), "#x is another section now, and links to a#x lead elsewhere in b"),
    (
        MovedSection("a", "x", "x-1", ("b", "c")),
        "#x is another section now; what it named is a#x-1, and links to a#x lead elsewhere in b, c",
    ),
    (StrayedLinks("a", ("#x",), 1), "1 link of the section leads elsewhere or nowhere in a: #x"),
    (
        StrayedLinks("a", ("#x", "y.md"), 12),
        "12 links of the section lead elsewhere or nowhere in a: #x, y.md and 10 more",
    ),
    (MissingSection("a", "x", ("y", "z")), "a has no section #x (nearest: y, z)"),
    (MissingSection("a", "x"), "a has no section #x; all anchors: <get_note(ref='a', view='toc')>"),
    (
        MissingHeadings("a", "plan", "template-plan", ("Steps", "Risks")),
        "notes of type plan follow [[template-plan]]; missing: 'Steps', 'Risks'; add them: "
        "<edit_note(ref='a', mode='append', …)>",
    ),
    (
        MissingHeadings("a", "plan", "template-plan", tuple("abcdefghijkl")),
        "notes of type plan follow [[template-plan]]; "
        "missing: 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j' and 2 more; add them: "
        "<edit_note(ref='a', mode='append', …)>",
    ),
    (
        UnusableParent("a", "b"),
        "its parent then, b, cannot be its parent now: parent left as it is; set one: "
        "<upsert_note(slug='a', parent=…)>",
    ),
    (
        SeemingSecret("a", "a GitHub token", (3, 9)),
        "line 3, 9 seems to hold a GitHub token: the history keeps it until <`notewell redact`> takes it out, and "
        "readers can use it. Revoke it where it was made, and say in the note where the new one is kept: "
        "<edit_note(ref='a', …)>",
    ),
    (
        LinksLeftOut("a", 60_000, 7),
        "the first 60,000 different links of the text are kept, 7 more are not: split it",
    ),
    (
        UsedKey("a", 1, "created"),
        "this <idempotency_key> was used: the call would write nothing, and be answered again: created a@1",
    ),
    (KeptSentence("as it was"), "as it was"),
]


def marked(step: NextStep) -> str:
    return f"<{step}>"


@pytest.mark.parametrize(("error", "kind", "words"), WORDED, ids=[str(error)[:40] for error, _, _ in WORDED])
def test_an_error_is_worded_with_the_steps_as_the_door_says_them(error: StoreError, kind: str, words: str) -> None:
    told = to_tool_error(error)
    assert (told.kind, told.worded(marked)) == (kind, words)
    assert told.facts is error


@pytest.mark.parametrize("error", [error for error, _, _ in WORDED], ids=lambda error: str(error)[:40])
def test_words_of_notes_are_no_steps(error: StoreError) -> None:
    assert "get_note(ref='b')" not in [str(part) for part in to_tool_error(error).text if not isinstance(part, str)]


@pytest.mark.parametrize(("warning", "words"), WARNED, ids=[words[:40] for _, words in WARNED])
def test_a_warning_is_worded_with_the_steps_as_the_door_says_them(warning: Warned, words: str) -> None:
    assert warning_words(warning, marked) == words


def test_every_warning_of_the_store_is_worded() -> None:
    assert {type(warning) for warning, _ in WARNED} == set(get_args(Warned))


def test_the_first_answer_of_a_key_is_told_in_the_terms_of_who_asks_again(store: Store) -> None:
    call = {"slug": "plan-7", "content": "# Plan\n", "note_type": "plan", "idempotency_key": "k"}
    call_tool(
        lambda: Call(store, "a"), "upsert_note", {"slug": "template-plan", "content": "## X\n", "note_type": "template"}
    )
    first = call_tool(lambda: Call(store, "a"), "upsert_note", dict(call)).shown
    again = call_tool(lambda: Call(store, "a", say=marked), "upsert_note", dict(call)).shown
    assert first.endswith("; add them: edit_note(ref='plan-7', mode='append', …)")
    assert again.endswith("; add them: <edit_note(ref='plan-7', mode='append', …)>")


def test_every_error_of_the_store_is_worded() -> None:
    assert {type(error) for error, _, _ in WORDED} == {kind for kind in _below(StoreError) if kind.__module__ == ERRORS}


ERRORS = "notewell_store.errors"


def _below(kind: type[StoreError]) -> set[type[StoreError]]:
    return {found for child in kind.__subclasses__() for found in (child, *_below(child))}


@pytest.mark.parametrize(("tool", "name"), [("get_note", "ref"), ("list_notes", "project"), ("list_notes", "parent")])
def test_a_name_that_nothing_bears_is_quoted_in_bounds(agent: Agent, tool: str, name: str) -> None:
    assert len(agent.refusal(tool, **{name: "\U000e0041" * 9_000})) < 6_000
