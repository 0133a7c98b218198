"""What names in imported texts mean: each input of the table of issue 13 that is about names and links."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.conftest import place_of

from notewell_store import open_store
from notewell_store.checking.stored import check_note
from notewell_store.files.exporting import export_notes
from notewell_store.files.importing import import_folder
from notewell_store.files.summary import ImportOptions
from notewell_store.integrity.verify import verify
from notewell_store.resolution import Way
from notewell_store.tables import notes
from notewell_store.tables.origins import path_of_note
from notewell_store.tables.pages import page_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Knowledge

    from notewell_store.files.summary import Summary


def taken(knowledge: Knowledge, folder: Path, files: dict[str, str]) -> Summary:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return import_folder(knowledge.store, folder, ImportOptions(prune=True))


def paths(knowledge: Knowledge) -> dict[str, str]:
    """The slug of each living note by the path that it came from."""
    with knowledge.store.reading() as db:
        found = {path_of_note(db, knowledge.id_of(slug)): slug for slug in knowledge.listed()}
    return {path: slug for path, slug in found.items() if path}


def linked(knowledge: Knowledge, path: str) -> list[str]:
    """The paths that a note's links lead to; what dangles as it is written."""
    by_slug = {slug: path for path, slug in paths(knowledge).items()}
    links = knowledge.outgoing(paths(knowledge)[path])
    return sorted(by_slug.get(link.note, link.note) if link.exists else f"? {link.note}" for link in links)


def states(knowledge: Knowledge, path: str) -> dict[str, str]:
    with knowledge.store.reading() as db:
        report = check_note(db, notes.load(db, knowledge.id_of(paths(knowledge)[path])))
    return {checked.ref: checked.state for checked in report.refs}


def whole(knowledge: Knowledge) -> None:
    assert verify(knowledge.store).findings == ()


@pytest.mark.parametrize(
    "files",
    [
        {"notes/日本.md": "a"},
        {"notes/_.md": "a", "notes/日本.md": "b"},
        {"2024/---.md": "a"},
        {"notes/all.md": "---\nslug: notes\n---\na"},
        {"日本.md": "a", "設計.md": "b"},
    ],
)
def test_a_file_whose_name_no_slug_can_hold_is_taken(
    knowledge: Knowledge, tmp_path: Path, files: dict[str, str]
) -> None:
    summary = taken(knowledge, tmp_path, files)
    assert summary.skipped.total == 0
    assert paths(knowledge).keys() >= files.keys()
    slugs = paths(knowledge)
    taken(knowledge, tmp_path, {"new.md": "n"})
    assert slugs.items() <= paths(knowledge).items()
    whole(knowledge)


@pytest.mark.of_sqlite("the trigger that refuses is SQLite's")
def test_a_page_that_cannot_be_taken_is_skipped_and_told_and_the_rest_is_taken(
    knowledge: Knowledge, tmp_path: Path
) -> None:
    with knowledge.store.writing() as db:
        db.execute(
            """CREATE TRIGGER refuse BEFORE INSERT ON notes WHEN NEW.title = 'Bad'
               BEGIN SELECT RAISE(ABORT, 'refused'); END"""
        )
    summary = taken(knowledge, tmp_path, {"a.md": "# A", "b.md": "# Bad", "c/d.md": "[a](../a.md)"})
    assert [(skipped.path, skipped.reason) for skipped in summary.skipped.items] == [
        ("b.md", "it cannot be taken: refused")
    ]
    assert paths(knowledge) == {"a.md": "a", "c/": "c", "c/d.md": "c-d"}
    assert linked(knowledge, "c/d.md") == ["a.md"]
    assert summary.created == 3


