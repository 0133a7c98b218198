"""What meaning adds to `search_notes`, and what it costs.

    NOTEWELL_EMBED=onnx:FOLDER python bench/meaning.py --passages FOLDER --keep /tmp/vectors
    NOTEWELL_EMBED=onnx:FOLDER python bench/meaning.py --bundle runbooks.bundle --paraphrases FILE --keep /tmp/vectors
    python bench/meaning.py --scale 100000
    python bench/knowledge.py build/large.db --notes 100000 --only-last
    python bench/meaning.py --searches build/large.db

`--passages` and `--bundle` are those of retrieval.py; each is asked without meaning and with it. `--paraphrases` are
questions (question, relevant: slugs) about the bundle in other words than its own, as bench/paraphrases_runbooks.jsonl
has them for openshift/runbooks. `--keep` is a folder in which the stores stay, so that they are embedded once.
`--scale` fills a store with so many random vectors and says what a look through them takes; it needs no model.
`--searches` gives every passage of a store that was made for it a random vector, and says how long searches take with
and without meaning, by turns. Its queries have random vectors too, which are there at once.
"""

from __future__ import annotations

import argparse
import json
import random
import struct
import subprocess
import tempfile
import threading
import time
import tracemalloc
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from math import log2, sqrt
from pathlib import Path
from statistics import mean, median, quantiles
from typing import NamedTuple, cast

from notewell_server.settings import chosen_embedder, embedding
from notewell_store import Store, open_store
from notewell_store.contract import LARGEST, Snapshot
from notewell_store.meaning.choosing import unrested
from notewell_store.meaning.embedder import Embedder, Space, Vector
from notewell_store.meaning.filling import Filler
from notewell_store.meaning.known import Signs
from notewell_store.meaning.quantised import nearest, packed, signatures
from notewell_store.tables import meanings
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call
from prose import asked
from retrieval import questions_of
from retrieval_queries import Query, half_of, queries_of
from stdio_client import NOTEWELL, environment, show

DEPTH = 10
SPARE = 10
DIMENSIONS = 384
SCALE_AT_RANDOM = struct.pack("<f", 1 / sqrt(DIMENSIONS * 128**2 / 3))  # of bytes at random, for a length of one
WARMED = 20  # searches that are not counted


class Score(NamedTuple):
    first_five: float
    first_ten: float
    ndcg: float
    reciprocal: float
    seconds: float
    """Of the processor, all threads of this process."""


def score(store: Store, query: Query) -> Score:
    arguments = {"query": query.words, "limit": DEPTH + (SPARE if query.ignored else 0)}
    begun = time.process_time()
    answer = call_tool(lambda: Call(store, "bench", None), "search_notes", arguments).data
    seconds = time.process_time() - begun
    found = [hit["slug"] for hit in answer["hits"] if hit["slug"] not in query.ignored][:DEPTH]
    gains = [slug in query.wanted for slug in found]
    best = sum(1 / log2(rank + 2) for rank in range(min(len(query.wanted), DEPTH)))
    return Score(
        sum(gains[:5]) / len(query.wanted),
        sum(gains) / len(query.wanted),
        sum(gain / log2(rank + 2) for rank, gain in enumerate(gains)) / best,
        max((1 / (rank + 1) for rank, gain in enumerate(gains) if gain), default=0.0),
        seconds,
    )


def rows(label: str, store: Store, queries: Sequence[Query]) -> Iterator[list[str]]:
    for kind in dict.fromkeys(query.kind for query in queries):
        scores = [score(store, query) for query in queries if query.kind == kind]
        times = [one.seconds * 1000 for one in scores]
        qualities = (f"{mean(one[at] for one in scores):.3f}" for at in range(4))
        yield [kind, label, str(len(scores)), *qualities, f"{median(times):.1f}", f"{quantiles(times, n=20)[-1]:.1f}"]


