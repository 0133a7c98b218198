"""What was changed here goes back to the files that the notes came from, over no edit that was not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.conftest import place_of
from tests.store.files.conftest import Files

from notewell_store import Attribution, Invalid, open_store
from notewell_store.files.exporting import export_notes
from notewell_store.files.summary import ImportOptions
from notewell_store.files.writing_back import replaced, write_back

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Knowledge

    from notewell_store.files.writing_back import WrittenBack

PAGE = "---\n# of our own\nstatus:   draft\ntags: [b, a]\n---\n# Page\n\none\n\ntwo\n\nthree\n"


def synced(knowledge: Knowledge, files: Files) -> WrittenBack:
    return write_back(knowledge.store, files.path, ImportOptions(), Attribution("ann"))


def text(files: Files, path: str = "page.md") -> str:
    return (files.path / path).read_bytes().decode()


def test_a_text_changed_here_is_written_into_its_file_and_nothing_else_is(knowledge: Knowledge, files: Files) -> None:
    files.write("page.md", PAGE)
    files.write("other.md", "# Other\r\n")
    files.into(knowledge.store, project="docs")
    knowledge.edit("page", "replace", "here", "two")
    done = synced(knowledge, files)
    assert (done.written.items, done.left.items) == (("page.md",), ())
    assert (text(files), text(files, "other.md")) == (PAGE.replace("two", "here"), "# Other\r\n")
    assert sorted(path.name for path in files.path.iterdir()) == ["other.md", "page.md"]
    again = synced(knowledge, files)
    assert (again.written.total, again.imported.revisions) == (0, 0)


def test_changes_of_both_sides_are_in_both_afterwards(knowledge: Knowledge, files: Files) -> None:
    files.write("page.md", PAGE)
    files.into(knowledge.store)
    knowledge.edit("page", "replace", "here", "one")
    files.write("page.md", PAGE.replace("three", "there"))
    assert synced(knowledge, files).written.items == ("page.md",)
    assert text(files) == PAGE.replace("one", "here").replace("three", "there")
    files.write("page.md", text(files).replace("there", "there again"))
    assert synced(knowledge, files).imported.conflicting.total == 0
    assert "there again" in knowledge.note("page").markdown


def test_what_overlaps_is_left_in_both_and_told(knowledge: Knowledge, files: Files) -> None:
    files.write("page.md", PAGE)
    files.into(knowledge.store)
    knowledge.edit("page", "replace", "here", "two")
    files.write("page.md", PAGE.replace("two", "there"))
    done = synced(knowledge, files)
    assert done.imported.conflicting.total == 1
    assert [(left.path, left.reason) for left in done.left.items] == [("page.md", "edited since it was imported")]
    assert (text(files), "here" in knowledge.note("page").markdown) == (PAGE.replace("two", "there"), True)


def test_metadata_changed_here_are_written_into_the_front_matter(knowledge: Knowledge, files: Files) -> None:
    files.write("page.md", "---\nstatus: draft\n---\n# Page\n")
    files.write("plain.md", "# Plain\n")
    files.into(knowledge.store)
    knowledge.put("page", status="active", title="Another")
    knowledge.put("plain", note_type="sop")
    assert synced(knowledge, files).written.total == 2
    knowledge.put("plain", add_tags=("x",))
    assert synced(knowledge, files).written.total == 1
    read = {slug: knowledge.note(slug).metadata for slug in ("page", "plain")}
    files.write("page.md", text(files) + "\nmore\n")
    files.into(knowledge.store)
    assert {slug: knowledge.note(slug).metadata for slug in read} == read
    assert "status: active" in text(files)


def test_a_heading_changed_here_needs_no_title_beside_it(knowledge: Knowledge, files: Files) -> None:
    files.write("page.md", "# Page\n")
    files.into(knowledge.store)
    knowledge.rewrite("page", "# New\n", title="New")
    synced(knowledge, files)
    assert text(files) == "# New\n"


def test_a_note_deleted_here_leaves_its_file(knowledge: Knowledge, files: Files) -> None:
    files.write("page.md", PAGE)
    files.into(knowledge.store)
    knowledge.delete("page")
    assert [left.reason for left in synced(knowledge, files).left.items] == ["its note was deleted here"]
    assert text(files) == PAGE


def test_an_edit_made_while_it_runs_is_not_written_over(files: Files) -> None:
    files.write("page.md", "edited meanwhile\n")
    assert not replaced(files.path / "page.md", b"as it was read\n", b"from here\n")
    assert text(files) == "edited meanwhile\n"
    assert [path.name for path in files.path.iterdir()] == ["page.md"]


def test_a_link_is_not_written_through(knowledge: Knowledge, files: Files) -> None:
    files.write("real.md", "one\n")
    (files.path / "page.md").symlink_to(files.path / "real.md")
    files.into(knowledge.store)
    knowledge.rewrite("page", "here\n")
    assert [left.path for left in synced(knowledge, files).left.items] == ["page.md"]
    assert text(files, "real.md") == "one\n"


def test_a_folder_that_was_not_imported_is_refused_and_left(knowledge: Knowledge, files: Files) -> None:
    files.write("page.md", "one\n")
    with pytest.raises(Invalid, match="was not imported"):
        synced(knowledge, files)
    assert knowledge.listed() == []


@pytest.mark.parametrize(
    ("marker", "page", "body"),
    [
        ("_Sidebar.md", "How-to.md", "See [[the top|Home]] and `[[a|b]]`.\n\nold\n"),
        ("dendron.yml", "a.b.md", "See [[the top|a]].\n\nold\n"),
        (".notewell.toml", "plans/next.md", "old\n"),
        (".adr", "adr/0001-a.md", "# A\n\n## Status\n\nSuperseded by [B](0002-b.md)\n\n## Context\n\nold\n"),
    ],
)
def test_a_file_is_written_in_the_spelling_of_its_own_kind(
    knowledge: Knowledge, files: Files, marker: str, page: str, body: str
) -> None:
    files.write(marker, '[tags]\n"plans" = "later"\n')
    files.write("adr/0002-b.md", "# B\n\n## Status\n\nAccepted\n")
    files.write(page, body)
    files.into(knowledge.store)
    (slug,) = (slug for slug in knowledge.listed() if knowledge.note(slug).markdown.endswith("old\n"))
    knowledge.edit(slug, "replace", "new", "old")
    done = synced(knowledge, files)
    assert (done.written.items, done.left.items) == ((page,), ())
    assert text(files, page) == body.replace("old", "new")
    again = synced(knowledge, files)
    assert (again.written.total, again.imported.revisions) == (0, 0)


def test_files_of_an_export_are_written_back_under_the_names_that_they_have_there(
    knowledge: Knowledge, files: Files, tmp_path: Path
) -> None:
    other = open_store(place_of(tmp_path / "other.db"))
    files.write("guide/why?.md", "one\n")
    files.into(other)
    export_notes(other, tmp_path / "out")
    other.close()
    out = Files(tmp_path / "out")
    out.into(knowledge.store)
    knowledge.put("guide-why", "two\n", if_revision=1)
    knowledge.put("guide", "The folder has a page now.\n", if_revision=1)
    done = synced(knowledge, out)
    assert sorted(done.written.items) == ["guide/", "guide/why?.md"]
    assert (out.path / "guide/why-.md").read_text().endswith("\ntwo\n")
    assert (out.path / "guide/index.md").read_text().endswith("\nThe folder has a page now.\n")
