"""A page that was changed here and in its source: merged, or kept both and told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.store.files.imported import texts

if TYPE_CHECKING:
    from tests.conftest import Knowledge
    from tests.store.files.conftest import Files, Repo

    from notewell_store.files.summary import Summary

SECTIONS = [f"## Section {number}\n\ntext {number}\n\n" for number in range(20)]


def page(**changed: str) -> str:
    """Twenty sections, some with another text: `s3="new"`."""
    every = dict(enumerate(SECTIONS)) | {
        int(name[1:]): f"## Section {name[1:]}\n\n{t}\n\n" for name, t in changed.items()
    }
    return "# Page\n\n" + "".join(every.values())


def kept(done: Summary) -> list[tuple[str, str, int | None]]:
    return [(each.slug, each.reason, each.offered) for each in done.conflicting.items]


def test_changes_of_one_page_in_different_places_are_merged(knowledge: Knowledge, files: Files) -> None:
    files.write("page.md", page())
    files.into(knowledge.store)
    knowledge.rewrite("page", page(s1="changed here"))
    files.write("page.md", page(s19="changed there"))
    done = files.into(knowledge.store)
    assert (done.merged, done.updated, done.revisions, kept(done)) == (1, 1, 1, [])
    assert knowledge.note("page").markdown == page(s1="changed here", s19="changed there")
    assert files.into(knowledge.store).revisions == 0


def test_what_was_merged_is_the_base_of_the_next_merge(knowledge: Knowledge, files: Files) -> None:
    files.write("page.md", page())
    files.into(knowledge.store)
    knowledge.rewrite("page", page(s1="changed here"))
    for text in ("once", "twice", "three times"):  # the same place: only the source changed it since
        files.write("page.md", page(s19=text))
        assert kept(files.into(knowledge.store)) == []
        assert knowledge.note("page").markdown == page(s1="changed here", s19=text)
    files.write("page.md", page())
    files.into(knowledge.store)
    assert knowledge.note("page").markdown == page(s1="changed here")


def test_a_merged_page_whose_file_goes_is_not_deleted_unseen(knowledge: Knowledge, files: Files) -> None:
    files.write("page.md", page())
    files.into(knowledge.store)
    knowledge.rewrite("page", page(s1="changed here"))
    files.write("page.md", page(s19="changed there"))
    files.into(knowledge.store)
    files.delete("page.md")
    assert kept(files.into(knowledge.store, prune=True)) == [("page", "changed here, its file is gone", None)]
    assert knowledge.listed() == ["page"]
    assert files.into(knowledge.store, prune=True, take="store").conflicting.total == 0
    assert files.into(knowledge.store, prune=True).conflicting.total == 0
    assert knowledge.listed() == ["page"]


@pytest.mark.parametrize("take", ["source", "store"])
def test_an_overlap_keeps_both_and_is_told_until_it_is_settled(knowledge: Knowledge, files: Files, take: str) -> None:
    first, here, there = (f"# Page\n\n{text}\n\nmore\n" for text in ("one", "changed here", "changed there"))
    files.write("page.md", first)
    files.into(knowledge.store)
    knowledge.rewrite("page", here)
    files.write("page.md", there)
    for revisions in (2, 0):
        done = files.into(knowledge.store)
        assert (done.revisions, kept(done)) == (revisions, [("page", "changed here and in its file", 3)])
        assert texts(knowledge, "page") == [first, here, there, here]
    assert knowledge.history("page")[0].reason == "kept; what page.md says instead is page@3"
    assert files.into(knowledge.store, take=take).conflicting.total == 0
    assert knowledge.note("page").markdown == (there if take == "source" else here)
    done = files.into(knowledge.store)
    assert (done.revisions, done.conflicting.total) == (0, 0)
    files.write("page.md", there + "\nand more\n")
    files.into(knowledge.store)
    assert knowledge.note("page").markdown == (there if take == "source" else here) + "\nand more\n"


def test_an_overlap_is_settled_by_writing_what_the_source_says(knowledge: Knowledge, files: Files) -> None:
    files.write("page.md", "one\n")
    files.into(knowledge.store)
    knowledge.rewrite("page", "here\n")
    files.write("page.md", "there\n")
    assert files.into(knowledge.store).conflicting.total == 1
    knowledge.rewrite("page", "there\n")
    assert files.into(knowledge.store).conflicting.total == 0
    files.write("page.md", "there again\n")
    files.into(knowledge.store)
    assert knowledge.note("page").markdown == "there again\n"


def test_a_field_given_different_values_is_an_overlap(knowledge: Knowledge, files: Files) -> None:
    files.write("page.md", "---\nstatus: draft\n---\none\n")
    files.into(knowledge.store)
    knowledge.put("page", status="completed")
    files.write("page.md", "---\nstatus: active\n---\none\n")
    assert kept(files.into(knowledge.store)) == [("page", "changed here and in its file: status", 3)]
    assert knowledge.note("page").metadata.status == "completed"
    assert knowledge.note("page@3").metadata.status == "active"
    files.into(knowledge.store, take="source")
    assert knowledge.note("page").metadata.status == "active"


@pytest.mark.parametrize(("take", "listed"), [("source", ["page"]), ("store", [])])
def test_a_note_deleted_here_whose_file_changes_is_settled_either_way(
    knowledge: Knowledge, files: Files, take: str, listed: list[str]
) -> None:
    files.write("page.md", "one\n")
    files.into(knowledge.store)
    knowledge.delete("page")
    files.write("page.md", "two\n")
    assert kept(files.into(knowledge.store)) == [("page", "deleted here, changed in its file", 3)]
    assert knowledge.listed() == []
    files.into(knowledge.store, take=take)
    assert knowledge.listed() == listed
    assert files.into(knowledge.store).conflicting.total == 0
    if not listed:
        knowledge.restore("page")
    assert knowledge.note("page").markdown == ("two\n" if listed else "one\n")


def test_each_commit_is_merged_on_its_own_account(knowledge: Knowledge, repo: Repo) -> None:
    repo.page("page.md", page())
    repo.into(knowledge.store)
    knowledge.rewrite("page", page(s1="changed here"))
    shas = [repo.page("page.md", page(s19=text), text) for text in ("once", "twice")]
    done = repo.into(knowledge.store)
    assert (done.merged, done.revisions, kept(done)) == (2, 2, [])
    assert [each.revised_by for each in knowledge.history("page")[:2]] == shas[::-1]
    assert knowledge.note("page").markdown == page(s1="changed here", s19="twice")


def test_of_a_history_only_the_newest_state_is_kept_to_compare_with(knowledge: Knowledge, repo: Repo) -> None:
    repo.page("a.md", "one")
    repo.page("gone.md", "text of its own")
    repo.into(knowledge.store)
    knowledge.rewrite("a", "mine")
    knowledge.rewrite("gone", "mine too")
    repo.page("a.md", "two")
    repo.delete("gone.md")
    last = repo.page("a.md", "three")
    repo.page("other.md", "text of another")
    for revisions in (3, 0):
        done = repo.into(knowledge.store)
        assert set(kept(done)) == {
            ("a", "changed here and in its file", 3),
            ("gone", "changed here, its file is gone", None),
        }
        assert done.revisions == revisions
    assert texts(knowledge, "a") == ["one", "mine", "three", "mine"]
    assert knowledge.history("a")[1].revised_by == last
    assert knowledge.note("gone").markdown == "mine too"
    repo.into(knowledge.store, take="source")
    assert (knowledge.note("a").markdown, knowledge.listed()) == ("three", ["a", "other"])


def test_an_overlap_on_the_way_that_later_commits_undo_is_none(knowledge: Knowledge, repo: Repo) -> None:
    repo.page("page.md", page())
    repo.into(knowledge.store)
    knowledge.rewrite("page", page(s1="changed here"))
    repo.page("page.md", page(s1="changed there"))
    repo.page("page.md", page(s19="changed there"))
    assert kept(repo.into(knowledge.store)) == []
    assert knowledge.note("page").markdown == page(s1="changed here", s19="changed there")


def test_a_page_that_moved_and_changed_is_merged_under_its_new_path(knowledge: Knowledge, repo: Repo) -> None:
    repo.page("page.md", page())
    repo.into(knowledge.store)
    knowledge.rewrite("page", page(s1="changed here"))
    repo.move("page.md", "new/place.md")
    repo.page("new/place.md", page(s19="changed there"))
    assert kept(repo.into(knowledge.store)) == []
    assert knowledge.note("new-place").markdown == page(s1="changed here", s19="changed there")
