"""Arguments: what is refused and how, what is read kindly, what arrives as it was sent."""

from __future__ import annotations

import contextlib
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from notewell_tools.arguments import NotPlain
from notewell_tools.catalogue import CATALOGUE, call_tool
from notewell_tools.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.tools.conftest import Agent

    from notewell_tools.definition import Call, Tool

JSON_LOOKING = [
    '{"a": [1, 2], "b": null}',
    '["one", "two"]',
    '"quoted"',
    "null",
    "true",
    "42",
    '```json\n{"x": "\\u00e9 \\n"}\n```\n',
    "line\r\nends\r\n\ttabs \\ and | pipes |\n",
    "  leading and trailing  \n\n\n",
    "emoji 👩‍👧 · combining é · right-to-left עברית\n",
]


@pytest.mark.parametrize("content", JSON_LOOKING)
def test_content_arrives_unharmed_byte_for_byte(agent: Agent, content: str) -> None:
    agent.ask("upsert_note", slug="whole", content=content)
    agent.ask("upsert_note", slug="part", content="Before.\n\nHERE\n\nAfter.\n")
    agent.ask("edit_note", ref="part", mode="replace", old_text="HERE", new_text=content)
    assert agent.markdown("whole") == content
    assert agent.markdown("part") == f"Before.\n\n{content}\n\nAfter.\n"
    assert content in agent.read("get_note", ref="whole")


@pytest.mark.parametrize("tool", CATALOGUE)
def test_an_unknown_argument_is_refused_by_name_with_all_that_are_known(agent: Agent, tool: str) -> None:
    refusal = agent.refusal(tool, zzz=1)
    assert refusal == agent.refusal(tool, zzz=None)
    assert refusal.startswith(f"{tool} has no argument 'zzz'.")
    assert f"It takes: {', '.join(CATALOGUE[tool].arguments.model_fields)}." in refusal


@pytest.mark.parametrize(
    ("tool", "sent", "meant"),
    [
        ("list_notes", "tag", "tags"),
        ("list_notes", "notetype", "note_type"),
        ("get_note", "veiw", "view"),
        ("upsert_note", "ifRevision", "if_revision"),
        ("upsert_note", "contents", "content"),
        ("edit_note", "oldText", "old_text"),
        ("link_notes", "target", "targets"),
        ("revisions", "revisedBy", "revised_by"),
    ],
)
def test_an_unknown_argument_is_refused_with_the_nearest_one(agent: Agent, tool: str, sent: str, meant: str) -> None:
    assert agent.refusal(tool, **{sent: "x"}).startswith(f"{tool} has no argument {sent!r}; did you mean {meant!r}?")


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("get_note", {"ref": [["a"]]}, "get_note: ref=[['a']]: should be a valid string."),
        ("delete_note", {"ref": ["a"]}, "delete_note: ref=['a']: should be a valid string."),
        (
            "get_note",
            {"ref": "a", "view": "tok"},
            "view='tok': should be 'markdown', 'toc', 'html' or 'meta'.",
        ),
        (
            "get_note",
            {"ref": "a", "include": "link"},
            "include='link': should be 'links', 'children' or 'history'.",
        ),
        ("get_note", {"ref": "a", "max_chars": "many"}, "max_chars='many': should be a valid integer"),
        ("get_note", {"ref": "a", "max_chars": 5}, "max_chars=5: should be greater than or equal to 100."),
        ("list_notes", {"limit": 0}, "limit=0: should be greater than or equal to 1."),
        ("list_notes", {"limit": 201}, "limit=201: should be less than or equal to 200."),
        ("list_notes", {"limit": True}, "limit=True: should not be true or false."),
        ("list_notes", {"tags": {"a": 1}}, "tags={'a': 1}: should be a valid list."),
        ("list_notes", {"tags": [1]}, "tags=1: should be a valid string."),
        ("upsert_note", {"slug": "a", "content": {"a": 1}}, "content={'a': 1}: should be a valid string."),
        ("upsert_note", {"slug": "a", "content": 42}, "content=42: should be a valid string."),
        (
            "upsert_note",
            {"slug": "a", "content": "x", "if_revision": True},
            "if_revision=True: should not be true",
        ),
        (
            "upsert_note",
            {"slug": "a", "content": "x", "is_public": "maybe"},
            "is_public='maybe': should be a valid bool",
        ),
        ("upsert_note", {"content": "x"}, "slug is required."),
        ("edit_note", {"ref": "a", "mode": "patch", "new_text": "x"}, "mode='patch': should be 'replace', "),
        ("edit_note", {"ref": "a"}, "mode is required."),
        (
            "projects",
            {"slug": "a", "platform": "gitlab"},
            "platform='gitlab': should be 'github', 'forgejo' or 'local'",
        ),
        ("search_notes", {"query": " "}, "query is empty"),
    ],
)
def test_a_wrong_argument_is_refused_by_name_with_what_it_should_be(
    agent: Agent, tool: str, arguments: dict[str, Any], said: str
) -> None:
    assert said in agent.refusal(tool, **arguments)


