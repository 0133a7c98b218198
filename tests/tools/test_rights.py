"""Who may do what: asked where the catalogue is called, whatever the tool."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from tests.tools.conftest import Agent

from notewell_store.access.rights import ANYBODY, OWNER, Rights
from notewell_store.tables.projects import save_project
from notewell_tools.catalogue import CATALOGUE, call_tool
from notewell_tools.definition import Call
from notewell_tools.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from notewell_store import Store

WRITES: dict[str, dict[str, Any]] = {
    "upsert_note": {"slug": "new", "content": "text\n"},
    "edit_note": {"ref": "guide", "mode": "append", "new_text": "more\n"},
    "restore_note": {"ref": "guide@1"},
    "delete_note": {"ref": "guide"},
    "link_notes": {"source": "guide", "targets": ["web-page"]},
    "projects": {"slug": "web", "name": "The web"},
    "update_notes": {"refs": ["guide", "web-page"], "status": "active"},
    "sync_board": {"ref": "todos", "plan": "guide"},
    "sync_issues": {"ref": "todos", "source": "issues.json"},
}


@pytest.fixture
def owner(store: Store) -> Agent:
    """With notes of the project `web`, of `app`, and of none."""
    save_project(store, "web", "ann")
    save_project(store, "app", "ann")
    agent = Agent(store)
    agent.note("guide", "# Guide\n", is_public=True)
    agent.note("web-page", "# Web\n", project="web")
    agent.note("app-secret", "# App\n", project="app")
    agent.note("app-parent", "# Above\n", project="app")
    agent.note("todos", "# Todos\n", note_type="board")
    return agent


def refused(store: Store, rights: Rights, tool: str, /, **arguments: Any) -> tuple[str, str]:
    """How and why the call is refused; that it wrote nothing is checked."""
    owner = Agent(store)
    before = owner.content()
    with pytest.raises(ToolError) as raised:
        call_tool(lambda: Call(store, "someone", None, rights), tool, arguments)
    assert owner.content() == before
    return raised.value.kind, raised.value.message


def done(store: Store, rights: Rights, tool: str, /, **arguments: Any) -> Mapping[str, Any]:
    return call_tool(lambda: Call(store, "someone", None, rights), tool, arguments).data


def test_every_tool_that_writes_is_tried_here() -> None:
    assert WRITES.keys() == {tool.name for tool in CATALOGUE.values() if not tool.hints.reads_only}


@pytest.mark.parametrize("tool", WRITES)
def test_nobody_writes_without_the_scope_for_it(store: Store, owner: Agent, tool: str) -> None:
    kind, words = refused(store, ANYBODY, tool, **WRITES[tool])
    assert kind == "unauthorized"
    assert "Authorization: Bearer" in words
    kind, words = refused(store, Rights("read"), tool, **WRITES[tool])
    assert kind == "forbidden"
    assert "yours is read" in words


@pytest.mark.parametrize("tool", [tool for tool in WRITES if tool not in ("projects", "sync_issues")])
def test_the_scope_write_is_enough_for_notes(store: Store, owner: Agent, tool: str) -> None:
    assert done(store, Rights("write"), tool, **WRITES[tool])


def test_projects_are_listed_by_anybody_and_changed_with_the_scope_admin(store: Store, owner: Agent) -> None:
    assert done(store, Rights("write"), "projects")["projects"]
    assert refused(store, Rights("write"), "projects", **WRITES["projects"])[0] == "forbidden"
    assert done(store, Rights("admin"), "projects", **WRITES["projects"])["projects"][0]["name"] == "The web"
    assert done(store, Rights("admin", "web"), "projects", slug="web", name="W")["projects"][0]["name"] == "W"
    assert refused(store, Rights("admin", "web"), "projects", slug="app", name="A")[0] == "forbidden"
    assert refused(store, Rights("admin", "web"), "projects", slug="next", name="N")[0] == "forbidden"


WEB = Rights("write", "web")


def test_who_writes_within_a_project_makes_notes_of_it(store: Store, owner: Agent) -> None:
    done(store, WEB, "upsert_note", slug="mine", content="# Mine\n")
    assert owner.ask("get_note", ref="mine")["project"] == "web"


@pytest.mark.parametrize("project", ["none", "guides"])
def test_who_writes_within_a_project_makes_and_moves_none_elsewhere(store: Store, owner: Agent, project: str) -> None:
    save_project(store, "guides", "ann")
    owner.ask("upsert_note", slug="guide", project="guides")
    assert refused(store, WEB, "upsert_note", slug="mine", content="m\n", project=project)[0] == "forbidden"
    assert (
        refused(store, WEB, "upsert_note", slug="mine", content="m\n", project=project, dry_run=True)[0] == "forbidden"
    )
    assert refused(store, WEB, "upsert_note", slug="web-page", project=project)[0] == "forbidden"


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("upsert_note", {"slug": "guide", "title": "Ours", "project": "web"}),
        ("edit_note", {"ref": "guide", "mode": "append", "new_text": "x"}),
        ("delete_note", {"ref": "guide"}),
        ("restore_note", {"ref": "guide@1"}),
        ("link_notes", {"source": "guide", "targets": ["web-page"]}),
    ],
)
def test_who_writes_within_a_project_changes_no_note_of_another(
    store: Store, owner: Agent, tool: str, arguments: dict[str, Any]
) -> None:
    kind, words = refused(store, WEB, tool, **arguments)
    assert kind == "forbidden"
    assert "the project web" in words


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("upsert_note", {"slug": "{}", "title": "x"}),
        ("upsert_note", {"slug": "{}", "content": "x\n", "if_revision": 1}),
        ("upsert_note", {"slug": "web-page", "parent": "{}"}),
        ("edit_note", {"ref": "{}", "mode": "append", "new_text": "x"}),
        ("edit_note", {"ref": "{}#app", "mode": "append", "new_text": "x"}),
        ("delete_note", {"ref": "{}"}),
        ("restore_note", {"ref": "{}"}),
        ("restore_note", {"ref": "{}@1"}),
        ("link_notes", {"source": "{}", "targets": ["guide"]}),
        ("link_notes", {"source": "web-page", "targets": ["{}"]}),
    ],
)
def test_a_note_that_a_writer_may_not_read_is_refused_as_one_that_never_was(
    store: Store, owner: Agent, tool: str, arguments: dict[str, Any]
) -> None:
    def named(name: str) -> dict[str, Any]:
        return {
            key: [item.format(name) for item in value] if isinstance(value, list) else str(value).format(name)
            for key, value in arguments.items()
        }

    kind, words = refused(store, WEB, tool, **named("app-secret"))
    never = refused(store, WEB, tool, **named("app-sekret"))
    assert (kind, words) == ("not-found", never[1].replace("app-sekret", "app-secret"))
    assert "app-parent" not in words


def test_a_parent_that_the_writer_does_not_see_stays(store: Store, owner: Agent) -> None:
    owner.ask("upsert_note", slug="web-page", parent="app-parent")
    owner.ask("link_notes", source="web-page", targets=["app-secret"])
    owner.ask("upsert_note", slug="app-secret", new_slug="app-hidden")
    done(store, WEB, "edit_note", ref="web-page", mode="append", new_text="More.\n")
    done(store, WEB, "upsert_note", slug="web-page", title="Web page")
    note = owner.ask("get_note", ref="web-page", include=["links"])
    assert (note["parent"], note["title"], note["revision"]) == ("app-parent", "Web page", 5)
    assert [link["target"] for link in note["links"]] == ["app-hidden"]
    assert [revision["changed"] for revision in owner.ask("revisions", ref="web-page", limit=2)["revisions"]] == [
        ["title"],
        ["content"],
    ]


def test_a_slug_that_a_hidden_note_has_is_not_free_and_no_more_is_said(store: Store, owner: Agent) -> None:
    kind, words = refused(store, WEB, "upsert_note", slug="app-secret", content="mine\n")
    assert (kind, words) == ("invalid", "slug='app-secret' is not free: choose another. Nothing was written.")
    assert refused(store, WEB, "upsert_note", slug="web-page", new_slug="app-secret") == (kind, words)


def test_a_link_to_what_the_writer_does_not_see_dangles_for_the_writer_and_leads_there(
    store: Store, owner: Agent
) -> None:
    text = "See [[app-secret]] and [[app-sekret]].\n"
    saved = done(store, WEB, "upsert_note", slug="mine", content=text, idempotency_key="k")
    assert [(entry["ref"], entry["nearest"]) for entry in saved["dangling"]] == [("app-secret", []), ("app-sekret", [])]
    assert done(store, WEB, "upsert_note", slug="mine", content=text, idempotency_key="k") == saved
    links = owner.ask("get_note", ref="mine", include=["links"])["links"]
    assert [(link["target"], link["exists"]) for link in links] == [("app-secret", True), ("app-sekret", False)]


def test_a_key_that_another_used_is_not_seen(store: Store, owner: Agent) -> None:
    owner.ask("upsert_note", slug="theirs", content="[[app-sekret]]\n", project="web", idempotency_key="k")
    assert done(store, WEB, "upsert_note", slug="mine", content="x\n", idempotency_key="k")["outcome"] == "created"


def test_two_who_write_within_a_project_are_merged_and_refused_as_all_are(store: Store, owner: Agent) -> None:
    lines = "".join(f"line {number}\n\n" for number in range(9))
    done(store, WEB, "upsert_note", slug="mine", content=lines)
    done(store, WEB, "upsert_note", slug="mine", content=lines.replace("line 1", "first"), if_revision=1)
    merged = done(store, WEB, "upsert_note", slug="mine", content=lines.replace("line 8", "last"), if_revision=1)
    assert merged["outcome"] == "merged"
    kind, words = refused(store, WEB, "upsert_note", slug="mine", content=lines.replace("line 1", "1"), if_revision=1)
    assert kind == "conflict"
    assert "-line 1" in words


def test_the_owner_and_whoever_has_no_rights_named_may_do_everything(store: Store, owner: Agent) -> None:
    assert Call(store, "ann").rights == OWNER
    assert OWNER.visibility is None


def test_a_key_that_looks_like_that_of_a_project_is_not_met_there(store: Store, owner: Agent) -> None:
    for key in ("web/k", "/web/k"):
        owner.ask("upsert_note", slug="theirs", title=key, content="theirs\n", idempotency_key=key)
    assert done(store, WEB, "upsert_note", slug="mine", content="x\n", idempotency_key="k")["outcome"] == "created"
    again = {"slug": "theirs", "title": "/web/k", "content": "theirs\n", "idempotency_key": "/web/k"}
    assert owner.ask("upsert_note", **again)["outcome"] == "updated"


def test_a_key_that_was_used_is_not_named_otherwise_than_it_was_sent(store: Store, owner: Agent) -> None:
    done(store, WEB, "upsert_note", slug="mine", content="x\n", idempotency_key="a/k")
    _, words = refused(store, WEB, "upsert_note", slug="mine", title="y", idempotency_key="a/k")
    assert words.startswith("this idempotency_key was used for a call with other arguments")


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("list_notes", {}),
        ("search_notes", {"query": "private"}),
        ("revisions", {}),
        ("tags", {}),
        ("projects", {}),
        ("brief", {}),
        ("check_refs", {"text": "nothing"}),
        ("check_refs", {"text": "[[sop-private]]"}),
    ],
)
def test_an_empty_answer_tells_who_is_not_known_that_a_token_shows_more(
    store: Store, tool: str, arguments: dict[str, str]
) -> None:
    Agent(store).note("sop-private", "# Private\n")
    told = "You read as nobody, who sees what is public: a token shows more."
    stranger, reader = Call(store, "x", rights=ANYBODY), Call(store, "x", rights=Rights("read"))
    answer = call_tool(lambda: stranger, tool, arguments)
    assert answer.data["reads_as"] == "nobody"
    assert answer.shown.endswith(f"\n{told}")
    Draft202012Validator(CATALOGUE[tool].answer_schema).validate(answer.data)
    assert told not in call_tool(lambda: reader, tool, arguments).shown


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("get_note", {"ref": "sop-private"}),
        ("get_note", {"ref": "nowhere"}),
        ("revisions", {"ref": "sop-private"}),
        ("brief", {"project": "web"}),
    ],
)
def test_who_is_not_known_and_names_what_is_private_is_told_that_a_token_shows_more(
    store: Store, tool: str, arguments: dict[str, str]
) -> None:
    Agent(store).note("sop-private", "# Private\n")
    kind, words = refused(store, ANYBODY, tool, **arguments)
    assert kind == "not-found"
    assert words.endswith(". You read as nobody, who sees what is public: a token shows more.")


def test_who_is_not_known_and_finds_something_is_told_no_more(store: Store) -> None:
    Agent(store).note("open-page", "# Open\n", is_public=True)
    assert "nobody" not in refused(store, ANYBODY, "get_note", ref="open-page#nowhere")[1]
    assert "nobody" not in refused(store, Rights("read"), "get_note", ref="nowhere")[1]
    answer = call_tool(lambda: Call(store, "x", rights=ANYBODY), "search_notes", {"query": "open"})
    assert "reads_as" not in answer.data


def test_a_call_that_would_change_a_note_of_another_project_too_changes_none(store: Store, owner: Agent) -> None:
    """guide is public and of no project: a token of `web` reads it, and may not write it."""
    of_web = Rights("write", "web")
    owner.note("web-page-2", "# Two\n\n## Part\n\ntext\n", project="web")
    together = {"refs": ["web-page", "guide"], "status": "done"}
    supersedes = {"slug": "web-new", "content": "# New\n", "project": "web", "supersedes": ["web-page", "guide"]}
    move = {"ref": "web-page-2#part", "mode": "move", "to": "guide"}
    for tool, sent in (("update_notes", together), ("upsert_note", supersedes), ("edit_note", move)):
        assert "not a note of the project web" in refused(store, of_web, tool, **sent)[1]
    assert "no note 'app-secret'" in refused(store, of_web, "update_notes", refs="web-page,app-secret", status="x")[1]
