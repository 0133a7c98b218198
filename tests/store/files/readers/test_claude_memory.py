"""The memory of Claude Code, and the rules beside it, become notes of their projects."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from notewell_store.files.readers.claude_memory import project_of

if TYPE_CHECKING:
    from tests.conftest import Knowledge
    from tests.store.files.conftest import Files

HOME = "home/.claude"
MEMORY = f"{HOME}/projects/-nowhere-ann-web-app/memory"
TOPIC = "---\nname: short tests\ndescription: Tests stay short\nmetadata:\n  type: feedback\n---\nSee [[deploys]].\n"

DEPLOYS = "---\nname: deploys\ndescription: How we deploy\ntype: project\n---\n"


@pytest.fixture
def claude(files: Files) -> Files:
    files.write(f"{HOME}/CLAUDE.md", "Be brief.\n")
    files.write(f"{HOME}/rules/python.md", "# Python\n\nUse types.\n")
    files.write(f"{HOME}/plugins/x/README.md", "no memory\n")
    files.write(f"{MEMORY}/MEMORY.md", "- [Tests](feedback_tests.md): short\n")
    files.write(f"{MEMORY}/feedback_tests.md", TOPIC)
    files.write(
        f"{MEMORY}/deploys.md", "---\nname: deploys\ndescription: How we deploy\ntype: project\n---\nBy hand.\n"
    )
    os.utime(files.path / MEMORY / "deploys.md", (1_500_000_000, 1_500_000_000))
    return files


def taken(claude: Files, knowledge: Knowledge, folder: str) -> None:
    claude.only(folder, knowledge.store, reader="claude-memory")


@pytest.mark.parametrize("folder", [HOME, f"{HOME}/projects", MEMORY.removesuffix("/memory"), MEMORY])
def test_a_topic_is_a_note_of_its_project(knowledge: Knowledge, claude: Files, folder: str) -> None:
    taken(claude, knowledge, folder)
    (slug,) = knowledge.listed(note_type="feedback")
    said = knowledge.note(slug).metadata
    assert (said.title, said.tags, said.project) == ("Tests stay short", ("memory",), "nowhere-ann-web-app")
    assert knowledge.aliases(slug) == ("short-tests",)
    assert said.parent == "nowhere-ann-web-app-memory"


def test_topics_name_one_another(knowledge: Knowledge, claude: Files) -> None:
    taken(claude, knowledge, MEMORY)
    assert [link.note for link in knowledge.incoming("deploys")] == ["nowhere-ann-web-app-feedback-tests"]


def test_a_topic_bears_the_time_of_its_file(knowledge: Knowledge, claude: Files) -> None:
    taken(claude, knowledge, HOME)
    assert knowledge.note("deploys").created_at == "2017-07-14T02:40:00.000Z"


def test_what_is_written_down_for_all_projects_is_a_convention(knowledge: Knowledge, claude: Files) -> None:
    taken(claude, knowledge, HOME)
    assert set(knowledge.listed(note_type="convention")) == {"claude-claude", "claude-python"}
    assert len(knowledge.listed()) == 5


def test_a_checkout_gives_its_rules(knowledge: Knowledge, files: Files) -> None:
    files.write("shop/CLAUDE.md", "Ask first.\n")
    files.write("shop/.claude/rules/tests/speed.md", "# Quick tests\n\nFast.\n")
    files.write("shop/README.md", "# Shop\n")
    taken(files, knowledge, "shop")
    found = {knowledge.note(slug).metadata.title for slug in knowledge.listed(note_type="convention", project="shop")}
    assert found == {"CLAUDE.md of shop", "Quick tests"}
    assert len(knowledge.listed()) == 2


def test_a_folder_of_memory_is_known_by_itself(claude: Files) -> None:
    assert claude.reader(path=MEMORY) == "claude-memory"


def test_another_import_brings_only_what_is_new(knowledge: Knowledge, claude: Files) -> None:
    taken(claude, knowledge, HOME)
    claude.write(f"{MEMORY}/deploys.md", f"{DEPLOYS}By a robot.\n")
    done = claude.only(HOME, knowledge.store, reader="claude-memory")
    assert (done.revisions, done.updated) == (1, 1)


def test_the_name_of_a_folder_tells_the_project(files: Files) -> None:
    files.write("web-app/x", "")
    there = str(files.path / "web-app").replace("/", "-").replace("_", "-")
    assert project_of(there) == "web-app"
    assert project_of("-home-nobody-src-web-app") == "web-app"
    assert project_of("-Users-nobody-web-app") == "web-app"