NEEDED: dict[str, Any] = {
    "ref": "a",
    "slug": "a",
    "query": "a",
    "text": "a",
    "source": "a",
    "targets": ["a"],
    "refs": ["a"],
    "mode": "append",
    "new_text": "b",
}


@pytest.mark.parametrize("digits", ["9" * 5_000, "0" * 5_000, "9" * 20, "²", "१" * 5_000], ids="abcde")
@pytest.mark.parametrize("tool", CATALOGUE)
def test_thousands_of_digits_are_answered_or_refused_whatever_the_argument(
    agent: Agent, tool: str, digits: str
) -> None:
    """Python makes no number of more than 4,300, and none of some characters that it calls digits."""
    agent.note("a")
    fields = CATALOGUE[tool].arguments.model_fields
    required = {name: NEEDED[name] for name, field in fields.items() if field.is_required()}
    near = {"as_of": "1"} if "as_of" in fields else {}
    for name in fields:
        for sent in ({**required, name: digits}, {**required, **near, "diff": None, name: digits}):
            known = {argument: value for argument, value in sent.items() if argument in fields}
            with contextlib.suppress(ToolError):
                agent.read(tool, **known)


def test_a_change_of_more_digits_than_there_are_changes_is_the_newest(agent: Agent) -> None:
    agent.note("a")
    assert agent.ask("get_note", ref="a", as_of="9" * 5_000)["revision"] == 1
    assert agent.ask("list_notes", as_of="9" * 5_000, cursor="0" * 5_000)["total"] == 1
    assert agent.ask("list_notes", as_of="1", cursor="9" * 5_000)["notes"] == []
    assert agent.ask("revisions", since="9" * 5_000)["total"] == 0


def test_only_a_tool_that_could_have_written_says_that_it_did_not(agent: Agent) -> None:
    assert agent.refusal("upsert_note").endswith(" Nothing was written.")
    assert "written" not in agent.refusal("get_note")
    assert "written" not in agent.refusal("get_note", ref="a", as_of="some day")


def test_null_is_as_good_as_not_sent(agent: Agent) -> None:
    agent.note("sop-deploy", "# Deploy\n", note_type="sop")
    plain = agent.ask("get_note", ref="sop-deploy")
    nulls = dict.fromkeys(["view", "as_of", "include", "max_chars", "offset"])
    assert agent.ask("get_note", ref="sop-deploy", **nulls) == plain
    agent.ask("upsert_note", slug="sop-deploy", title="New", note_type=None, tags=None, is_public=None)
    assert agent.ask("get_note", ref="sop-deploy")["note_type"] == "sop"
    assert agent.refusal("get_note", ref=None) == "get_note: ref is required."


@pytest.mark.parametrize("tags", [["ops", "web"], "ops,web", " ops , web ", '["ops", "web"]', "web,,ops,"])
def test_a_list_may_be_a_list_or_words_with_commas(agent: Agent, tags: object) -> None:
    agent.note("tagged", tags=tags)
    assert agent.ask("get_note", ref="tagged")["tags"] == ["ops", "web"]
    assert agent.ask("list_notes", tags=tags)["total"] == 1


def test_an_empty_list_takes_all_tags_away(agent: Agent) -> None:
    agent.note("tagged", tags=["ops"])
    agent.ask("upsert_note", slug="tagged", tags=[])
    assert agent.ask("get_note", ref="tagged")["tags"] == []


def test_targets_may_be_written_as_links_in_a_text(agent: Agent) -> None:
    for slug in ("one", "two", "three"):
        agent.note(slug)
    links = agent.ask("link_notes", source="one", targets="[[two]], note://three")["links"]
    assert {link["target"] for link in links} == {"two", "three"}


def test_a_number_may_be_sent_where_digits_are_a_name(agent: Agent) -> None:
    agent.note("first", "one\n")
    agent.ask("edit_note", ref="first", mode="append", new_text="two")
    identity = agent.ask("get_note", ref="first")["id"]
    assert agent.ask("get_note", ref=identity)["slug"] == "first"
    assert "+two" in agent.ask("revisions", ref=identity, diff=2)["diff"]
    assert agent.ask("revisions", since=1)["total"] == 1
    assert agent.ask("get_note", ref="first", as_of=1)["markdown"] == "one\n"


