"""Which reader a source is for, and what is common to all of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from notewell_server.cli.files import summary_text
from notewell_store import Invalid
from notewell_store.clock import now
from notewell_store.files.readers import READERS
from notewell_store.integrity.verify import verify

if TYPE_CHECKING:
    from tests.conftest import Knowledge
    from tests.store.files.conftest import Files, Repo


def test_a_folder_of_no_known_kind_is_read_as_plain_markdown(files: Files) -> None:
    files.write("a.md", "A")
    assert files.reader() == "markdown"


def test_every_reader_has_a_name_of_its_own_and_can_be_named(files: Files) -> None:
    names = [reader.name for reader in READERS]
    assert len(set(names)) == len(names)
    assert [files.reader(name) for name in names] == names


def test_a_reader_that_is_not_there_is_refused_with_those_that_are(knowledge: Knowledge, files: Files) -> None:
    with pytest.raises(Invalid, match="markdown"):
        files.into(knowledge.store, reader="word")


def test_one_markdown_file_is_a_source(knowledge: Knowledge, files: Files) -> None:
    files.write("a.md", "A")
    files.write("b.md", "B")
    done = files.only("a.md", knowledge.store)
    assert (done.created, done.notes) == (1, 1)


def test_a_file_that_no_reader_knows_is_refused(knowledge: Knowledge, files: Files) -> None:
    files.write("a.xyz", "A")
    with pytest.raises(Invalid, match="nothing here can read"):
        files.only("a.xyz", knowledge.store)


def test_the_first_revision_bears_the_time_and_author_that_the_page_tells(knowledge: Knowledge, files: Files) -> None:
    files.write("a.md", "---\ncreated: 2020-03-01\nauthor: Ada\n---\nA\n")
    files.into(knowledge.store)
    (first,) = knowledge.history("a")
    assert (first.revised_at, first.actor) == ("2020-03-01T00:00:00.000Z", "Ada")
    assert "created: 2020-03-01" in knowledge.note("a").markdown


def test_a_page_that_tells_two_times_was_created_at_one_and_updated_at_the_other(
    knowledge: Knowledge, files: Files
) -> None:
    files.write("a.md", "---\ndate: 2020-03-01 10:30\nupdated: 1700000000000\n---\nA\n")
    files.into(knowledge.store)
    note = knowledge.note("a")
    assert (note.created_at, note.updated_at) == ("2020-03-01T10:30:00.000Z", "2023-11-14T22:13:20.000Z")
    assert files.into(knowledge.store).revisions == 0
    assert verify(knowledge.store).findings == ()


def test_a_page_that_tells_nothing_bears_the_time_of_its_file(knowledge: Knowledge, files: Files) -> None:
    files.write("a.md", "A")
    os.utime(files.path / "a.md", (1_500_000_000, 1_500_000_000))
    files.into(knowledge.store)
    assert knowledge.note("a").created_at == "2017-07-14T02:40:00.000Z"


def test_no_revision_is_of_the_future(knowledge: Knowledge, files: Files) -> None:
    files.write("a.md", "---\ncreated: 2999-01-01\nupdated: 9999-01-01\n---\nA\n")
    files.write("b.md", "B")
    os.utime(files.path / "b.md", (4_000_000_000, 4_000_000_000))
    files.into(knowledge.store)
    assert max(revision.revised_at for revision in knowledge.history()) <= now()


def test_a_change_of_the_file_bears_its_time_unless_the_note_is_newer(knowledge: Knowledge, files: Files) -> None:
    for number, second in enumerate((1_500_000_000, 1_600_000_000, 1_400_000_000)):
        files.write("a.md", f"A {number}")
        os.utime(files.path / "a.md", (second, second))
        files.into(knowledge.store)
    times = [revision.revised_at for revision in reversed(knowledge.history("a"))]
    assert times[:2] == ["2017-07-14T02:40:00.000Z", "2020-09-13T12:26:40.000Z"]
    assert times[2] > "2026"


def test_times_that_cannot_be_read_cost_nothing_else(knowledge: Knowledge, files: Files) -> None:
    files.write("a.md", "---\ntitle: Plan\ncreated: some day\nupdated: [1, 2]\n---\nA\n")
    files.into(knowledge.store)
    assert knowledge.note("a").metadata.title == "Plan"


def test_of_a_folder_without_pages_it_is_said_what_was_passed_over(knowledge: Knowledge, files: Files) -> None:
    for name in ("a.html", "b.html", "c.HTML", "d.json", ".hidden", "Makefile"):
        files.write(name, "x")
    done = files.into(knowledge.store)
    assert set(done.passed_over.items) == {"3 .html", "1 .json", "1 Makefile"}
    words = summary_text(done)
    assert "3 .html" in words and "1 .json" in words and "nothing new" not in words


def test_what_makes_markdown_of_files_that_are_none_is_told(knowledge: Knowledge, files: Files) -> None:
    for name in ("space/index.html", "data.json", "notes.org", "photo.png"):
        files.write(name, "x")
    done = files.into(knowledge.store)
    assert [
        word in told for word, told in zip(("BookStack", "-f html", "-f org"), done.warnings.items, strict=True)
    ] == [
        True,
        True,
        True,
    ]
    files.write("page.md", "A page.\n")
    assert files.into(knowledge.store).warnings.items == ()


def test_what_is_left_untouched_is_counted_and_named(knowledge: Knowledge, files: Files) -> None:
    for name in ("web/node_modules/x/README.md", "node_modules/y.md", ".obsidianish/a.md", ".secret.md", ".env"):
        files.write(name, "x")
    for name in ("a.md", "b.png", "c.png", "d/Makefile"):
        files.write(name, "x")
    done = files.into(knowledge.store)
    assert knowledge.listed() == ["a"]
    assert set(done.passed_over.items) == {
        "2 .png",
        "2 node_modules/",
        "1 .obsidianish/",
        "1 .secret.md",
        "1 Makefile",
    }


def test_of_a_repository_what_is_left_untouched_is_counted_too(knowledge: Knowledge, repo: Repo) -> None:
    repo.write("src/a.py", "x")
    repo.page("a.md", "A")
    assert repo.into(knowledge.store).passed_over.items == ("1 .py",)
