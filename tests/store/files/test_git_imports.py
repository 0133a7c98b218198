"""A repository becomes notes with its whole history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.store.files.imported import URL, story, texts

if TYPE_CHECKING:
    from tests.conftest import Knowledge
    from tests.store.files.conftest import Repo


def test_every_commit_that_touched_a_page_is_a_revision(knowledge: Knowledge, repo: Repo) -> None:
    repo.write("page.md", "one")
    repo.write("code.py", "x")
    first = repo.commit("Begin (#12)", author="Ann Example")
    repo.page("code.py", "y", "Only code (#13)")
    second = repo.page("page.md", "two", "No pull request")
    done = repo.into(knowledge.store, repo_url=URL)
    newest, oldest = knowledge.history("page")
    assert (oldest.actor, oldest.reason, oldest.revised_at) == (
        "Ann Example",
        "Begin (#12)",
        "2025-01-02T00:00:00.000Z",
    )
    assert oldest.revised_by == f"{URL}/pull/12"
    assert (newest.revised_by, newest.revised_at) == (second, "2025-01-04T00:00:00.000Z")
    assert texts(knowledge, "page") == ["one", "two"]
    assert (done.revisions, done.created, done.updated) == (2, 1, 1)
    assert first != second


@pytest.mark.parametrize(
    ("subject", "address", "platform", "expected"),
    [
        ("x (#5)", "https://github.com/o/r.git", None, "https://github.com/o/r/pull/5"),
        ("x (#4) (#5)", "git@github.com:o/r.git", None, "https://github.com/o/r/pull/5"),
        ("Merge pull request #5 from a/b", "https://me:secret@github.com/o/r", None, "https://github.com/o/r/pull/5"),
        ("x (#5)", "ssh://git@codeberg.org:22/o/r.git", None, "https://codeberg.org/o/r/pulls/5"),
        ("x (#5)", "https://git.example.org/o/r", "forgejo", "https://git.example.org/o/r/pulls/5"),
        ("x (#5)", "https://gitlab.com/g/s/r.git", None, "https://gitlab.com/g/s/r/-/merge_requests/5"),
        ("x (#5)", "http://localhost:3000/o/r.git", "forgejo", "http://localhost:3000/o/r/pulls/5"),
        ("x #5", "https://github.com/o/r", None, None),
        ("x (#5) and more", "https://github.com/o/r", None, None),
        ("x (#5)", "/srv/git/r.git", None, None),
        ("x (#5)", "../r.git", None, None),
        ("x (#5)", "file:///srv/git/r.git", None, None),
        ("x (#5)", None, None, None),
    ],
)
def test_revisions_are_on_account_of_their_pull_request_or_their_commit(
    knowledge: Knowledge, repo: Repo, subject: str, address: str | None, platform: str | None, expected: str | None
) -> None:
    sha = repo.page("page.md", "text", subject)
    if platform:
        with knowledge.store.writing() as db:
            db.execute("INSERT INTO projects (slug, name, platform) VALUES ('docs', 'Docs', ?)", (platform,))
    if address:
        repo.git("remote", "add", "origin", address)
    repo.into(knowledge.store, project="docs")
    assert knowledge.note("page").revised_by == (expected or sha)


def test_the_given_address_comes_before_that_of_the_clone(knowledge: Knowledge, repo: Repo) -> None:
    repo.page("page.md", "text", "x (#5)")
    repo.git("remote", "add", "origin", "https://github.com/fork/r")
    repo.into(knowledge.store, project="docs", repo_url="https://github.com/o/r.git")
    assert knowledge.note("page").revised_by == "https://github.com/o/r/pull/5"
    with knowledge.store.reading() as db:
        assert db.execute("SELECT repo_url FROM projects").fetchall() == [("https://github.com/o/r",)]


def test_a_rename_keeps_the_note_and_leaves_an_alias(knowledge: Knowledge, repo: Repo) -> None:
    repo.page("a.md", "# A\n\nsome text that stays the same\n")
    repo.page("b.md", "see [a](a.md)\n")
    repo.move("a.md", "sub/c.md")
    repo.write("sub/c.md", "# A\n\nsome text that stays the same\nand a line\n")
    repo.commit("move it")
    done = repo.into(knowledge.store)
    assert knowledge.note("a").metadata.slug == "sub-c"
    assert story(knowledge, "sub-c") == [("change", ("created",)), ("move it", ("content", "slug", "parent"))]
    assert [link.note for link in knowledge.outgoing("b")] == ["sub-c"]
    assert (done.renamed, done.aliases) == (1, 1)


def test_a_rename_leaves_a_slug_of_the_front_matter_alone(knowledge: Knowledge, repo: Repo) -> None:
    repo.page("a.md", "---\nslug: chosen\n---\n# A\n\nenough text to be known again\n")
    repo.move("a.md", "b.md")
    repo.commit()
    repo.into(knowledge.store)
    assert knowledge.note("chosen").revision == 1
    assert knowledge.aliases("chosen") == ()


def test_a_page_renamed_back_and_forth_ends_under_its_first_name(knowledge: Knowledge, repo: Repo) -> None:
    repo.page("a.md", "# A\n\nenough text to be known again\n")
    for old, new in (("a.md", "b.md"), ("b.md", "a.md"), ("a.md", "b.md"), ("b.md", "a.md")):
        repo.move(old, new)
        repo.commit(f"{old} to {new}")
    repo.into(knowledge.store)
    assert (knowledge.note("a").revision, knowledge.aliases("a")) == (5, ("b",))


def test_a_deleted_page_is_a_tombstone_and_comes_back_as_the_same_note(knowledge: Knowledge, repo: Repo) -> None:
    repo.page("a.md", "one")
    repo.delete("a.md")
    repo.commit("away")
    done = repo.into(knowledge.store)
    assert (done.deleted, knowledge.listed(), knowledge.listed(deleted=True)) == (1, [], ["a"])
    repo.page("a.md", "two", "back")
    again = repo.into(knowledge.store)
    assert (again.restored, again.created, again.revisions) == (1, 0, 1)
    assert story(knowledge, "a")[1:] == [("away", ("deleted",)), ("back", ("content", "restored"))]
    assert knowledge.found("two") == ["a"]


def test_a_page_that_comes_again_at_another_path_of_the_same_slug_continues_its_note(
    knowledge: Knowledge, repo: Repo
) -> None:
    repo.page("team.md", "# All about the team\n")
    repo.delete("team.md")
    repo.write("team/index.md", "something else entirely, nothing shared\n")
    repo.commit("now a folder")
    repo.into(knowledge.store)
    assert story(knowledge, "team")[-1] == ("now a folder", ("content", "restored", "title"))


def test_a_page_at_a_path_whose_slug_is_an_alias_gets_a_slug_of_its_own(knowledge: Knowledge, repo: Repo) -> None:
    repo.page("a.md", "# A\n\nenough text to be known again\n")
    repo.move("a.md", "b.md")
    repo.commit()
    repo.page("a.md", "a new page\n")
    repo.into(knowledge.store, project="docs")
    assert knowledge.note("a").metadata.slug == "b"
    assert knowledge.note("docs-a").markdown == "a new page\n"


def test_the_folder_of_a_deleted_index_gets_an_empty_note_while_pages_are_left(
    knowledge: Knowledge, repo: Repo
) -> None:
    repo.write("team/index.md", "# The team\n")
    repo.page("team/ann.md", "# Ann\n")
    repo.delete("team/index.md")
    repo.commit("no index")
    repo.into(knowledge.store)
    folder = knowledge.note("team")
    assert (folder.metadata.note_type, folder.metadata.title, folder.markdown) == ("folder", "Team", "")
    assert knowledge.note("team-ann").metadata.parent == "team"
    repo.delete("team/ann.md")
    repo.commit("no team")
    repo.into(knowledge.store)
    assert knowledge.listed() == []
    assert story(knowledge, "team")[-1] == ("no team", ("deleted",))


def test_folders_are_attributed_to_the_commit_that_needed_them(knowledge: Knowledge, repo: Repo) -> None:
    repo.page("a.md", "text", "first")
    sha = repo.page("x/y/page.md", "text", "deeper")
    repo.into(knowledge.store)
    assert (knowledge.note("x-y").revised_by, knowledge.note("x").revised_by) == (sha, sha)
    assert (knowledge.note("x-y-page").metadata.parent, knowledge.note("x-y").metadata.parent) == ("x-y", "x")


def test_a_folder_renamed_as_a_whole_keeps_its_notes_and_their_places(knowledge: Knowledge, repo: Repo) -> None:
    repo.write("old/index.md", "# Team\n\nenough text to be known again\n")
    repo.write("old/aaa.md", "# Ann\n\nalso enough text to be known again, of Ann\n")
    repo.commit()
    repo.move("old/index.md", "new/index.md")
    repo.move("old/aaa.md", "new/aaa.md")
    repo.commit("move the folder")
    done = repo.into(knowledge.store)
    assert (done.renamed, done.folders) == (2, 0)
    assert (knowledge.listed(), knowledge.note("new-aaa").metadata.parent) == (["new", "new-aaa"], "new")
    assert knowledge.aliases("new") == ("old",)
