"""projects: renaming and deleting, as callers do it and as their rights allow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.tools.conftest import Agent

from notewell_store.access.rights import Rights, for_present_project
from notewell_store.tables.projects import save_project
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call
from notewell_tools.errors import ToolError
from notewell_tools.saving import once_of

if TYPE_CHECKING:
    from notewell_store import Store


@pytest.fixture
def web(agent: Agent) -> Agent:
    agent.ask("projects", slug="web", name="The web")
    agent.note("plan", "# Plan\n", project="web")
    return agent


def refused(store: Store, rights: Rights, **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ToolError) as raised:
        call_tool(lambda: Call(store, "someone", None, rights), "projects", arguments)
    return raised.value.kind, raised.value.message


def test_a_rename_answers_with_the_project_as_it_is_called_now(web: Agent) -> None:
    assert web.read("projects", slug="web", new_slug="shop") == "shop · The web · 1 note"
    assert web.read("projects", slug="web", new_slug="shop") == "shop · The web · 1 note"
    assert web.read("projects", slug="web") == "shop · The web · 1 note"
    assert web.ask("list_notes", project="web")["notes"][0]["project"] == "shop"
    assert web.ask("check_refs", project="web")["searched"]["notes"] == 1
    assert web.ask("tags", project="web")["tags"] == [{"tag": "shop", "notes": 1}]
    assert web.ask("search_notes", query="plan", project="web")["hits"][0]["project"] == "shop"
    assert web.ask("revisions", project="web")["total"] == 1
    assert web.ask("brief", project="web")["project"] == "shop"


def test_a_rename_and_other_fields_are_one_change(web: Agent) -> None:
    (project,) = web.ask("projects", slug="web", new_slug="shop", name="The shop")["projects"]
    assert (project["slug"], project["name"]) == ("shop", "The shop")


def test_a_session_whose_setting_has_the_former_slug_goes_on(web: Agent, store: Store) -> None:
    web.ask("projects", slug="web", new_slug="shop")
    session = Agent(store, project="web")
    assert session.read("upsert_note", slug="new", content="# New\n") == "created new@1 in shop"
    assert session.ask("brief")["project"] == "shop"
    assert [ref["state"] for ref in session.ask("check_refs", text="[[new]]")["refs"]] == ["exact"]


def test_deleting_says_that_it_did_or_what_is_in_the_way(web: Agent) -> None:
    assert web.refusal("projects", slug="web", delete=True).startswith(
        "The project web is not empty, so it was not deleted. 1 note: list_notes(project='web') names them"
    )
    web.ask("update_notes", refs=["plan"], project="none")
    assert web.read("projects", slug="web", delete=True) == "deleted the project web"
    assert web.ask("projects", slug="web", delete=True) == {"projects": [], "deleted": "web"}
    assert web.ask("projects")["projects"] == []
    assert "There is no project 'web'" in web.refusal("upsert_note", slug="plan", project="web")
    assert web.ask("projects", slug="web", name="Anew")["projects"][0]["notes"] == 0


def test_what_cannot_be_meant_is_refused(web: Agent) -> None:
    assert "slug is needed" in web.refusal("projects", delete=True)
    assert "slug is needed" in web.refusal("projects", new_slug="shop")
    assert "changed or deleted" in web.refusal("projects", slug="web", delete=True, name="x")
    assert "new_slug='A b'" in web.refusal("projects", slug="web", new_slug="A b")
    assert "There is no project 'nope'" in web.refusal("projects", slug="nope", new_slug="shop")
    assert web.ask("projects", slug="web")["projects"][0]["slug"] == "web"


@pytest.mark.parametrize("naming", [{"new_slug": "shop"}, {"delete": True}])
def test_names_are_changed_by_admins_of_the_whole_store_only(web: Agent, store: Store, naming: dict[str, Any]) -> None:
    assert refused(store, Rights(None), slug="web", **naming)[0] == "unauthorized"
    assert refused(store, Rights("write"), slug="web", **naming)[0] == "forbidden"
    kind, words = refused(store, Rights("admin", "web"), slug="web", **naming)
    assert kind == "forbidden"
    assert "to rename or delete one needs rights for the whole store" in words
    assert web.ask("projects", slug="web")["projects"][0]["slug"] == "web"


def test_rights_that_name_a_former_slug_are_for_the_project(web: Agent, store: Store) -> None:
    web.ask("projects", slug="web", new_slug="shop")
    assert for_present_project(store, Rights("write", "web")) == Rights("write", "shop")
    assert for_present_project(store, Rights("write", "nowhere")) == Rights("write", "nowhere")
    assert for_present_project(store, Rights("write")) == Rights("write")


def test_a_key_that_was_used_before_projects_could_be_renamed_stands_for_the_same_call(
    agent: Agent, store: Store
) -> None:
    before = {"slug": "web", "name": "Web", "platform": None, "repo_url": None}
    once = once_of("projects", {**before, "idempotency_key": "k"})
    save_project(store, "web", "tester", "Web", once=once)
    agent.ask("projects", slug="web", name="Shop")
    agent.ask("projects", slug="web", name="Web", idempotency_key="k")
    assert agent.ask("projects", slug="web")["projects"][0]["name"] == "Shop"
