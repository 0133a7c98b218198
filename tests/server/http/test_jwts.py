"""JSON Web Tokens: taken from the one provider that is named, refused when forged, expired or meant for another."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import itertools
import json
import re
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from tests.server.http.conftest import PATIENCE, Door, opened_door

from notewell_server.http.access import key_sets, settings
from notewell_server.http.access.jwts import ALGORITHMS, JwtVerifier
from notewell_server.http.access.key_places import fetch_keys
from notewell_server.http.access.settings import read_jwt_settings
from notewell_store import Invalid
from notewell_store.access.rights import Rights
from notewell_store.access.tokens import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

ISSUER, AUDIENCE = "https://id.example.com", "https://notes.example.com"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()


def public(key: Any, kid: str | None) -> dict[str, Any]:
    """A key as a provider publishes it."""
    kinds: list[Any] = [jwt.algorithms.RSAAlgorithm, jwt.algorithms.ECAlgorithm, jwt.algorithms.OKPAlgorithm]
    kind = kinds[0] if isinstance(key, rsa.RSAPrivateKey) else kinds[1] if key is EC else kinds[2]
    shown: dict[str, Any] = json.loads(kind.to_jwk(key.public_key()))
    return shown | ({"kid": kid} if kid else {})


KEYS = [public(RSA, "rsa"), public(EC, "ec"), public(ED, "ed")]


def claims(**changed: Any) -> dict[str, Any]:
    whole = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "build-agent",
        "exp": int(time.time()) + 300,
        "scope": "openid notewell:write",
        **changed,
    }
    return {name: value for name, value in whole.items() if value is not None}


def signed(key: Any = RSA, algorithm: str = "RS256", kid: str | None = "rsa", **changed: Any) -> str:
    return jwt.encode(claims(**changed), key, algorithm, headers={"kid": kid} if kid else {})


def verifier(keys: Path | str, **settings: str) -> JwtVerifier:
    read = read_jwt_settings(
        {
            "NOTEWELL_JWT_ISSUER": ISSUER,
            "NOTEWELL_JWT_AUDIENCE": AUDIENCE,
            "NOTEWELL_JWT_KEYS": str(keys),
            **{f"NOTEWELL_JWT_{name.upper()}": value for name, value in settings.items()},
        }
    )
    assert read is not None
    return JwtVerifier(read)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": KEYS}))
    return path


def refusal(checks: JwtVerifier, text: str) -> str:
    with pytest.raises(Refused) as refused:
        checks.verify(text)
    return refused.value.reason


@pytest.mark.parametrize(
    ("key", "algorithm", "kid"),
    [(RSA, "RS256", "rsa"), (RSA, "PS512", "rsa"), (EC, "ES256", "ec"), (ED, "EdDSA", "ed"), (EC, "ES256", None)],
)
def test_a_token_of_the_provider_says_who_calls_and_what_that_one_may(
    keys: Path, key: Any, algorithm: str, kid: str | None
) -> None:
    found = verifier(keys).verify(signed(key, algorithm, kid))
    assert (found.subject, found.rights) == ("build-agent", Rights("write"))


def encoded(part: Any) -> str:
    data = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def signed_with_the_public_key(algorithm: str) -> str:
    """What a confused verifier takes: the public key, which everybody has, as the secret of an HMAC."""
    body = f"{encoded({'alg': algorithm, 'kid': 'rsa', 'typ': 'JWT'})}.{encoded(claims())}"
    secret = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return f"{body}.{encoded(hmac.new(secret, body.encode(), hashlib.sha256).digest())}"


def own_key_in_the_header() -> str:
    pem = OTHER.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return jwt.encode(claims(), pem, "RS256", headers={"kid": "rsa", "jwk": public(OTHER, "rsa")})


NOW = int(time.time())
FORGED = {
    "signed by a key of one's own": signed(OTHER),
    "with a key of one's own in its header": own_key_in_the_header(),
    "with the algorithm none": f"{encoded({'alg': 'none', 'kid': 'rsa'})}.{encoded(claims())}.",
    "with the algorithm None": f"{encoded({'alg': 'None', 'kid': 'rsa'})}.{encoded(claims())}.",
    "without a signature": f"{signed().rpartition('.')[0]}.",
    "with changed claims": ".".join([signed().split(".")[0], encoded(claims(sub="root")), signed().split(".")[2]]),
    "signed with the public key as a secret": signed_with_the_public_key("HS256"),
    "of another algorithm than its signature": signed_with_the_public_key("RS256"),
    "of another kind than its key": signed(EC, "ES256", "rsa"),
    "with a list as its algorithm": f"{encoded({'alg': ['RS256'], 'kid': 'rsa'})}.{encoded(claims())}.AAAA",
    "with a list as its key": f"{encoded({'alg': 'RS256', 'kid': ['rsa']})}.{encoded(claims())}.AAAA",
    "expired": signed(exp=NOW - 120),
    "without an end": signed(exp=None),
    "not yet valid": signed(nbf=NOW + 600),
    "for another server": signed(aud="https://other.example.com"),
    "for nobody": signed(aud=None),
    "of another issuer": signed(iss="https://evil.example.com"),
    "of no issuer": signed(iss=None),
    "without a subject": signed(sub=None),
    "with a blank subject": signed(sub=" \u200b\n"),
    "without a role": signed(scope=None),
    "with other roles": signed(scope="notewell:writer openid"),
    "with a time that is none": signed(exp="soon"),
    "no token": "abc",
    "three dots": "...",
    "empty": "",
    "brackets": "[" * 10_000,
    "deep": f"{encoded(b'[' * 9_000)}.{encoded(claims())}.AAAA",
}


@pytest.mark.parametrize("way", FORGED)
def test_a_token_is_refused_when_it_is(keys: Path, way: str) -> None:
    text = FORGED[way]
    reason = refusal(verifier(keys), text)
    assert reason
    assert not text or text not in reason


def test_the_clock_of_the_provider_may_differ_by_some_seconds(keys: Path) -> None:
    now = int(time.time())
    assert verifier(keys).verify(signed(exp=now - 5, nbf=now + 10))


@pytest.mark.parametrize(
    ("roles", "rights"),
    [
        (["editors"], Rights("write")),
        (["web-team"], Rights("write", "web")),
        (["readers", "editors"], Rights("write")),
        (["readers", "web-team"], Rights("read")),
        (["readers", 7, None, "bosses"], Rights("admin")),
    ],
)
def test_roles_are_mapped_to_scopes(keys: Path, roles: list[Any], rights: Rights) -> None:
    checks = verifier(
        keys, claim="realm_access.roles", roles="readers=read, editors=write,web-team=write@web,bosses=admin"
    )
    assert checks.verify(signed(realm_access={"roles": roles})).rights == rights
    assert "allows anything" in refusal(checks, signed(realm_access={"roles": "x"}))


def test_a_claim_with_dots_of_its_own_is_found(keys: Path) -> None:
    checks = verifier(keys, claim="https://example.com/roles", roles="e=write")
    assert checks.verify(jwt.encode(claims() | {"https://example.com/roles": ["e"]}, RSA, "RS256")).rights == Rights(
        "write"
    )


def test_a_subject_is_one_line_that_can_be_shown(keys: Path) -> None:
    assert verifier(keys).verify(signed(sub="a\n b\x1b[31m" + "c" * 500)).subject == "a b [31m" + "c" * 92


@pytest.mark.parametrize(
    "changed",
    [
        {"AUDIENCE": ""},
        {"KEYS": ""},
        {"KEYS": "http://id.example.com/jwks"},
        {"KEYS": "file:///etc/passwd"},
        {"ALGORITHMS": "HS256"},
        {"ALGORITHMS": "RS256,none"},
        {"ROLES": "editors"},
        {"ROLES": "editors=owner"},
        {"ROLES": "editors=write@Not a slug"},
    ],
)
def test_settings_that_are_not_safe_are_refused_at_the_start(changed: dict[str, str]) -> None:
    settings = {"ISSUER": ISSUER, "AUDIENCE": AUDIENCE, "KEYS": "/etc/jwks.json"} | changed
    with pytest.raises(Invalid, match="NOTEWELL_JWT_"):
        read_jwt_settings({f"NOTEWELL_JWT_{name}": value for name, value in settings.items()})


def test_without_settings_no_jwt_is_taken() -> None:
    assert read_jwt_settings({}) is None
    assert all(name[:2] in key_sets.KINDS for name in ALGORITHMS)


def test_a_key_that_signs_and_checks_alike_is_never_used(tmp_path: Path) -> None:
    secret = {"kty": "oct", "kid": "rsa", "k": encoded(b"x" * 32), "alg": "RS256"}
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [secret, "not a key", {"kty": "RSA", "kid": "rsa", "use": "enc"}]}))
    assert "not known" in refusal(verifier(path), signed())


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"keys": 7}', "[" * 100_000])
def test_keys_that_cannot_be_read_let_nobody_in(tmp_path: Path, content: str) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(content)
    assert refusal(verifier(path), signed())
    assert refusal(verifier(tmp_path / "gone.json"), signed())


class Provider:
    """A provider that publishes its keys on loopback, and counts who asks."""

    def __init__(self) -> None:
        self.keys: list[Any] | None = KEYS
        self.asked = 0
        self.go = threading.Event()
        self.go.set()
        self.entered = threading.Semaphore(0)
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked += 1
                outer.entered.release()
                outer.go.wait(PATIENCE)
                self.send_response(200 if outer.keys is not None else 302)
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(json.dumps({"keys": outer.keys or KEYS}).encode())

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/jwks"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def stop(self) -> None:
        self.go.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def provider() -> Iterator[Provider]:
    started = Provider()
    yield started
    started.stop()


def test_keys_of_a_url_are_fetched_once_for_many_tokens(provider: Provider) -> None:
    checks = verifier(provider.url)
    assert provider.asked == 0
    for _ in range(20):
        checks.verify(signed())
    assert provider.asked == 1


def test_a_new_key_is_found_and_unknown_ones_do_not_make_us_ask_at_each(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = verifier(provider.url)
    checks.verify(signed())
    provider.keys = [public(OTHER, "next")]
    for number in range(50):
        assert "not known" in refusal(checks, signed(OTHER, kid=f"guess-{number}"))
    assert provider.asked == 1
    monkeypatch.setattr(key_sets, "PAUSE", 0.0)
    assert checks.verify(signed(OTHER, kid="next"))
    assert "not known" in refusal(checks, signed())
    assert provider.asked == 3


def test_keys_are_looked_at_again_after_a_while_so_that_one_that_was_withdrawn_goes(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = verifier(provider.url)
    checks.verify(signed())
    provider.keys = [public(OTHER, "next")]
    monkeypatch.setattr(key_sets, "PAUSE", 0.0)
    monkeypatch.setattr(key_sets, "FRESH", 0.0)
    assert "not known" in refusal(checks, signed())


def test_a_provider_that_is_gone_leaves_its_keys_for_a_day(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    checks = verifier(provider.url)
    checks.verify(signed())
    provider.keys = None  # it sends us elsewhere, where we do not go
    monkeypatch.setattr(key_sets, "PAUSE", 0.0)
    monkeypatch.setattr(key_sets, "FRESH", 0.0)
    assert checks.verify(signed())
    monkeypatch.setattr(key_sets, "STALE", 0.0)
    assert "cannot be had" in refusal(checks, signed())


def test_a_provider_that_is_slow_holds_up_one_token_and_nobody_else(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = verifier(provider.url)
    checks.verify(signed())
    assert provider.entered.acquire(timeout=PATIENCE)
    monkeypatch.setattr(key_sets, "PAUSE", 0.0)
    monkeypatch.setattr(key_sets, "PATIENCE", PATIENCE)
    provider.keys = [*KEYS, public(OTHER, "next")]
    provider.go.clear()
    first: list[str] = []
    waiting = threading.Thread(target=lambda: first.append(checks.verify(signed(OTHER, kid="next")).subject))
    waiting.start()
    assert provider.entered.acquire(timeout=PATIENCE)
    for number in range(60):
        assert "not known" in refusal(checks, signed(OTHER, kid=f"guess-{number}"))
        assert checks.verify(signed())
    assert waiting.is_alive()
    provider.go.set()
    waiting.join(PATIENCE)
    assert (first, provider.asked) == (["build-agent"], 2)


def test_keys_are_looked_at_again_behind_the_requests(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    checks = verifier(provider.url)
    checks.verify(signed())
    assert provider.entered.acquire(timeout=PATIENCE)
    monkeypatch.setattr(key_sets, "PAUSE", 0.0)
    monkeypatch.setattr(key_sets, "FRESH", 0.0)
    monkeypatch.setattr(key_sets, "GLANCE", 0.0)
    provider.go.clear()
    for _ in range(20):
        assert checks.verify(signed())
    assert provider.entered.acquire(timeout=PATIENCE)
    assert provider.asked == 2


def door_for(database: Path, keys: str, **more: str) -> AbstractContextManager[Door]:
    return opened_door(
        database,
        NOTEWELL_JWT_ISSUER=ISSUER,
        NOTEWELL_JWT_AUDIENCE=AUDIENCE,
        NOTEWELL_JWT_KEYS=keys,
        **more,  # type: ignore[arg-type]  # mypy thinks of the number of workers
    )


def drip(data: bytes) -> Iterator[bytes]:
    """One byte after the other, for longer than anybody waits."""
    for at in range(len(data)):
        yield data[at : at + 1]


START = b"HTTP/1.1 200 OK\r\n"
ENDLESS: dict[str, Callable[[], Iterator[bytes]]] = {
    "nothing": lambda: iter(()),
    "a status line that drips": lambda: drip(b"HTTP/1.1 200 " + b"x" * 10_000),
    "a header that drips": lambda: drip(START + b"A: " + b"x" * 10_000),
    "headers without end": lambda: itertools.chain([START], itertools.repeat(b"A: b\r\n")),
    "a body that drips": lambda: itertools.chain([START + b"Content-Length: 9999\r\n\r\n"], drip(b" " * 9_999)),
    "a body without end": lambda: itertools.chain([START + b"\r\n"], itertools.repeat(b" " * 65_536)),
    "chunks that drip": lambda: itertools.chain(
        [START + b"Transfer-Encoding: chunked\r\n\r\n"], drip(b"1\r\n \r\n" * 2_000)
    ),
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_an_answer_without_end_is_given_up_when_its_one_deadline_is_over(kind: str) -> None:
    over = threading.Event()

    def answer(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, contextlib.suppress(OSError):
            for part in ENDLESS[kind]():
                connection.sendall(part)
                if len(part) == 1 and over.wait(0.02):
                    return
            over.wait(PATIENCE)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        answering = threading.Thread(target=answer, args=(listening,))
        answering.start()
        before = time.monotonic()
        assert fetch_keys(f"http://127.0.0.1:{listening.getsockname()[1]}/", 0.3) is None
        assert time.monotonic() - before < PATIENCE / 2
        over.set()
        answering.join(PATIENCE)
        assert not answering.is_alive()


def statuses(door: Door, *texts: str) -> tuple[list[threading.Thread], list[int]]:
    """How lists are answered, which are asked for at once with each of these tokens."""
    found: list[int] = []
    asking = [
        threading.Thread(target=lambda text=text: found.append(door.send_json("GET", "/notes", token=text).status))
        for text in texts
    ]
    for thread in asking:
        thread.start()
    return asking, found


def test_a_provider_that_does_not_answer_keeps_nobody_waiting_who_needs_no_key(
    tmp_path: Path, provider: Provider
) -> None:
    provider.go.clear()
    with door_for(tmp_path / "notewell.db", provider.url) as door:
        (first,), found = statuses(door, signed())
        assert provider.entered.acquire(timeout=PATIENCE)
        guessing, refused = statuses(door, *(signed(OTHER, kid=f"guess-{number}") for number in range(40)))
        assert door.send_json("GET", "/notes", token=None).status == 200
        assert door.send_json("GET", "/notes").status == 200
        assert door.data("PUT", "/notes/a", {"content": "x"})
        assert door.send_json("GET", "/readyz", token=None).status == 200
        for thread in guessing:
            thread.join(PATIENCE)
        assert refused == [401] * 40
        assert first.is_alive()
        provider.go.set()
        first.join(PATIENCE)
        assert (found, provider.asked) == ([200], 1)


def test_tokens_that_come_at_once_before_there_are_keys_are_all_taken_after_one_look(
    tmp_path: Path, provider: Provider
) -> None:
    with door_for(tmp_path / "notewell.db", provider.url) as door:
        asking, found = statuses(door, *(signed(jti=str(number)) for number in range(60)))
        for thread in asking:
            thread.join(PATIENCE)
        assert (found, provider.asked) == ([200] * 60, 1)


def test_however_often_a_token_is_made_or_spelled_its_subject_has_one_share_of_writes(
    tmp_path: Path, keys: Path
) -> None:
    with door_for(tmp_path / "notewell.db", str(keys), NOTEWELL_WRITE_RATE="3") as door:

        def written(token: str) -> int:
            return door.send_json("POST", "/notes/none/edits", {"mode": "append", "new_text": "x"}, token=token).status

        assert [written(token) for token in (signed(), f"{signed()}==", signed(jti="2"))] == [404] * 3
        assert [written(token) for token in (signed(), f"{signed()}==", signed(jti="3"))] == [429] * 3
        arguments = {"slug": "a", "content": "x"}
        answer = door.mcp("tools/call", token=signed(jti="4"), name="upsert_note", arguments=arguments)
        assert "too many writes" in answer["content"][0]["text"]
        assert written(signed(sub="another")) == 404


def test_every_setting_stands_in_the_page_on_security() -> None:
    source = Path(settings.__file__).read_text(encoding="utf-8")
    page = Path(__file__).parents[3] / "docs" / "security.md"
    read = {f"NOTEWELL_JWT_{name}" for name in re.findall(r'read\("(\w+)"', source)}
    assert read == set(re.findall(r"^\| `(NOTEWELL_JWT_\w+)`", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert len(read) == 6
