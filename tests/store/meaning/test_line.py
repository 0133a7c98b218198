"""An endpoint may answer with anything, as slowly as it likes: it is waited for no longer than was said, and believed
no more than it should be."""

from __future__ import annotations

import http.server
import json
import socket
import ssl
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.embedding.server import HELD, EmbeddingServer, Step
from tests.store.meaning.asking import PATIENCE, embedder_at, ollama_of

from notewell_store.meaning import line
from notewell_store.meaning.choosing import Key
from notewell_store.meaning.embedder import Late, Unreachable
from notewell_store.meaning.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
SHORT = 0.2  # seconds
SOON = 5.0  # seconds, within which all that is bounded by SHORT is over on the slowest machine


def failure_of(server: EmbeddingServer, step: Step, patience: float = PATIENCE) -> Unreachable:
    embedder = ollama_of(server)
    embedder.space(PATIENCE)
    server.next.append(step)
    with pytest.raises(Unreachable) as failure:
        embedder.query("fire", patience)
    assert embedder.query("fire", PATIENCE)
    return failure.value


@pytest.mark.parametrize(
    "step",
    [
        HELD,
        Step(raw=HEAD + b"Content-Length: 100000\r\n\r\n" + b" " * 100_000, drip=0.02),
        Step(raw=b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000, drip=0.02),
        Step(raw=b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000, drip=0.005),
        Step(raw=HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 10_000, drip=0.02),
    ],
    ids=["silence", "body", "headers", "continue", "chunks"],
)
def test_an_endpoint_that_drips_is_waited_for_as_long_as_was_said(server: EmbeddingServer, step: Step) -> None:
    before = time.monotonic()
    failure = failure_of(server, step, SHORT)
    assert isinstance(failure, Late)
    assert "did not answer in" in failure.why
    server.release()
    assert time.monotonic() - before < SOON


def test_an_endpoint_that_listens_and_never_accepts_is_waited_for_as_long_as_was_said() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=1) as listening:
        embedder = embedder_at(f"http://127.0.0.1:{listening.getsockname()[1]}")
        with pytest.raises(Late):
            embedder.space(SHORT)


def test_a_name_that_takes_long_to_be_looked_up_is_waited_for_as_long_as_was_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_up = threading.Event()

    def slow(*_: object, **__: object) -> list[object]:
        looked_up.wait(SOON)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with pytest.raises(Late):
        line.Line(Place("http", "notes.invalid", 80), "notes.invalid", {}).ask("/", None, 10, 0.05)
    looked_up.set()


@pytest.mark.parametrize(
    "step",
    [
        Step(raw=HEAD + b"Content-Length: 2000000000\r\n\r\n" + b" " * 500_000),
        Step(raw=HEAD + b"\r\n" + b" " * 500_000),
        Step(raw=HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"7a120\r\n" + b" " * 500_000),
    ],
    ids=["announced", "until-it-hangs-up", "chunked"],
)
def test_of_an_answer_without_end_no_more_is_read_than_its_numbers_need(server: EmbeddingServer, step: Step) -> None:
    assert "answers with more than the 25,600 bytes that are read" in failure_of(server, step).why


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"embeddings": null}',
        b'{"embeddings": {"0": [1]}}',
        b'{"embeddings": [null]}',
        b'{"embeddings": ["####"]}',
        b'{"embeddings": [["1"]]}',
        b'{"embeddings": [[true]]}',
        b'{"embeddings": [[1%s]]}' % (b"0" * 5000),
        b'{"embeddings": [[1%s]]}' % (b"0" * 400),
        b"[" * 20_000,
        b'{"a":' * 4_000,
        b"\xff\xfe",
        b'{"embeddings": [[' + b"1," * 100,
    ],
)
def test_what_is_no_answer_with_vectors_is_taken_for_none(server: EmbeddingServer, body: bytes) -> None:
    told = failure_of(server, Step(raw=HEAD + b"\r\n" + body)).why
    assert "answer" in told
    assert len(told) < 120


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n{}",
        b"\x15\x03\x01\x00\x02\x02\x16",
    ],
)
def test_who_speaks_no_http_is_told_from_an_endpoint(server: EmbeddingServer, raw: bytes) -> None:
    assert failure_of(server, Step(raw=raw)).why


def test_a_redirect_is_not_followed_and_neither_text_nor_key_goes_there(server: EmbeddingServer) -> None:
    with EmbeddingServer() as other:
        embedder = embedder_at(server.url, key=Key("k-123"))
        embedder.space(PATIENCE)
        for status in (301, 302, 303, 307, 308):
            to = f"HTTP/1.1 {status} Moved\r\nLocation: {other.url}/api/embed\r\nContent-Length: 0\r\n\r\n"
            server.next.append(Step(raw=to.encode()))
            with pytest.raises(Unreachable, match=rf"leads to another address \({status}\), which is not asked"):
                embedder.query("fire", PATIENCE)
        assert other.asked == []


