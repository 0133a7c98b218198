"""Merges, and branches that are merged: what becomes of the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
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


GITHUB, GITLAB = "https://github.com/o/r", "https://gitlab.com/g/r"
GITEA, BITBUCKET = "https://gitea.example.org/o/r", "https://bitbucket.org/o/r"
AT_GITEA = "Merge pull request 'Title (x)' (#42) from topic into main"


@pytest.mark.parametrize(
    ("subject", "address", "pull"),
    [
        ("Merge pull request #42 from ann/topic", GITHUB, f"{GITHUB}/pull/42"),
        ("A title of its own (#42)", GITHUB, f"{GITHUB}/pull/42"),
        ("Merge branch 'topic' into 'main'\n\nTitle\n\nSee merge request !42", GITLAB, f"{GITLAB}/-/merge_requests/42"),
        (
            "Merge branch 'topic' into 'main'\n\nSee merge request g/r!42\n",
            GITLAB,
            f"{GITLAB}/-/merge_requests/42",
        ),
        (f"{AT_GITEA}\n\nReviewed-on: {GITEA}/pulls/42\n", GITEA, f"{GITEA}/pulls/42"),
        (AT_GITEA, GITEA, f"{GITEA}/pulls/42"),
        (f"Merge branch 'topic'\n\nReviewed-on: {GITEA}/pulls/42\nReviewed-by: Ann", GITEA, f"{GITEA}/pulls/42"),
        ("Merged in topic (pull request #42)\n\nTitle", BITBUCKET, f"{BITBUCKET}/pull-requests/42"),
        ("Pull request #42: Title\n\nMerge in P/r from topic to main", BITBUCKET, f"{BITBUCKET}/pull-requests/42"),
        ("Merge pull request #42 in P/r from topic to main", BITBUCKET, f"{BITBUCKET}/pull-requests/42"),
        ("Merge branch 'topic', see #42", GITHUB, None),
    ],
)
def test_what_a_merge_brought_is_on_the_account_of_its_pull_request(
    knowledge: Knowledge, repo: Repo, subject: str, address: str, pull: str | None
) -> None:
    repo.git("remote", "add", "origin", address)
    before = repo.page("page.md", "before\n")
    repo.git("checkout", "--quiet", "-b", "topic")
    first = repo.page("page.md", "one\n")
    repo.page("page.md", "two\n", "squashed before (#7)")
    repo.git("checkout", "--quiet", "main")
    repo.page("other.md", "main\n")
    repo.git("checkout", "--quiet", "topic")
    repo.merge("main", "Merge branch 'main' into topic")
    repo.git("checkout", "--quiet", "main")
    repo.merge("topic", subject)
    after = repo.page("page.md", "after\n")
    repo.into(knowledge.store)
    accounts = [each.revised_by for each in reversed(knowledge.history("page"))]
    assert [accounts[0], accounts[1], accounts[3]] == [before, pull or first, after]
    assert str(accounts[2]).endswith("/7")
    assert knowledge.note("other").revised_by == repo.git("rev-parse", "HEAD^^")


def test_of_merges_in_merges_the_innermost_pull_request_counts(knowledge: Knowledge, repo: Repo) -> None:
    repo.git("remote", "add", "origin", GITHUB)
    repo.page("page.md", "before\n")
    for branch in ("outer", "inner"):
        repo.git("checkout", "--quiet", "-b", branch)
        repo.page(f"{branch}.md", f"{branch}\n")
    repo.git("checkout", "--quiet", "outer")
    repo.merge("inner", "Merge pull request #2 from ann/inner")
    repo.page("late.md", "late\n")
    repo.git("checkout", "--quiet", "main")
    repo.merge("outer", "Merge pull request #1 from ann/outer")
    repo.into(knowledge.store)
    accounts = [str(knowledge.note(slug).revised_by)[-2:] for slug in ("outer", "inner", "late")]
    assert accounts == ["/1", "/2", "/1"]


def test_what_is_merged_after_an_import_is_on_its_pull_request_too(knowledge: Knowledge, repo: Repo) -> None:
    repo.git("remote", "add", "origin", GITHUB)
    repo.page("page.md", "before\n")
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.page("page.md", "one\n")
    repo.git("checkout", "--quiet", "main")
    repo.into(knowledge.store)
    repo.merge("topic", "Merge pull request #42 from ann/topic")
    repo.into(knowledge.store)
    assert knowledge.note("page").revised_by == f"{GITHUB}/pull/42"
