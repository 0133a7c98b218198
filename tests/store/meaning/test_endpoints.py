"""Ollama and OpenAI's API: what is sent, and what becomes of each answer."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.embedding.server import (
    DROPPED,
    HELD,
    MISSING,
    MODEL,
    NOT_A_NUMBER,
    TOO_FEW,
    EmbeddingServer,
    Step,
    other_dimensions,
    refused,
)
from tests.embedding.small_vectors import small_vector
from tests.store.meaning.asking import PATIENCE, embedder_at, ollama_of, openai_of

from notewell_store.meaning.embedder import Late, NoVector, Space, Unreachable
from notewell_store.meaning.endpoint import KNOWN, Endpoint
from notewell_store.meaning.line import Line
from notewell_store.meaning.ollama import Ollama
from notewell_store.meaning.place import Place

Of = Callable[[EmbeddingServer], Endpoint]
BOTH = pytest.mark.parametrize("of", [ollama_of, openai_of], ids=["ollama", "openai"])


def answering(*vectors: list[float]) -> Step:
    return Step(change=lambda _: list(vectors))


@BOTH
def test_a_text_gets_the_vector_of_the_model_as_numbers_of_length_one(server: EmbeddingServer, of: Of) -> None:
    embedder = of(server)
    [vector] = embedder.passages(["Offboarding"], PATIENCE)
    assert vector is not None
    assert vector.tolist() == pytest.approx(small_vector("Offboarding"), abs=1e-6)
    assert math.fsum(number * number for number in embedder.query("fire", PATIENCE)) == pytest.approx(1, abs=1e-6)
    assert embedder.name == f"127.0.0.1:{server.port}"
    assert not embedder.is_remote
    assert embedder.sends == "all"


def test_a_vector_that_is_not_of_length_one_is_made_so(server: EmbeddingServer) -> None:
    embedder = ollama_of(server, dimensions=8)
    embedder.space(PATIENCE)
    for length in (1e-300, 3.0, 1e300):
        server.next.append(answering([length, -length, *[0.0] * 6]))
        assert embedder.query("x", PATIENCE).tolist() == pytest.approx([0.5**0.5, -(0.5**0.5), *[0.0] * 6])


def test_the_space_of_ollama_is_the_model_with_its_digest_and_how_it_is_asked(server: EmbeddingServer) -> None:
    assert ollama_of(server).space(PATIENCE) == Space("ollama all-minilm 1b226e2802db 384", 384)
    server.models["qwen3-embedding:4b"] = "f" * 64
    assert ollama_of(server, "qwen3-embedding:4b", 32).space(PATIENCE) == Space(
        "ollama qwen3-embedding:4b ffffffffffff qwen3 32", 32
    )
    server.models["qwen3-embedding:4b"] = "e" * 64
    assert ollama_of(server, "qwen3-embedding:4b", 32).space(PATIENCE).name.split()[2] == "e" * 12


def test_the_space_of_an_openai_endpoint_is_its_host_and_model(server: EmbeddingServer) -> None:
    assert openai_of(server, dimensions=64).space(PATIENCE) == Space("openai 127.0.0.1 all-minilm 64", 64)


def test_more_dimensions_than_the_model_has_are_not_believed(server: EmbeddingServer) -> None:
    assert ollama_of(server, dimensions=1024).space(PATIENCE).dimensions == 384


def test_ollama_is_asked_to_keep_the_model_and_to_cut_what_is_too_long(server: EmbeddingServer) -> None:
    ollama_of(server, dimensions=64).passages(["one", "two"], PATIENCE)
    assert [asked.path for asked in server.asked] == ["/api/tags", "/api/embed", "/api/embed"]
    assert server.asked[-1].body == {
        "model": "all-minilm",
        "input": ["one", "two"],
        "truncate": True,
        "keep_alive": "30m",
        "dimensions": 64,
    }
    assert "authorization" not in server.asked[-1].headers


@pytest.mark.parametrize(
    ("model", "query", "passage"),
    [
        ("all-minilm", "fire", "fire"),
        (
            "qwen3-embedding:0.6b",
            "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:fire",
            "fire",
        ),
        ("hf.co/Qwen/Qwen3-Embedding-4B-GGUF:Q8_0", "Instruct: Given", "fire"),
        ("nomic-embed-text", "search_query: fire", "search_document: fire"),
        ("intfloat/multilingual-e5-small", "query: fire", "passage: fire"),
        ("multilingual_e5_base", "query: fire", "passage: fire"),
        ("multilingual-e5-large-instruct", "Instruct: Given", "fire"),
        ("one5", "fire", "fire"),
    ],
)
def test_a_model_is_asked_as_its_makers_want_it(server: EmbeddingServer, model: str, query: str, passage: str) -> None:
    server.models[model] = "0" * 64
    for embedder in (ollama_of(server, model), openai_of(server, model)):
        embedder.query("fire", PATIENCE)
        assert server.embedded[-1].startswith(query)
        assert server.embedded[-1].endswith("fire")
        embedder.passages(["fire"], PATIENCE)
        assert server.embedded[-1] == passage


def test_an_endpoint_that_words_texts_itself_is_told_which_they_are(server: EmbeddingServer) -> None:
    server.models["multilingual-e5-small-q4"] = ""
    embedder = openai_of(server, "multilingual-e5-small-q4")
    embedder.query("fire", PATIENCE)
    embedder.passages(["hire"], PATIENCE)
    assert [(asked.texts, asked.body["input_type"]) for asked in server.asked[1:]] == [
        (["fire"], "query"),
        (["hire"], "passage"),
    ]


def test_an_openai_endpoint_may_answer_with_numbers_or_base64_and_in_any_order(server: EmbeddingServer) -> None:
    embedder = openai_of(server, dimensions=8)
    embedder.space(PATIENCE)
    body = b'{"data": [{"index": 1, "embedding": [0, 1, 0, 0, 0, 0, 0, 0]}, {"index": 0, "embedding": "%s"}]}'
    one = b"AACAPwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    server.next.append(Step(raw=b"HTTP/1.1 200 OK\r\n\r\n" + body % one))
    first, second = embedder.passages(["a", "b"], PATIENCE)
    assert first is not None and second is not None
    assert (first.tolist(), second.tolist()) == ([1, *[0] * 7], [0, 1, *[0] * 6])
    assert server.asked[-1].body["encoding_format"] == "base64"


def test_many_texts_go_in_batches_and_each_text_once(server: EmbeddingServer) -> None:
    embedder = openai_of(server)
    texts = [f"text {number % 150}" for number in range(300)]
    vectors = embedder.passages(texts, PATIENCE)
    assert [len(asked.texts) for asked in server.asked[1:]] == [64, 64, 22]
    assert all(vector is vectors[number % 150] for number, vector in enumerate(vectors))
    embedder.passages(
        ["x" * 50_000] * 2 + ["y" * 50_000] * 2 + [f"{'z' * 7_999}{digit}" for digit in "0123456789"], PATIENCE
    )
    assert [sum(map(len, asked.texts)) for asked in server.asked[4:]] == [56_000, 40_000]


@BOTH
@pytest.mark.parametrize("count", [1, 2, 7, 33])
def test_a_bad_text_costs_nobody_but_itself_its_vector(server: EmbeddingServer, of: Of, count: int) -> None:
    server.bad = ("poison",)
    for place in {0, count // 2, count - 1}:
        texts = [f"text {number}" for number in range(count)]
        texts[place] = "poison"
        vectors = of(server).passages([*texts, "good"], PATIENCE)
        assert [number for number, vector in enumerate(vectors) if vector is None] == [place]


@BOTH
def test_where_all_texts_are_bad_the_endpoint_is_still_believed(server: EmbeddingServer, of: Of) -> None:
    server.bad = ("poison",)
    assert of(server).passages(["poison 1", "poison 2", " ", ""], PATIENCE) == [None] * 4
    with pytest.raises(NoVector, match="has no vector of this query"):
        of(server).query("poison", PATIENCE)


@BOTH
def test_an_endpoint_that_refuses_everything_is_not_taken_for_bad_texts(server: EmbeddingServer, of: Of) -> None:
    embedder = of(server)
    embedder.space(PATIENCE)
    server.bad = ("t", "notewell")
    with pytest.raises(Unreachable, match=r"refuses what is sent \(400\)"):
        embedder.passages(["text 1", "text 2"], PATIENCE)
    with pytest.raises(Unreachable, match=r"refuses what is sent \(400\)"):
        embedder.query("text", PATIENCE)


@BOTH
def test_numbers_that_are_none_cost_a_text_its_vector_and_an_endpoint_its_trust(
    server: EmbeddingServer, of: Of
) -> None:
    embedder = of(server)
    embedder.space(PATIENCE)
    broken = Step(change=lambda vectors: [[math.inf] * 384, *vectors[1:]])
    server.next.append(broken)
    assert [vector is None for vector in embedder.passages(["a", "b"], PATIENCE)] == [True, False]
    server.next += [NOT_A_NUMBER, NOT_A_NUMBER]
    with pytest.raises(Unreachable, match="answers with what are no numbers"):
        embedder.passages(["a", "b"], PATIENCE)
    server.next += [Step(change=lambda vectors: [[0.0] * 384 for _ in vectors])]
    assert embedder.passages(["a"], PATIENCE) == [None]


@BOTH
@pytest.mark.parametrize(
    ("step", "told"),
    [
        (MISSING, "has no model all-minilm"),
        (refused(401), r"refuses the key, or the lack of one \(401\)"),
        (refused(403), r"refuses the key, or the lack of one \(403\)"),
        (refused(302), r"leads to another address \(302\), which is not asked"),
        (refused(429), r"has too much to do \(429\)"),
        (refused(503), r"has too much to do \(503\)"),
        (refused(502), r"refuses what is sent \(502\)"),
        (DROPPED, "hangs up"),
        (TOO_FEW, "answers with 1 vectors, not 2"),
        (other_dimensions(5), "answers with vectors of 5 numbers, not 384"),
        (Step(change=lambda vectors: [vectors[0], vectors[1][:-1]]), "answers with vectors of 383 numbers, not 384"),
        (Step(change=lambda vectors: [[]] * len(vectors)), "answers with vectors of 0 numbers, not 384"),
    ],
)
def test_a_failure_is_told_by_the_endpoint_and_what_went_wrong(
    server: EmbeddingServer, of: Of, step: Step, told: str
) -> None:
    embedder = of(server)
    embedder.space(PATIENCE)
    server.next.append(step)
    with pytest.raises(Unreachable, match=rf"\A127.0.0.1:{server.port} {told}") as failure:
        embedder.passages(["secret text", "another"], PATIENCE)
    assert "secret" not in failure.value.why


@BOTH
def test_whatever_fails_fails_while_the_space_is_asked_too(server: EmbeddingServer, of: Of) -> None:
    for step in (MISSING, refused(400), refused(500), NOT_A_NUMBER, TOO_FEW, DROPPED):
        server.next.append(step)
        embedder = of(server)
        with pytest.raises(Unreachable):
            embedder.query("fire", PATIENCE)
        assert "fire" not in server.embedded[-1]
        embedder.query("fire", PATIENCE)
        assert "fire" in server.embedded[-1]


def test_a_model_that_ollama_does_not_list_is_told_with_how_to_get_it(server: EmbeddingServer) -> None:
    with pytest.raises(Unreachable, match="has no model qwen3-embedding:4b: `ollama pull qwen3-embedding:4b` gets it"):
        ollama_of(server, "qwen3-embedding:4b").space(PATIENCE)
    with pytest.raises(Unreachable, match="has no model all-minilm:22m"):
        ollama_of(server, "all-minilm:22m").space(PATIENCE)
    assert ollama_of(server, MODEL).space(PATIENCE).dimensions == 384
    assert server.embedded == ["notewell"]


def test_another_model_under_the_name_is_noticed_by_its_dimensions(server: EmbeddingServer) -> None:
    embedder = ollama_of(server)
    embedder.query("fire", PATIENCE)
    server.dimensions = 64
    server.models[MODEL] = "a" * 64
    with pytest.raises(Unreachable, match="vectors of 64 numbers, not 384"):
        embedder.query("fire", PATIENCE)
    assert embedder.space(PATIENCE) == Space(f"ollama all-minilm {'a' * 12} 64", 64)
    assert len(embedder.query("fire", PATIENCE)) == 64


def test_after_ten_minutes_the_model_is_looked_at_again_and_asked_for_a_vector_only_if_it_is_another(
    server: EmbeddingServer,
) -> None:
    now = [1000.0]
    line = Line(Place("http", "127.0.0.1", server.port), "here", {})
    embedder = Endpoint("here", lambda: line, Ollama("all-minilm", None), clock=lambda: now[0])
    first = embedder.space(PATIENCE)
    now[0] += KNOWN - 1
    assert embedder.space(PATIENCE) is first
    assert [asked.path for asked in server.asked] == ["/api/tags", "/api/embed"]
    now[0] += 1
    assert embedder.space(PATIENCE) is first
    assert [asked.path for asked in server.asked[2:]] == ["/api/tags"]
    now[0] += KNOWN
    server.models[MODEL] = "d" * 64
    assert embedder.space(PATIENCE) == Space("ollama all-minilm dddddddddddd 384", 384)
    now[0] += KNOWN
    server.next_tags.append(DROPPED)
    with pytest.raises(Unreachable):
        embedder.query("fire", PATIENCE)
    assert embedder.query("fire", PATIENCE)


def test_many_first_uses_at_once_ask_for_the_space_once(server: EmbeddingServer) -> None:
    embedder = ollama_of(server)
    with ThreadPoolExecutor(100) as threads:
        vectors = list(threads.map(lambda _: embedder.query("fire", PATIENCE), range(300)))
    assert {len(vector) for vector in vectors} == {384}
    assert [asked.path for asked in server.asked].count("/api/tags") == 1
    assert server.embedded.count("notewell") == 1


def test_who_waits_for_the_space_that_another_asks_for_waits_no_longer_than_he_has_patience(
    server: EmbeddingServer,
) -> None:
    server.next_tags.append(HELD)
    embedder = ollama_of(server)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(embedder.space, PATIENCE)
        with pytest.raises(Late):
            embedder.space(0.05)
        server.release()
        assert first.result(PATIENCE).dimensions == 384


@pytest.mark.parametrize("text", ["\ud800 half", "\x00", "é" * 10, "👍", "\u202e", "{}", '"', "\\", "a\nb"])
def test_odd_texts_are_sent_as_text(server: EmbeddingServer, text: str) -> None:
    for of in (ollama_of, openai_of):
        [vector] = of(server).passages([text], PATIENCE)
        assert vector is not None
        assert server.embedded[-1] == text.replace("\ud800", "?")


def test_an_address_may_have_a_path_before_the_api(server: EmbeddingServer) -> None:
    with pytest.raises(Unreachable, match="has no model"):
        embedder_at(f"{server.url}/ollama/").space(PATIENCE)
    assert server.asked[-1].path == "/ollama/api/tags"
    with pytest.raises(Unreachable):
        embedder_at(f"{server.url}/api/v3").space(PATIENCE)
    assert server.asked[-1].path == "/api/v3/embeddings"
