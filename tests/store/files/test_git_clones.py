"""Clones that lack something: what is there is taken, the rest is told with the command that brings it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.store.files.conftest import Repo
from tests.store.files.imported import texts

from notewell_store.errors import Invalid
from notewell_store.files.importing import import_git
from notewell_store.files.summary import ImportOptions

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Knowledge

LONG = "".join(f"line {number}\n" for number in range(40))
TO_FETCH = "`git fetch --refetch --no-filter` in it brings them; then import again"


def clone_of(repo: Repo, path: Path, *options: str) -> Repo:
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
    repo.git("clone", "--quiet", "--no-checkout", *options, f"file://{repo.path}", str(path))
    return Repo(path)


def lose(repo: Repo, ref: str) -> None:
    blob = repo.git("rev-parse", ref)
    (repo.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()


def test_a_partial_clone_is_completed_by_the_command_that_it_is_told(
    knowledge: Knowledge, repo: Repo, tmp_path: Path
) -> None:
    repo.page("old.md", LONG)
    repo.page("page.md", "one\n")
    repo.move("old.md", "new.md")
    repo.page("new.md", f"{LONG}more\n")
    clone = clone_of(repo, tmp_path / "clone", "--filter=blob:none")
    done = clone.into(knowledge.store)
    assert {skip.path for skip in done.skipped.items} == {"old.md", "page.md", "new.md"}
    assert [warning.partition(". ")[2] for warning in done.warnings.items] == [TO_FETCH]
    clone.git("fetch", "--quiet", "--refetch", "--no-filter", "origin")
    done = clone.into(knowledge.store)
    assert (done.skipped.total, done.warnings.total) == (0, 0)
    assert (knowledge.listed(), knowledge.note("new").markdown) == (["new", "page"], f"{LONG}more\n")


def test_a_clone_without_trees_is_refused_with_the_command_that_helps(
    knowledge: Knowledge, repo: Repo, tmp_path: Path
) -> None:
    repo.page("page.md", "one\n")
    clone = clone_of(repo, tmp_path / "clone", "--filter=tree:0")
    with pytest.raises(Invalid, match="It is a partial clone: `git fetch --refetch --no-filter` in it brings"):
        clone.into(knowledge.store)
    assert knowledge.listed() == []


def test_texts_of_other_files_are_not_needed(knowledge: Knowledge, repo: Repo) -> None:
    repo.write("logo.svg", LONG.upper())
    repo.page("old.md", LONG)
    repo.move("logo.svg", "brand.svg")
    repo.write("brand.svg", f"{LONG.upper()}more\n")
    repo.move("old.md", "new.md")
    repo.page("new.md", f"{LONG}more\n")
    lose(repo, "HEAD~1:logo.svg")
    repo.page("new.md", "end\n")
    assert repo.into(knowledge.store).warnings.total == 0
    assert texts(knowledge, "new") == [LONG, f"{LONG}more\n", "end\n"]


def test_a_page_whose_text_is_lost_costs_no_other_page(knowledge: Knowledge, repo: Repo) -> None:
    repo.page("old.md", LONG)
    repo.page("other.md", "other\n")
    repo.move("old.md", "new.md")
    repo.page("new.md", f"{LONG}more\n")
    lose(repo, "HEAD~2:old.md")
    repo.page("last.md", "last\n")
    done = repo.into(knowledge.store)
    assert [skip.path for skip in done.skipped.items] == ["old.md"]
    assert {slug: knowledge.note(slug).markdown for slug in knowledge.listed()} == {
        "last": "last\n",
        "new": f"{LONG}more\n",
        "other": "other\n",
    }


def test_a_shallow_clone_stays_the_same_source_when_it_is_deepened(
    knowledge: Knowledge, repo: Repo, tmp_path: Path
) -> None:
    for text in ("one\n", "two\n", "three\n"):
        repo.page("page.md", text)
    clone = clone_of(repo, tmp_path / "clone", "--depth=2")
    assert "`git fetch --unshallow` in it" in clone.into(knowledge.store).warnings.items[0]
    clone.git("fetch", "--quiet", "--unshallow", "origin")
    repo.page("page.md", "four\n")
    clone.git("fetch", "--quiet", "origin")
    clone.git("reset", "--quiet", "--soft", "origin/main")
    assert clone.into(knowledge.store).warnings.total == 0
    assert (texts(knowledge, "page"), knowledge.listed()) == (["two\n", "three\n", "four\n"], ["page"])


def test_shallow_clones_of_one_project_are_one_source(knowledge: Knowledge, repo: Repo, tmp_path: Path) -> None:
    for number in range(3):
        repo.page("page.md", f"{number}\n")
        clone = clone_of(repo, tmp_path / f"clone{number}", "--depth=1")
        import_git(knowledge.store, clone.path, ImportOptions(project="docs"))
    assert (texts(knowledge, "page"), knowledge.listed()) == (["0\n", "1\n", "2\n"], ["page"])


def test_a_submodule_is_told_with_the_commands_that_import_it(knowledge: Knowledge, repo: Repo, tmp_path: Path) -> None:
    library = Repo(tmp_path / "library")
    library.page("inside.md", "inside\n")
    repo.page("page.md", "one\n")
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library.path), "lib/my docs.md")
    repo.commit("with a submodule")
    done = repo.into(knowledge.store)
    assert (knowledge.listed(), done.skipped.total) == (["page"], 0)
    assert "then import 'lib/my docs.md' too" in done.warnings.items[0]
    import_git(knowledge.store, repo.path / "lib/my docs.md")
    assert knowledge.listed() == ["inside", "page"]
