"""What only a database has is tested on one, whichever engine the other tests run on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.conftest import Knowledge
from tests.engines import Postgres
from tests.postgres_server import server

from notewell_store import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.postgres_server import Server

    from notewell_store import Store


@pytest.fixture
def cluster() -> Server:
    return server()


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Of an empty store, or where one comes to be."""
    tested = Postgres(tmp_path)
    yield tested.address()
    tested.end()


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    opened = open_store(address)
    yield opened
    opened.close()


@pytest.fixture
def knowledge(store: Store) -> Knowledge:
    return Knowledge(store)
