"""`notewell embed` and what `notewell search` finds by it, against an endpoint on loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.conftest import Knowledge
from tests.embedding.server import HELD, EmbeddingServer
from tests.embedding.subjects import ASKED, SUBJECTS
from tests.server.conftest import NOTEWELL, PATIENCE, environment, heed_interrupts

from notewell_store import open_store
from notewell_store.tables import meanings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.conftest import CommandLine


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with EmbeddingServer() as started:
        yield started


@pytest.fixture
def added(server: EmbeddingServer) -> dict[str, str]:
    return {"NOTEWELL_EMBED": server.url, "NOTEWELL_EMBED_MODEL": "all-minilm"}


@pytest.fixture
def filled(command: CommandLine) -> CommandLine:
    """A store with 26 notes, one of which answers ASKED."""
    store = open_store(command.database)
    knowledge = Knowledge(store)
    for subject in SUBJECTS:
        knowledge.put(subject, f"# All about {subject}\n\nThey are sold by weight.\n")
    knowledge.put("leaving", "# Leaving\n\nTerminate the contract in writing.\n")
    store.close()
    return command


def sent(server: EmbeddingServer) -> int:
    """How many texts of notes came for vectors."""
    return sum("\n" in text for text in server.embedded)


def test_without_an_embedder_it_says_how_to_name_one(command: CommandLine) -> None:
    assert command.refusal("embed").startswith("NOTEWELL_EMBED names no embedder: set it to an address such as ")


def test_a_dry_run_says_what_is_to_be_done_and_sends_nothing(
    filled: CommandLine, server: EmbeddingServer, added: dict[str, str]
) -> None:
    told = filled.read("embed", "--dry-run", added=added)
    assert told == (
        f"26 passages of 26 notes to be embedded by 127.0.0.1:{server.port}, in about 26 pieces; nothing was done\n"
    )
    assert sent(server) == 0


def test_all_is_embedded_once_and_anew_where_that_is_wanted(
    filled: CommandLine, server: EmbeddingServer, added: dict[str, str]
) -> None:
    done = filled.run("embed", added=added)
    assert done.stdout == b"the vectors of 26 passages were made, and are kept\n"
    assert done.stderr.startswith(b"26 passages of 26 notes to be embedded by ")
    assert filled.run("embed", added=added).stdout == b"the vectors of 0 passages were made, and are kept\n"
    assert sent(server) == 26
    assert filled.run("embed", "--all", added=added).stdout == b"the vectors of 26 passages were made, and are kept\n"
    assert sent(server) == 52


def by_meaning(filled: CommandLine, added: dict[str, str], *options: str) -> str:
    """What a search answers, asked again where a busy machine kept the embedder from its third of a second."""
    for _ in range(20):
        told = filled.read("search", *options, ASKED, added=added)
        if "not asked" not in told and "not_asked" not in told:
            break
    return told


def test_a_search_finds_by_meaning_what_was_embedded(filled: CommandLine, added: dict[str, str]) -> None:
    assert filled.read("search", ASKED, added=added).startswith("nothing found")
    filled.run("embed", added=added)
    assert by_meaning(filled, added) == "leaving ~ by meaning\n  Terminate the contract in writing.\n"
    (hit,) = json.loads(by_meaning(filled, added, "--json"))["hits"]
    assert hit["found"] == "meaning"
    told = by_meaning(filled, added, "--explain").splitlines()
    assert told[-2].startswith("   = 0 + meaning ")
    assert told[-3].endswith("leaving ~ by meaning")


def test_an_endpoint_that_does_not_answer_is_told_of_in_a_line(filled: CommandLine, added: dict[str, str]) -> None:
    gone = {**added, "NOTEWELL_EMBED": "http://127.0.0.1:9"}
    told = filled.read("search", "sold by weight", "--limit", "1", added=gone)
    assert told.startswith("meaning was not asked: 127.0.0.1:9 ")
    assert "All about" in told
    found = filled.ask("search", "sold by weight", "--limit", "1", added=gone)
    assert found["meaning_not_asked"].startswith("127.0.0.1:9 ")
    refusal = filled.refusal("embed", "--dry-run", added=gone)
    assert refusal.startswith("127.0.0.1:9 ")
    assert refusal.endswith("; nothing was made")


def test_one_process_fills_at_a_time(filled: CommandLine, added: dict[str, str]) -> None:
    store = open_store(filled.database)
    with store.writing() as db:
        assert meanings.take_filling(db, "another", "2026-01-01T00:00:00.000Z", "9999-01-01T00:00:00.000Z")
    store.close()
    done = filled.run("embed", added=added)
    assert done.returncode == 1
    assert b"another process is making the vectors of this store" in done.stderr


def test_it_can_be_stopped_and_what_is_done_is_kept(
    filled: CommandLine, server: EmbeddingServer, added: dict[str, str]
) -> None:
    store = open_store(filled.database)
    knowledge = Knowledge(store)
    for number in range(10):
        knowledge.put(f"more-{number}", f"# More {number}\n")
    store.close()
    server.next.append(HELD)
    embedding = subprocess.Popen(
        [NOTEWELL, "embed"],
        env=environment(filled.database, added),
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interrupts,
    )
    try:
        assert server.is_holding(PATIENCE)
        os.kill(embedding.pid, signal.SIGINT)
        _, told = embedding.communicate(timeout=PATIENCE)
    finally:
        embedding.kill()
    assert embedding.returncode == 130
    assert told.splitlines()[-1] == (
        "stopped. the vectors of 0 passages were made, and are kept; run it again to go on"
    )
    server.release()
    assert filled.run("embed", added=added).stdout == b"the vectors of 36 passages were made, and are kept\n"


def test_a_store_without_an_embedder_answers_with_no_word_of_meaning(filled: CommandLine) -> None:
    assert "meaning" not in filled.read("search", "--explain", "sold by weight")
    assert "found" not in json.dumps(filled.ask("search", "sold by weight")["hits"])


def test_the_doctor_tells_how_much_has_vectors(filled: CommandLine, added: dict[str, str]) -> None:
    def told() -> str:
        return filled.run("doctor", added=added).stdout.decode()

    assert "WARNING  vectors: 0 of 26 passages have them" in told()
    assert "`notewell embed`" in told()
    filled.run("embed", added=added)
    assert "ok       vectors: 26 of 26 passages have them" in told()
    assert "vectors" not in filled.run("doctor").stdout.decode()
