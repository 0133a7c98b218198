"""Which repositories are taken, and what an import needs of the machine."""

from __future__ import annotations

import shutil
import zlib
from typing import TYPE_CHECKING

import pytest

from notewell_store import Invalid
from notewell_store.files import commits, git, git_program, import_run, importing, stale_notes
from notewell_store.files.importing import import_git
from notewell_store.files.summary import ImportOptions
from notewell_store.integrity.verify import verify
from notewell_store.tables.sections import read_sections

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Knowledge
    from tests.store.files.conftest import Repo

    from notewell_store import Store
    from notewell_store.files.intake import Step


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


@pytest.mark.parametrize("branch", ["main", "trunk"])
def test_a_clone_of_a_bundle_without_head_is_taken(
    knowledge: Knowledge, repo: Repo, tmp_path: Path, branch: str
) -> None:
    repo.page("a.md", "one")
    repo.git("branch", "-M", branch)
    repo.git("bundle", "create", "--quiet", str(tmp_path / "docs.bundle"), f"refs/heads/{branch}")
    repo.git("clone", "--quiet", str(tmp_path / "docs.bundle"), str(tmp_path / "clone"))
    done = import_git(knowledge.store, tmp_path / "clone")
    assert (done.created, knowledge.listed()) == (1, ["a"])


@pytest.mark.parametrize("spoilt", ["HEAD", "HEAD^", "HEAD^2"])
@pytest.mark.parametrize("becomes", [b"", b"commit 0\0", b"commit " + b"9" * 40])
def test_a_repository_of_which_a_commit_cannot_be_read_is_refused(
    knowledge: Knowledge, repo: Repo, spoilt: str, becomes: bytes
) -> None:
    repo.page("a.md", "one")
    repo.git("checkout", "--quiet", "-b", "aside")
    repo.page("b.md", "two")
    repo.git("checkout", "--quiet", "main")
    repo.page("a.md", "two")
    repo.merge("aside")
    sha = repo.git("rev-parse", spoilt).strip()
    commit = repo.path / ".git" / "objects" / sha[:2] / sha[2:]
    commit.chmod(0o644)
    commit.write_bytes(zlib.compress(becomes))
    with pytest.raises(Invalid):
        repo.into(knowledge.store)
    assert knowledge.listed() == []


def test_a_page_renamed_to_what_cannot_be_written_down_is_gone_and_told(knowledge: Knowledge, repo: Repo) -> None:
    repo.page("a.md", "one")
    repo.page("b.md", "two")
    repo.move("a.md", "new\nline.md")
    repo.commit()
    done = repo.into(knowledge.store)
    assert knowledge.listed() == ["b"]
    assert [skipped.reason for skipped in done.skipped.items] == ["its path is not printable UTF-8"]
    assert repo.into(knowledge.store).revisions == 0


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


def tree_of(repo: Repo, depth: int) -> str:
    """A tree of ten to the power of so many pages, in a few hundred bytes."""
    rows = [f"100644 blob {repo.said('hash-object', '-w', '--stdin', given='x')}\t{name}.md" for name in range(10)]
    for _ in range(depth - 1):
        tree = repo.said("mktree", given="\n".join(rows))
        rows = [f"040000 tree {tree}\t{name}" for name in range(10)]
    return repo.said("mktree", given="\n".join(rows))


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_tree_of_more_paths_than_are_read_is_refused(
    knowledge: Knowledge, repo: Repo, monkeypatch: pytest.MonkeyPatch, dry_run: bool
) -> None:
    monkeypatch.setattr(git, "MOST_PATHS", 1_000)
    repo.git("update-ref", "refs/heads/main", repo.git("commit-tree", "-m", "bomb", tree_of(repo, 10)))
    with pytest.raises(Invalid, match="has more than 1,000 paths"):
        repo.into(knowledge.store, dry_run=dry_run)
    assert knowledge.listed() == []


