"""Search by meaning through the doors: what a session writes is found by it, and an outage is no answer for long."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from tests.embedding.server import EmbeddingServer
from tests.embedding.subjects import ASKED, SUBJECTS
from tests.server.conftest import PATIENCE, open_session
from tests.server.http.conftest import Door, opened_door

from notewell_store.search.search import UNTOLD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LEAVING = "# Leaving\n\nTerminate the contract in writing.\n"


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with EmbeddingServer() as started:
        yield started


@pytest.fixture
def added(server: EmbeddingServer) -> dict[str, str]:
    return {"NOTEWELL_EMBED": server.url, "NOTEWELL_EMBED_MODEL": "all-minilm"}


def test_what_a_session_writes_is_found_by_its_meaning_soon(database: Path, added: dict[str, str]) -> None:
    with open_session(database, added) as session:
        for subject in SUBJECTS:
            session.read("upsert_note", slug=subject, content=f"# All about {subject}\n\nSold by weight.\n")
        session.read("upsert_note", slug="leaving", content=LEAVING)
        until = time.monotonic() + PATIENCE
        while "leaving ~ by meaning" not in session.read("search_notes", query=ASKED):
            assert time.monotonic() < until


def test_an_answer_without_meaning_is_kept_for_nobody(database: Path) -> None:
    away = "http://192.0.2.1:11434"
    with opened_door(database, NOTEWELL_EMBED=away, NOTEWELL_EMBED_MODEL="all-minilm") as door:
        door.data("PUT", "/notes/apples", {"content": "# All about apples\n", "is_public": True})
        for asked in range(1, 4):
            found = json.loads(door.ask("/notes?q=all+about+what").body)
            assert found["meaning_not_asked"] == UNTOLD, "not where it is asked: an address tells of this machine"
            assert [hit["slug"] for hit in found["hits"]] == ["apples"]
            assert searches(door) == asked


def searches(door: Door) -> int:
    """How many took a tool's time."""
    named = 'notewell_call_seconds_count{door="rest",tool="search_notes"} '
    lines = door.ask("/metrics").body.decode().splitlines()
    return sum(int(float(line.removeprefix(named))) for line in lines if line.startswith(named))
