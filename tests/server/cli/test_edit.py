"""`notewell edit`: a note in the user's editor, of which nothing typed is ever lost."""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.server.cli.terminal import on_terminal
from tests.server.conftest import NOTEWELL

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.conftest import CommandLine

TEXT = "# Deploy\n\nOne.\n\nTwo.\n\nThree.\n"


class Desk:
    """A store with a note, and editors that are scripts."""

    def __init__(self, command: CommandLine, folder: Path) -> None:
        self.command, self.folder = command, folder
        self.state = folder / "state"
        command.read("upsert-note", "sop-deploy", "--content", TEXT)

    def editor(self, script: str) -> dict[str, str]:
        """The surroundings with an editor that does this to the file `$1`."""
        program = self.folder / "an editor.sh"
        program.write_text(f'set -e\nnotewell() {{ {NOTEWELL} "$@"; }}\n{script}\n')
        return {"EDITOR": f"sh {shlex.quote(str(program))}", "XDG_STATE_HOME": str(self.state), "VISUAL": ""}

    def edit(self, script: str, *words: str, status: int = 0) -> subprocess.CompletedProcess[bytes]:
        done = self.command.run("edit", *(words or ("sop-deploy",)), added=self.editor(script))
        assert done.returncode == status, done.stderr
        return done

    def text(self) -> str:
        return str(self.command.ask("get", "sop-deploy")["markdown"])

    def revision(self) -> int:
        return int(self.command.ask("get", "sop-deploy")["revision"])

    def kept(self) -> list[Path]:
        return sorted(self.state.rglob("*.md"))


@pytest.fixture
def desk(command: CommandLine, tmp_path: Path) -> Desk:
    return Desk(command, tmp_path)


def test_what_is_saved_in_the_editor_is_a_revision_with_its_reason(desk: Desk) -> None:
    said = desk.edit("sed -i s/One/1/ $1", "sop-deploy", "--reason", "shorter", "--revised-by", "https://x/pull/1")
    assert said.stdout == b"updated sop-deploy@2\n"
    assert desk.text() == TEXT.replace("One", "1")
    (newest, _) = desk.command.ask("revisions", "sop-deploy")["revisions"]
    assert (newest["reason"], newest["revised_by"]) == ("shorter", "https://x/pull/1")
    assert list((desk.state / "notewell" / "edits").iterdir()) == []


def test_the_file_has_the_text_to_the_byte_the_notes_name_and_one_reader(desk: Desk) -> None:
    content = "# A\r\n\r\n\ttab 👩‍👧 \\ \n\n\nend"
    desk.command.read("upsert-note", "other", "--content", content)
    desk.edit(f"cp $1 {desk.folder}/seen; stat -c '%a %n' $1 $(dirname $1) > {desk.folder}/facts", "other")
    assert (desk.folder / "seen").read_bytes() == content.encode()
    facts = (desk.folder / "facts").read_text().split()
    assert (facts[0], facts[2]) == ("600", "700")
    assert facts[1].endswith("/other.md")


@pytest.mark.parametrize("script", ["true", "touch $1", "printf '%s' \"$(cat $1)\" > $1; echo >> $1"])
def test_text_that_is_left_as_it_was_writes_nothing(desk: Desk, script: str) -> None:
    assert desk.edit(script).stdout == b"sop-deploy@1 stays as it is\n"
    assert (desk.revision(), desk.kept()) == (1, [])


def test_a_last_line_that_the_editor_ended_is_no_change(desk: Desk) -> None:
    desk.command.read("upsert-note", "open-ended", "--content", "no end")
    assert desk.edit("echo >> $1", "open-ended").stdout == b"open-ended@1 stays as it is\n"
    assert desk.edit("echo more >> $1", "open-ended").stdout == b"updated open-ended@2\n"


def test_visual_comes_before_editor(desk: Desk) -> None:
    added = desk.editor("sed -i s/One/by-visual/ $1")
    added = {**added, "VISUAL": added["EDITOR"], "EDITOR": "false"}
    desk.command.read("edit", "sop-deploy", added=added)
    assert "by-visual" in desk.text()


def test_what_others_changed_elsewhere_meanwhile_is_merged(desk: Desk) -> None:
    others = "notewell edit-note sop-deploy --mode replace --old-text Three. --new-text 3. >/dev/null"
    said = desk.edit(f"{others}; sed -i s/One/1/ $1")
    assert said.stdout.startswith(b"merged sop-deploy@3")
    assert desk.text() == TEXT.replace("One", "1").replace("Three", "3")
    assert desk.kept() == []


OTHERS = "notewell --actor ann edit-note sop-deploy --mode replace --old-text One. --new-text Uno. >/dev/null"


