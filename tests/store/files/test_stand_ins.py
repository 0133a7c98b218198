"""What only stands for a page that is elsewhere is told as what it is, with the command that brings the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Knowledge
    from tests.store.files.conftest import Files, Repo

POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'4d' * 32}\nsize 12345\n"
WITH_EXTENSION = POINTER.replace("\noid", "\next-0-foo sha256:" + "ab" * 32 + "\noid")
KEY = "/annex/objects/SHA256E-s31390--f50d7ac4c6b9031379986bc362fcefb65f1e52621ce1708d537e740fefc59cc0.md"


@pytest.mark.parametrize(
    ("held", "told"),
    [
        (POINTER, "a Git LFS pointer: `git lfs pull`"),
        (WITH_EXTENSION, "a Git LFS pointer: `git lfs pull`"),
        (f"{KEY}\n", "a git-annex pointer: `git annex get`"),
        (KEY, "a git-annex pointer: `git annex get`"),
        ("\0" * 5000, "nothing but NUL characters: a sparse file"),
    ],
)
def test_a_file_that_stands_for_another_is_no_page(knowledge: Knowledge, files: Files, held: str, told: str) -> None:
    files.write("plan.md", held)
    files.write("page.md", "text\n")
    done = files.into(knowledge.store)
    assert [(item.path, item.reason.startswith(told)) for item in done.skipped.items] == [("plan.md", True)]
    assert knowledge.listed() == ["page"]
    files.write("plan.md", "# Plan\n")
    assert files.into(knowledge.store).created == 1


def test_a_link_of_git_annex_whose_file_is_elsewhere_is_told_as_one(knowledge: Knowledge, files: Files) -> None:
    (files.path / "plan.md").symlink_to(f".git{KEY}")
    (files.path / "lost.md").symlink_to("nowhere.md")
    told = {item.path: item.reason for item in files.into(knowledge.store).skipped.items}
    assert told["plan.md"].startswith("a git-annex pointer")
    assert told["lost.md"] == "cannot be read: No such file or directory"


def test_pointers_in_a_history_are_told_and_what_came_before_them_is_kept(knowledge: Knowledge, repo: Repo) -> None:
    repo.page("plan.md", "# Plan\n")
    repo.page("plan.md", POINTER)
    repo.page("new.md", POINTER)
    done = repo.into(knowledge.store)
    assert {item.path for item in done.skipped.items} == {"plan.md", "new.md"}
    assert knowledge.note("plan").markdown == "# Plan\n"


def test_a_text_that_speaks_of_pointers_is_a_page(knowledge: Knowledge, files: Files) -> None:
    files.write("lfs.md", f"# Pointers\n\n```\n{POINTER}```\n")
    files.write("annex.md", f"{KEY}\n\nis where git-annex keeps it\n")
    files.write("empty.md", "")
    assert files.into(knowledge.store).created == 3


def test_a_submodule_that_is_not_checked_out_is_told_with_its_command(knowledge: Knowledge, files: Files) -> None:
    modules = '[submodule "a"]\n\tpath = libs/a docs\n\turl = ../a\n[submodule "b"]\n  path=b\n'
    files.write(".gitmodules", modules)
    (files.path / "libs" / "a docs").mkdir(parents=True)
    files.write("b/page.md", "text\n")
    assert files.into(knowledge.store).warnings.items == (
        "libs/a docs is a submodule that is not checked out: `git submodule update --init 'libs/a docs'` in the "
        "checkout brings its pages",
    )
