"""The server that tests embed with answers as the two that it stands for, and misbehaves as it is told."""

from __future__ import annotations

import base64
import http.client
import json
from array import array
from typing import TYPE_CHECKING, Any

import pytest
from tests.embedding.server import (
    DIGEST,
    DROPPED,
    HELD,
    MISSING,
    MODEL,
    NOT_A_NUMBER,
    TOO_FEW,
    EmbeddingServer,
    Step,
    later,
    other_dimensions,
    refused,
)
from tests.embedding.small_vectors import small_vector

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with EmbeddingServer() as started:
        yield started


def ask(server: EmbeddingServer, path: str, body: dict[str, Any] | None = None, patience: float = 10) -> Any:
    """The status and the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=patience)
    try:
        connection.request("GET" if body is None else "POST", path, json.dumps(body) if body else None)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def embed(server: EmbeddingServer, *texts: str, path: str = "/api/embed", **more: Any) -> Any:
    return ask(server, path, {"model": "all-minilm", "input": list(texts), **more})


def test_both_apis_answer_with_the_same_vectors(server: EmbeddingServer) -> None:
    status, said = embed(server, "fire", "hire")
    assert (status, said["embeddings"]) == (200, [small_vector("fire"), small_vector("hire")])
    _, listed = embed(server, "fire", "hire", path="/v1/embeddings")
    assert [row["embedding"] for row in listed["data"]] == said["embeddings"]
    _, coded = embed(server, "fire", path="/v1/embeddings", encoding_format="base64", dimensions=16)
    numbers = array("f", base64.b64decode(coded["data"][0]["embedding"]))
    assert numbers.tolist() == pytest.approx(small_vector("fire", 16))
    assert ask(server, "/api/tags")[1]["models"][0] | {"details": 0} == {
        "name": MODEL,
        "model": MODEL,
        "size": 45_960_996,
        "digest": DIGEST,
        "details": 0,
    }


def test_what_was_asked_is_kept(server: EmbeddingServer) -> None:
    embed(server, "fire", keep_alive="30m")
    [asked] = server.asked
    assert (asked.path, asked.body["keep_alive"], asked.texts) == ("/api/embed", "30m", ["fire"])
    assert server.embedded == ["fire"]


def test_steps_are_taken_one_for_a_request(server: EmbeddingServer) -> None:
    server.next += [MISSING, refused(503), NOT_A_NUMBER, TOO_FEW, other_dimensions(5), later(0.01)]
    assert embed(server, "fire") == (404, {"error": f'model "{MODEL}" not found, try pulling it first'})
    assert embed(server, "fire")[0] == 503
    [vector] = embed(server, "fire")[1]["embeddings"]
    assert vector[0] != vector[0]
    assert len(embed(server, "a", "b")[1]["embeddings"]) == 1
    assert embed(server, "fire")[1]["embeddings"] == [[1.0] * 5]
    assert embed(server, "fire")[1]["embeddings"] == [small_vector("fire")]


def test_it_hangs_up_drips_and_holds_back(server: EmbeddingServer) -> None:
    server.next += [DROPPED, Step(raw=b"HTTP/1.1 200 OK\r\n\r\n{}", drip=0.001), HELD]
    with pytest.raises(http.client.RemoteDisconnected):
        embed(server, "fire")
    assert embed(server, "fire") == (200, {})
    with pytest.raises(TimeoutError):
        ask(server, "/api/embed", {"model": MODEL, "input": "fire"}, patience=0.05)
    server.release()
    server.next.append(HELD)
    assert embed(server, "fire")[0] == 200


def test_a_key_a_missing_model_and_a_bad_text_are_refused(server: EmbeddingServer) -> None:
    server.bad = ("nan",)
    assert embed(server, "banana", "fire") == (400, {"error": "embedding contains NaN or Inf values"})
    assert ask(server, "/api/embed", {"model": "other", "input": "fire"})[0] == 404
    server.key = "secret"
    assert embed(server, "fire", path="/v1/embeddings")[0] == 401


def test_a_server_that_is_stopped_waits_for_nothing() -> None:
    with EmbeddingServer() as server:
        server.next.append(HELD)
        with pytest.raises(TimeoutError):
            ask(server, "/api/embed", {"model": MODEL, "input": "fire"}, patience=0.05)


def test_a_connection_that_somebody_keeps_open_does_not_hold_it_up() -> None:
    with EmbeddingServer() as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request("GET", "/api/tags")
        connection.getresponse().read()
    assert connection.sock.recv(1) == b""
    connection.close()