def test_a_commit_that_changes_more_paths_than_are_read_is_refused(
    knowledge: Knowledge, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git, "MOST_PATHS", 1_000)
    bomb = repo.git("commit-tree", "-m", "bomb", tree_of(repo, 4))
    repo.git("update-ref", "refs/heads/main", repo.git("commit-tree", "-m", "mended", "-p", bomb, tree_of(repo, 1)))
    with pytest.raises(Invalid, match="change more paths than are read"):
        repo.into(knowledge.store)


def test_a_tree_that_takes_git_itself_all_memory_is_refused(
    knowledge: Knowledge, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_program, "MOST_MEMORY", 100 << 20)
    bomb = repo.git("commit-tree", "-m", "bomb", tree_of(repo, 10))
    repo.git("update-ref", "refs/heads/main", repo.git("commit-tree", "-m", "mended", "-p", bomb, tree_of(repo, 1)))
    with pytest.raises(Invalid, match="too large to be read in 104,857,600 bytes of memory"):
        repo.into(knowledge.store)


def test_a_path_longer_than_a_file_system_takes_is_refused(knowledge: Knowledge, repo: Repo) -> None:
    blob = repo.said("hash-object", "-w", "--stdin", given="x")
    tree = repo.said("mktree", given=f"100644 blob {blob}\t{'a' * 100_000}.md")
    repo.git("update-ref", "refs/heads/main", repo.git("commit-tree", "-m", "long", tree))
    with pytest.raises(Invalid, match="more than 4,096 characters"):
        repo.into(knowledge.store)


def test_of_a_message_without_end_a_line_is_kept(knowledge: Knowledge, repo: Repo) -> None:
    repo.write("a.md", "one")
    repo.git("add", "--all")
    repo.said("commit", "--quiet", "--file", "-", given="words " * 300_000)
    repo.into(knowledge.store)
    assert len(knowledge.history("a")[0].reason or "") <= 1_000
    assert commits.LONGEST_PART < 6 * 300_000


def test_texts_of_more_bytes_than_are_read_are_refused(
    knowledge: Knowledge, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git, "MOST_READ", 50)
    for name in range(10):
        repo.write(f"{name}.md", "ten bytes.")
    repo.commit()
    with pytest.raises(Invalid, match="more than 50 bytes"):
        repo.into(knowledge.store)


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
    monkeypatch.setattr(import_run, "MOST_CHARS", 250_000)
    sizes: list[int] = []
    every = import_run._batches

    def measured(steps: Iterator[Step]) -> Iterator[list[Step]]:
        for batch in every(steps):
            sizes.append(len(batch))
            yield batch

    monkeypatch.setattr(import_run, "_batches", measured)
    repo.into(knowledge.store)
    assert max(sizes) == 3


def test_notes_that_go_stale_leave_the_index_until_they_are_derived(
    store: Store, knowledge: Knowledge, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.page("a.md", "# First\n\nabout elephants\n")
    repo.into(store)
    repo.page("a.md", "# Second\n\nabout giraffes\n")
    with monkeypatch.context() as patched:
        patched.setattr(stale_notes, "derive_stale", lambda *_: 0)
        repo.into(store)
    assert (knowledge.found("elephants"), knowledge.found("giraffes")) == ([], [])
    with store.reading() as db:
        assert [section.anchor for section in read_sections(db, knowledge.id_of("a"))] == ["second"]
    assert knowledge.edit("a#second", "append", "and zebras").outcome == "updated"
    assert knowledge.found("giraffes zebras") == ["a"]
    assert verify(store).whole
    assert importing.import_git(store, repo.path).revisions == 0


def test_a_clone_that_lacks_texts_fetches_none_and_starts_nothing(
    knowledge: Knowledge, repo: Repo, tmp_path: Path
) -> None:
    repo.page("a.md", "one")
    repo.git("config", "uploadpack.allowFilter", "true")
    clone, trap = tmp_path / "clone.git", tmp_path / "trap"
    repo.git("clone", "--quiet", "--bare", "--filter=blob:none", f"file://{repo.path}", str(clone))
    repo.git("-C", str(clone), "config", "remote.origin.uploadpack", f"touch {trap}; false")
    done = import_git(knowledge.store, clone)
    assert [skip.reason for skip in done.skipped.items] == ["missing from the repository"]
    assert not trap.exists()
    assert knowledge.listed() == []
