"""REST: the path table, conditions, problems, and that it answers as the tools do."""

from __future__ import annotations

import gzip
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from tests.server.http.conftest import PATIENCE, Door

if TYPE_CHECKING:
    from collections.abc import Generator


@pytest.fixture(scope="module")
def library(door: Door) -> Door:
    door.data("PUT", "/projects/web", {"name": "Web shop", "repo_url": "https://github.com/a/web"})
    notes: dict[str, dict[str, Any]] = {
        "sop-deploy": {"content": "# Deploy\n\nSee [[architecture]].\n", "note_type": "sop", "status": "active"},
        "architecture": {"content": "# How it hangs together\n", "tags": ["auth"], "is_public": True},
        "secret-plan": {"content": "# Plan of the merger\n", "note_type": "plan"},
    }
    for slug, fields in notes.items():
        door.data("PUT", f"/notes/{slug}", {"project": "web", **fields})
    return door


def test_a_note_is_made_read_changed_and_deleted(door: Door) -> None:
    made = door.send_json("POST", "/notes", {"slug": "a", "content": "# A\n\n**x**\n", "reason": "why"})
    assert (made.status, made.headers["location"], made.headers["etag"]) == (201, "/notes/a", '"1"')
    note = door.data("GET", "/notes/a")
    assert note["markdown"] == "# A\n\n**x**\n"
    assert note["html_content"] == '<h1 id="a">A</h1>\n<p><strong>x</strong></p>'
    changed = door.send_json("PUT", "/notes/a", {"content": "# A\n"}, If_Match='"1"')
    assert (changed.status, changed.headers["etag"]) == (200, '"2"')
    assert door.data("GET", "/notes/a/revisions/1")["markdown"] == "# A\n\n**x**\n"
    history = door.data("GET", "/notes/a/revisions")["revisions"]
    assert [(entry["revision"], entry["actor"], entry["reason"]) for entry in history] == [
        (2, "tester", None),
        (1, "tester", "why"),
    ]
    gone = door.data("DELETE", "/notes/a?reason=done", If_Match='"2"')
    assert (gone["slug"], gone["revision"]) == ("a", 3)
    assert door.send_json("GET", "/notes/a").status == 404


def test_what_exists_is_not_changed_without_naming_what_was_read(door: Door) -> None:
    door.data("PUT", "/notes/b", {"content": "# B\n\none\n"})
    without = door.send_json("PUT", "/notes/b", {"content": "two\n"})
    assert (without.status, without.headers["etag"]) == (428, '"1"')
    assert "If-Match" in without.problem["detail"]
    assert door.data("PUT", "/notes/b", {"content": "# B\n\ntwo\n"}, If_Match="*")["revision"] == 2
    stale = door.send_json("PUT", "/notes/b", {"content": "# B\n\nthree\n"}, If_Match='"1"')
    assert (stale.status, stale.headers["etag"]) == (412, '"2"')
    assert "b is at revision 2" in stale.problem["detail"]
    assert "-one\n+two" in stale.problem["detail"]
    assert door.send_json("PUT", "/notes/b", {"content": "x"}, If_None_Match="*").status == 412
    assert door.send_json("PUT", "/notes/nowhere", {"content": "x"}, If_Match='"1"').status == 412
    assert door.send_json("PUT", "/notes/b", {"content": "x"}, If_Match="seven").status == 412
    assert door.send_json("DELETE", "/notes/b", If_Match='"1"').status == 412
    assert door.data("GET", "/notes/b")["markdown"] == "# B\n\ntwo\n"


def test_changes_in_different_places_are_merged(door: Door) -> None:
    lines = [f"line {number}\n\n" for number in range(9)]
    door.data("PUT", "/notes/c", {"content": "".join(lines)})
    door.data("PUT", "/notes/c", {"content": "first\n\n" + "".join(lines[1:])}, If_Match='"1"')
    merged = door.data("PUT", "/notes/c", {"content": "".join(lines[:8]) + "last\n"}, If_Match='"1"')
    assert (merged["outcome"], merged["revision"]) == ("merged", 3)


