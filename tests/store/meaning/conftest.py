"""What tests of meaning share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.embedding.server import EmbeddingServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with EmbeddingServer() as started:
        yield started
