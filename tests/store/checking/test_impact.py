"""Diffs as git writes them, and the notes that a change touches."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notewell_store.checking.impact import Touched, touched_notes
from notewell_store.checking.patches import read_patch
from notewell_store.files.importing import import_folder
from notewell_store.files.summary import ImportOptions

if TYPE_CHECKING:
    from tests.conftest import Knowledge

from tests.conftest import SOMEONE


def diff(path: str, *lines: str, context: str = "") -> str:
    """A diff of one hunk, of lines that each begin with their sign."""
    old, new = (sum(line[0] in signs for line in lines) for signs in ("- ", "+ "))
    head = f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1,{old} +1,{new} @@ {context}\n"
    return head + "\n".join(lines) + "\n"


def touched(knowledge: Knowledge, patch: str) -> list[Touched]:
    with knowledge.store.reading() as db:
        return list(touched_notes(db, read_patch(patch)))


@pytest.mark.parametrize(
    ("line", "symbol"),
    [
        ("def roll_back(wave):", "roll_back"),
        ("    async def roll_back(self):", "roll_back"),
        ("class RollOut(Base):", "RollOut"),
        ("func (s *Server) RollBack(w Wave) {", "RollBack"),
        ("export default function rollBack() {", "rollBack"),
        ("pub(crate) async fn roll_back()", "roll_back"),
        ("CREATE TABLE IF NOT EXISTS roll_outs (", "roll_outs"),
        ("MOST_WAVES = 3", "MOST_WAVES"),
        ("interface RollOut {", "RollOut"),
    ],
)
def test_changed_definitions_are_read_from_lines_and_from_the_heads_of_hunks(line: str, symbol: str) -> None:
    assert list(read_patch(diff("a.py", f"-{line}", "+x")).symbols) == [symbol]
    assert list(read_patch(diff("a.py", "+x", context=line)).symbols) == [symbol]


def test_lines_of_a_hunk_that_look_like_heads_are_lines() -> None:
    patch = read_patch(diff("a.sql", "--- a/comment.py", "+++ b/other.py", " x") + diff("b.sql", "+x"))
    assert list(patch.paths) == ["a.sql", "b.sql"]


def test_what_git_says_of_moves_new_deleted_binary_and_odd_files_is_read(tmp_path: Path) -> None:
    def git(*words: str) -> str:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60).stdout

    git("init", "--quiet")
    for name in ("moved.txt", "deleted.txt", "tëst file.txt", "image.bin"):
        (tmp_path / name).write_bytes(b"\0\1" if name == "image.bin" else b"one\ntwo\nthree\n")
    git("add", "-A")
    git("commit", "--quiet", "-m", "x")
    (tmp_path / "moved.txt").rename(tmp_path / "to.txt")
    (tmp_path / "deleted.txt").unlink()
    (tmp_path / "tëst file.txt").write_text("other\n")
    (tmp_path / "image.bin").write_bytes(b"\0\2")
    (tmp_path / "new.txt").write_text("new\n")
    git("add", "-A")
    patch = read_patch(git("diff", "HEAD", "-M"))
    assert set(patch.paths) == {"moved.txt", "to.txt", "deleted.txt", "tëst file.txt", "image.bin", "new.txt"}


def test_notes_are_listed_the_most_specific_reason_first(knowledge: Knowledge) -> None:
    knowledge.put("by-symbol", "# A\n\n## Rolling\n\nIt calls roll_back.\n")
    knowledge.put("by-name", "# B\n\nSee rollout_engine.py.\n")
    knowledge.put("by-end", "# C\n\nSee engine/rollout_engine.py.\n")
    knowledge.put("by-path", "# D\n\n## Where\n\n`src/engine/rollout_engine.py` and roll_back\n")
    knowledge.put("none", "# E\n\nsrc/engine/rollout_engine.pyc, xroll_back, roll back\n")
    found = touched(knowledge, diff("src/engine/rollout_engine.py", "+def roll_back():"))
    assert [(note.slug, note.anchor) for note in found] == [
        ("by-path", "where"),
        ("by-end", None),
        ("by-name", None),
        ("by-symbol", "rolling"),
    ]
    assert (found[0].why, found[0].what, found[0].others) == ("names", "src/engine/rollout_engine.py", 1)


def test_a_note_that_was_imported_from_a_changed_file_comes_first(knowledge: Knowledge, tmp_path: Path) -> None:
    (tmp_path / "pages" / "sops").mkdir(parents=True)
    (tmp_path / "pages" / "sops" / "deploy.md").write_text("# Deploy\n")
    import_folder(knowledge.store, tmp_path / "pages", ImportOptions(actor="ann"), SOMEONE)
    knowledge.put("other", "See docs/sops/deploy.md.\n")
    found = touched(knowledge, diff("docs/sops/deploy.md", "+x"))
    assert [(note.slug, note.why) for note in found] == [("sops-deploy", "imported from"), ("other", "names")]


def test_ordinary_names_tell_nothing(knowledge: Knowledge) -> None:
    knowledge.put("a", "# A\n\nOpen main.py and run settings; the gate is open. README.md\n")
    patch = diff("src/main.py", "+def settings():", "+class Gate:") + diff("README.md", "+x")
    assert touched(knowledge, patch) == []


def test_an_ordinary_word_marked_as_code_names_a_symbol(knowledge: Knowledge) -> None:
    knowledge.put("a", "# A\n\nCall `gate` first.\n")
    knowledge.put("b", "# B\n\nCall gate(x) first.\n")
    knowledge.put("c", "# C\n\nThe gate is open.\n")
    assert [note.slug for note in touched(knowledge, diff("x.py", "+def gate(x):"))] == ["a", "b"]


def test_deleted_notes_are_not_touched(knowledge: Knowledge) -> None:
    knowledge.put("a", "# A\n\nroll_back\n")
    knowledge.delete("a")
    assert touched(knowledge, diff("x.py", "+def roll_back():")) == []


@given(st.text(), st.text(alphabet='+-@ ,1ab/\n"\\', max_size=80))
def test_any_text_is_read_as_a_diff_without_complaint(text: str, marks: str) -> None:
    read_patch(text)
    read_patch(f'diff --git a/{marks}\n--- {marks}\n+++ "{marks}"\n@@ -1 +1 @@ {marks}\n{marks}')