def test_an_unchanged_note_is_not_sent_again(library: Door) -> None:
    etag = library.send_json("GET", "/notes/architecture").headers["etag"]
    for known in (etag, f'"77", {etag}', "*"):
        answer = library.send_json("GET", "/notes/architecture", If_None_Match=known)
        assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", etag)
        assert "cache-control" in answer.headers and "vary" in answer.headers
        assert not [name for name in answer.headers if name.startswith(("content-security", "x-frame", "cross-origin"))]
    assert library.send_json("GET", "/notes/architecture", If_None_Match='"77"').status == 200


def test_a_note_is_sent_again_once_its_links_lead_elsewhere(door: Door) -> None:
    door.data("PUT", "/notes/reader", {"content": "See [[later]].\n"})
    before = door.send_json("GET", "/notes/reader")
    assert 'class="note-link missing"' in json.loads(before.body)["html_content"]
    door.data("PUT", "/notes/later", {"content": "# Later\n"})
    after = door.send_json("GET", "/notes/reader", If_None_Match=before.headers["etag"])
    assert (after.status, after.headers["etag"] != before.headers["etag"]) == (200, True)
    assert '<a class="note-link" href="later" rel' in json.loads(after.body)["html_content"]
    assert door.send_json("GET", "/notes/reader", If_None_Match=after.headers["etag"]).status == 304
    door.data("PUT", "/notes/later", {"new_slug": "sooner"}, If_Match="*")
    assert door.send_json("GET", "/notes/reader", If_None_Match=after.headers["etag"]).status == 200
    changed = door.send_json("PUT", "/notes/reader", {"content": "Seen.\n"}, If_Match=before.headers["etag"])
    assert (changed.status, json.loads(changed.body)["revision"]) == (200, 2)


def test_a_note_is_sent_again_once_its_parent_is_called_otherwise(door: Door) -> None:
    door.data("PUT", "/notes/above", {"content": "x"})
    door.data("PUT", "/notes/below", {"content": "x", "parent": "above"})
    etag = door.send_json("GET", "/notes/below").headers["etag"]
    door.data("PUT", "/notes/above", {"new_slug": "over"}, If_Match="*")
    answer = door.send_json("GET", "/notes/below", If_None_Match=etag)
    assert (answer.status, json.loads(answer.body)["parent"]) == (200, "over")


def test_head_answers_as_get_without_a_body(library: Door) -> None:
    for path in ("/notes", "/notes/architecture", "/tags", "/projects", "/openapi.json"):
        got, headed = library.send_json("GET", path), library.send_json("HEAD", path)
        assert (headed.status, headed.body) == (200, b"")
        assert headed.headers["content-length"] == got.headers["content-length"]


def test_a_former_name_leads_to_the_note(door: Door) -> None:
    door.data("PUT", "/notes/old-name", {"content": "x"})
    door.data("PUT", "/notes/old-name", {"new_slug": "new-name"}, If_Match="*")
    answer = door.send_json("GET", "/notes/old-name")
    assert (answer.status, answer.headers["content-location"]) == (200, "/notes/new-name")


def test_a_section_is_edited_alone(door: Door) -> None:
    door.data("PUT", "/notes/d", {"content": "# D\n\n## One\n\na\n\n## Two\n\nb\n"})
    edit = {"anchor": "one", "mode": "append", "new_text": "more\n"}
    assert door.data("POST", "/notes/d/edits", edit)["revision"] == 2
    assert "a\n\nmore\n\n## Two\n\nb\n" in door.data("GET", "/notes/d")["markdown"]
    wrong = door.send_json("POST", "/notes/d/edits", edit | {"anchor": {"one": 1}})
    assert (wrong.status, wrong.problem["detail"][:7]) == (400, "anchor:")