def test_where_others_changed_the_same_lines_all_is_shown_and_both_texts_are_kept(desk: Desk) -> None:
    done = desk.edit(f"{OTHERS}; sed -i 's/One/1/; s/Three/3/' $1", status=1)
    said = done.stderr.decode()
    assert "sop-deploy was changed in the same lines while you edited it, by ann. Nothing was written." in said
    assert "\n-One.\n+Uno.\n" in said
    both, mine = desk.kept()
    assert mine.read_text() == TEXT.replace("One", "1").replace("Three", "3")
    assert both.read_text() == (
        "# Deploy\n\n<<<<<<< your text\n1.\n=======\nUno.\n>>>>>>> sop-deploy@2\n\nTwo.\n\n3.\n"
    )
    assert f"Your text is kept in {mine}\n" in said
    assert {path.stat().st_mode & 0o777 for path in (both, mine)} == {0o600}
    assert (desk.revision(), desk.text()) == (2, TEXT.replace("One", "Uno"))

    both.write_text(TEXT.replace("One", "Uno, 1"))
    (next_step,) = re.findall(r"settle them, then `notewell (.*)`", said)
    assert desk.command.read(*shlex.split(next_step)) == "updated sop-deploy@3\n"
    assert desk.text() == TEXT.replace("One", "Uno, 1")


def test_on_a_terminal_one_may_settle_it_in_the_editor_at_once(database: Path, desk: Desk) -> None:
    first = f"{OTHERS}; sed -i s/One/1/ $1"
    second = "sed -i '/^<<<<<<< /d; /^=======$/d; /^>>>>>>> /d' $1"
    added = desk.editor(f"if grep -q '^<<<<<<< ' $1; then {second}; else {first}; fi")
    shown = on_terminal(database, "edit", "sop-deploy", added=added, typed=b"y\n")
    assert shown.status == 0, shown.text
    assert "+Uno." in shown.text
    assert "Edit again, with both texts marked? [Y/n]: " in shown.text
    assert shown.text.endswith("updated sop-deploy@3\n")
    assert desk.text() == TEXT.replace("One.", "1.\nUno.")
    assert desk.kept() == []


def test_on_a_terminal_one_may_leave_it(database: Path, desk: Desk) -> None:
    shown = on_terminal(
        database, "edit", "sop-deploy", added=desk.editor(f"{OTHERS}; sed -i s/One/1/ $1"), typed=b"n\n"
    )
    assert shown.status == 1
    assert len(desk.kept()) == 2
    assert desk.revision() == 2


def test_marks_that_are_left_are_not_saved(database: Path, desk: Desk) -> None:
    added = desk.editor(f"if grep -q '^<<<<<<< ' $1; then true; else {OTHERS}; sed -i s/One/1/ $1; fi")
    shown = on_terminal(database, "edit", "sop-deploy", added=added, typed=b"\n")
    assert shown.status == 1
    assert "the text still has the marked lines of a conflict: nothing was written" in shown.text
    assert "Your text is kept in" in shown.text
    assert desk.revision() == 2


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo typed >> $1; exit 3", "Editing failed"),
        ("printf '\\377' >> $1", "the text is not UTF-8 (byte 29): nothing was written"),
        ("head -c 1100000 /dev/zero | tr '\\0' x >> $1", "bytes"),
        ("echo typed >> $1; notewell delete-note sop-deploy >/dev/null", "sop-deploy"),
        ("echo typed >> $1; chmod a-x $NOTEWELL_DB; echo > $NOTEWELL_DB; rm -f $NOTEWELL_DB-*", "notewell.db"),
    ],
)
def test_a_text_that_cannot_be_saved_is_kept_and_named(desk: Desk, script: str, told: str) -> None:
    said = desk.edit(script, status=1).stderr.decode()
    assert told in said
    (kept,) = desk.kept()
    assert f"Your text is kept in {kept}\n" in said
    assert kept.read_bytes().startswith(TEXT.encode())
    assert len(kept.read_bytes()) > len(TEXT)
    assert "Traceback" not in said


def test_a_text_that_was_emptied_deletes_nothing(desk: Desk) -> None:
    said = desk.edit(": > $1", status=1).stderr.decode()
    assert "the text is empty: nothing was written. `notewell delete-note sop-deploy` deletes the note" in said
    assert desk.text() == TEXT


def test_an_editor_that_cannot_be_started_is_named_and_leaves_nothing(desk: Desk) -> None:
    for editor in ("no-such-editor", "false"):
        done = desk.command.run("edit", "sop-deploy", added={**desk.editor(""), "EDITOR": editor})
        assert (done.returncode, done.stdout) == (1, b"")
        assert done.stderr.decode().startswith(f"Error: {editor}: Editing failed")
    assert desk.kept() == []


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("sop-deplyo", "There is no note 'sop-deplyo'. Nearest: sop-deploy."),
        ("sop-deploy#deploy", "a note is edited whole and as it is now"),
        ("sop-deploy@1", "a note is edited whole and as it is now"),
    ],
)
def test_what_is_no_note_is_refused_before_an_editor_opens(desk: Desk, named: str, told: str) -> None:
    done = desk.edit(f"touch {desk.folder}/opened", named, status=1)
    assert told in done.stderr.decode()
    assert not (desk.folder / "opened").exists()


def test_a_deleted_note_is_refused_with_what_brings_it_back(desk: Desk) -> None:
    desk.command.read("delete-note", "sop-deploy")
    assert "notewell restore-note sop-deploy" in desk.edit("true", status=1).stderr.decode()


def test_a_note_is_named_by_its_title_too(desk: Desk) -> None:
    assert desk.edit("sed -i s/One/1/ $1", "Deploy").stdout == b"updated sop-deploy@2\n"
