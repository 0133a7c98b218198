"""Tokens, as administrators make and revoke them in the settings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from tests.server.pages.test_reading import in_words

from notewell_store.access import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.pages.conftest import Pages, Reader

SENT = {"scope": "read", "project": "", "lasts": "90"}


def token_on(page: str) -> str:
    (text,) = re.findall(r"nwl_[0-9a-f]{12}_[0-9a-f]{64}", page)
    return str(text)


def rows(reader: Reader) -> list[str]:
    """The names of the tokens that are valid."""
    valid = reader.page("/settings").partition('id="nw/tokens"')[2].partition("that ended")[0]
    return re.findall(r'<th scope="row">([\w-]+)', valid.partition('<details class="as-table"')[0])


def id_of(pages: Pages, name: str) -> str:
    with pages.store.reading() as db:
        return next(token.id for token in reversed(tokens.list_tokens(db)) if token.name == name)


@pytest.fixture
def shared(pages: Pages) -> Iterator[Pages]:
    pages.call("projects", slug="web", name="Web")
    pages.call("upsert_note", slug="a", content="# A\n")
    yield pages


def test_a_token_is_shown_once_kept_by_nobody_and_lets_its_bearer_in(shared: Pages) -> None:
    owner = shared.owner()
    answer = owner.send("/settings/tokens", SENT | {"name": "ci"})
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    text = token_on(answer.body.decode())
    assert "etag" not in answer.headers and "location" not in answer.headers
    page = owner.page("/settings")
    assert text not in page and text not in shared.log
    assert "ci read made just now by owner used not known" in in_words(page)
    assert shared.holder(text).get("/notes/a").status == 200
    assert "ci read made just now by owner used just now" in in_words(owner.page("/settings"))
    assert '"actor": "owner", "means": "session", "what": "create_token", "note": "ci", "outcome": "ok"' in shared.log
    assert '"actor": "ci", "means": "token", "what": "sign-in", "outcome": "ok"' in shared.log


def test_a_token_that_is_revoked_lets_nobody_in_and_is_told_among_those_that_ended(shared: Pages) -> None:
    reader = shared.holder(shared.make_token("ci", "read"))
    owner = shared.owner()
    answer = owner.post(f"/settings/tokens/{id_of(shared, 'ci')}/revoke")
    assert (answer.status, answer.headers["location"]) == (303, "/settings")
    assert reader.get("/notes/a").status == 404
    assert rows(owner) == []
    assert "1 that ended" in owner.page("/settings")
    assert '"what": "revoke_token"' in shared.log
    assert owner.post(f"/settings/tokens/{id_of(shared, 'ci')}/revoke").status == 404


def test_who_revokes_the_token_by_which_they_came_in_is_told_before_and_signed_out_after(shared: Pages) -> None:
    reader = shared.holder(shared.make_token("ann", "admin"))
    page = reader.page("/settings")
    assert "ann yours" in in_words(page)
    assert "your session ends with it" in page
    answer = reader.post(f"/settings/tokens/{id_of(shared, 'ann')}/revoke")
    assert answer.headers["location"] == "/sign-in"
    assert reader.get("/notes/a").status == 404
    assert "your session ends with it" not in shared.owner().page("/settings")


def test_only_administrators_see_or_change_tokens(shared: Pages) -> None:
    identity = id_of(shared, shared.make_token("ci", "read") and "ci")
    writer = shared.holder(shared.make_token("writes", "write"))
    assert "Tokens" not in in_words(writer.page("/settings"))
    assert "ci" not in in_words(shared.anybody().page("/settings"))
    for reader, status in ((writer, 403), (shared.anybody(), 401)):
        assert reader.send("/settings/tokens", SENT | {"name": "more"}).status == status
        assert reader.post(f"/settings/tokens/{identity}/revoke").status == status
    assert rows(shared.owner()) == ["writes", "ci"]


def test_who_administers_one_project_makes_sees_and_revokes_tokens_of_that_alone(shared: Pages) -> None:
    shared.call("projects", slug="app", name="App")
    for name, project in (("of-all", None), ("of-app", "app"), ("of-web", "web")):
        shared.make_token(name, "read", project=project)
    reader = shared.holder(shared.make_token("web-admin", "admin", project="web"))
    assert rows(reader) == ["web-admin", "of-web"]
    for project in ("", "app"):
        answer = reader.post("/settings/tokens", name="more", scope="admin", project=project, lasts="7")
        assert answer.status == 422
        assert "You may make tokens of web only." in answer.body.decode()
    assert reader.post("/settings/tokens", name="more", scope="admin", project="web", lasts="7").status == 200
    told = [reader.post(f"/settings/tokens/{id_of(shared, name)}/revoke") for name in ("of-all", "of-app", "of-web")]
    assert [answer.status for answer in told] == [404, 404, 303]
    nowhere = reader.post("/settings/tokens/000000000000/revoke")
    assert (nowhere.status, nowhere.body) == (
        told[0].status,
        told[0].body.replace(id_of(shared, "of-all").encode(), b"0" * 12),
    )


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"name": "ci"}, "is the name of another token"),
        ({"name": "a\tb"}, "printable characters"),
        ({"name": "x", "scope": "root"}, "Choose what the token allows"),
        ({"name": "x", "lasts": "99999"}, "Choose what the token allows"),
        ({"name": "x", "project": "nowhere"}, "nowhere"),
    ],
)
def test_a_token_that_cannot_be_made_says_why_and_the_form_keeps_what_was_typed(
    shared: Pages, sent: dict[str, str], said: str
) -> None:
    shared.make_token("ci", "read")
    answer = shared.owner().send("/settings/tokens", SENT | sent)
    assert answer.status == 422
    assert said in in_words(answer.body.decode())
    assert "nwl_" not in answer.body.decode()


def test_a_use_of_another_token_that_bore_the_name_before_is_none_of_this_one(shared: Pages) -> None:
    shared.holder(shared.make_token("ci", "read"))
    tokens.revoke(shared.store, "ci")
    shared.make_token("ci", "read")
    assert "used not known" in in_words(shared.owner().page("/settings"))