def test_links_are_read_in_both_directions_and_the_outgoing_ones_set(library: Door) -> None:
    set_links = library.data("PUT", "/notes/secret-plan/links", {"targets": ["architecture"], "relation": "implements"})
    assert [(link["target"], link["relation"]) for link in set_links["links"]] == [("architecture", "implements")]
    seen = library.data("GET", "/notes/architecture/links")["links"]
    assert {(link["target"], link["direction"]) for link in seen} == {("sop-deploy", "in"), ("secret-plan", "in")}
    assert library.data("PUT", "/notes/secret-plan/links", {"targets": [], "relation": "implements"})["links"] == []


def test_lists_are_paged_by_their_link(library: Door) -> None:
    found, path = [], "/notes?project=web&limit=1&sort=slug"
    while path:
        answer = library.send_json("GET", path)
        found += [note["slug"] for note in json.loads(answer.body)["notes"]]
        link = answer.headers.get("link")
        assert link is None or link.endswith('>; rel="next"')
        path = link[1 : link.index(">")] if link else ""
    assert found == ["architecture", "secret-plan", "sop-deploy"]


def test_filters_search_and_projects_answer_as_the_tools_do(library: Door) -> None:
    def tool(name: str, **arguments: Any) -> Any:
        answer = library.mcp("tools/call", name=name, arguments=arguments | {"format": "json"})
        return json.loads(answer["content"][0]["text"])

    same: list[tuple[str, str, dict[str, Any]]] = [
        ("/notes?tags=sop,active", "list_notes", {"tags": ["sop", "active"]}),
        ("/notes?tags=sop&tags=active", "list_notes", {"tags": ["sop", "active"]}),
        ("/notes?q=merger", "search_notes", {"query": "merger"}),
        ("/projects/web/notes?sort=slug", "list_notes", {"project": "web", "sort": "slug"}),
        ("/projects", "projects", {}),
        ("/tags?prefix=a", "tags", {"prefix": "a"}),
        ("/notes/sop-deploy/revisions?limit=1", "revisions", {"ref": "sop-deploy", "limit": 1}),
    ]
    for path, name, arguments in same:
        assert library.data("GET", path) == tool(name, **arguments), path
    note = library.data("GET", "/notes/sop-deploy")
    told = tool("get_note", ref="sop-deploy")
    assert {name: note[name] for name in told} == told


def test_a_follower_reads_all_changes_in_their_order(door: Door) -> None:
    for number in range(3):
        door.data("PUT", f"/notes/followed-{number}", {"content": "x"})
    seqs: list[int] = []
    path = "/changes?since=0&limit=2"
    while path:
        answer = door.send_json("GET", path)
        page = json.loads(answer.body)
        seqs += [change["seq"] for change in page["changes"]]
        link = answer.headers.get("link")
        path = link[1 : link.index(">")] if link else ""
    assert seqs == list(range(1, len(seqs) + 1))
    assert door.data("GET", f"/changes?since={seqs[-1]}") == {"changes": [], "next": seqs[-1], "more": False}


def test_the_same_key_twice_makes_one_note(door: Door) -> None:
    first = door.send_json("POST", "/notes", {"slug": "once", "content": "x"}, Idempotency_Key="k1")
    second = door.send_json("POST", "/notes", {"slug": "once", "content": "x"}, Idempotency_Key="k1")
    assert (first.status, second.status, first.body == second.body) == (201, 201, True)
    other = door.send_json("POST", "/notes", {"slug": "once", "content": "y"}, Idempotency_Key="k1")
    assert other.status == 400


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("GET", "/notes/nowhere", None, 404, "There is no note 'nowhere'"),
        ("GET", "/notes?tagz=a", None, 400, "did you mean 'tags'"),
        ("GET", "/notes?limit=1000", None, 400, "limit"),
        ("GET", "/notes/sop-deploy?x=1", None, 400, "x is given by the path"),
        ("GET", "/changes?since=-1", None, 400, "whole number"),
        ("GET", "/changes?after=1", None, 400, "It takes: since, limit"),
        ("GET", "/nothing", None, 404, "/openapi.json"),
        ("DELETE", "/notes", None, 405, "GET, HEAD, PATCH, POST"),
        ("POST", "/notes", ["a"], 400, "no object"),
        ("POST", "/notes", {"content": "x"}, 400, "slug is required"),
        ("POST", "/notes", {"slug": "sop-deploy", "content": "x"}, 409, "PUT /notes/sop-deploy"),
        ("POST", "/projects", {"slug": "web"}, 409, "PUT /projects/web"),
        ("POST", "/projects", {"slug": None, "name": None}, 400, "slug is required"),
        ("PUT", "/projects/W%20", {"name": None}, 400, "slug"),
        ("PUT", "/notes/e", {"slug": "f"}, 400, "slug is given by the path"),
        ("PUT", "/notes/e", {"contents": "x"}, 400, "did you mean 'content'"),
    ],
)
def test_what_cannot_be_done_is_a_problem_that_says_why(
    library: Door, method: str, path: str, body: Any, status: int, words: str
) -> None:
    answer = library.send_json(method, path, body)
    assert (answer.status, answer.problem["type"]) == (status, "about:blank")
    assert words in answer.problem["detail"]


