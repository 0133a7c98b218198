"""Any tree of pages is, once it was imported, exported and imported again, what it was."""

from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.conftest import place_of
from tests.store.files.conftest import Files
from tests.store.files.test_exports import everything, reimported

from notewell_store import open_store
from notewell_store.files.exporting import export_notes
from notewell_store.files.folder import MARKER
from notewell_store.files.importing import import_folder
from notewell_store.files.summary import Listed

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from tests.conftest import Knowledge

FOLDERS = ["", "guide/", "guide/deep/", "Guide/", "work/", "work/guide/", "plan/", "ops?/aux/"]
NAMES = ["index", "README", "_index", "guide", "plan", "Plan", "why?", "aux", "a.b", "日本", "---", "none-such", "2024"]
WORDS = [
    "plan",
    "guide",
    "index",
    "work",
    "guide/plan",
    "guide/index",
    "work/guide",
    "Guide",
    "a.b",
    "日本",
    "why?",
    "x",
]
WORDS += ["2024", "Machine Learning", "guide-plan", "ops-", "deep", "plan/", "../guide", "./plan.md", "README"]

HEADERS = {
    "title": ["Plan", "Guide", "Why: now?", '"2024"', "日本"],
    "slug": ["plan", "guide", "index", "guide-plan", "x", "work"],
    "type": ["sop", "folder", "plan"],
    "status": ["In progress", "done"],
    "tags": ["[a, b/c]", "story:x"],
    "aliases": ["[Machine Learning, plan]", "[日本, x]", "guide"],
    "parent": ["plan", "guide", "x", "none", "guide/plan.md", "index.md", "work"],
    "position": ["1", "-3"],
    "public": ["true", "false"],
    "created": ["2024-05-31", "2023-01-01T10:00:00Z"],
    "updated": ["2024-06-30"],
    "author": ["ann"],
    "links": ["[blocks plan]", "[supersedes guide-plan#x, blocks x]"],
    "owner": ["bob"],
}
HEADER = st.fixed_dictionaries({}, optional={key: st.sampled_from(values) for key, values in HEADERS.items()})
LINKS = st.lists(st.tuples(st.sampled_from(["[[{}]]", "![[{}]]", "[x]({}.md)", "[x]({})"]), st.sampled_from(WORDS)))
PATHS = st.builds("{}{}.md".format, st.sampled_from(FOLDERS), st.sampled_from(NAMES))
HEADINGS = st.sampled_from(["", "# Plan\n\n", "# One\n\n# Two\n\n", "## Below\n\n"])
Tree = dict[str, tuple[dict[str, str], str, list[tuple[str, str]]]]
TREES: st.SearchStrategy[Tree] = st.dictionaries(PATHS, st.tuples(HEADER, HEADINGS, LINKS), min_size=1, max_size=9)


def laid(folder: Path, tree: Tree) -> Path:
    """The folder, with these pages, each changed a minute after the one before."""
    for number, (path, (header, heading, links)) in enumerate(tree.items()):
        said = "".join(f"{key}: {value}\n" for key, value in header.items())
        text = f"---\n{said}---\n" if said else ""
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + heading + " ".join(form.format(name) for form, name in links), "utf-8")
        os.utime(file, (1_700_000_000 + 60 * number,) * 2)
    return folder


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(TREES)
def test_any_tree_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, tree: Tree) -> None:
    folder = tmp_path_factory.mktemp("tree")
    first, second = open_store(place_of(folder / "first.db")), open_store(place_of(folder / "second.db"))
    try:
        told = import_folder(first, laid(folder / "docs", tree))
        export_notes(first, folder / "out")
        again = import_folder(second, folder / "out")
        assert everything(second) == everything(first)
        assert {*again.warnings.items} <= {*told.warnings.items}
        assert (again.skipped.total, again.conflicting.total) == (0, 0)
        assert import_folder(second, folder / "out").revisions == 0
    finally:
        first.close()
        second.close()


