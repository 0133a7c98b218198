"""Which embedder the settings name; that no text leaves this machine unless they say so, and no key is ever told."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.conftest import STORE_ROOT
from tests.embedding.server import MODEL, EmbeddingServer, refused
from tests.store.meaning.asking import PATIENCE

from notewell_store.meaning.breaker import Breaker
from notewell_store.meaning.choosing import Key, Wanted, choose
from notewell_store.meaning.embedder import Unreachable
from notewell_store.meaning.examining import examine
from notewell_store.meaning.place import is_loopback

if TYPE_CHECKING:
    from pathlib import Path

    from notewell_store.meaning.embedder import Embedder

SECRET = "sk-Xy7-secret"


def chosen(where: str, model: str | None = "all-minilm", **more: Any) -> Embedder:
    made = choose(Wanted(where, model, **more))
    assert made is not None
    return made


def refusal(embedder: Embedder) -> str:
    """Why it refuses whatever is asked of it."""
    told = set()
    for ask in (
        lambda: embedder.space(PATIENCE),
        lambda: embedder.passages(["private"], PATIENCE),
        lambda: embedder.query("private", PATIENCE),
    ):
        with pytest.raises(Unreachable) as failure:
            ask()
        told.add(failure.value.why)
    [why] = told
    return why


def test_none_is_the_default_and_imports_nothing() -> None:
    assert choose(None) is None


def test_choosing_imports_nothing_that_only_asking_needs() -> None:
    script = (
        "import sys\nfrom notewell_store.meaning.choosing import Key, Wanted, choose\n"
        "for where in ('http://localhost:11434', 'https://x.example/v1', 'onnx:/models/x'):\n"
        "    choose(Wanted(where, 'm', None, Key('k'), None, 'all'))\n"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(STORE_ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    heavy = {"http.client", "ssl", "socket", "subprocess", "numpy", "onnxruntime", "tokenizers", "asyncio", "email"}
    assert set(done.stdout.split()) & heavy == set()


LOOPBACK = ["localhost", "LocalHost", "127.0.0.1", "127.8.9.10", "[::1]", "[0:0:0:0:0:0:0:1]"]
ELSEWHERE = [
    "localhost.evil.com",
    "localhost.",
    "evil.com",
    "127.0.0.1.evil.com",
    "127.0.0.1.nip.io",
    "localtest.me",
    "ip6-localhost",
    "0.0.0.0",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[::1%25eth0]",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.0.0.01",
    "128.0.0.1",
    "10.0.0.5",
    "192.168.1.2",
    "169.254.169.254",
    "[fe80::1]",
    "host.docker.internal",
]


@pytest.mark.parametrize("host", LOOPBACK)
def test_this_machine_needs_no_permission(host: str) -> None:
    for address in (f"http://{host}:11434", f"https://{host}/v1"):
        embedder = chosen(address)
        assert isinstance(embedder, Breaker)
        assert (embedder.is_remote, embedder.sends) == (False, "all")
        assert not chosen(address, remote="public").is_remote


@pytest.mark.parametrize("host", ELSEWHERE)
def test_everything_else_is_remote_whatever_it_looks_like_or_leads_to(host: str) -> None:
    for address in (f"http://{host}:11434", f"https://{host}/v1"):
        why = refusal(chosen(address))
        if "%" not in host:
            assert "is not this machine, so nothing is sent there" in why
            assert "NOTEWELL_EMBED_REMOTE=public lets the text of public notes leave this machine" in why
            assert "NOTEWELL_EMBED_REMOTE=all that of all notes" in why
            assert "whatever is searched for" in why
            allowed = chosen(address, remote="public")
            assert (allowed.is_remote, allowed.sends) == (True, "public")
            assert chosen(address, remote="all").sends == "all"


def test_addresses_of_loopback_are_told_from_those_that_are_mapped_to_them() -> None:
    assert is_loopback("127.0.0.1")
    assert is_loopback("::1")
    for other in ("", "localhost", "::ffff:127.0.0.1", "::1%lo", "0.0.0.0", "127.0.0.1\n"):
        assert not is_loopback(other)


@pytest.mark.parametrize("model", ["gpt-oss:120b-cloud", "qwen3-embedding:cloud", "X:CLOUD", "embed-Cloud"])
def test_a_model_that_ollama_passes_on_is_remote_at_localhost_too(server: EmbeddingServer, model: str) -> None:
    server.models[model] = ""
    why = refusal(chosen(server.url, model))
    assert f"passes on what {model} is given to ollama.com, so nothing is sent there" in why
    assert "NOTEWELL_EMBED_REMOTE" in why
    assert server.asked == []
    allowed = chosen(server.url, model, remote="public")
    assert (allowed.is_remote, allowed.sends) == (True, "public")
    assert allowed.query("fire", PATIENCE)


@pytest.mark.parametrize("model", ["cloud", "cloudy:latest", "my-cloud:7b", "cloud-embed"])
def test_a_model_is_not_remote_because_its_name_speaks_of_clouds(model: str) -> None:
    remote = {model for model in [model] if chosen("http://localhost:11434", model).is_remote}
    assert remote == set()


@pytest.mark.parametrize("remote", [None, "public", "all"])
def test_another_name_for_a_model_of_the_cloud_is_found_out(server: EmbeddingServer, remote: Any) -> None:
    server.remote = (MODEL,)
    embedder = chosen(server.url, remote=remote)
    with pytest.raises(Unreachable, match="passes on what all-minilm is given to another machine, so it is not asked"):
        embedder.query("private", PATIENCE)
    assert server.embedded == []


@pytest.mark.parametrize(
    "where",
    [
        "localhost:11434",
        "ftp://localhost",
        "http://",
        "http://:80",
        "http:localhost",
        "http://localhost:0",
        "http://localhost:99999",
        "http://localhost:x",
        "http://[::1",
        "http://loc alhost",
        "http://localhost\n.evil.com",
        "http://löcalhost",
        "file:///etc/passwd",
        "unix:///x",
        "on",
        "None",
        "onnx",
        "ollama",
    ],
)
def test_what_is_no_address_is_refused_with_what_may_be_said(where: str) -> None:
    assert refusal(chosen(where)).startswith("NOTEWELL_EMBED is neither an address such as http://localhost:11434")


@pytest.mark.parametrize(
    "where",
    [
        f"https://user:{SECRET}@api.example/v1",
        f"https://{SECRET}@api.example/v1",
        f"https://api.example/v1?key={SECRET}",
        f"https://api.example/v1#{SECRET}",
        f"http://localhost\\@api.example/{SECRET}",
        f"http://localhost:{SECRET}@api.example",
    ],
)
def test_an_address_that_holds_more_is_refused_and_not_shown(where: str) -> None:
    why = refusal(chosen(where, remote="all"))
    assert "holds more than the address of api.example: a key goes into NOTEWELL_EMBED_KEY" in why
    assert SECRET not in why


@pytest.mark.parametrize("model", [None, ""])
def test_an_endpoint_needs_a_model(model: str | None) -> None:
    why = refusal(chosen("http://localhost:11434", model))
    assert "NOTEWELL_EMBED_MODEL names no model for localhost:11434" in why


@pytest.mark.parametrize("model", ["a b", "x\n", "é", "m" * 201])
def test_a_model_is_named_plainly(model: str) -> None:
    assert refusal(chosen("http://localhost:11434", model)) == "NOTEWELL_EMBED_MODEL is no name of a model"


def test_a_key_goes_to_the_endpoint_and_nowhere_else(server: EmbeddingServer) -> None:
    server.key = SECRET
    for where in (server.url, f"{server.url}/v1"):
        embedder = chosen(where, key=Key(SECRET))
        assert embedder.query("fire", PATIENCE)
        assert server.asked[-1].headers["authorization"] == f"Bearer {SECRET}"
        assert SECRET not in str(server.asked[-1].body)


def test_a_key_may_stand_in_a_file(server: EmbeddingServer, tmp_path: Path) -> None:
    server.key = SECRET
    (tmp_path / "key").write_text(f"{SECRET}\n")
    assert chosen(server.url, key_file=str(tmp_path / "key")).query("fire", PATIENCE)


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"k" * 10_001])
def test_a_file_without_a_key_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "key"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    assert refusal(chosen("http://localhost", key_file=str(file))).startswith("NOTEWELL_EMBED_KEY_FILE names no file")


@pytest.mark.parametrize("key", ["two words", f"{SECRET}\r\nX-Other: 1", "schlüssel", "\x00"])
def test_a_key_that_no_header_can_hold_is_refused_and_not_shown(tmp_path: Path, key: str) -> None:
    why = refusal(chosen("http://localhost", key=Key(key)))
    assert why == "NOTEWELL_EMBED_KEY is no key: it holds spaces, line ends or letters outside of ASCII"


def test_a_key_does_not_go_over_a_network_as_it_is() -> None:
    why = refusal(chosen("http://10.0.0.5:11434", key=Key(SECRET), remote="all"))
    assert "NOTEWELL_EMBED must begin with https://" in why


def test_a_key_stands_in_no_message_whatever_goes_wrong(server: EmbeddingServer) -> None:
    wanted = Wanted(f"{server.url}/v1", "all-minilm", None, Key(SECRET), None, "all")
    told = [repr(wanted), str(wanted), repr(wanted.key), f"{wanted.key}"]
    embedder = choose(wanted)
    told += [repr(embedder), repr(vars(embedder))]
    for status in (400, 401, 403, 404, 429, 500, 503):
        server.next.extend([refused(status, f"Incorrect API key provided: {SECRET}")] * 3)
        told += [f"{check.found} {check.advice}" for check in examine(wanted)]
        server.next.clear()
    told += [check.found for check in examine(wanted)]
    assert len(told) == 14
    assert not [text for text in told if SECRET in text]


def test_an_error_of_the_endpoint_is_not_passed_on_for_it_may_quote_what_was_sent(server: EmbeddingServer) -> None:
    embedder = chosen(server.url)
    embedder.space(PATIENCE)
    server.next.append(refused(503, "cannot embed 'private plans'"))
    with pytest.raises(Unreachable) as failure:
        embedder.passages(["private plans"], PATIENCE)
    assert "private" not in failure.value.why


def test_the_doctor_is_told_what_it_is_where_text_goes_and_whether_it_answers(server: EmbeddingServer) -> None:
    assert list(examine(None)) == []
    [check] = examine(Wanted(server.url, "all-minilm"))
    here = f"127.0.0.1:{server.port}, all-minilm"
    space = "384 numbers, space ollama all-minilm 1b226e2802db 384"
    assert (check.state, check.found) == ("ok", f"{here}, on this machine; {space}")
    [check] = examine(Wanted(server.url, "all-minilm", 512))
    assert (check.state, check.found) == ("warning", f"{here}, on this machine; {space}")
    assert "the 512 of NOTEWELL_EMBED_DIMENSIONS" in check.advice
    server.models["x:cloud"] = "c" * 64
    [check] = examine(Wanted(server.url, "x:cloud", remote="public"))
    assert "remote: it is sent the text of public notes, and what is searched for" in check.found
    [check] = examine(Wanted("https://api.example/v1", "x"))
    assert (check.state, check.advice) == ("warning", "until then search goes by words alone")
    assert "api.example is not this machine" in check.found
    [check] = examine(Wanted("onnx:/nowhere", None))
    assert check.found == "onnx:/nowhere is no folder with model.onnx and tokenizer.json, and no package that holds one"
