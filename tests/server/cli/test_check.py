"""`notewell check` and `notewell impact`: for people, CI and pull request checks."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from notewell_server.cli.commands import cli
from notewell_store import open_store
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.conftest import CommandLine

ROOT = Path(__file__).parents[3]


class Bench:
    """A store to fill, and the command to run on it."""

    def __init__(self, command: CommandLine) -> None:
        self._database = command.database
        self._store = open_store(command.database)
        self._call = Call(self._store, "ann")

    def note(self, slug: str, content: str, **metadata: Any) -> None:
        call_tool(lambda: self._call, "upsert_note", {"slug": slug, "content": content, **metadata})

    def tool(self, name: str, /, **arguments: Any) -> None:
        call_tool(lambda: self._call, name, arguments)

    def check(self, *words: str, given: bytes | None = None) -> tuple[int, list[str]]:
        """The exit status, and the lines on standard output."""
        done = CliRunner().invoke(cli, ["--db", str(self._database), "check", *words], input=given)
        return done.exit_code, done.stdout.splitlines()

    def refusal(self, *words: str) -> str:
        done = CliRunner().invoke(cli, ["--db", str(self._database), "check", *words])
        assert (done.exit_code, done.stdout) == (2, "")
        return done.stderr

    def close(self) -> None:
        self._store.close()


@pytest.fixture
def bench(command: CommandLine) -> Iterator[Bench]:
    made = Bench(command)
    made.note("sop-deploy", "# Deploy\n\n## Steps\n", note_type="sop")
    yield made
    made.close()


def test_a_file_whose_references_exist_passes(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("See [[sop-deploy#steps]]; read-only.\n")
    assert bench.check(str(tmp_path / "a.md")) == (
        0,
        ["1 reference in 1 file: all exist (searched 1 note, up to change 1)"],
    )


def test_our_own_pages_pass_whatever_the_store_holds(bench: Bench) -> None:
    bench.note("plan-a", "x", note_type="plan")
    status, lines = bench.check(*(str(ROOT / name) for name in ("docs", "plugin", "README.md", "CHANGELOG.md")))
    assert (status, lines[:-1]) == (0, [])


def test_what_does_not_exist_is_named_with_its_file_and_line(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs" / "a.md"
    page.write_text("# A\n\nSee `sop-deplyo`.\n\nAgain `sop-deplyo`.\n")
    assert bench.check(str(tmp_path / "docs")) == (
        1,
        [
            f"{page}:3: sop-deplyo: missing, nearest sop-deploy (also line 5)",
            "1 reference in 1 file: 1 does not exist (searched 1 note, up to change 1)",
        ],
    )


def test_standard_input_is_checked(bench: Bench) -> None:
    status, lines = bench.check("-", given=b"x\n[[nowhere]]")
    assert (status, lines[0]) == (1, "-:2: nowhere: missing")


def test_pages_of_a_folder_may_name_one_another_before_any_is_in_the_store(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "sops").mkdir()
    (tmp_path / "index.md").write_text(
        "# Home\n\n[a](sops/new.md#first) [b](sops/) [[sop-new]] [[sop-new#first]] sops-other story:x arch:door\n"
        "[c](sops/new.md#second) [[sop-new#second]] [d](sops/none.md) [e](picture.png) [f](../elsewhere.md)\n"
    )
    (tmp_path / "sops" / "new.md").write_text("---\nslug: sop-new\ntags: [story:x]\n---\n# New\n\n## First\n")
    (tmp_path / "sops" / "other.md").write_text("# Other\n\n| `arch:door` | The door |\n| --- | --- |\n")
    status, lines = bench.check(str(tmp_path))
    assert status == 1
    assert [line.removeprefix(f"{tmp_path}/index.md:") for line in lines[:-1]] == [
        "4: sops/new.md#second: missing-section",
        "4: sop-new#second: missing-section",
        "4: sops/none.md: missing",
    ]


def test_a_note_is_checked_by_its_reference(bench: Bench) -> None:
    bench.note("plan", "# Plan\n\n[[nowhere]]\n")
    status, lines = bench.check("--ref", "plan")
    assert (status, lines[0]) == (1, "plan:3: nowhere: missing")


def test_the_whole_store_is_checked_with_links_set_on_purpose(bench: Bench) -> None:
    bench.note("plan", "# Plan\n\n[[sop-deploy#stps]]\n")
    bench.tool("link_notes", source="plan", targets="later", relation="continues", allow_missing=True)
    status, lines = bench.check()
    assert status == 1
    assert lines[:2] == [
        "plan: later: missing, linked by continues",
        "plan:3: sop-deploy#stps: missing-section, nearest sop-deploy#steps",
    ]


def test_a_project_is_checked_alone(bench: Bench) -> None:
    bench.tool("projects", slug="web", name="Web")
    bench.note("plan", "[[nowhere]]\n")
    bench.note("page", "[[sop-deploy]]\n", project="web")
    assert bench.check("--project", "web")[0] == 0
    assert "no project 'wbe'" in bench.refusal("--project", "wbe")


def test_open_todos_without_a_parent_are_named_and_no_fault(bench: Bench) -> None:
    bench.note("todo-a", "# A\n", note_type="todo", status="open")
    bench.note("todo-b", "# B\n", note_type="todo", status="Done")
    bench.note("todo-c", "# C\n", note_type="todo", parent="sop-deploy")
    bench.note("todo-d", "# D\n", note_type="todo", status="shipped")
    bench.note("todo-e", "# E\n", note_type="todo", status="won't fix")
    bench.note("todo-f", "# F\n", note_type="todo", tags=["DROPPED"])
    status, lines = bench.check()
    assert status == 0
    assert lines[:2] == ["open without a parent: 1", "  todo-a"]


def test_active_sops_that_nobody_revised_for_long_are_named_and_no_fault(
    bench: Bench, command: CommandLine, tmp_path: Path
) -> None:
    repository = tmp_path / "repository"
    repository.mkdir()
    for name, standing in (("old", "active"), ("gone", "superseded")):
        text = f"---\ntype: sop\nstatus: {standing}\n---\n# {name}\n"
        (repository / f"{name}.md").write_text(text)
    environment = {"GIT_AUTHOR_DATE": "2020-01-02T00:00:00Z", "GIT_COMMITTER_DATE": "2020-01-02T00:00:00Z"}
    for words in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "x"]):
        subprocess.run(["git", *words], cwd=repository, check=True, timeout=60, env=environment)
    command.read("import", "--git", str(repository))
    status, lines = bench.check()
    assert status == 0
    assert lines[:2] == ["not revised since: 1", "  old 2020-01-02"]
    assert bench.check("--stale-after", "100000")[1][0].startswith("0 references")


def test_json_has_all_of_it(bench: Bench, command: CommandLine) -> None:
    bench.note("plan", "[[nowhere]]\n")
    done = command.run("check", "--json")
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert set(answer) == {"problems", "refs", "searched", "skipped", "stale_sops", "todos_without_parent"}
    (problem,) = answer["problems"]
    assert (problem["place"], problem["ref"], problem["state"]) == ("plan", "nowhere", "missing")


def test_a_check_that_cannot_be_made_is_neither_good_nor_bad(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"\xff\xfe")
    assert "not UTF-8" in bench.refusal(str(tmp_path / "a.md"))
    assert "does not exist" in bench.refusal(str(tmp_path / "none.md"))
    assert "PATHS, or --ref" in bench.refusal("--ref", "sop-deploy", "--project", "web")
    assert "no note" in bench.refusal("--ref", "sop-deplyo")


def test_without_a_store_nothing_is_checked_and_none_is_made(command: CommandLine) -> None:
    done = command.run("check")
    assert (done.returncode, done.stdout) == (2, b"")
    assert not command.database.exists()


def test_a_page_that_cannot_be_read_is_said(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "bad.md").write_bytes(b"\xff")
    status, lines = bench.check(str(tmp_path))
    assert (status, lines[0]) == (0, f"not read: {tmp_path / 'bad.md'}: it is not UTF-8")


PATCH = b"""diff --git a/src/roll.py b/src/roll.py
--- a/src/roll.py
+++ b/src/roll.py
@@ -1 +1 @@ def roll_back():
-a
+b
"""


def test_impact_lists_the_notes_that_mention_a_change(bench: Bench, command: CommandLine) -> None:
    bench.note("plan", "# Plan\n\n## Where\n\nIn src/roll.py.\n")
    bench.note("todo", "# Todo\n\nCall roll_back.\n")
    assert command.read("impact", "--diff", "-", given=PATCH).splitlines() == [
        "1 file and 1 definition changed: 2 notes to look at",
        "plan#where · Plan · names src/roll.py",
        "todo · Todo · names roll_back",
    ]
    shown = command.read("impact", "--diff", "-", "--limit", "1", given=PATCH).splitlines()
    assert shown[-1] == "and 1 more: --limit 2"
    assert [note["slug"] for note in command.ask("impact", "--diff", "-", given=PATCH)["touched"]] == ["plan", "todo"]


def test_impact_wants_one_change(command: CommandLine) -> None:
    for words in ([], ["--diff", "-", "--base", "HEAD"], ["--base", "--output=x"]):
        assert command.run("impact", *words).returncode == 2
