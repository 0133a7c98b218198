"""An import that is killed at any point is completed by the next: no page lost, none twice, none half taken."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from notewell_store import open_store
from notewell_store.files.importing import import_folder, import_git

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Processes
    from tests.store.files.conftest import Files, Repo

    from notewell_store import Store

KILLED_AT = """
import os, signal, sys
from notewell_store import open_store
from notewell_store.files import import_run
from notewell_store.files.importing import import_folder, import_git
import_run.MOST_STEPS = 3
store, count, last = open_store(sys.argv[1]), 0, int(sys.argv[4])
def reached(frame, event, argument):
    global count
    count += 1
    if count == last:
        os.kill(os.getpid(), signal.SIGKILL)
sys.setprofile(reached)
(import_git if sys.argv[2] == "git" else import_folder)(store, sys.argv[3])
sys.setprofile(None)
print(count)
"""
"""Kill the process at the so many-th call of a function; 0 is never, and tells how many there are."""


def state(store: Store) -> list[Any]:
    """All that an import brings, under the names that notes have."""
    asked = (
        "SELECT n.slug, n.title, n.deleted, n.revision, p.slug, t.markdown FROM notes n LEFT JOIN notes p "
        "ON p.id = n.parent_id LEFT JOIN texts t ON t.note_id = n.id ORDER BY 1",
        "SELECT n.slug, a.slug FROM aliases a JOIN notes n ON n.id = a.note_id ORDER BY 1, 2",
        "SELECT s.slug, l.target, t.slug FROM links l JOIN notes s ON s.id = l.source_id "
        "LEFT JOIN notes t ON t.id = l.target_id WHERE NOT s.deleted ORDER BY 1, 2, 3",
        "SELECT n.slug, s.anchor FROM sections s JOIN notes n ON n.id = s.note_id WHERE NOT n.deleted ORDER BY 1, 2",
        "SELECT n.slug, count(*) FROM passages p JOIN notes n ON n.id = p.note_id GROUP BY 1 ORDER BY 1",
        "SELECT count(*) FROM stale",
        "SELECT n.slug, r.revision, r.changed FROM revisions r JOIN notes n ON n.id = r.note_id ORDER BY 1, 2",
    )
    with store.reading() as db:
        return [db.execute(sql).fetchall() for sql in asked]


def fill(files: Files) -> None:
    for folder in ("guide", "team/people", "work"):
        for name in ("a", "b", "c"):
            links = "[[work/a]] and [there](../guide/b.md)"
            files.write(f"{folder}/{name}.md", f"# {folder} {name}\n\n{links}\n\n## Part\n\ntext\n")
    files.write("work/index.md", "---\naliases: [labour]\ntags: [x]\n---\n# Work\n")


@pytest.fixture(params=["folder", "git"])
def source(request: pytest.FixtureRequest, files: Files, repo: Repo) -> tuple[str, Path]:
    if request.param == "folder":
        fill(files)
        return "folder", files.path
    fill(repo)
    repo.commit("first")
    repo.git("checkout", "--quiet", "-b", "topic")
    repo.page("guide/a.md", "# Changed\n")
    repo.git("checkout", "--quiet", "main")
    repo.move("guide", "handbook")
    repo.commit("moved")
    repo.delete("work/b.md")
    repo.commit("gone")
    repo.merge("topic")
    return "git", repo.path


def test_an_import_killed_at_any_point_is_completed_by_the_next(
    processes: Processes, source: tuple[str, Path], tmp_path: Path
) -> None:
    kind, path = source
    calls = int(processes.finish(processes.start(KILLED_AT, tmp_path / "whole.db", kind, path, 0)))
    with closing(open_store(tmp_path / "whole.db")) as store:
        whole = state(store)
    for part in (0.3, 0.6, 0.9):
        database = tmp_path / f"{part}.db"
        killed = processes.start(KILLED_AT, database, kind, path, int(calls * part))
        assert killed.wait(60) == -9
        with closing(open_store(database)) as store:
            (import_git if kind == "git" else import_folder)(store, path)
            assert state(store) == whole