def test_numbers_and_truths_may_be_sent_as_strings(agent: Agent) -> None:
    agent.note("first", is_public="true", position="3")
    assert agent.ask("get_note", ref="first", max_chars="200")["is_public"] is True


def test_an_unknown_tool_is_refused_with_those_there_are(agent: Agent) -> None:
    refusal = agent.refusal("get_notes")
    assert refusal.startswith("There is no tool 'get_notes'. There are: ")
    assert all(name in refusal for name in CATALOGUE)


def test_no_store_is_opened_for_arguments_that_are_refused() -> None:
    def caller() -> Call:
        raise AssertionError("the store was opened")

    with pytest.raises(ToolError):
        call_tool(caller, "get_note", {"page": "x"})


def test_no_argument_but_a_text_is_as_long_as_one(agent: Agent) -> None:
    assert "project has 300,000 characters, and may have 10,000" in agent.refusal("brief", project="x" * 300_000)
    assert "tags has 20,000 characters" in agent.refusal("list_notes", tags=["x" * 10_000, "y" * 10_000])
    assert "send it in parts" in agent.refusal("check_refs", text="x" * 500_001)


def _nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


MANY = 1_000_000
TOO_MUCH: dict[str, Callable[[], dict[str, Any]]] = {
    "numbers": lambda: {"tags": [1] * MANY},
    "lists": lambda: {"tags": [[]] * MANY},
    "fractions": lambda: {"tags": [0.5] * MANY},
    "as many as are looked at": lambda: {"tags": [*range(5_000)]},
    "names in an object": lambda: {"tags": {str(number): 1 for number in range(MANY)}},
    "lists within lists": lambda: {"tags": [[[[["x"] * 1_000] * 1_000]]]},
    "lists in lists": lambda: {"tags": _nested(900)},
    "unknown names": lambda: {f"name{number}": 1 for number in range(MANY)},
    "a long unknown name": lambda: {"n" * MANY: 1},
    "a list for a text": lambda: {"query": [1] * MANY},
    "a long number": lambda: {"limit": 10**4_000},
}


@pytest.mark.parametrize("made", TOO_MUCH.values(), ids=TOO_MUCH)
def test_arguments_without_end_are_refused_in_few_words_and_little_memory(made: Callable[[], dict[str, Any]]) -> None:
    tool = CATALOGUE["search_notes"]
    tool.read({"query": "x"})  # what is made once is no cost of a call
    known = {"query": "x", **made()}
    tracemalloc.start()
    try:
        with pytest.raises(ToolError) as refused:
            tool.read(known)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(refused.value.message) < 1_000
    assert peak < 64_000_000


def test_an_error_names_five_faults_and_says_that_there_are_more(agent: Agent) -> None:
    assert agent.refusal("list_notes", tags=[*range(6)]) == (
        f"list_notes: {'; '.join(f'tags={number}: should be a valid string' for number in range(5))}; and more."
    )
    refusal = agent.refusal("list_notes", **{f"zzz{number}": 1 for number in range(7)})
    assert refusal.count("has no argument") == 5
    assert "Nor 2 others." in refusal


def test_a_tool_of_a_long_name_is_refused_in_few_words(agent: Agent) -> None:
    assert len(agent.refusal("x" * 100_000)) < 500


def test_a_text_of_brackets_is_a_word_and_no_list() -> None:
    assert CATALOGUE["list_notes"].read({"tags": "[" * 9_999})["tags"] == ["[" * 9_999]


def sent_to(tool: Tool) -> list[object]:
    """Values of all kinds, with all words that the tool's arguments take."""
    words = [word for argument in tool.schema["properties"].values() for word in argument.get("enum", ())]
    texts = ["a", "é", "\ud800", "1", "true", "a, b", "[]", '["a", "b"]', "[1]", "9" * 5_000, "x" * 600]
    numbers = [0, 1, -1, 100, 10**6, 2**63, -(2**70), 1.0, 1.5, True, False]
    return [*texts, *numbers, [], ["a"], ["a", 1], [True], [["a"]], {}, {"a": "b"}, *words, words]


@pytest.mark.parametrize("tool", CATALOGUE.values(), ids=lambda tool: tool.name)
def test_what_is_read_without_a_model_is_read_as_the_model_reads_it(tool: Tool) -> None:
    required = {name: NEEDED[name] for name, argument in tool.takes.items() if argument.is_required}
    read = 0
    for name in tool.takes:
        for value in sent_to(tool):
            given = {**required, name: value}
            with contextlib.suppress(NotPlain):
                plain = tool.read_plain(given)
                assert repr(plain) == repr(vars(tool.arguments.model_validate(given)))
                read += 1
    assert read > 3 * len(tool.takes)


