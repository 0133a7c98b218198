"""What is committed later comes after, whatever happened to the import before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.store.files.imported import at_tip, story, texts

from notewell_store import Invalid
from notewell_store.files import import_run
from notewell_store.files.importing import import_git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Knowledge
    from tests.store.files.conftest import Repo

    from notewell_store.files.intake import Step


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


class Killed(BaseException):
    pass


def stop_after(monkeypatch: pytest.MonkeyPatch, batches: int) -> None:
    """Let an import die behind so many transactions, as if it were killed there."""
    every = import_run._batches

    def some(steps: Iterator[Step]) -> Iterator[list[Step]]:
        for number, batch in enumerate(every(steps)):
            if number == batches:
                raise Killed
            yield batch

    monkeypatch.setattr(import_run, "_batches", some)


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
    monkeypatch.setattr(import_run, "MOST_STEPS", 2)
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
        patched.setattr(import_run.Run, "_derive", die)
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
    monkeypatch.setattr(import_run, "MOST_STEPS", 2)
    every = import_run._batches
    begun: list[bool] = []

    def with_another(steps: Iterator[Step]) -> Iterator[list[Step]]:
        for batch in every(steps):
            yield batch
            if not begun:
                begun.append(True)
                repo.into(knowledge.store)

    monkeypatch.setattr(import_run, "_batches", with_another)
    with pytest.raises(Invalid, match="another import"):
        repo.into(knowledge.store)
    assert texts(knowledge, "a") == [str(number) for number in range(6)]
