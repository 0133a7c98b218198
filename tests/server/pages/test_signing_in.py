"""Who comes in to the pages, and what another site cannot do in their name."""

from __future__ import annotations

import os
import re
import resource
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.server.pages.conftest import MANY, Pages, served

from notewell_server.http.guards.settings import GuardSettings
from notewell_server.pages import settings
from notewell_server.pages.access import sessions
from notewell_server.pages.access.sessions import MOST, Sessions
from notewell_server.pages.settings import PageSettings, read_page_settings
from notewell_store import Invalid
from notewell_store.access import tokens
from notewell_store.access.rights import Rights

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
BY_PROXY = PageSettings(
    user_header="remote-user", groups_header="remote-groups", roles={"*": Rights("read"), "editors": Rights("write")}
)
TRUSTING = GuardSettings(anonymous_rate=100_000, proxies=("127.0.0.1",))


@pytest.fixture
def secret(pages: Pages) -> Pages:
    pages.call("upsert_note", slug="a", content="# A\n")
    return pages


def test_a_link_lets_the_owner_in_once(secret: Pages) -> None:
    once = Sessions(secret.database).offer("owner")
    assert secret.owner().get("/notes/a").status == 200
    first, second = secret.anybody(), secret.anybody()
    assert first.get(f"/sign-in?once={once}").status == 303
    assert second.get(f"/sign-in?once={once}").status == 403
    assert (first.get("/notes/a").status, second.get("/notes/a").status) == (200, 404)


def test_a_link_that_is_a_minute_old_lets_nobody_in(secret: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "LINK_LASTS", timedelta(seconds=-1))
    once = Sessions(secret.database).offer("owner")
    assert secret.anybody().get(f"/sign-in?once={once}").status == 403


def test_a_token_begins_a_session_that_ends_with_it_at_the_next_request(secret: Pages) -> None:
    reader = secret.holder(secret.make_token("bea", "read"))
    assert ">bea</a>" in reader.page("/notes/a")
    tokens.revoke(secret.store, "bea")
    assert reader.get("/notes/a").status == 404
    assert "Sign in" in reader.page("/notes")


def test_a_token_of_a_project_opens_that_project_only(secret: Pages) -> None:
    secret.call("projects", slug="web", name="Web")
    secret.call("upsert_note", slug="w", content="# W\n", project="web")
    reader = secret.holder(secret.make_token("web-reader", "read", project="web"))
    assert (reader.get("/notes/w").status, reader.get("/notes/a").status) == (200, 404)


@pytest.mark.parametrize("text", ["", "nwl_x", f"nwl_{'a' * 12}_{'b' * 64}", "é"])
def test_what_is_no_token_lets_nobody_in_and_is_written_down(secret: Pages, text: str) -> None:
    reader = secret.anybody()
    answer = reader.post("/sign-in", token=text)
    assert (answer.status, reader.cookies) == (403, {})
    assert b"This token is not known." in answer.body
    assert '"what": "sign-in"' in secret.log


def test_signing_out_ends_the_session_for_whoever_has_its_cookie(secret: Pages) -> None:
    reader = secret.owner()
    thief = secret.anybody()
    thief.cookies |= reader.cookies
    assert thief.get("/notes/a").status == 200
    assert reader.post("/sign-out").headers["location"] == "/sign-in"
    assert thief.get("/notes/a").status == 404


def test_a_session_lasts_half_a_day(secret: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = secret.owner()
    (kept,) = Sessions(secret.database)._folder.glob("session-*")  # the file that stands for it
    kept.write_text(kept.read_text().replace('"until": "20', '"until": "19'))
    assert reader.get("/notes/a").status == 404


@pytest.mark.skipif(os.name != "posix", reason="rights of files are POSIX's")
def test_what_is_kept_of_a_session_is_its_owners_and_opens_nothing(secret: Pages) -> None:
    reader = secret.owner()
    folder = secret.database.with_name(f"{secret.database.name}.sessions")
    (kept,) = folder.iterdir()
    assert (folder.stat().st_mode & 0o777, kept.stat().st_mode & 0o777) == (0o700, 0o600)
    (cookie,) = reader.cookies.values()
    assert len(cookie) == 43
    assert cookie not in kept.name + kept.read_text()


def test_who_signs_in_without_end_ends_sessions_of_their_own_only(tmp_path: Path) -> None:
    kept = Sessions(tmp_path / "notewell.db")
    anns = kept.begin("ann")
    of_a_token = [kept.begin("reader", "t1") for _ in range(MOST + 3)]
    assert kept.of(anns)
    assert [bool(kept.of(one)) for one in of_a_token].count(True) == MOST
    assert kept.of(of_a_token[-1])


def test_a_session_for_which_there_is_no_room_leaves_no_file(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            Sessions(tmp_path / "notewell.db").begin("ann")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list((tmp_path / "notewell.db.sessions").iterdir()) == []


def test_many_sign_in_at_once_and_each_has_a_session(tmp_path: Path) -> None:
    kept = Sessions(tmp_path / "notewell.db")
    with ThreadPoolExecutor(8) as threads:
        begun = list(threads.map(lambda number: kept.begin(f"reader-{number % 8}"), range(200)))
    assert all(map(kept.of, begun))


def test_a_cookie_is_for_this_server_alone_and_for_no_script(secret: Pages) -> None:
    set_cookie = secret.anybody().get(f"/sign-in?once={Sessions(secret.database).offer('owner')}").headers["set-cookie"]
    assert set_cookie.startswith(f"nw-{secret.site.port}=")
    assert {"HttpOnly", "Max-Age=43200", "Path=/", "SameSite=lax"} <= set(set_cookie.split("; ")[1:])


def test_behind_tls_a_cookie_is_bound_to_it(tmp_path: Path) -> None:
    tls = GuardSettings(behind_tls_proxy=True, hosts=frozenset({("pages.example", None)}))
    with served(tmp_path / "notewell.db", PageSettings(hosts=tls.hosts), tls) as pages:
        once = Sessions(pages.database).offer("owner")
        answer = pages.site.ask(f"/sign-in?once={once}", Host="pages.example")
        assert answer.headers["set-cookie"].startswith("__Host-nw=")
        assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "OWN", "Sec_Fetch_Site": "cross-site"},
        {"Origin": "OWN", "Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "same-origin"},
    ],
    ids=str,
)
def test_no_other_site_sends_a_form_in_somebodys_name(secret: Pages, headers: dict[str, str]) -> None:
    reader = secret.owner()
    own = f"http://127.0.0.1:{secret.site.port}"
    sent = {name: value.replace("OWN", own) for name, value in headers.items()}
    assert reader.post("/sign-out", sent).status == 403
    assert reader.get("/notes/a").status == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_leads_to_pages_and_embeds_none(secret: Pages, site: str) -> None:
    reader = secret.owner()
    for path in ("/notes/a", "/live", "/operations/doctor"):
        for kind in ("image", "iframe", "empty"):
            assert reader.get(path, Sec_Fetch_Site=site, Sec_Fetch_Dest=kind).status == 403
    assert reader.get("/notes/a", Sec_Fetch_Site=site, Sec_Fetch_Dest="document").status == 200
    assert reader.get("/notes/a", Sec_Fetch_Site="none", Sec_Fetch_Dest="document").status == 200
    assert secret.log.count('"what": "live"') == 0