def test_a_name_means_the_page_that_a_folder_has_also_after_an_export(
    knowledge: Knowledge, files: Files, tmp_path: Path
) -> None:
    files.write("x/guide/plan.md", "a folder without a page")
    files.write("work/guide/index.md", "a folder with one")
    files.write("here.md", "[[guide]]")
    files.into(knowledge.store)
    assert [link.note for link in knowledge.outgoing("here")] == ["work-guide"]
    export_notes(knowledge.store, tmp_path / "out")
    assert json.loads((tmp_path / "out" / MARKER).read_text())["names"] == {
        "x/guide/index.md": "x/guide/",
        "x/index.md": "x/",
        "work/index.md": "work/",
    }
    assert reimported(tmp_path / "out") == everything(knowledge.store)
    shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path / "out")
    assert reimported(tmp_path / "packed.zip") == everything(knowledge.store)


def test_what_is_written_into_the_page_of_a_folder_without_one_becomes_its_text(
    knowledge: Knowledge, files: Files, tmp_path: Path
) -> None:
    other = open_store(place_of(tmp_path / "other.db"))
    files.write("guide/plan.md", "a folder without a page")
    files.into(other)
    export_notes(other, tmp_path / "out")
    other.close()
    out = Files(tmp_path / "out")
    assert out.into(knowledge.store).created == 2
    out.write("guide/index.md", (out.path / "guide/index.md").read_text() + "Now it has one.\n")
    done = out.into(knowledge.store)
    assert (done.updated, done.created, done.gone) == (1, 0, 0)
    assert knowledge.note("guide").markdown == "Now it has one.\n"
    assert knowledge.note("guide-plan").metadata.parent == "guide"


def test_a_parent_named_by_slug_is_the_page_that_says_to_have_it_whenever_that_comes(
    knowledge: Knowledge, files: Files
) -> None:
    files.write("a-daily.md", "---\nparent: journal\n---\n")
    files.write("b/notes.md", "---\ntitle: Journal\nslug: notes\n---\n")
    files.write("z.md", "---\nslug: journal\n---\n")
    files.into(knowledge.store)
    assert knowledge.note("a-daily").metadata.parent == "journal"


def test_a_parent_named_by_slug_is_of_the_same_source_where_another_has_the_slug_already(
    knowledge: Knowledge, files: Files
) -> None:
    knowledge.put("journal", "another's")
    files.write("daily.md", "---\nparent: journal\n---\n")
    files.write("journal.md", "---\nslug: journal\n---\nours")
    files.into(knowledge.store)
    parent = knowledge.note("daily").metadata.parent
    assert parent is not None
    assert knowledge.note(parent).markdown == "ours"


def test_a_page_beside_its_folder_was_made_when_it_says(knowledge: Knowledge, files: Files, tmp_path: Path) -> None:
    laid(files.path, {"guide/deep/index.md": ({}, "", []), "guide.md": ({"created": "2023-01-01"}, "", [])})
    files.into(knowledge.store)
    assert knowledge.note("guide").created_at == "2023-01-01T00:00:00.000Z"
    export_notes(knowledge.store, tmp_path / "out")
    assert reimported(tmp_path / "out") == everything(knowledge.store)


def test_a_further_name_that_two_pages_give_is_as_open_after_an_export(
    knowledge: Knowledge, files: Files, tmp_path: Path
) -> None:
    files.write("ann.md", "---\naliases: [lead]\n---\n")
    files.write("bob.md", "---\naliases: [lead]\n---\n")
    files.write("team/here.md", "[x](lead.md)")
    told = files.into(knowledge.store)
    export_notes(knowledge.store, tmp_path / "out")
    store = open_store(place_of(tmp_path / "again.db"))
    try:
        again = import_folder(store, tmp_path / "out")
        assert again.warnings == told.warnings == Listed(1, ("bob.md: the alias lead names another note",))
        assert everything(store) == everything(knowledge.store)
    finally:
        store.close()
