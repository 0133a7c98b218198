"""Who is meant by a request, and which page may send it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from notewell_server.http.guards.authorities import is_loopback, read_authority
from notewell_server.http.guards.settings import GuardSettings, read_guard_settings
from notewell_store.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.server.http.conftest import Answer, Site

PAGES = "https://pages.example"


@pytest.fixture(scope="module")
def named(serve: Callable[[GuardSettings], AbstractContextManager[Site]]) -> Iterator[Site]:
    """Known as notes.example too, behind a proxy that speaks TLS, and read by the pages of another origin."""
    settings = GuardSettings(
        hosts=frozenset({("notes.example", None), ("notes.example", 8443), ("10.0.0.7", 9000)}),
        origins=frozenset({PAGES, "http://localhost:6274"}),
        behind_tls_proxy=True,
        anonymous_rate=100_000,
    )
    with serve(settings) as running:
        yield running


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "LocalHost:{port}", "[::1]:{port}"])
def test_this_machines_names_with_the_port_that_is_served_are_ours(site: Site, host: str) -> None:
    assert site.ask(Host=host.format(port=site.port)).status == 200
    assert site.ask(Host=f"[0:0:0:0:0:0:0:1]:{site.port}").status == 200


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:{port}", "localhost", "127.0.0.1", "localhost:1", "127.0.0.1:80"),
        *("localhost.evil.example:{port}", "127.0.0.1.evil:{port}", "127.0.0.1.nip.io:{port}", "xlocalhost:{port}"),
        *("localhost.:{port}", "localhost..:{port}", "localhost:{port}.evil.example", "localhost:{port}:{port}"),
        *("evil.example@localhost:{port}", "localhost@evil.example:{port}", "localhost:{port}@evil.example"),
        *("localhost:{port}, evil.example", "evil.example localhost:{port}", "localhost:{port}/", "//localhost:{port}"),
        *("127.1:{port}", "2130706433:{port}", "0x7f.1:{port}", "0177.0.0.1:{port}", "127.0.0.2:{port}"),
        *("0.0.0.0:{port}", "[::]:{port}", "[::ffff:127.0.0.1]:{port}", "[::1%25lo]:{port}", "::1:{port}"),
        *(
            "[::1]evil:{port}",
            "[::1:{port}",
            "localhost:0{port}x",
            "localhost:-1",
            "localhost:99999",
            "localhost:+{port}",
        ),
        *("", ":{port}", "null", "*", "localhost\\:{port}", "l\u043ecalhost:{port}".encode().decode("latin-1")),
    ],
)
def test_a_host_that_looks_like_ours_is_misdirected(site: Site, host: str) -> None:
    refused = site.ask(Host=host.format(port=site.port))
    assert refused.status == 421
    assert refused.problem["title"] == "Misdirected Request"
    assert site.ask("/mcp", "POST", b"{}", Host=host.format(port=site.port)).status == 421


def test_two_hosts_or_none_are_refused(site: Site) -> None:
    ours = f"Host: 127.0.0.1:{site.port}\r\n".encode()
    assert site.send(b"GET /notes/a HTTP/1.1\r\n" + ours + b"Host: evil.example\r\n\r\n").status == 400
    assert site.send(b"GET /notes/a HTTP/1.1\r\n" + ours + ours + b"\r\n").status == 400
    assert site.send(b"GET /notes/a HTTP/1.1\r\n\r\n").status == 400
    assert site.send(b"GET /notes/a HTTP/1.0\r\n\r\n").status == 400


def test_a_target_that_names_another_host_does_not_stand_for_the_header(site: Site) -> None:
    line = f"GET http://127.0.0.1:{site.port}/notes/a HTTP/1.1\r\nHost: evil.example\r\n\r\n"
    assert site.send(line.encode()).status in (400, 421)


@pytest.mark.parametrize("host", ["notes.example", "NOTES.example", "notes.example:443", "notes.example:8443"])
def test_a_host_that_is_allowed_is_served_with_its_port_or_the_usual_one(named: Site, host: str) -> None:
    assert named.ask(Host=host).status == 200


@pytest.mark.parametrize(
    "host",
    ["notes.example:80", "notes.example:9000", "www.notes.example", "10.0.0.7", "10.0.0.7:9001", "notes.example."],
)
def test_an_allowed_host_stands_for_no_other(named: Site, host: str) -> None:
    assert named.ask(Host=host).status == 421


def test_the_pages_of_the_host_itself_may_send(site: Site, named: Site) -> None:
    assert site.ask(Origin=f"http://127.0.0.1:{site.port}").status == 200
    assert site.ask(Host=f"localhost:{site.port}", Origin=f"http://localhost:{site.port}").status == 200
    assert named.ask(Host="notes.example", Origin="https://notes.example").status == 200
    assert named.ask(Host="notes.example:443", Origin="https://notes.example").status == 200


@pytest.mark.parametrize(
    "origin",
    [
        *("null", "", "*", "http://evil.example", "http://localhost.evil.example", "http://127.0.0.1.evil"),
        *("http://localhost.evil.example:{port}", "http://localhost:1", "http://127.0.0.1", "http://localhost:{port}"),
        *("https://127.0.0.1:{port}", "file://", "ftp://127.0.0.1:{port}", "chrome-extension://abcdef"),
        *("http://127.0.0.1:{port}/", "http://127.0.0.1:{port}.evil", "http://evil@127.0.0.1:{port}"),
        *("http://127.0.0.1:{port} http://evil.example", "127.0.0.1:{port}", "http:127.0.0.1:{port}"),
        *("http://127.0.0.1.:{port}", "http://[::1]:{port}", "http://127.1:{port}"),
    ],
)
def test_a_page_of_another_origin_may_not_send(site: Site, origin: str) -> None:
    for path, method in (("/notes/a", "GET"), ("/notes/a", "PUT"), ("/mcp", "POST")):
        refused = site.ask(path, method, b"{}", Origin=origin.format(port=site.port))
        assert refused.status == 403
        assert "access-control-allow-origin" not in refused.headers


def test_two_origins_are_refused_though_one_may_send(named: Site) -> None:
    head = f"GET /notes/a HTTP/1.1\r\nHost: notes.example\r\nOrigin: {PAGES}\r\nOrigin: https://evil.example\r\n\r\n"
    assert named.send(head.encode()).status == 403


def test_a_page_of_an_allowed_origin_may_read_without_credentials(named: Site) -> None:
    answer = named.ask(Host="notes.example", Origin=PAGES)
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == PAGES
    assert "access-control-allow-credentials" not in answer.headers
    assert "ETag" in answer.headers["access-control-expose-headers"]
    assert "Origin" in answer.headers["vary"]
    assert "access-control-allow-origin" not in named.ask(Host="notes.example").headers
    assert named.ask(Host="notes.example", Origin=PAGES.replace("https", "http")).status == 403
    assert named.ask(Host="notes.example", Origin="http://localhost:6275").status == 403


def test_a_browser_is_told_beforehand_what_a_page_may_send(named: Site) -> None:
    def asked(origin: str) -> Answer:
        wanted = {"Access_Control_Request_Method": "PUT", "Access_Control_Request_Headers": "authorization,if-match"}
        return named.ask("/notes/a", "OPTIONS", None, Host="notes.example", Origin=origin, **wanted)

    told = asked(PAGES)
    assert (told.status, told.body) == (204, b"")
    assert "PUT" in told.headers["access-control-allow-methods"]
    assert {"Authorization", "If-Match", "Mcp-Protocol-Version"} <= set(
        told.headers["access-control-allow-headers"].split(", ")
    )
    assert told.headers["access-control-allow-origin"] == PAGES
    assert "*" not in str(told.headers)
    assert asked("https://evil.example").status == 403


def test_hosts_are_read_without_mercy() -> None:
    assert read_authority("A.b-c_d:80") == ("a.b-c_d", 80)
    assert read_authority("[::0001]") == ("[::1]", None)
    assert [
        text for text in ("a..b", "-", "a-", "a:", "[a]", "[1.2.3.4]", "a\n", "a" * 254) if read_authority(text)
    ] == []
    assert [
        host for host in ("127.0.0.9", "::1", "[::1]", "localhost", "::ffff:127.0.0.1") if not is_loopback(host)
    ] == []
    assert [host for host in ("0.0.0.0", "::", "10.0.0.1", "localhost.evil", "") if is_loopback(host)] == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("NOTEWELL_ALLOWED_HOSTS", text) for text in ("http://a", "a b", "*", "*.example", "a:0")),
        *(("NOTEWELL_ALLOWED_ORIGINS", text) for text in ("a.example", "null", "*", "https://a/", "https://*.a")),
        *(("NOTEWELL_TRUSTED_PROXIES", text) for text in ("*", "a.example", "10.0.0.1/33")),
        *(("NOTEWELL_MAX_BODY", text) for text in ("0", "-1", "4MB", "\u0661")),
        ("NOTEWELL_BEHIND_TLS_PROXY", "perhaps"),
        ("NOTEWELL_LOG", "xml"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(Invalid, match=name):
        read_guard_settings({name: text})


def test_settings_are_read_from_the_environment() -> None:
    read = read_guard_settings(
        {
            "NOTEWELL_ALLOWED_HOSTS": "Notes.example, 10.0.0.7:8000,",
            "NOTEWELL_ALLOWED_ORIGINS": "https://Pages.example",
            "NOTEWELL_TRUSTED_PROXIES": "10.0.0.0/8",
            "NOTEWELL_BEHIND_TLS_PROXY": "1",
            "NOTEWELL_WRITE_RATE": "7",
            "NOTEWELL_LOG": "json",
            "NOTEWELL_MAX_BODY": "",
        }
    )
    assert read == GuardSettings(
        hosts=frozenset({("notes.example", None), ("10.0.0.7", 8000)}),
        origins=frozenset({PAGES}),
        proxies=("10.0.0.0/8",),
        behind_tls_proxy=True,
        write_rate=7,
        log="json",
    )
