"""Merges, and branches that are merged: what becomes of the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.store.files.imported import at_tip, texts

if TYPE_CHECKING:
    from tests.conftest import Knowledge
    from tests.store.files.conftest import Repo


def test_a_merge_that_settles_a_conflict_is_a_revision_of_its_own(knowledge: Knowledge, repo: Repo) -> None:
    repo.page("page.md", "base\n")
    repo.write("other.md", "other\n")
    repo.commit()
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.page("page.md", "topic\n", "on the topic")
    repo.git("checkout", "--quiet", "main")
    repo.page("page.md", "main\n", "on main")
    repo.git("merge", "--quiet", "--no-commit", "-s", "ours", "topic")
    repo.write("page.md", "both\n")
    merge = repo.commit("Merge it")
    done = repo.into(knowledge.store)
    assert texts(knowledge, "page") == ["base\n", "main\n", "topic\n", "both\n"]
    assert knowledge.note("page").revised_by == merge
    assert (done.revisions, at_tip(knowledge, repo)) == (5, True)


def test_a_merge_that_changes_nothing_itself_makes_no_revision(knowledge: Knowledge, repo: Repo) -> None:
    repo.page("a.md", "a\n")
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.page("b.md", "b\n", "on the topic")
    repo.git("checkout", "--quiet", "main")
    repo.page("a.md", "a, changed\n", "on main")
    repo.merge("topic")
    done = repo.into(knowledge.store)
    assert (done.revisions, at_tip(knowledge, repo)) == (3, True)


def test_a_merge_that_takes_one_side_ends_at_that_side(knowledge: Knowledge, repo: Repo) -> None:
    repo.page("page.md", "base\n")
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.page("page.md", "topic\n", "on the topic")
    repo.page("new.md", "new\n", "new on the topic")
    repo.git("checkout", "--quiet", "main")
    repo.page("page.md", "main\n", "on main")
    repo.commits += 1
    repo.git("merge", "--quiet", "-m", "ours", "-s", "ours", "topic")
    repo.into(knowledge.store)
    assert knowledge.note("page").markdown == "main\n"
    assert knowledge.listed() == ["page"]
    assert at_tip(knowledge, repo)


def test_a_merge_of_an_older_main_into_a_branch_does_not_undo_what_came_since(knowledge: Knowledge, repo: Repo) -> None:
    repo.page("page.md", "one\n")
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.page("topic.md", "topic\n")
    repo.git("checkout", "--quiet", "main")
    repo.page("page.md", "two\n")
    repo.git("checkout", "--quiet", "topic")
    repo.merge("main", "catch up")
    repo.page("topic.md", "topic, more\n")
    repo.git("checkout", "--quiet", "main")
    repo.page("page.md", "three\n")
    repo.merge("topic", "land it")
    repo.into(knowledge.store)
    assert texts(knowledge, "page") == ["one\n", "two\n", "three\n"]
    assert at_tip(knowledge, repo)


def test_a_branch_that_changes_a_page_under_its_old_name_changes_the_renamed_note(
    knowledge: Knowledge, repo: Repo
) -> None:
    lines = "".join(f"line {number}\n" for number in range(20))
    repo.page("old.md", lines)
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.page("old.md", lines + "from the topic\n", "on the topic")
    repo.git("checkout", "--quiet", "main")
    repo.move("old.md", "new.md")
    repo.commit("rename")
    repo.merge("topic")
    done = repo.into(knowledge.store)
    assert (done.created, knowledge.listed(), knowledge.listed(deleted=True)) == (1, ["new"], [])
    assert knowledge.note("new").markdown == lines + "from the topic\n"
    assert at_tip(knowledge, repo)