@contextmanager
def folder_of(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def imported(file: Path, *source: str) -> Path:
    if not file.exists():
        run = [*NOTEWELL, "import", *source]
        subprocess.run(run, check=True, env=environment(file), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return file


def of_passages(folder: Path, into: Path) -> tuple[Path, list[Query]]:
    files = into / "passages"
    files.mkdir(exist_ok=True)
    for note in map(json.loads, (folder / "notes.jsonl").read_text(encoding="utf-8").splitlines()):
        front = f"---\nslug: {note['slug']}\ntitle: {json.dumps(note['title'])}\n---\n"
        (files / f"{note['slug']}.md").write_text(front + note["markdown"], encoding="utf-8")
    return imported(into / "passages.db", str(files)), questions_of(folder)


def of_bundle(bundle: Path, into: Path, paraphrases: Path | None) -> tuple[Path, list[Query]]:
    file = imported(into / f"{bundle.stem}.db", "--git", str(bundle), "--project", bundle.stem)
    if paraphrases is not None:
        lines = map(json.loads, paraphrases.read_text(encoding="utf-8").splitlines())
        return file, [Query("paraphrases", one["question"], frozenset(one["relevant"])) for one in lines]
    store = open_store(file)
    with store.reading() as db:
        queries = half_of(queries_of(db), "test")
    store.close()
    return file, queries


def embedded(file: Path, embedder: Embedder) -> None:
    """Give the store its vectors, and say what that took."""
    store, before = open_store(file), file.stat().st_size
    filler = Filler(store, embedder, threading.Event())
    lacking, begun = filler.amount(), time.monotonic()
    filler.fill()
    store.close()
    if lacking.passages:
        took = f"{lacking.pieces:,} pieces of {lacking.notes:,} notes in {time.monotonic() - begun:.0f} s"
        print(f"{took}; the file grew by {(file.stat().st_size - before) / before:.0%}\n")


def compared(file: Path, queries: Sequence[Query], embedder: Embedder) -> Iterator[list[str]]:
    for label, known in (("words", None), ("and meaning", embedder)):
        store = open_store(file, embedder=known)
        if known is not None:
            known.query("a first query, which loads the model", 60.0)
        yield from rows(label, store, queries)
        store.close()


def at_scale(passages: int) -> None:
    """What a look through random vectors takes, in processor time and memory."""
    dice = random.Random(7)
    with tempfile.TemporaryDirectory() as name:
        store = open_store(Path(name) / "scale.db")
        call_tool(lambda: Call(store, "bench", None), "upsert_note", {"slug": "note", "content": "# Note\n"})
        for start in range(0, passages, 5_000):
            _fill_at_random(store, dice, start, min(5_000, passages - start))
        with store.reading() as db:
            query = _random_vector(dice)
            tracemalloc.start()
            signs = Signs()
            read = _seconds(lambda: signs.nearest(db, 1, query, None))
            size, _ = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            fresh = Signs()
            read = _seconds(lambda: fresh.nearest(db, 1, query, None))
            looks = [_seconds(lambda: fresh.nearest(db, 1, _random_vector(dice), None)) for _ in range(20)]
            near = fresh.nearest(db, 1, query, None)
            weighs = [_seconds(lambda: _weigh(db, near[:150], tuple(query))) for _ in range(20)]
        store.close()
    show(
        ["vectors", "first look ms", "look ms", "150 weighed ms", "MB"],
        [
            [
                f"{passages:,}",
                f"{read * 1000:.0f}",
                f"{median(looks) * 1000:.1f}",
                f"{median(weighs) * 1000:.1f}",
                f"{size / 1e6:.1f}",
            ]
        ],
    )


class AtRandom:
    """An embedder whose vectors mean nothing."""

    name, is_remote, sends = "at random", False, "all"

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice

    def space(self, patience: float) -> Space:
        return Space("random", DIMENSIONS)

    def passages(self, texts: Sequence[str], patience: float) -> list[Vector | None]:
        return [_random_vector(self._dice) for _ in texts]

    def query(self, text: str, patience: float) -> Vector:
        return _random_vector(self._dice)


def searched(file: Path, rounds: int) -> None:
    """How long searches of a large store take by words, and by words and meaning; no question is asked twice."""
    dice = random.Random(7)
    given = _give_all(file, dice)
    by_words, by_both = open_store(file), open_store(file, embedder=cast("Embedder", AtRandom(dice)))
    times: dict[str, list[float]] = {"words": [], "and meaning": []}
    for round_ in range(-WARMED, rounds):
        query = asked(dice.randint(1, 3), dice)
        turns = [("words", by_words), ("and meaning", by_both)]
        for label, store in turns if round_ % 2 else reversed(turns):  # who comes first reads from the disk
            begun = time.perf_counter()
            call_tool(partial(Call, store, "bench", None), "search_notes", {"query": query})
            if round_ >= 0:
                times[label].append((time.perf_counter() - begun) * 1000)
    print(f"{given:,} passages with vectors; ms of {rounds} searches")
    columns = [[label, f"{median(took):.1f}", f"{quantiles(took, n=20)[-1]:.1f}"] for label, took in times.items()]
    show(["by", "p50", "p95"], columns)
    by_words.close()
    by_both.close()


def _give_all(file: Path, dice: random.Random) -> int:
    """A random vector to every passage that has none; how many passages there are."""
    store, below = open_store(file), LARGEST
    with store.writing() as db:
        space = meanings.keep_space(db, "random", DIMENSIONS)
    while True:
        with store.writing() as db:
            batch = meanings.lacking(db, space, below, 5_000, public_only=False)
            for one in batch:
                vectors = SCALE_AT_RANDOM + dice.randbytes(DIMENSIONS)
                kept = meanings.add(db, space, one.passage.to_bytes(16, "big"), vectors)
                meanings.point(db, space, one, kept, signatures(vectors, DIMENSIONS))
        if not batch:
            break
        below = batch[-1].passage
    with store.reading() as db:
        (count,) = db.execute("SELECT count(*) FROM passages").fetchone()
    store.close()
    return int(count)


def _seconds(run: Callable[[], object]) -> float:
    begun = time.process_time()
    run()
    return time.process_time() - begun


def _weigh(db: Snapshot, passages: Sequence[int], query: Sequence[float]) -> None:
    for vectors in meanings.vectors_of(db, 1, passages).values():
        nearest(vectors, query)


def _random_vector(dice: random.Random) -> Vector:
    numbers = [dice.gauss(0, 1) for _ in range(DIMENSIONS)]
    length = sqrt(sum(number * number for number in numbers))
    return array("f", (number / length for number in numbers))


def _fill_at_random(store: Store, dice: random.Random, start: int, count: int) -> None:
    with store.writing() as db:
        meanings.keep_space(db, "random", DIMENSIONS)
        for number in range(start + 2, start + 2 + count):
            digest = number.to_bytes(8, "big")
            db.execute(
                'INSERT INTO passages (id, note_id, start, "end", digest) VALUES (?, 1, 0, 0, ?)', (number, digest)
            )
            vectors = packed([_random_vector(dice)])
            kept = meanings.add(db, 1, digest + digest, vectors)
            passage = meanings.Lacking(number, 1, digest, "", "", "")
            meanings.point(db, 1, passage, kept, signatures(vectors, DIMENSIONS))


def main() -> None:
    parser = argparse.ArgumentParser(description="What meaning adds to search_notes, and what it costs")
    parser.add_argument("--passages", type=Path, metavar="FOLDER", help="notes.jsonl and questions.jsonl")
    parser.add_argument("--bundle", type=Path, help="the git bundle of a wiki")
    parser.add_argument("--paraphrases", type=Path, help="questions about the bundle, instead of those it makes itself")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where the stores stay")
    parser.add_argument("--scale", type=int, metavar="VECTORS", help="only look through so many random vectors")
    parser.add_argument("--searches", type=Path, metavar="STORE", help="only time searches; the store is changed")
    parser.add_argument("--rounds", type=int, default=200, help="searches (%(default)s)")
    options = parser.parse_args()
    if options.scale:
        at_scale(options.scale)
        return
    if options.searches:
        searched(options.searches, options.rounds)
        return
    embedder = chosen_embedder()
    if embedder is None:
        parser.error("NOTEWELL_EMBED names no embedder")
    with folder_of(options.keep) as into:
        sets = []
        if options.passages:
            sets.append(of_passages(options.passages, into))
        if options.bundle:
            sets.append(of_bundle(options.bundle, into, options.paraphrases))
        lines: list[list[str]] = []
        for file, queries in sets:
            embedded(file, unrested(embedding()) or embedder)
            lines += compared(file, queries, embedder)
    show(["queries", "by", "count", "R@5", "R@10", "nDCG@10", "MRR", "ms p50", "p95"], lines)


if __name__ == "__main__":
    main()