def test_a_body_that_is_no_json_is_refused(door: Door) -> None:
    key = {"Authorization": f"Bearer {door.token}"}
    assert door.ask("/notes", "POST", b"{", Content_Type="application/json", **key).status == 400
    assert door.ask("/notes", "POST", b"\xff", Content_Type="application/json", **key).status == 400
    assert door.ask("/notes", "POST", b"slug=a", Content_Type="application/x-www-form-urlencoded", **key).status == 415


def test_allow_names_all_methods_of_a_path(door: Door) -> None:
    assert door.send_json("PATCH", "/notes/a").headers["allow"] == "DELETE, GET, HEAD, PUT"


def test_answers_are_compressed_for_who_takes_that(library: Door) -> None:
    library.data("PUT", "/notes/long", {"content": "word " * 1_000})
    plain = library.send_json("GET", "/notes/long")
    packed = library.send_json("GET", "/notes/long", Accept_Encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body


def test_nobody_in_particular_sees_public_notes_and_no_trace_of_others(library: Door) -> None:
    assert library.data("GET", "/notes/architecture", token=None)["title"] == "How it hangs together"
    hidden = library.send_json("GET", "/notes/secret-plan", token=None)
    absent = library.send_json("GET", "/notes/secret-plam", token=None)
    assert (hidden.status, absent.status) == (404, 404)
    assert hidden.problem["detail"].replace("plan", "plam") == absent.problem["detail"]
    assert [note["slug"] for note in library.data("GET", "/notes", token=None)["notes"]] == ["architecture"]
    assert library.data("GET", "/notes?q=merger", token=None)["total"] == 0
    assert library.data("GET", "/notes/architecture/links", token=None)["links"] == []
    changes = library.data("GET", "/changes?limit=1000", token=None)["changes"]
    assert {change["slug"] for change in changes} == {"architecture"}


def test_who_is_not_known_writes_nothing(library: Door) -> None:
    answer = library.send_json("PUT", "/notes/anonymous", {"content": "x"}, token=None)
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith('Bearer realm="notewell"')
    refused = library.send_json("GET", "/notes", token="nwl_0123456789ab_" + "0" * 43)
    assert refused.status == 401
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]
    reader = library.make_token("reader", "read")
    assert library.send_json("PUT", "/notes/by-reader", {"content": "x"}, token=reader).status == 403
    assert library.data("GET", "/notes/secret-plan", token=reader)["title"] == "Plan of the merger"


def test_a_token_of_one_project_stays_within_it(library: Door) -> None:
    library.data("PUT", "/projects/other", {"name": "Other"})
    library.data("PUT", "/notes/of-other", {"content": "x", "project": "other"})
    token = library.make_token("other", "write", "--project", "other")
    assert library.send_json("GET", "/notes/secret-plan", token=token).status == 404
    elsewhere = {"content": "x", "project": "web"}
    assert library.send_json("PUT", "/notes/of-web", elsewhere, token=token).status in (403, 404)
    made = library.data("PUT", "/notes/mine", {"content": "x"}, token=token)
    assert made["outcome"] == "created"
    assert library.data("GET", "/notes/mine")["project"] == "other"


