"""The search index, kept in step by small changes, against one made afresh from the notes."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notewell_store import Store, StoreError
from notewell_store.engines.sqlite import fts
from notewell_store.engines.sqlite.driver import sqlite3
from notewell_store.files import stale_notes
from notewell_store.files.importing import import_folder
from notewell_store.markdown.passages import LONGEST_PASSAGE, Indexed, passages_of, searchable
from notewell_store.markdown.sections import parse_sections
from notewell_store.tables import notes
from notewell_store.tables.passages import merge_index
from notewell_store.tables.sections import read_sections
from notewell_store.writing.deriving import indexed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.conftest import Knowledge

    from notewell_store.contract import Snapshot

Place = tuple[int, int, int, int]  # note, section (-1 before the first heading), start, end
Entry = tuple[Place, str, str, int]
INSTANCES = "CREATE VIRTUAL TABLE temp.instances USING fts5vocab({}, search, instance)"


def kept_index(store: Store) -> list[Entry]:
    """Each word of the store's index with its passage, column and offset."""
    with store.writing() as db:
        db.execute("INSERT INTO search (search) VALUES ('integrity-check')")
    with store.reading() as db:
        db.execute(INSTANCES.format("main"))
        rows = db.execute(
            """SELECT p.note_id, ifnull(p.section, -1), p.start, p.end, i.term, i.col, i.offset
               FROM temp.instances i LEFT JOIN passages p ON p.id = i.doc"""
        ).fetchall()
    return sorted((tuple(row[:4]), *row[4:]) for row in rows)


def fresh_index(store: Store) -> list[Entry]:
    """The same of an index that is made now, in memory, of all living notes."""
    with store.reading() as db:
        (definition,) = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'search'").fetchone()
        found = [notes.load(db, note_id) for (note_id,) in db.execute("SELECT id FROM notes WHERE NOT deleted")]
        searched = [(note.id, indexed(note.metadata, note.markdown, read_sections(db, note.id))) for note in found]
        for note in found:
            assert read_sections(db, note.id) == parse_sections(note.markdown)
    places: list[Place] = []
    memory = sqlite3.connect(":memory:")
    memory.execute(definition)
    for note_id, of_note in searched:
        for passage in passages_of(of_note) if of_note else ():
            section = -1 if passage.section is None else passage.section
            places.append((note_id, section, passage.start, passage.end))
            values = (len(places), *passage.text)
            memory.execute("INSERT INTO search (rowid, title, heading, body, names) VALUES (?, ?, ?, ?, ?)", values)
    memory.execute(INSTANCES.format("main"))
    rows = memory.execute("SELECT doc, term, col, offset FROM temp.instances").fetchall()
    memory.close()
    return sorted((places[doc - 1], term, col, offset) for doc, term, col, offset in rows)


def assert_in_step(store: Store) -> None:
    assert kept_index(store) == fresh_index(store)
    with store.reading() as db:
        stray = "SELECT count(*) FROM passages WHERE note_id IN (SELECT id FROM notes WHERE deleted)"
        assert db.execute(stray).fetchone() == (0,)
        twice = "SELECT note_id FROM passages GROUP BY note_id, section, start, end HAVING count(*) > 1"
        assert db.execute(twice).fetchall() == []


def test_the_index_is_in_step_after_every_kind_of_change(knowledge: Knowledge) -> None:
    text = "intro\n\n# One\n\nalpha\n\n## Two\n\nbeta\n\n## Two\n\nbeta\n\n# Three\n"
    steps: tuple[Callable[[], object], ...] = (
        lambda: knowledge.put("a", text, tags=("x",)),
        lambda: knowledge.put("b", ""),
        lambda: knowledge.edit("a#two", "append", "gamma"),
        lambda: knowledge.edit("a@2#two-1", "replace_section", "delta"),
        lambda: knowledge.rewrite("a", "new first line\n" + text),
        lambda: knowledge.rewrite("a", text.replace("# One", "xxxxx")),
        lambda: knowledge.put("a", title="Another"),
        lambda: knowledge.put("a", tags=("y", "z")),
        lambda: knowledge.put("a", status="active"),
        lambda: knowledge.rename("a", "c"),
        lambda: knowledge.delete("c"),
        lambda: knowledge.restore("c"),
        lambda: knowledge.restore("c@1"),
        lambda: knowledge.delete("b"),
        lambda: knowledge.restore("b@1"),
        lambda: knowledge.rewrite("c", ""),
        lambda: knowledge.rewrite("c", "x " * 40_000),
        lambda: knowledge.edit("c", "append", "the end"),
        lambda: knowledge.rewrite("c", "日本語 getUserName " * 3_000),
    )
    for step in steps:
        step()
        assert_in_step(knowledge.store)


def count_parts(store: Store) -> int:
    with store.reading() as db:
        (parts,) = db.execute("SELECT count(DISTINCT segid) FROM search_idx").fetchone()
    return int(parts)


