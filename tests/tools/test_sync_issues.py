"""sync_issues: issues become cards that link away; what they are read from can neither lead elsewhere nor hang."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from tests.tools.conftest import Agent

from notewell_store import Invalid
from notewell_tools import fetching
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call
from notewell_tools.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from notewell_store import Store

GITHUB = "https://github.com/tidewater/harbor_line/issues"
GITLAB = "https://gitlab.example.com/g/p/-/issues"


def issue(number: int, title: str, state: str = "open", **more: Any) -> dict[str, Any]:
    return {"number": number, "title": title, "state": state, "html_url": f"{GITHUB}/{number}", **more}


class AtHome(Agent):
    """Whoever works at the machine itself, with some tokens."""

    def __init__(self, store: Store, tokens: str = "") -> None:
        super().__init__(store, issue_tokens=tokens)


@pytest.fixture
def home(store: Store) -> AtHome:
    agent = AtHome(store)
    agent.note("board", "---\ncolumns: [Todo, Doing, Done]\n---\n# Board\n", note_type="board")
    return agent


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "issues.json"


def synced(home: Agent, file: Path, *issues: object, **more: Any) -> dict[str, Any]:
    file.write_text(json.dumps(issues), encoding="utf-8")
    return dict(home.ask("sync_issues", ref="board", source=str(file), **more))


def columns(agent: Agent) -> dict[str, list[str]]:
    answer = agent.ask("board", ref="board")
    return {column["name"]: [card["title"] for card in column["cards"]] for column in answer["columns"]}


def test_issues_become_cards_that_link_away(home: AtHome, file: Path) -> None:
    pull = issue(3, "A pull request", pull_request={"url": "x"})
    of_gitlab = {"iid": 1, "title": "Ours", "state": "opened", "web_url": f"{GITLAB}/1", "labels": ["bug"]}
    answer = synced(home, file, issue(1, "Leak", labels=[{"name": "Bug"}]), issue(2, "Old", "closed"), pull, of_gitlab)
    assert len(answer["added"]) == 3
    assert columns(home) == {"Todo": ["Leak", "Ours"], "Doing": [], "Done": ["Old"]}
    card = home.ask("get_note", ref=answer["added"][0]["slug"])
    assert card["markdown"] == f"[tidewater/harbor\\_line#1]({GITHUB}/1)\n"
    assert (card["note_type"], card["tags"]) == ("issue", ["label:bug"])


def test_doing_it_again_does_nothing_and_what_became_of_issues_is_followed(home: AtHome, file: Path) -> None:
    synced(home, file, issue(1, "Leak"), issue(2, "Old", "closed"), issue(4, "Begun"))
    before = home.content()
    assert synced(home, file, issue(1, "Leak"), issue(2, "Old", "closed"), issue(4, "Begun"))["added"] == []
    assert home.content() == before
    slugs = {card["title"]: card["slug"] for card in home.ask("list_notes", note_type="issue")["notes"]}
    home.ask("upsert_note", slug=slugs["Begun"], status="doing")
    answer = synced(home, file, issue(1, "A leak", "closed"), issue(2, "Old"), issue(4, "Begun"))
    assert [(card["slug"], card["status"]) for card in answer["moved"]] == [
        (slugs["Leak"], "done"),
        (slugs["Old"], "todo"),
    ]
    assert columns(home) == {"Todo": ["Old"], "Doing": ["Begun"], "Done": ["A leak"]}


def test_an_issue_that_is_listed_no_more_is_told_and_its_card_stays(home: AtHome, file: Path) -> None:
    first = synced(home, file, issue(1, "Leak"), issue(2, "Old"))
    answer = synced(home, file, issue(2, "Old"))
    assert answer["orphaned"] == [first["added"][0]["slug"]]


@pytest.mark.parametrize(
    "entry",
    [
        issue(1, "x") | {"html_url": "javascript:alert(1)"},
        issue(1, "x") | {"html_url": f"{GITHUB}/1) [x](https://evil.example/"},
        issue(1, "x") | {"html_url": "https://user@github.com/a/b/issues/1"},
        issue(-1, "x"),
        issue(10**30, "x"),
        issue(1, "\u202e"),
        {"number": True, "title": [], "state": 1, "html_url": {}},
        "issue",
        None,
    ],
)
def test_what_is_no_issue_is_left_out_and_counted(home: AtHome, file: Path, entry: object) -> None:
    answer = synced(home, file, entry, issue(7, "Good"))
    assert len(answer["added"]) == 1
    assert answer["warnings"] == ["1 entries are no issues that can be read, and were left out"]


def test_a_label_makes_no_card_a_rule(home: AtHome, file: Path) -> None:
    synced(home, file, issue(1, "Obey me", labels=[{"name": "sop"}, {"name": "active"}, {"name": "a,b"}, {"name": 3}]))
    assert home.ask("list_notes", tags="sop")["total"] == 0
    assert home.ask("list_notes", tags="active")["total"] == 0


@pytest.mark.parametrize("text", ["", "{}", "root:x:0:0:secret", "[" * 100_000, '{"message": "secret"}'])
def test_a_file_that_is_no_list_is_refused_without_a_word_of_it(home: AtHome, file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    refusal = home.refusal("sync_issues", ref="board", source=str(file))
    assert "the source holds no JSON list" in refusal
    assert "secret" not in refusal


def test_who_is_not_at_the_machine_has_nothing_read(store: Store, home: AtHome, file: Path) -> None:
    file.write_text("[]", encoding="utf-8")
    for source in (str(file), "https://127.0.0.1:1/x", "/nowhere"):
        with pytest.raises(ToolError) as raised:
            call_tool(lambda: Call(store, "x"), "sync_issues", {"ref": "board", "source": source})
        assert raised.value.kind == "forbidden"
        assert "for who works at the store's own machine only" in raised.value.message


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com/issues",
        "http://127.0.0.1.example.com/",
        "http://[::ffff:10.0.0.1]/",
        "http://169.254.169.254/latest/meta-data",
        "https://user:word@example.com/",
        "https://example.com:0/",
        "https://example.com/\r\nHost: x",
        "https:///x",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "gopher://127.0.0.1/",
        "https://[::1",
    ],
)
def test_an_address_that_may_not_be_asked_is_refused(address: str) -> None:
    with pytest.raises(Invalid):
        fetching.read_parts(address, "")


class Forge(BaseHTTPRequestHandler):
    """Answers by its path; keeps what it was sent."""

    seen: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers.get("Authorization")))
        port = int(self.headers["Host"].rpartition(":")[2])
        path, _, query = self.path.partition("?")
        body = json.dumps([issue(int(query or 1), f"Issue {query or 1}")]).encode()
        more: dict[str, str] = {}
        status = 200
        if path == "/parts" and query != "2":
            more = {
                "Link": f'<http://127.0.0.1:{port}/first>; rel="first", <http://127.0.0.1:{port}/parts?2>; rel="next"'
            }
        elif path == "/elsewhere":
            more = {"Link": '<http://127.0.0.1:1/>; rel="next"'}
        elif path == "/endless":
            more = {"Link": f'</endless?{int(query or 1) + 1}>; rel="next"'}
        elif path == "/moved":
            status, more = 302, {"Location": "/parts"}
        elif path == "/closed":
            status = 401
        elif path == "/large":
            body = b" " * (fetching.LARGEST + 10)
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **more}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that is overridden
        """Nothing."""


@pytest.fixture
def forge() -> Iterator[str]:
    Forge.seen.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Forge) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join(10)


def test_a_list_in_parts_is_read_to_its_end_with_the_token_of_its_host(store: Store, home: AtHome, forge: str) -> None:
    host = forge.removeprefix("http://")
    named = AtHome(store, f"other.example=wrong {host}=right")
    assert len(named.ask("sync_issues", ref="board", source=f"{forge}/parts")["added"]) == 2
    assert Forge.seen == [("/parts", "Bearer right"), ("/parts?2", "Bearer right")]
    Forge.seen.clear()
    AtHome(store, "other.example=wrong").ask("sync_issues", ref="board", source=f"{forge}/one")
    assert Forge.seen == [("/one", None)]
    Forge.seen.clear()
    source = forge.replace("127.0.0.1", "localhost")
    AtHome(store, "LocalHost=right").ask("sync_issues", ref="board", source=f"{source}/one")
    assert Forge.seen == [("/one", "Bearer right")]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/elsewhere", "the list goes on at another host"),
        ("/endless", "the list has more than 50 parts"),
        ("/moved", "the address leads to another, which is not asked"),
        ("/closed", "the address answers 401: a token for its host goes into NOTEWELL_ISSUES_TOKEN"),
        ("/large", "the answer is larger than the 10,000,000 bytes"),
    ],
)
def test_what_leads_on_or_does_not_end_is_refused(home: AtHome, forge: str, path: str, words: str) -> None:
    assert words in home.refusal("sync_issues", ref="board", source=f"{forge}{path}")


def test_an_answer_that_drips_is_cut_off_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.setattr(fetching, "LONGEST", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = threading.Event()

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n")
                while not ended.wait(0.02):
                    try:
                        connection.sendall(b" ")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        with pytest.raises(Invalid, match="did not answer in"):
            fetching.read_parts(f"http://127.0.0.1:{server.getsockname()[1]}/", "")
        ended.set()
        thread.join(10)
        assert not thread.is_alive()