@pytest.mark.parametrize("onwards", ["https://evil.example", "//evil.example", "/\\evil.example", "/\nx", "x"])
def test_signing_in_leads_to_pages_of_ours_only(secret: Pages, onwards: str) -> None:
    answer = secret.anybody().post("/sign-in", token=secret.make_token("t", "read"), next=onwards)
    assert (answer.status, answer.headers["location"]) == (303, "/")


def test_what_somebody_read_is_written_down_with_how_they_are_known(secret: Pages) -> None:
    secret.holder(secret.make_token("bea", "read")).get("/notes/a")
    assert '"actor": "bea", "means": "session", "what": "get_note", "note": "a", "outcome": "ok"' in secret.log


def test_a_program_with_a_token_in_a_header_is_nobody_here(secret: Pages) -> None:
    assert secret.anybody().get("/notes/a", Authorization=f"Bearer {secret.make_token('t', 'admin')}").status == 404


@pytest.fixture
def behind(tmp_path: Path) -> Iterator[Pages]:
    with served(tmp_path / "notewell.db", BY_PROXY, TRUSTING) as pages:
        pages.call("upsert_note", slug="a", content="# A\n")
        yield pages


def test_a_trusted_proxy_names_people_and_their_groups(behind: Pages) -> None:
    reader = behind.anybody()
    page = reader.get("/settings", Remote_User="ann", Remote_Groups="staff|editors").body.decode()
    assert "ann, who may read and write." in page
    assert "ann, who may read." in reader.get("/settings", Remote_User="ann", Remote_Groups="staff").body.decode()
    assert reader.get("/notes/a", Remote_User="ann").status == 200
    assert '"actor": "ann", "means": "proxy"' in behind.log
    assert reader.get("/notes/a").status == 404


def test_the_sockets_own_peer_counts_not_whom_it_speaks_for(behind: Pages) -> None:
    assert behind.anybody().get("/notes/a", Remote_User="ann", X_Forwarded_For="203.0.113.7").status == 200


@pytest.mark.parametrize("headers", ["Remote-User: ann\r\nRemote-User: bea\r\n", "Remote-Groups: editors\r\n"])
def test_two_names_or_none_are_refused(behind: Pages, headers: str) -> None:
    request = f"GET /notes/a HTTP/1.1\r\nHost: 127.0.0.1:{behind.site.port}\r\n{headers}Connection: close\r\n\r\n"
    assert behind.site.send(request.encode()).status == 400


def test_a_name_that_comes_from_anybody_else_is_refused_not_passed_over(tmp_path: Path) -> None:
    for proxies in ((), ("203.0.113.9",)):
        guards = GuardSettings(anonymous_rate=100_000, proxies=proxies)
        with served(tmp_path / "notewell.db", BY_PROXY, guards) as pages:
            sent: dict[str, Any] = {"Remote_User": "ann", "X_Forwarded_For": "203.0.113.9"}
            assert pages.anybody().get("/settings", **sent).status == 400


def test_a_header_that_no_setting_names_says_nothing(secret: Pages) -> None:
    assert secret.anybody().get("/notes/a", Remote_User="ann").status == 404


def test_every_setting_is_in_the_table_of_the_page_about_pages() -> None:
    page = (ROOT / "docs" / "pages.md").read_text(encoding="utf-8")
    source = Path(settings.__file__).read_text(encoding="utf-8")
    read = {f"NOTEWELL_PAGES_{name}" for name in re.findall(r'read\("([A-Z_]+)"\)', source)} - {"NOTEWELL_PAGES_PORT"}
    assert set(re.findall(r"^\| `(NOTEWELL_[A-Z_]+)`", page, re.MULTILINE)) == read


def test_settings_that_cannot_be_meant_are_named() -> None:
    for name, value in (("HOSTS", "a b"), ("USER_HEADER", "a:b"), ("ROLES", "x=everything")):
        with pytest.raises(Invalid, match=f"NOTEWELL_PAGES_{name}"):
            read_page_settings({f"NOTEWELL_PAGES_{name}": value})
    assert read_page_settings({}).roles == {"*": Rights("read")}
    assert MANY.proxies == ()
