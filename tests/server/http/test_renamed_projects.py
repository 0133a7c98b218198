"""Projects that are renamed and deleted over HTTP, and the tokens and roles that name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.server.http.conftest import Door


def test_a_project_is_renamed_by_put_and_a_token_for_it_goes_on(door: Door) -> None:
    door.data("PUT", "/projects/ferry", {"name": "Ferry"})
    door.data("PUT", "/notes/ferry-plan", {"content": "# Plan\n", "project": "ferry"})
    door.data("PUT", "/notes/ferry-not", {"content": "# Another's\n"})
    token = door.make_token("ferry-bot", "write", "--project", "ferry")
    assert door.data("GET", "/notes/ferry-plan", token=token)["project"] == "ferry"
    renamed = door.data("PUT", "/projects/ferry", {"new_slug": "harbor"})
    assert (renamed["slug"], renamed["name"], renamed["notes"]) == ("harbor", "Ferry", 1)
    assert door.data("GET", "/notes/ferry-plan", token=token)["project"] == "harbor"
    assert door.send_json("GET", "/notes/ferry-not", token=token).status == 404
    assert door.data("PUT", "/notes/ferry-new", {"content": "# New\n"}, token=token)["revision"] == 1
    assert [note["slug"] for note in door.data("GET", "/projects/ferry/notes?sort=slug")["notes"]] == [
        "ferry-new",
        "ferry-plan",
    ]
    assert door.send_json("POST", "/projects", {"slug": "ferry"}).status == 409
    assert door.send_json("PUT", "/projects/harbor", {"new_slug": "x"}, token=token).status == 403


def test_a_project_is_deleted_once_nothing_is_of_it(door: Door) -> None:
    door.data("PUT", "/projects/pier", {"name": "Pier"})
    door.data("PUT", "/notes/pier-plan", {"content": "# Plan\n", "project": "pier"})
    in_use = door.send_json("DELETE", "/projects/pier")
    assert in_use.status == 409
    assert "1 note: `GET /projects/pier/notes` names them, `PATCH /notes` moves them." in in_use.problem["detail"]
    door.data("PUT", "/notes/pier-plan", {"project": "none"}, If_Match="*")
    assert door.send_json("DELETE", "/projects/pier", token=None).status == 401
    assert door.data("DELETE", "/projects/pier") == {"projects": [], "deleted": "pier"}
    assert door.send_json("GET", "/projects/pier/notes").status == 404
    assert door.send_json("DELETE", "/projects/pier-two").status == 404


def test_what_the_path_says_is_not_said_again(door: Door) -> None:
    door.data("PUT", "/projects/quay", {"name": "Quay"})
    assert door.send_json("POST", "/projects", {"slug": "quay-two", "new_slug": "x"}).status == 400
    assert door.send_json("PUT", "/projects/quay", {"delete": True}).status == 400
    assert door.send_json("PUT", "/projects/nowhere", {"new_slug": "x"}).status == 404
    assert door.data("GET", "/projects/quay/notes")["total"] == 0
