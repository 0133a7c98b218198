"""An export of Notion: ids become aliases, properties what they say, subpages children."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.store.files.readers.test_archives import zipped

from notewell_store.files.importing import import_folder
from notewell_store.files.readers.notion import without_ids

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Knowledge

    from notewell_store.files.summary import Summary

HOME, TASKS, ROW, LIST, ONE = (letter * 32 for letter in "abcde")
ROW_TEXT = """# Fix the login page that has a very long name, longer than files may be

Status: In progress
Tags: Web App, urgent
Type: Task
Created time: March 5, 2024 2:30 PM
Last edited time: April 1, 2024
Created by: Ada

<aside>
Note: no property
</aside>
"""
PAGES = {
    f"Home {HOME}.md": f"# Home\n\n[Tasks](Home%20{HOME}/Tasks%20{TASKS}.md)\n[row](https://www.notion.so/x-{ROW})\n",
    f"Home {HOME}/Tasks {TASKS}.md": f"# Tasks\n\n[up](../Home%20{HOME}.md)\n",
    f"Home {HOME}/Tasks {TASKS}.csv": "Name,Status\n",
    f"Home {HOME}/Lists {LIST}.csv": "Name\n",
    f"Home {HOME}/Lists {LIST}/One {ONE}.md": "# One\n",
    f"Home {HOME}/Tasks {TASKS}_all.csv": "Name,Status\n",
    f"Home {HOME}/Tasks {TASKS}/Fix the login page that has a very long name, lon {ROW}.md": ROW_TEXT,
}


@pytest.fixture
def done(knowledge: Knowledge, tmp_path: Path) -> Summary:
    part = zipped({**PAGES})
    (tmp_path / "Export.zip").write_bytes(zipped({"Export-Part-1.zip": part}))
    return import_folder(knowledge.store, tmp_path / "Export.zip")


def test_pages_are_named_without_their_ids_and_found_by_them(knowledge: Knowledge, done: Summary) -> None:
    assert done.warnings.total == 0
    assert {"home", "home-tasks"} <= set(knowledge.listed())
    assert knowledge.aliases("home") == (HOME,)
    assert (
        knowledge.note(ROW).metadata.title == "Fix the login page that has a very long name, longer than files may be"
    )


def test_links_between_pages_lead_there(knowledge: Knowledge, done: Summary) -> None:
    assert "home-tasks" in [link.note for link in knowledge.outgoing("home")]
    assert [link.note for link in knowledge.outgoing("home-tasks")] == ["home"]


def test_an_address_of_a_page_of_the_export_is_a_link_to_it(knowledge: Knowledge, done: Summary) -> None:
    row = knowledge.note(ROW).metadata.slug
    assert [link.note for link in knowledge.incoming(ROW) if link.relation == "relates"] == ["home"]
    assert [link.exists for link in knowledge.outgoing("home")] == [True, True]
    assert row in [link.note for link in knowledge.outgoing("home")]


def test_subpages_stand_below_their_page(knowledge: Knowledge, done: Summary) -> None:
    assert knowledge.note("home-tasks").metadata.parent == "home"
    assert knowledge.note(ROW).metadata.parent == "home-tasks"


def test_a_table_without_a_page_is_the_folder_of_its_rows(knowledge: Knowledge, done: Summary) -> None:
    folder = knowledge.note(ONE).metadata.parent
    assert folder == "home-lists"
    assert knowledge.note(folder).metadata.title == "Lists"


def test_the_properties_of_a_row_are_those_of_the_note(knowledge: Knowledge, done: Summary) -> None:
    note = knowledge.note(ROW)
    said = note.metadata
    assert (said.note_type, said.status, said.tags) == ("task", "In progress", ("urgent", "web-app"))
    assert (note.created_at, note.updated_at) == ("2024-03-05T14:30:00.000Z", "2024-04-01T00:00:00.000Z")
    assert (note.actor, note.markdown) == ("Ada", ROW_TEXT)


def test_tables_are_counted_and_not_read(done: Summary) -> None:
    assert done.passed_over.items == ("3 .csv",)


def test_ids_end_names_of_files_and_folders() -> None:
    assert without_ids(f"A b {HOME}/c {ROW}.md") == "A b/c.md"
    assert without_ids(f"{HOME}.md") == f"{HOME}.md"
    assert without_ids("plain/deadbeef.md") == "plain/deadbeef.md"
