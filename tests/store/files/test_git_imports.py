"""A repository becomes notes with its whole history, and what is committed later comes after."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from notewell_store import Invalid
from notewell_store.files import importing, run, staleness
from notewell_store.files.importing import import_git
from notewell_store.files.summary import ImportOptions
from notewell_store.sqlite.revisions import load_at
from notewell_store.sqlite.sections import read_sections

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Knowledge
    from tests.store.files.conftest import Repo

    from notewell_store import Store
    from notewell_store.files.intake import Step

URL = "https://github.com/org/docs"


def texts(knowledge: Knowledge, slug: str) -> list[str]:
    """The texts of all revisions, oldest first, each checked against its SHA-256."""
    note = knowledge.note(slug)
    with knowledge.store.reading() as db:
        every = range(1, note.revision + 1)
        return [load_at(db, note.id, slug, revision).markdown for revision in every]


def story(knowledge: Knowledge, slug: str) -> list[tuple[str | None, tuple[str, ...]]]:
    """Why and what each revision changed, oldest first."""
    return [(revision.reason, revision.changed) for revision in reversed(knowledge.history(slug))]


def at_tip(knowledge: Knowledge, repo: Repo, ref: str = "HEAD") -> bool:
    """Whether the living notes say just what the pages of the commit do."""
    names = [name for name in repo.git("ls-tree", "-r", "--name-only", ref).split("\n") if name.endswith(".md")]
    with knowledge.store.reading() as db:
        kept = db.execute(
            """SELECT o.path, t.markdown FROM origins o JOIN notes n ON n.id = o.note_id
               JOIN texts t ON t.note_id = n.id WHERE NOT n.deleted AND o.path NOT LIKE '%/' ORDER BY 1"""
        ).fetchall()
    return dict(kept) == {name: repo.read(ref, name) for name in names}


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


def test_importing_again_takes_only_the_new_commits(knowledge: Knowledge, repo: Repo) -> None:
    repo.page("a.md", "one")
    repo.page("b.md", "one")
    repo.into(knowledge.store)
    assert repo.into(knowledge.store).revisions == 0
    repo.page("a.md", "two", "later")
    done = repo.into(knowledge.store)
    assert (done.revisions, done.derived) == (1, 1)
    assert texts(knowledge, "a") == ["one", "two"]


def test_another_clone_is_the_same_source(knowledge: Knowledge, repo: Repo, tmp_path: Path) -> None:
    repo.page("a.md", "one")
    repo.into(knowledge.store, project="docs")
    repo.git("clone", "--quiet", "--bare", ".", str(tmp_path / "clone.git"))
    assert import_git(knowledge.store, tmp_path / "clone.git").revisions == 0
    repo.page("b.md", "new", "later")
    assert repo.into(knowledge.store).created == 1
    assert knowledge.note("b").metadata.project == "docs"


def test_a_rewritten_history_is_told_and_its_difference_taken(knowledge: Knowledge, repo: Repo) -> None:
    repo.page("root.md", "root")
    repo.page("a.md", "# A\n\nenough text to be known again\n")
    repo.page("b.md", "b")
    repo.into(knowledge.store)
    repo.git("reset", "--quiet", "--hard", "HEAD~2")
    repo.write("c.md", "# A\n\nenough text to be known again\n")
    tip = repo.commit("rewritten")
    done = repo.into(knowledge.store)
    assert "the history was rewritten" in done.warnings.items[0]
    assert (done.renamed, done.deleted, done.created) == (1, 1, 0)
    assert knowledge.note("a").metadata.slug == "c"
    assert knowledge.note("c").revised_by == tip
    assert at_tip(knowledge, repo)


def test_a_rewritten_history_whose_old_commits_are_gone_still_ends_at_the_tip(knowledge: Knowledge, repo: Repo) -> None:
    repo.page("root.md", "root")
    repo.page("a.md", "a")
    repo.into(knowledge.store)
    repo.git("reset", "--quiet", "--hard", "HEAD~1")
    repo.page("b.md", "b", "rewritten")
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("gc", "--quiet", "--prune=now")
    assert repo.into(knowledge.store).warnings.total == 1
    assert at_tip(knowledge, repo)


def test_a_note_that_was_changed_here_is_kept_and_told_each_time(knowledge: Knowledge, repo: Repo) -> None:
    repo.page("a.md", "one")
    repo.page("gone.md", "text of its own")
    repo.into(knowledge.store)
    knowledge.rewrite("a", "mine")
    knowledge.rewrite("gone", "mine too")
    repo.page("a.md", "two")
    repo.delete("gone.md")
    repo.page("a.md", "three")
    for _ in range(2):
        done = repo.into(knowledge.store)
        assert {(kept.slug, kept.reason) for kept in done.conflicting.items} == {
            ("a", "changed here and in its file"),
            ("gone", "changed here, its file is gone"),
        }
        assert done.revisions == 0
    assert (knowledge.note("a").markdown, knowledge.note("gone").markdown) == ("mine", "mine too")


class Killed(BaseException):
    pass


def stop_after(monkeypatch: pytest.MonkeyPatch, batches: int) -> None:
    """Let an import die behind so many transactions, as if it were killed there."""
    every = run._batches

    def some(steps: Iterator[Step]) -> Iterator[list[Step]]:
        for number, batch in enumerate(every(steps)):
            if number == batches:
                raise Killed
            yield batch

    monkeypatch.setattr(run, "_batches", some)


@pytest.mark.parametrize("batches", [0, 1, 3])
@pytest.mark.parametrize("more", [False, True])
def test_an_import_that_was_killed_is_completed_by_the_next(
    knowledge: Knowledge, repo: Repo, monkeypatch: pytest.MonkeyPatch, batches: int, more: bool
) -> None:
    repo.page("a.md", "# A\n\nenough text to be known again\n")
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.page("t.md", "topic\n", "on the topic")
    repo.git("checkout", "--quiet", "main")
    for number in range(5):
        repo.page("b.md", f"{number}\n", f"commit {number}")
    repo.move("a.md", "c.md")
    repo.commit("rename")
    repo.merge("topic")
    repo.page("t.md", "last\n", "the last")
    monkeypatch.setattr(run, "MOST_STEPS", 2)
    with monkeypatch.context() as patched, pytest.raises(Killed):
        stop_after(patched, batches)
        repo.into(knowledge.store)
    if more:
        repo.page("a.md", "came after\n", "after")
    done = repo.into(knowledge.store)
    assert done.notes == (4 if more else 3)
    assert texts(knowledge, "b") == ["0\n", "1\n", "2\n", "3\n", "4\n"]
    assert [reason for reason, _ in story(knowledge, "c")] == ["change", "rename"]
    assert texts(knowledge, "t") == ["topic\n", "last\n"]
    assert at_tip(knowledge, repo)
    assert knowledge.found("last") == ["t"]
    assert repo.into(knowledge.store).revisions == 0


def test_an_import_killed_before_its_notes_were_derived_is_completed_by_the_next(
    knowledge: Knowledge, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.page("a.md", "about elephants, see [b](b.md)\n")
    repo.page("b.md", "b\n")

    def die(*_: object) -> int:
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(run.Run, "_derive", die)
        repo.into(knowledge.store)
    assert knowledge.found("elephants") == []
    repo.into(knowledge.store)
    assert knowledge.found("elephants") == ["a"]
    assert [link.exists for link in knowledge.outgoing("a")] == [True]


def test_two_imports_of_one_repository_at_once_do_not_double_it(
    knowledge: Knowledge, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        repo.page("a.md", f"{number}")
    monkeypatch.setattr(run, "MOST_STEPS", 2)
    every = run._batches
    begun: list[bool] = []

    def with_another(steps: Iterator[Step]) -> Iterator[list[Step]]:
        for batch in every(steps):
            yield batch
            if not begun:
                begun.append(True)
                repo.into(knowledge.store)

    monkeypatch.setattr(run, "_batches", with_another)
    with pytest.raises(Invalid, match="another import"):
        repo.into(knowledge.store)
    assert texts(knowledge, "a") == [str(number) for number in range(6)]


def test_a_bundle_whose_head_names_no_branch_is_read_all_the_same(
    knowledge: Knowledge, repo: Repo, tmp_path: Path
) -> None:
    repo.page("a.md", "one")
    repo.git("branch", "-M", "trunk")
    repo.git("bundle", "create", "--quiet", str(tmp_path / "docs.bundle"), "refs/heads/trunk")
    done = import_git(knowledge.store, tmp_path / "docs.bundle")
    assert (done.created, knowledge.listed()) == (1, ["a"])


def test_a_branch_can_be_named(knowledge: Knowledge, repo: Repo) -> None:
    repo.page("a.md", "one")
    repo.git("checkout", "--quiet", "-b", "next")
    repo.page("b.md", "two")
    repo.git("checkout", "--quiet", "main")
    repo.into(knowledge.store, branch="next")
    assert knowledge.listed() == ["a", "b"]
    with pytest.raises(Invalid, match="no branch 'none-such'; its branches: main, next"):
        repo.into(knowledge.store, branch="none-such")


def test_what_is_no_repository_is_refused(knowledge: Knowledge, repo: Repo, tmp_path: Path) -> None:
    repo.page("sub/a.md", "one")
    (tmp_path / "plain").mkdir()
    (tmp_path / "file.bundle").write_text("no bundle")
    for location, reason in {
        tmp_path / "missing": "there is no repository or bundle at",
        tmp_path / "plain": "is no git repository",
        tmp_path / "file.bundle": "is no git bundle",
        repo.path / "sub": "lies inside the repository",
    }.items():
        with pytest.raises(Invalid, match=reason):
            import_git(knowledge.store, location)
    empty = type(repo)(tmp_path / "empty")
    with pytest.raises(Invalid, match="no commit at HEAD"):
        empty.into(knowledge.store)
    with knowledge.store.reading() as db:
        assert db.execute("SELECT count(*) FROM sources").fetchone() == (0,)


def test_without_git_the_error_says_so(knowledge: Knowledge, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.page("a.md", "one")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(Invalid, match="git is not installed"):
        repo.into(knowledge.store)


def test_git_is_not_led_astray_by_the_environment(
    knowledge: Knowledge, repo: Repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    repo.page("a.md", "one")
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    monkeypatch.setenv("GIT_WORK_TREE", str(tmp_path))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    assert import_git(knowledge.store, repo.path).created == 1


def test_what_cannot_become_a_note_is_skipped_with_its_reason(knowledge: Knowledge, repo: Repo) -> None:
    repo.write("fine.md", "fine")
    repo.write("latin.md", "caf\xe9".encode("latin-1"))
    repo.write("large.md", "x" * 1_400_000)
    (repo.path / "link.md").symlink_to("fine.md")
    repo.write("odd\nname.md", "text")
    repo.commit()
    repo.page("fine.md", b"now bad \xff")
    repo.page("latin.md", "now good")
    done = repo.into(knowledge.store)
    assert {(skipped.path, skipped.reason) for skipped in done.skipped.items} == {
        ("latin.md", "not UTF-8 (byte 3)"),
        ("large.md", "larger than 1,000,000 bytes"),
        ("link.md", "a symbolic link"),
        ("odd\nname.md", "its path is not printable UTF-8"),
        ("fine.md", "not UTF-8 (byte 8)"),
    }
    assert (knowledge.note("fine").markdown, knowledge.note("latin").markdown) == ("fine", "now good")


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


def test_a_dry_run_tells_the_same_and_writes_not_a_byte(knowledge: Knowledge, repo: Repo, database: Path) -> None:
    def written() -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in database.parent.glob("notewell.db*") if "shm" not in path.name}

    repo.page("a.md", "one")
    repo.page("sub/b.md", "two")
    repo.move("a.md", "c.md")
    repo.commit()
    before = written()
    foreseen = repo.into(knowledge.store, project="docs", dry_run=True)
    assert written() == before
    done = repo.into(knowledge.store, project="docs")
    names = ("notes", "revisions", "created", "updated", "renamed", "folders", "aliases", "source")
    assert [getattr(foreseen, name) for name in names] == [getattr(done, name) for name in names]


def test_a_fork_under_another_project_is_another_source(knowledge: Knowledge, repo: Repo, tmp_path: Path) -> None:
    repo.page("a.md", "one")
    repo.into(knowledge.store, project="ours")
    repo.git("clone", "--quiet", "--bare", ".", str(tmp_path / "fork.git"))
    import_git(knowledge.store, tmp_path / "fork.git", ImportOptions(project="theirs"))
    assert knowledge.listed() == ["a", "theirs-a"]
    with pytest.raises(Invalid, match="send project, one of ours, theirs"):
        repo.into(knowledge.store)


def test_dates_beyond_all_years_do_not_stop_an_import(knowledge: Knowledge, repo: Repo) -> None:
    repo.write("a.md", "one")
    repo.git("add", "--all")
    tree = repo.git("write-tree")
    ann = "Ann <x@example.org>"
    raw = f"tree {tree}\nauthor {ann} 99999999999999 +0000\ncommitter {ann} 1 +0000\n\nstrange (#1)\n"
    (repo.path.parent / "commit").write_text(raw)
    sha = repo.git("hash-object", "-t", "commit", "-w", "--literally", str(repo.path.parent / "commit"))
    repo.git("update-ref", "refs/heads/main", sha)
    assert repo.into(knowledge.store).created == 1


def test_memory_holds_no_more_than_a_batch(knowledge: Knowledge, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(8):
        repo.write(f"{number}-page.md", "x" * 100_000 + str(number))
    repo.commit()
    monkeypatch.setattr(run, "MOST_CHARS", 250_000)
    sizes: list[int] = []
    every = run._batches

    def measured(steps: Iterator[Step]) -> Iterator[list[Step]]:
        for batch in every(steps):
            sizes.append(len(batch))
            yield batch

    monkeypatch.setattr(run, "_batches", measured)
    repo.into(knowledge.store)
    assert max(sizes) == 3


def test_notes_that_go_stale_leave_the_index_until_they_are_derived(
    store: Store, knowledge: Knowledge, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.page("a.md", "# First\n\nabout elephants\n")
    repo.into(store)
    repo.page("a.md", "# Second\n\nabout giraffes\n")
    with monkeypatch.context() as patched:
        patched.setattr(staleness, "derive_stale", lambda *_: 0)
        repo.into(store)
    assert (knowledge.found("elephants"), knowledge.found("giraffes")) == ([], [])
    with store.reading() as db:
        assert [section.anchor for section in read_sections(db, knowledge.id_of("a"))] == ["second"]
    assert knowledge.edit("a#second", "append", "and zebras").outcome == "updated"
    assert knowledge.found("giraffes zebras") == ["a"]
    with store.reading() as db:
        db.execute("INSERT INTO search (search) VALUES ('integrity-check')")
    assert importing.import_git(store, repo.path).revisions == 0


def test_a_clone_that_lacks_texts_fetches_none_and_starts_nothing(
    knowledge: Knowledge, repo: Repo, tmp_path: Path
) -> None:
    repo.page("a.md", "one")
    repo.git("config", "uploadpack.allowFilter", "true")
    clone, trap = tmp_path / "clone.git", tmp_path / "trap"
    repo.git("clone", "--quiet", "--bare", "--filter=blob:none", f"file://{repo.path}", str(clone))
    repo.git("-C", str(clone), "config", "remote.origin.uploadpack", f"touch {trap}; false")
    try:
        skipped = import_git(knowledge.store, clone).skipped.items
        assert [skip.reason for skip in skipped] == ["missing from the repository"]
    except Invalid as refused:  # older versions of git give up instead
        assert "git stopped answering" in refused.message, refused.message
    assert not trap.exists()
    assert knowledge.listed() == []
