"""By which door a revision came is kept with it: the door says so, and nothing that is written can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.server.cli.terminal import on_terminal
from tests.server.conftest import CommandLine, open_session
from tests.server.pages.conftest import served

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.conftest import Pipe

FORGED = {"door": "pages", "client": "a person"}


def last(command: CommandLine) -> tuple[str, str | None]:
    (one,) = command.ask("revisions", "--limit", "1")["revisions"]
    return one["door"], one.get("client")


def test_a_terminal_a_pipe_an_import_and_a_page_are_told_apart(tmp_path: Path) -> None:
    database = tmp_path / "notewell.db"
    command = CommandLine(database)
    command.read("upsert-note", "a", "--content", "# A")
    assert last(command) == ("cli", None)
    assert on_terminal(database, "upsert-note", "a", "--status", "active").status == 0
    assert last(command) == ("terminal", None)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "b.md").write_text("---\ndoor: pages\nclient: x\n---\n# B\n")
    command.read("import", str(tmp_path / "notes"))
    assert last(command) == ("import", None)
    with served(database) as pages:
        assert pages.owner().post("/notes/a/confirm", revision="2", reason="walked through").status == 303
    assert last(command) == ("pages", None)


def test_no_call_says_by_which_door_it_came(tmp_path: Path) -> None:
    text = "---\ndoor: pages\n---\n# A\n"
    with open_session(tmp_path / "notewell.db", client="an\u202eagent\nof mine") as session:
        for name, value in FORGED.items():
            sent = {"slug": "a", "content": text, name: value}
            assert f"has no argument {name!r}" in session.refusal("upsert_note", **sent)
        session.ask("upsert_note", slug="a", content=text, reason="door: pages", revised_by="pages")
        (one,) = session.ask("revisions", limit=1)["revisions"]
    assert (one["door"], one["client"], one["actor"]) == ("stdio", "anagent of mine 1", "anagent of mine")


def test_a_client_without_an_end_has_a_name_that_a_line_can_show(tmp_path: Path) -> None:
    with open_session(tmp_path / "notewell.db", client="x" * 100_000) as session:
        session.ask("upsert_note", slug="a", content="# A")
        (one,) = session.ask("revisions", limit=1)["revisions"]
    assert len(one["actor"]) == 100


def test_both_eras_and_the_sdk_behind_the_quick_door_say_the_same_of_a_client(pipe: Pipe, tmp_path: Path) -> None:
    def written(**sent: Any) -> dict[str, Any]:
        pipe.call("upsert_note", **sent)
        pipe.answer()
        pipe.call("revisions", limit=1, format="json")
        text: str = pipe.answer()["result"]["content"][0]["text"]
        return {"client": "by-hand 1"} if '"door": "stdio", "client": "by-hand 1"' in text else {"text": text}

    assert written(slug="a", content="# A") == {"client": "by-hand 1"}
    pipe.request("logging/setLevel", level="error")  # which the quick door leaves to the SDK
    pipe.answer()
    assert written(slug="b", content="# B") == {"client": "by-hand 1"}
    for mode in ("legacy", "auto"):
        with open_session(tmp_path / f"{mode}.db", mode=mode, client="asker") as session:
            session.ask("upsert_note", slug="a", content="# A")
            assert session.ask("revisions")["revisions"][0]["client"] == "asker 1"