def test_no_proxy_is_asked(server: EmbeddingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with EmbeddingServer() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert ollama_of(server).query("fire", PATIENCE)
        assert proxy.asked == []


def test_an_endpoint_that_is_not_there_is_told_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(Unreachable, match=f"127.0.0.1:{port} does not listen"):
        embedder_at(f"http://127.0.0.1:{port}").space(PATIENCE)


def test_localhost_that_leads_elsewhere_is_not_asked(server: EmbeddingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = embedder_at(f"http://localhost:{server.port}")
    monkeypatch.setattr(line, "is_loopback", lambda address: address != "127.0.0.1")
    with pytest.raises(Unreachable, match="leads to another machine here, which is not asked"):
        asked.space(PATIENCE)
    assert server.asked == []


def test_no_thread_and_no_connection_stays_behind_once_an_endpoint_was_given_up(server: EmbeddingServer) -> None:
    embedder = ollama_of(server)
    embedder.space(PATIENCE)
    before = threading.active_count()
    for _ in range(20):
        server.next.append(HELD)
        with pytest.raises(Late):
            embedder.query("fire", 0.02)
    waiting = [thread for thread in threading.enumerate() if thread.name == "embedding"]
    for thread in waiting:
        thread.join(SOON)
    assert not any(thread.is_alive() for thread in waiting)
    server.release()
    assert threading.active_count() <= before + 20  # those of the server, which end as they like


class Authority:
    """Makes certificates for servers of this test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
        self.file = folder / "authority.pem"
        self.file.write_bytes(self._signed(self._key, [], is_authority=True).public_bytes(serialization.Encoding.PEM))

    def context(self, *names: x509.GeneralName) -> ssl.SSLContext:
        """What a server of these names listens with."""
        key = ec.generate_private_key(ec.SECP256R1())
        chain = self._folder / f"{len(list(self._folder.iterdir()))}.pem"
        chain.write_bytes(
            self._signed(key, list(names)).public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(chain)
        return made

    def _signed(
        self, key: ec.EllipticCurvePrivateKey, names: list[x509.GeneralName], *, is_authority: bool = False
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(self._name if is_authority else x509.Name([]))
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self._key, hashes.SHA256())


HERE = x509.IPAddress(ip_address("127.0.0.1"))


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    line._tls.cache_clear()
    yield made
    line._tls.cache_clear()


def test_under_tls_one_connection_serves_many_requests(authority: Authority) -> None:
    with EmbeddingServer(tls=authority.context(HERE)) as server:
        embedder = embedder_at(server.url, key=Key("k-123"))
        for _ in range(5):
            assert embedder.query("fire", PATIENCE)
        assert {asked.headers["authorization"] for asked in server.asked} == {"Bearer k-123"}
        assert server.connections == 1
        server.hang_up()
        assert embedder.query("fire", PATIENCE)
        assert server.connections == 2


@pytest.mark.parametrize("names", [(), (x509.DNSName("other.example"),)], ids=["nobody", "another"])
def test_a_certificate_of_another_name_is_not_trusted(
    authority: Authority, names: tuple[x509.GeneralName, ...]
) -> None:
    with EmbeddingServer(tls=authority.context(*names)) as server:
        with pytest.raises(Unreachable, match="has a certificate that is not trusted"):
            embedder_at(server.url, key=Key("k-123")).space(PATIENCE)
        assert server.asked == []


def test_a_certificate_of_an_unknown_authority_is_not_trusted(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with EmbeddingServer(tls=Authority(tmp_path / "other").context(HERE)) as server:
        with pytest.raises(Unreachable, match="has a certificate that is not trusted"):
            embedder_at(server.url).space(PATIENCE)
        assert server.asked == []


def test_a_handshake_that_is_never_answered_is_waited_for_as_long_as_was_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        embedder = embedder_at(f"https://127.0.0.1:{listening.getsockname()[1]}")
        with pytest.raises(Late):
            embedder.space(SHORT)


def test_an_endpoint_that_speaks_no_tls_is_told(server: EmbeddingServer) -> None:
    with pytest.raises(Unreachable, match="breaks TLS off"):
        embedder_at(server.url.replace("http:", "https:")).space(PATIENCE)


class TooMuch(http.server.BaseHTTPRequestHandler):
    """Answers two gigabytes, if it is let."""

    sent = 0

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(2 << 30))
        self.end_headers()
        block = json.dumps([0] * 100_000).encode()
        try:
            while type(self).sent < 2 << 30:
                self.wfile.write(block)
                type(self).sent += len(block)
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


@contextmanager
def listening_with(handler: type[http.server.BaseHTTPRequestHandler]) -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join(PATIENCE)


def test_two_gigabytes_are_hung_up_on() -> None:
    with listening_with(TooMuch) as port, pytest.raises(Unreachable, match="more than the 2,016,000 bytes"):
        embedder_at(f"http://127.0.0.1:{port}").space(PATIENCE)
    assert TooMuch.sent < 100_000_000
