"""Each test of the contract runs once for each engine, and knows none of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.engines import ENGINES, EngineUnderTest

from notewell_store import Store, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EngineUnderTest]:
    mark = request.node.get_closest_marker("of_sqlite")
    if mark is not None and request.param != "sqlite":
        pytest.skip(mark.args[0])
    tested = ENGINES[request.param](tmp_path)
    yield tested
    tested.end()


@pytest.fixture
def store(engine: EngineUnderTest) -> Iterator[Store]:
    opened = open_store(engine.address())
    yield opened
    opened.close()
