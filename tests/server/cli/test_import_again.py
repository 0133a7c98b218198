"""`notewell import`, again: what was changed on both sides is told, and settled."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.conftest import CommandLine


def test_an_overlap_ends_with_status_1_until_a_side_is_taken(command: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    page = folder / "page.md"
    page.write_text("one\n")
    command.read("import", str(folder))
    command.read("edit-note", "page", "--mode", "replace", "--old-text", "one", "--new-text", "here")
    page.write_text("there\n")
    done = command.run("import", str(folder))
    assert done.returncode == 1
    assert "page (page.md): changed here and in its file; the file says page@3\n" in done.stdout.decode()
    assert "import again with --take source or --take store" in done.stdout.decode()
    assert "\nthere\n" in command.read("get-note", "page@3")
    again = command.run("import", str(folder), "--json")
    assert (again.returncode, json.loads(again.stdout)["conflicting"]["total"]) == (1, 1)
    assert "1 updated" in command.read("import", str(folder), "--take", "source")
    assert "\nthere\n" in command.read("get-note", "page")
    assert command.read("import", str(folder)).startswith("0 new revisions")