def test_pages_are_told_apart_by_their_paths_not_by_slugs_made_of_them(knowledge: Knowledge, tmp_path: Path) -> None:
    text = "[a](снег.md) [b](план.md) [c](run_book.md) [d](run-book.md)"
    taken(
        knowledge, tmp_path, {"h.md": text} | dict.fromkeys(["снег.md", "план.md", "run_book.md", "run-book.md"], "x")
    )
    assert linked(knowledge, "h.md") == ["run-book.md", "run_book.md", "план.md", "снег.md"]
    assert set(states(knowledge, "h.md").values()) == {"exact"}
    whole(knowledge)


def test_a_name_means_the_page_in_its_own_folder_then_from_the_root_then_the_only_one(
    knowledge: Knowledge, tmp_path: Path
) -> None:
    files = {
        "people/ada.md": "[[plan]] [[bob]]",
        "people/bob.md": "x",
        "work/plan.md": "[[ada]] [[people/ada]] [[People/Ada]]",
    }
    taken(knowledge, tmp_path, files)
    assert linked(knowledge, "people/ada.md") == ["people/bob.md", "work/plan.md"]
    assert linked(knowledge, "work/plan.md") == ["people/ada.md"]
    taken(knowledge, tmp_path, {"people/plan.md": "mine"})
    assert linked(knowledge, "people/ada.md") == ["people/bob.md", "people/plan.md"]
    whole(knowledge)


def test_what_several_pages_are_called_dangles_as_ambiguous_until_one_is_left(
    knowledge: Knowledge, tmp_path: Path
) -> None:
    taken(knowledge, tmp_path, {"h.md": "[[plan]]", "a/plan.md": "x", "b/plan.md": "y"})
    assert linked(knowledge, "h.md") == ["? plan"]
    assert states(knowledge, "h.md") == {"plan": "ambiguous"}
    with knowledge.store.reading() as db:
        report = check_note(db, notes.load(db, knowledge.id_of("h")))
    assert report.refs[0].nearest == ("a-plan", "b-plan")
    whole(knowledge)
    knowledge.delete("b-plan")
    assert linked(knowledge, "h.md") == ["a/plan.md"]
    knowledge.restore("b-plan")
    assert linked(knowledge, "h.md") == ["? plan"]
    whole(knowledge)


def test_file_names_and_titles_come_before_slugs_that_lost_letters_and_numbers(
    knowledge: Knowledge, tmp_path: Path
) -> None:
    text = "[[API 設計]] [[API 仕様]] [[План 1]] [[2024]] [[設計]] [[план 1]]"
    pages = ["API 設計.md", "API 仕様.md", "x/План 1.md", "2024.md", "y/設計.md"]
    taken(knowledge, tmp_path, {"h.md": text} | dict.fromkeys(pages, "text"))
    assert linked(knowledge, "h.md") == sorted(pages)
    whole(knowledge)


def test_a_slug_that_lost_letters_is_a_name_only_where_it_is_written_as_such(
    knowledge: Knowledge, tmp_path: Path
) -> None:
    taken(knowledge, tmp_path, {"h.md": "[[API]] [x](Api.md)", "g.md": "[[api]]", "API 設計.md": "text"})
    taken(knowledge, tmp_path, {"k.md": "[[Design]]", "設計.md": "---\nslug: design\n---\n"})
    assert linked(knowledge, "k.md") == ["設計.md"]
    assert knowledge.note("api").metadata.title == "API 設計"
    assert linked(knowledge, "h.md") == ["? api"]
    assert linked(knowledge, "g.md") == ["API 設計.md"]
    whole(knowledge)


def test_a_title_made_of_a_ligature_is_a_title_as_others_are(knowledge: Knowledge, tmp_path: Path) -> None:
    taken(knowledge, tmp_path, {"ﬁle.md": "text"})
    assert knowledge.note("file").metadata.title == "File"


def test_the_page_in_a_folder_has_its_name_before_the_one_beside_it(knowledge: Knowledge, tmp_path: Path) -> None:
    taken(knowledge, tmp_path, {"d/index.md": "in it", "d.md": "beside it", "d/p.md": ""})
    assert paths(knowledge)["d/index.md"] == "d"
    assert knowledge.note("d-p").metadata.parent == "d"