def test_a_list_that_a_call_was_given_for_want_of_one_is_its_own() -> None:
    first, second = (CATALOGUE["list_notes"].read({}) for _ in range(2))
    first["tags"].append("mine")
    assert second["tags"] == CATALOGUE["list_notes"].read({})["tags"] == []


OPTIONAL = [
    (tool.name, name)
    for tool in CATALOGUE.values()
    for name, field in tool.arguments.model_fields.items()
    if not field.is_required() and name not in {"title", "content", "new_text"}
]


@pytest.mark.parametrize(("tool", "name"), OPTIONAL)
@pytest.mark.parametrize("nothing", ["", [""], ["null"], None])
def test_an_empty_text_and_a_list_of_it_or_of_null_are_as_good_as_absent(tool: str, name: str, nothing: object) -> None:
    sent = {"ref": "a", "slug": "a", "source": "a", "targets": "b", "query": "q", "mode": "append", "refs": "a"}
    fields = CATALOGUE[tool].arguments.model_fields
    wanted = {each: value for each, value in sent.items() if each in fields and fields[each].is_required()}
    assert CATALOGUE[tool].read({**wanted, name: nothing}) == CATALOGUE[tool].read(wanted)


def test_a_host_that_sends_all_arguments_empty_changes_what_it_means_alone(agent: Agent) -> None:
    agent.note("sop-deploy", "# Deploy\n", note_type="sop", tags=["ops"], status="draft", parent="none")
    everything = dict.fromkeys(CATALOGUE["upsert_note"].arguments.model_fields, "")
    del everything["title"], everything["content"]
    agent.ask("upsert_note", **{**everything, "slug": "sop-deploy", "status": "active", "format": "json"})
    note = agent.ask("get_note", ref="sop-deploy")
    assert (note["status"], note["note_type"], note["tags"]) == ("active", "sop", ["ops"])


def test_an_empty_title_and_an_empty_content_keep_their_meaning(agent: Agent) -> None:
    agent.note("page", "# Page\n")
    assert "title" in agent.refusal("upsert_note", slug="page", title="")
    agent.ask("upsert_note", slug="page", content="", if_revision=1, is_whole=True)
    assert agent.markdown("page") == ""


@pytest.mark.parametrize("name", ["ref", "slug", "note"])
def test_each_tool_understands_ref_slug_and_note_for_the_note_it_is_about(agent: Agent, name: str) -> None:
    agent.note("page", "# Page\n\nSee [[page-two]].\n")
    agent.note("page-two")
    assert agent.ask("get_note", **{name: "page"})["slug"] == "page"
    assert agent.ask("upsert_note", **{name: "page"}, status="draft")["outcome"] == "updated"
    assert agent.ask("edit_note", **{name: "page"}, mode="append", new_text="More.")["outcome"] == "updated"
    assert agent.ask("link_notes", **{name: "page"}, targets="page-two")["outcome"] == "updated"
    assert agent.ask("revisions", **{name: "page"})["slug"] == "page"
    assert agent.ask("check_refs", **{name: "page"})["total"] == 2
    assert agent.ask("restore_note", **{name: "page@1"})["outcome"] == "updated"
    assert agent.ask("delete_note", **{name: "page"})["outcome"] == "updated"
    assert agent.refusal("get_note", ref="page-two", note="page").startswith("get_note has no argument 'note'")


@pytest.mark.parametrize("since", ["7d", "2w", "yesterday", "12h", " 7D "])
def test_times_may_be_told_from_now(agent: Agent, since: str) -> None:
    agent.note("page")
    assert agent.ask("list_notes", updated_since=since)["total"] == 1
    assert agent.ask("search_notes", query="text", updated_since=since)["total"] == 1
    assert agent.ask("revisions", since=since)["total"] == 1
    assert agent.refusal("get_note", ref="page", as_of=since).startswith("page did not exist as of ")
    assert "page" in agent.ask("brief", since=since)["text"]


def test_an_empty_new_text_deletes_where_a_text_is_replaced_and_is_none_where_none_is_taken(agent: Agent) -> None:
    agent.note("page", "# Page\n\none two\n\n## Gone\n\nx\n")
    agent.ask("edit_note", ref="page", mode="replace", old_text=" two", new_text="")
    agent.ask("edit_note", ref="page#gone", mode="delete_section", new_text="", old_text="", to="")
    assert agent.markdown("page") == "# Page\n\none\n"
    assert "needs new_text" in agent.refusal("edit_note", ref="page", mode="replace", old_text="one")