def write_pages(folder: Path, first: int, count: int) -> None:
    folder.mkdir(exist_ok=True)
    for number in range(first, first + count):
        (folder / f"{number}.md").write_text(f"# Page {number}\n\nIts own is word{number}.\n")


@pytest.mark.parametrize("at_once", [1, 1_000])
def test_an_import_of_many_notes_leaves_an_index_of_one_part(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(fts, "MERGED_AT_ONCE", at_once)
    monkeypatch.setattr(stale_notes, "MOST_NOTES", 10)
    write_pages(tmp_path / "pages", 0, 40)
    import_folder(store, tmp_path / "pages")
    assert count_parts(store) == 1
    assert_in_step(store)


def test_an_index_is_brought_together_while_others_write(
    knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_pages(tmp_path / "pages", 0, 40)
    import_folder(knowledge.store, tmp_path / "pages")
    for number in range(10):
        knowledge.put(f"before-{number}", " ".join(f"word{number}x{other}" for other in range(500)))
    monkeypatch.setattr(fts, "MERGED_AT_ONCE", 1)
    rounds = 0

    @contextmanager
    def writing() -> Iterator[Snapshot]:
        nonlocal rounds
        rounds += 1
        assert rounds < 200, "each note that was written meanwhile was brought in too"
        with knowledge.store.writing() as db:
            yield db
        knowledge.put(f"meanwhile-{rounds}", "A note of somebody else.")

    merge_index(writing)
    assert rounds > 1
    assert_in_step(knowledge.store)


def test_parts_that_single_writes_leave_are_brought_together_behind_them(knowledge: Knowledge) -> None:
    for number in range(15):
        knowledge.put(f"note-{number}", f"# Note {number}\n\nIts own word{number}.\n")
        knowledge.store.background.finish()
    assert count_parts(knowledge.store) < 4
    assert_in_step(knowledge.store)


def test_for_a_few_notes_more_an_import_does_not_write_all_of_the_index_again(store: Store, tmp_path: Path) -> None:
    write_pages(tmp_path / "pages", 0, 40)
    import_folder(store, tmp_path / "pages")
    write_pages(tmp_path / "pages", 40, 2)
    import_folder(store, tmp_path / "pages")
    assert count_parts(store) == 2
    assert_in_step(store)


PIECES = st.lists(
    st.sampled_from(
        ["# A\n", "## B\n", "## B\n", "text\n", "\n", "camelCase日本\n", "```\n# no\n```\n", "C\n===\n", "é"]
    ),
    max_size=8,
).map("".join)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("rewrite"), PIECES),
        st.tuples(st.just("title"), st.sampled_from(["One", "Two words", "日本"])),
        st.tuples(st.just("tag"), st.sampled_from(["x", "y"])),
        st.tuples(st.sampled_from(["delete", "restore", "back"]), st.just("")),
    ),
    max_size=10,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_the_index_is_in_step_after_any_changes(knowledge: Knowledge, steps: list[tuple[str, str]]) -> None:
    if not knowledge.history():
        knowledge.put("a", "# A\n\nstart\n")
    for action, value in steps:
        try:
            if action == "rewrite":
                knowledge.rewrite("a", value, is_whole=True)
            elif action == "title":
                knowledge.put("a", title=value)
            elif action == "tag":
                knowledge.put("a", tags=(value,))
            elif action == "back":
                knowledge.restore(f"a@{max(1, knowledge.note('a').revision - 2)}")
            else:
                getattr(knowledge, action)("a")
        except StoreError:
            continue  # a change of a tombstone, or a restore of what lives
    assert_in_step(knowledge.store)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "x" * 100_000,
        "word " * 20_000,
        "line\n" * 20_000,
        "日本" * 30_000,
        "# A\n" + "x" * 50_000 + "\n## B\nx\n",
    ],
)
def test_passages_cover_the_text_between_headings_in_pieces_of_bounded_size(text: str) -> None:
    sections = parse_sections(text)
    passages = list(passages_of(Indexed("T", "t", text, sections)))
    assert all(0 <= passage.end - passage.start <= LONGEST_PASSAGE for passage in passages)
    covered = "".join(text[passage.start : passage.end] for passage in passages)
    headings = "".join(text[section.start : section.body_start] for section in sections)
    assert len(covered) + len(headings) == len(text)
    assert len(passages) >= 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("getUserName", "getUserName get User Name"),
        ("日本語", "日  本  語"),
        ("HTTPServer", "HTTPServer HTTP Server"),
        ("userIDs of APIs", "userIDs of APIs user IDs"),
        ("plain words", "plain words"),
    ],
)
def test_names_in_camel_case_and_unspaced_scripts_are_indexed_in_parts(text: str, words: str) -> None:
    assert searchable(text).strip() == words