def test_a_further_name_that_no_slug_can_hold_is_a_name_still(knowledge: Knowledge, tmp_path: Path) -> None:
    files = {
        "a.md": "---\naliases: [設計, 'C++', '2024']\n---\ntext\n",
        "b.md": "[[設計]] [[c++]] [[2024]] [[設計 二]]\n",
    }
    assert taken(knowledge, tmp_path / "in", files).warnings.total == 0
    assert linked(knowledge, "b.md") == ["? 設計 二", "a.md"]
    export_notes(knowledge.store, tmp_path / "out")
    with closing(open_store(place_of(tmp_path / "other.db"))) as other:
        import_folder(other, tmp_path / "out")
        with other.reading() as db:
            keys = db.execute("SELECT key FROM names WHERE way = ? ORDER BY key", (Way.WORD,)).fetchall()
            assert [key for (key,) in keys] == ["2024", "c++", "設計"]
    taken(knowledge, tmp_path / "in", {"a.md": "text\n"})
    assert "a.md" not in linked(knowledge, "b.md")


@pytest.mark.parametrize("name", ["Node.js", "Paris, France", "📅 Plan", "(draft) x", "@ann", "Q&A: 100%"])
def test_any_name_is_a_link_which_dangles_until_its_page_comes(knowledge: Knowledge, tmp_path: Path, name: str) -> None:
    taken(knowledge, tmp_path, {"h.md": f"[[{name}]]"})
    assert list(states(knowledge, "h.md").values()) == ["missing"]
    assert len(knowledge.dangling("h")) == 1
    knowledge.put("page-of-its-own", "text", title=name)
    assert [link.note for link in knowledge.outgoing("h")] == ["page-of-its-own"]
    knowledge.put("page-of-its-own", title="Something else")
    assert len(knowledge.dangling("h")) == 1
    taken(knowledge, tmp_path, {f"deep/{name}.md": "text"})
    assert linked(knowledge, "h.md") == [f"deep/{name}.md"]
    whole(knowledge)


def test_odd_file_names_come_back_from_an_export(knowledge: Knowledge, tmp_path: Path) -> None:
    files = {
        "guide/why?.md": "[s](setup.md)",
        "guide/setup.md": "[w](why%3F.md) [c](a%3Ab.md) [[aux]] [[Case]] [t](case.md)",
        "guide/a:b.md": "x",
        "guide/aux.md": "x",
        "guide/Case.md": "upper",
        "guide/case.md": "lower",
    }
    taken(knowledge, tmp_path / "in", files)
    before = {path: linked(knowledge, path) for path in files}
    assert before["guide/setup.md"] == sorted(files.keys() - {"guide/setup.md"})
    export_notes(knowledge.store, tmp_path / "out")
    names = sorted(path.name for path in (tmp_path / "out" / "guide").iterdir())
    assert len({name.casefold() for name in names}) == len(files) + 1  # and the folder's own note
    assert not any(set(name) & set('<>:"|?*\\') for name in names)
    with closing(open_store(place_of(tmp_path / "other.db"))) as store:
        other = type(knowledge)(store)
        import_folder(store, tmp_path / "out")
        assert {path: linked(other, path) for path in files} == before
        whole(other)


def test_blocks_nested_headings_and_code_in_headings_are_found(knowledge: Knowledge, tmp_path: Path) -> None:
    target = "# T\n\n## One\n\n### Two\n\nA line. ^k1\n\n## `slice`\n"
    taken(knowledge, tmp_path, {"h.md": "[[t#^k1]] [[t#One#Two]] [[t#`slice`]] [[t#^none]]", "t.md": target})
    assert list(states(knowledge, "h.md").values()) == ["exact", "exact", "exact", "missing-section"]
    assert [link.anchor for link in knowledge.outgoing("h")] == ["^k1", "Two", "slice", "^none"]
    with knowledge.store.reading() as db:
        note = notes.load(db, knowledge.id_of("h"))
        page = page_of(db, note, 0, len(note.markdown))
    assert 'href="t#slice"' in page
    assert not any(mark in page for mark in ("\0", "\x02", "klzz"))


