"""The command line on a database: the same commands, and no password in anything that they print."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.engines import Postgres
from tests.server.conftest import open_session

from notewell_store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.server.conftest import CommandLine

SECRET = "s3cr3t"


@pytest.fixture
def named(tmp_path: Path) -> Iterator[dict[str, str]]:
    """What names a new database, with a password."""
    tested = Postgres(tmp_path / "engine")
    address = tested.new_address().replace("notewell@", f"notewell:{SECRET}@")
    yield {"NOTEWELL_DB": address, "XDG_DATA_HOME": str(tmp_path / "data")}
    tested.end()


def test_a_store_is_made_by_migrate_filled_searched_verified_and_backed_up(
    command: CommandLine, named: dict[str, str], tmp_path: Path
) -> None:
    assert "`notewell migrate` makes one" in command.refusal("list-notes", added=named)
    said = [command.read("migrate", added=named)]
    page = tmp_path / "page.md"
    page.write_text("# Deploy\n\nRoll out by the book.\n", encoding="utf-8")
    said.append(command.read("import", str(page), added=named))
    said.append(command.read("search", "roll out", added=named))
    assert "Deploy" in said[-1]
    said.append(command.read("verify", added=named))
    assert said[-1].startswith("whole: 1 note")
    said.append(command.read("backup", str(tmp_path / "copy.db"), added=named))
    said.append(command.read("stores", added=named))
    assert SECRET not in "".join(said)
    copy = open_store(tmp_path / "copy.db", create=False)
    with copy.reading() as db:
        assert db.execute("SELECT count(*) FROM revisions").fetchone() == (1,)
    copy.close()


def test_what_a_file_alone_can_is_refused_with_what_to_do_instead(
    command: CommandLine, named: dict[str, str], tmp_path: Path
) -> None:
    command.read("migrate", added=named)
    assert "name a file or a folder for the backup" in command.refusal("backup", added=named)


def test_the_doctor_of_a_database_names_what_puts_writes_at_risk(command: CommandLine, named: dict[str, str]) -> None:
    command.read("migrate", added=named)
    done = command.run("doctor", "--json", added=named)
    checks = {check["name"]: check["state"] for check in json.loads(done.stdout)["checks"]}
    assert checks["durability"] == "problem"  # the tests' server syncs nothing
    assert checks["user"] == "warning"
    assert checks["schema"] == checks["encoding"] == checks["import"] == "ok"


def test_a_session_over_standard_input_and_output_has_the_same_answers(
    database: Path, named: dict[str, str], command: CommandLine
) -> None:
    command.read("migrate", added=named)
    with open_session(database, named) as session:
        assert session.ask("upsert_note", slug="a", content="# A\n\n[[b]]\n")["outcome"] == "created"
        assert session.ask("edit_note", ref="a", mode="append", new_text="more")["revision"] == 2
        assert "There is no note 'b'" in session.refusal("get_note", ref="b")
        assert session.ask("search_notes", query="more")["hits"][0]["slug"] == "a"
    assert not database.exists()
