"""How tests ask an embedder: by the settings that name it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notewell_store.meaning.choosing import Wanted, unrested
from notewell_store.meaning.endpoint import Endpoint

if TYPE_CHECKING:
    from tests.embedding.server import EmbeddingServer

    from notewell_store.meaning.choosing import Key

PATIENCE = 20.0  # seconds; nothing waits for them where all is well


def embedder_at(
    where: str, model: str = "all-minilm", dimensions: int | None = None, key: Key | None = None
) -> Endpoint:
    made = unrested(Wanted(where, model, dimensions, key))
    assert isinstance(made, Endpoint)
    return made


def ollama_of(server: EmbeddingServer, model: str = "all-minilm", dimensions: int | None = None) -> Endpoint:
    return embedder_at(server.url, model, dimensions)


def openai_of(
    server: EmbeddingServer, model: str = "all-minilm", dimensions: int | None = None, key: Key | None = None
) -> Endpoint:
    return embedder_at(f"{server.url}/v1", model, dimensions, key)