def test_a_path_that_may_lead_to_a_file_is_no_missing_note(knowledge: Knowledge, tmp_path: Path) -> None:
    taken(knowledge, tmp_path, {"README.md": "[l](LICENSE) [m](license) [s](src/) [g](guide) [x](gone.md)"})
    assert states(knowledge, "README.md") == {"gone.md": "missing"}
    assert linked(knowledge, "README.md") == ["? gone"]
    taken(knowledge, tmp_path, {"guide/index.md": "g", "license.md": "l"})
    assert linked(knowledge, "README.md") == ["? gone", "guide/index.md", "license.md"]
    whole(knowledge)


def test_a_page_beside_a_folder_of_its_name_is_the_folders_page(knowledge: Knowledge, tmp_path: Path) -> None:
    taken(knowledge, tmp_path, {"guide/a.md": "a"})
    assert knowledge.note("guide").metadata.note_type == "folder"
    taken(knowledge, tmp_path, {"guide.md": "# The guide", "guide/b.md": "b"})
    guide = knowledge.note("guide")
    assert (guide.metadata.title, guide.metadata.note_type, guide.markdown) == ("The guide", None, "# The guide")
    assert {knowledge.note(slug).metadata.parent for slug in ("guide-a", "guide-b")} == {"guide"}
    assert len(knowledge.listed()) == 3
    whole(knowledge)


def test_a_page_in_a_folder_of_its_name_is_the_folders_page(knowledge: Knowledge, tmp_path: Path) -> None:
    files = {"top/guide/a.md": "[[guide]] [up](../guide/) [here](.)\n", "top/guide/guide.md": "# All of it\n"}
    assert (taken(knowledge, tmp_path, files).created, knowledge.listed()) == (
        3,
        ["top-guide-a", "top-guide-guide", "top"],
    )
    parents = {slug: knowledge.note(slug).metadata.parent for slug in knowledge.listed()}
    assert parents == {"top": None, "top-guide-guide": "top", "top-guide-a": "top-guide-guide"}
    assert linked(knowledge, "top/guide/a.md") == ["top/guide/guide.md"]
    assert taken(knowledge, tmp_path, {}).revisions == 0
    taken(knowledge, tmp_path, {"top/guide/README.md": "# Read\n"})
    assert knowledge.note("top-guide-a").metadata.parent == "top-guide"
    assert knowledge.note("top-guide-guide").metadata.parent == "top-guide"


def test_a_page_shows_where_its_links_lead_now(knowledge: Knowledge) -> None:
    knowledge.put("a", "[[Big Plan]] [x](gone.md) [y](b)")
    knowledge.put("b", "x")
    knowledge.put("c", "x", title="Big Plan")
    with knowledge.store.reading() as db:
        note = notes.load(db, knowledge.id_of("a"))
        page = page_of(db, note, 0, len(note.markdown))
    assert '<a class="note-link" href="c"' in page
    assert '<a class="note-link missing" href="gone.md"' in page
    assert '<a class="note-link" href="b"' in page


def test_memory_addresses_are_links(knowledge: Knowledge, tmp_path: Path) -> None:
    taken(knowledge, tmp_path, {"specs/search.md": "x", "h.md": "memory://specs/search and [m](memory://specs/gone)"})
    assert linked(knowledge, "h.md") == ["? specs-gone", "specs/search.md"]


def test_a_folder_without_a_page_is_found_by_the_name_that_an_export_gives_it(
    knowledge: Knowledge, tmp_path: Path
) -> None:
    taken(knowledge, tmp_path, {"a/b.md": "[[index]] [up](index.md)\n", "c.md": "[it](a/index.md) [[index]]\n"})
    assert linked(knowledge, "a/b.md") == ["a/"]
    assert linked(knowledge, "c.md") == ["? index", "a/"]