def test_writes_and_refusals_stand_in_the_audit_log_and_no_text_does(library: Door) -> None:
    library.data("PUT", "/notes/audited", {"content": "the body of it"})
    library.send_json("PUT", "/notes/audited", {"content": "y"}, token=None)
    folder = library.database.with_name("notewell.db.audit")
    lines = [json.loads(line) for path in folder.iterdir() for line in path.read_text().splitlines()]
    of_it = [(line["actor"], line["what"], line["outcome"]) for line in lines if line.get("note") == "audited"]
    assert ("tester", "upsert_note", "ok") in of_it
    assert ("anonymous", "upsert_note", "unauthorized") in of_it
    assert "the body of it" not in str(lines)
    assert library.token not in str(lines)


def events(door: Door, known: threading.Event, **headers: str) -> Generator[dict[str, str], None, None]:
    """The events of a stream as they come."""
    lines = [
        "GET /events HTTP/1.1",
        f"Host: 127.0.0.1:{door.port}",
        f"Authorization: Bearer {door.token}",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    with door.connected() as connection:
        connection.settimeout(PATIENCE)
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
        stream = connection.makefile("rb")
        event: dict[str, str] = {}
        for raw in stream:
            line = raw.decode().rstrip("\r\n")
            if line.startswith("retry:"):
                known.set()
            name, colon, value = line.partition(": ")
            if colon and name in ("id", "event", "data"):
                event[name] = value
            if not line and "data" in event:
                yield event
                event = {}


def test_changes_come_as_events_and_are_taken_up_where_they_were_left(door: Door) -> None:
    newest = door.data("GET", "/changes?limit=1000")["next"]
    known = threading.Event()
    stream = events(door, known, Last_Event_ID=str(newest))
    threading.Thread(
        target=lambda: known.wait(PATIENCE) and door.data("PUT", "/notes/told", {"content": "x"}), daemon=True
    ).start()
    event = next(stream)
    change = json.loads(event["data"])
    assert (event["event"], change["slug"], event["id"]) == ("change", "told", str(newest + 1))
    stream.close()
    door.data("PUT", "/notes/told", {"status": "active"}, If_Match="*")
    again = events(door, threading.Event(), Last_Event_ID=event["id"])
    assert json.loads(next(again)["data"])["revision"] == 2
    again.close()


def test_a_stream_is_one_call_however_long_it_is_followed(door: Door) -> None:
    def lines() -> int:
        folder = door.database.with_name("notewell.db.audit")
        return sum('"what": "events"' in line for path in folder.iterdir() for line in path.read_text().splitlines())

    before, newest = lines(), door.data("GET", "/changes?limit=1000")["next"]
    door.data("PUT", "/notes/streamed-0", {"content": "x"})
    stream = events(door, threading.Event(), Last_Event_ID=str(newest))
    for number in range(1, 4):
        assert json.loads(next(stream)["data"])["slug"] == f"streamed-{number - 1}"
        door.data("PUT", f"/notes/streamed-{number}", {"content": "x"})
    stream.close()
    assert lines() == before + 1


def test_the_description_tells_of_every_path(door: Door) -> None:
    described = door.data("GET", "/openapi.json", token=None)
    assert described["openapi"].startswith("3.1")
    assert set(described["paths"]) >= {"/notes", "/notes/{slug}", "/notes/{slug}/links", "/changes", "/events", "/tags"}
    assert set(described["paths"]["/notes/{slug}"]) == {"get", "put", "delete"}
    assert "428" in described["paths"]["/notes/{slug}"]["put"]["responses"]


def test_suggestions_of_a_note_are_answered_to_who_may_read_it(library: Door) -> None:
    library.data("PUT", "/notes/to-link", {"content": "# To link\n\nSee the how it hangs together page.\n"})
    found = library.data("GET", "/notes/to-link/suggestions")
    assert found["unlinked"] == []
    assert (found["slug"], found["revision"], found["copies"]) == ("to-link", 1, [])
    assert library.send_json("GET", "/notes/nowhere/suggestions").status == 404
