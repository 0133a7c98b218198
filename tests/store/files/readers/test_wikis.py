"""Git wikis, Logseq, Dendron and Outline: pages are called, and stand, as they do there."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from notewell_store.files.readers import opened, reader_of
from notewell_store.files.readers.text_first import page_first
from notewell_store.models import Metadata

if TYPE_CHECKING:
    from tests.conftest import Knowledge
    from tests.store.files.conftest import Files, Repo


def kind_of(files: Files) -> str:
    with opened(files.path) as source:
        return reader_of(source).name


def notes(knowledge: Knowledge) -> dict[str, Metadata]:
    return {slug: knowledge.note(slug).metadata for slug in knowledge.listed()}


def test_pages_of_a_wiki_are_called_as_there_and_their_links_name_the_page_first(
    knowledge: Knowledge, files: Files
) -> None:
    files.write("Home.md", "Read [[how to deploy|How-to-Deploy]] and [[A-B test|A-B-test]], not `[[x|y]]`.\n")
    files.write("How-to-Deploy.md", "# Overview\n\nSteps.\n")
    files.write("A-B-test.-.md", "A real dash, as Gitea marks it.\n")
    files.write("C%2B%2B-or-not%3F.md", "Escaped.\n")
    files.write("_Sidebar.md", "[[Home]]\n")
    files.write("_Footer.md", "Foot.\n")
    assert kind_of(files) == "wiki"
    done = files.into(knowledge.store)
    titles = {slug: note.title for slug, note in notes(knowledge).items()}
    assert titles == {
        "home": "Home",
        "how-to-deploy": "How to Deploy",
        "a-b-test": "A-B-test",
        "c-or-not": "C++ or not?",
    }
    text = "Read [[How-to-Deploy|how to deploy]] and [[A-B-test|A-B test]], not `[[x|y]]`.\n"
    assert knowledge.note("home").markdown == text
    assert {link.note for link in knowledge.outgoing("home")} == {"how-to-deploy", "a-b-test"}
    assert done.passed_over.items == ("1 _Footer.md", "1 _Sidebar.md")


def test_the_history_of_a_wiki_is_read_as_a_wiki(knowledge: Knowledge, repo: Repo) -> None:
    repo.write("_Sidebar.md", "[[Home]]\n")
    repo.page("How-to-Deploy.md", "Steps.\n")
    repo.move("How-to-Deploy.md", "How-to-Release.md")
    repo.commit()
    repo.into(knowledge.store)
    assert {slug: note.title for slug, note in notes(knowledge).items()} == {"how-to-release": "How to Release"}
    assert knowledge.aliases("how-to-release") == ("how-to-deploy",)


@pytest.mark.parametrize(
    ("written", "turned"),
    [
        ("[[a|B]] and [[c]]", "[[B|a]] and [[c]]"),
        ("![[a|B#c]]", "![[B#c|a]]"),
        ("| [[a\\|B]] |", "| [[B\\|a]] |"),
        ("[[pic.png|alt=A picture]]", "[[pic.png|alt=A picture]]"),
        ("```\n[[a|B]]\n```\n\n[[a|B]]", "```\n[[a|B]]\n```\n\n[[B|a]]"),
        ("`a\n[[a|B]]` [[a|B]]", "`a\n[[a|B]]` [[B|a]]"),
        ("> quoted [[a|B]]\n> [[c|D]]\n\n    [[a|B]]", "> quoted [[B|a]]\n> [[D|c]]\n\n    [[a|B]]"),
        ("# [[a|B]]\n- [[a|B]]\n", "# [[B|a]]\n- [[B|a]]\n"),
        ("\\[[a|B]]", "\\[[a|B]]"),
    ],
)
def test_only_links_outside_code_are_turned(written: str, turned: str) -> None:
    assert page_first(written) == turned


def test_pages_of_logseq_stand_where_their_names_say_with_their_properties(knowledge: Knowledge, files: Files) -> None:
    files.write("logseq/config.edn", "{:meta/version 1}")
    files.write("logseq/bak/pages/Old.md", "- old\n")
    files.write(
        "pages/Project.md", "title:: The Project\nalias:: proj, [[Big Thing]]\ntags:: #work, [[Deep Work]]\n\n- x\n"
    )
    files.write("pages/Project___Plan___Next.md", "type:: plan\nstatus:: open\n- ## Heading\n- ((6531f)) [[Project]]\n")
    files.write("pages/What%3F.md", "- what\n")
    files.write("journals/2024_02_03.md", "- See [[Feb 1st, 2024]]\n")
    files.write("journals/2024_02_01.md", "- first\n")
    assert kind_of(files) == "logseq"
    done = files.into(knowledge.store)
    found = notes(knowledge)
    assert sorted(found) == ["2024-02-01", "2024-02-03", "project", "project-plan-next", "what"]
    project, plan, day = found["project"], found["project-plan-next"], found["2024-02-03"]
    assert (project.title, project.tags, project.parent) == ("The Project", ("deep-work", "work"), None)
    assert knowledge.aliases("project") == ("big-thing", "proj")
    assert (plan.title, plan.note_type, plan.status, plan.parent) == ("Project/Plan/Next", "plan", "open", "project")
    assert (day.title, day.note_type) == ("Feb 3rd, 2024", "journal")
    assert knowledge.note("2024-02-03").created_at == "2024-02-03T00:00:00.000Z"
    assert found["what"].title == "What?"
    assert "1 .edn" in done.passed_over.items
    assert "1 logseq/bak/pages/*.md" in done.passed_over.items


def test_journals_of_logseq_are_titled_as_its_settings_say(knowledge: Knowledge, files: Files) -> None:
    files.write(
        "logseq/config.edn", '{\n ;; :journal/page-title-format "yy"\n :journal/page-title-format "EEEE, dd.MM.yyyy"}'
    )
    files.write("journals/2024_02_03.md", "- a\n")
    files.into(knowledge.store)
    assert knowledge.note("2024-02-03").metadata.title == "Saturday, 03.02.2024"


def test_notes_of_dendron_are_a_tree_by_their_dots(knowledge: Knowledge, files: Files) -> None:
    front = "---\nid: {}\ntitle: {}\ndesc: ''\nupdated: 1700000100000\ncreated: 1700000000000\n---\n"
    files.write("dendron.yml", "version: 5\n")
    files.write("vault/root.md", front.format("root", "Root"))
    files.write("vault/root.schema.yml", "version: 1\n")
    files.write("vault/dev.md", front.format("k1dev", "Dev"))
    files.write(
        "vault/dev.api.v2.md",
        front.format("k2v2", "Second") + "See [[the top|dev]], [[root|dendron://main-vault/root]].\n",
    )
    files.write("vault/dev.api.v2.notes.md", "No front matter.\n")
    assert kind_of(files) == "dendron"
    files.into(knowledge.store)
    found = notes(knowledge)
    assert {slug: note.parent for slug, note in found.items()} == {
        "root": None,
        "dev": "root",
        "dev-api-v2": "dev",
        "dev-api-v2-notes": "dev-api-v2",
    }
    assert (found["dev-api-v2"].title, found["dev-api-v2-notes"].title) == ("Second", "notes")
    note = knowledge.note("dev-api-v2")
    assert (note.created_at, note.updated_at) == ("2023-11-14T22:13:20.000Z", "2023-11-14T22:15:00.000Z")
    assert knowledge.aliases("dev-api-v2") == ("k2v2",)
    assert "See [[dev|the top]], [[root|root]]." in note.markdown
    assert {link.note for link in knowledge.outgoing("dev-api-v2")} == {"dev", "root"}


def test_an_export_of_outline_has_its_tree_and_its_times(knowledge: Knowledge, files: Files) -> None:
    times = json.dumps({"createdAt": "2024-01-02T03:04:05.000Z", "updatedAt": "2024-05-06T07:08:09.000Z"}).encode()
    with zipfile.ZipFile(files.path / "export.zip", "w") as archive:
        for path, text in {
            "Team/Guide.md": "# Guide\n\nSee [steps](./Guide/Steps.md).\n",
            "Team/Guide/Steps.md": "# Steps, one by one\n\nFirst.\n",
            "Private/Alone.md": "# Alone\n\nNobody.\n",
        }.items():
            info = zipfile.ZipInfo(path, (2024, 6, 1, 0, 0, 0))
            info.comment = times
            archive.writestr(info, text)
        archive.writestr("Team/attachments/a.png", b"png")
    with opened(files.path / "export.zip") as source:
        assert reader_of(source).name == "outline"
    done = files.only("export.zip", knowledge.store)
    steps = knowledge.note("team-guide-steps")
    assert (steps.metadata.title, steps.metadata.parent) == ("Steps, one by one", "team-guide")
    assert (steps.created_at, steps.updated_at) == ("2024-01-02T03:04:05.000Z", "2024-05-06T07:08:09.000Z")
    assert knowledge.note("team-guide").metadata.parent == "team"
    assert [link.note for link in knowledge.outgoing("team-guide")] == ["team-guide-steps"]
    assert done.passed_over.items == ("1 .png",)
    assert files.only("export.zip", knowledge.store).revisions == 0


@pytest.mark.parametrize(
    ("paths", "name"),
    [
        (("Home.md", "How-to.md"), "wiki"),
        (("Home.md", "guides/How to.md"), "markdown"),
        (("Home.md", "How to.md"), "markdown"),
        (("_Sidebar.md", "guides/How-to.md"), "wiki"),
        (("0001-a.md", "0002-b.md", "README.md"), "adr"),
        (("0001-a.md", "b.md", "c.md", "d.md"), "markdown"),
        (("pages/a.md", "journals/2024_01_02.md"), "logseq"),
        (("root.md", "root.schema.yml"), "dendron"),
        (("root.md", "a.md"), "markdown"),
    ],
)
def test_a_source_is_known_by_the_names_of_its_files(files: Files, paths: tuple[str, ...], name: str) -> None:
    for path in paths:
        files.write(path, "x")
    assert kind_of(files) == name


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        ("logseq", "title::" + " " * 100_000 + "x"),
        ("logseq", "tags:: " + "[[a, " * 20_000),
        ("adr", "## Status" + " " * 100_000 + "x\n"),
        ("adr", "## Status\n\n" + "<!--" * 60_000),
        ("adr", "* Status: " + " " * 100_000),
        ("wiki", "[[" * 60_000 + "|"),
        ("basic-memory", "- a " * 20_000 + "[["),
    ],
)
def test_no_text_is_long_to_read(knowledge: Knowledge, files: Files, reader: str, text: str) -> None:
    """What backtracks takes minutes for these, and would end the run."""
    files.write("0001-a.md", text)
    assert files.into(knowledge.store, reader=reader).created == 1
