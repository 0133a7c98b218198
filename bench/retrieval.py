"""How well `search_notes` finds, and how long it takes.

    python bench/retrieval.py --passages FOLDER
    python bench/retrieval.py --bundle handbook.bundle --half test
    python bench/retrieval.py --passages FOLDER --bundle handbook.bundle --ablation

`--passages` takes a folder of `notes.jsonl` (slug, title, markdown) and `questions.jsonl` (question, relevant: slugs).
`--bundle` takes the git bundle of a wiki, and makes its queries of the wiki itself, see retrieval_queries: they are
the other set, on which nothing is tuned but on the half that `--half tune` takes. `--ablation` leaves out one part of
the ranking at a time. `--postgres` asks copies of the stores in PostgreSQL as well, as the tests find it. Times are of
the tool, in this process.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from math import log2
from pathlib import Path
from statistics import mean, median, quantiles
from typing import Any, NamedTuple
from unittest.mock import patch

from notewell_store import Store, open_store
from notewell_store.copying.copying import copy_store
from notewell_store.search import ranking, search
from notewell_tools.catalogue import call_tool
from notewell_tools.definition import Call
from retrieval_queries import Query, half_of, queries_of
from stdio_client import NOTEWELL, ROOT, environment, show

DEPTH = 10
SPARE = 10
"""Hits asked for beyond DEPTH, so that some can be left out of account."""

LEFT_OUT: dict[str, tuple[Any, dict[str, Any]]] = {
    "nothing": (ranking, {"PAIR": ranking.PAIR}),
    "the title's answer": (ranking, {"TITLE_ANSWERED": 0.0}),
    "the weight of title words": (ranking, {"TITLE": 1.0}),
    "the weight of headings": (ranking, {"HEADING": 1.0}),
    "slug and tags": (ranking, {"NAMES": 0.0}),
    "words side by side": (ranking, {"PAIR": 0.0}),
    "the length of passages": (ranking, {"LENGTH": 0.0}),
    "how often a word stands": (ranking, {"SATURATION": 0.01}),
    "how rare a word is": (search, {"rarity_of": lambda _: 5.0}),
    "correction of mistakes": (search, {"meant": lambda *_: None}),
}
"""A part of the ranking, and what makes it tell nothing."""


class Score(NamedTuple):
    recall: float
    """The share of what is wanted among the first five."""
    ndcg: float
    reciprocal: float
    """One through the rank of the first that is wanted."""
    seconds: float


Find = Callable[[str, int], list[str]]
"""The slugs that a query finds, at most so many."""


def score(query: Query, find: Find) -> Score:
    begun = time.perf_counter()
    found = find(query.words, DEPTH + (SPARE if query.ignored else 0))
    seconds = time.perf_counter() - begun
    ranked = [slug for slug in found if slug not in query.ignored][:DEPTH]
    gains = [slug in query.wanted for slug in ranked]
    best = sum(1 / log2(rank + 2) for rank in range(min(len(query.wanted), DEPTH)))
    return Score(
        sum(gains[:5]) / len(query.wanted),
        sum(gain / log2(rank + 2) for rank, gain in enumerate(gains)) / best,
        max((1 / (rank + 1) for rank, gain in enumerate(gains) if gain), default=0.0),
        seconds,
    )


def row(name: str, scores: Sequence[Score]) -> list[str]:
    times = [one.seconds * 1000 for one in scores]
    qualities = [mean(one[at] for one in scores) for at in range(3)]
    return [
        name,
        str(len(scores)),
        *(f"{quality:.3f}" for quality in qualities),
        f"{median(times):.2f}",
        f"{quantiles(times, n=20)[-1]:.2f}",
    ]


HEADING = ["queries", "count", "R@5", "nDCG@10", "MRR", "ms p50", "p95"]


def by_kind(queries: Iterable[Query], find: Find) -> list[list[str]]:
    scored = [(query.kind, score(query, find)) for query in queries]
    kinds = dict.fromkeys(kind for kind, _ in scored)
    rows = [row(kind, [one for its, one in scored if its == kind]) for kind in kinds]
    return rows if len(rows) == 1 else [*rows, row("all", [one for _, one in scored])]


def through_the_tool(store: Store) -> Find:
    def find(words: str, limit: int) -> list[str]:
        arguments = {"query": words, "limit": limit, "format": "json"}
        answer = call_tool(lambda: Call(store, "bench", None), "search_notes", arguments)
        return [hit["slug"] for hit in json.loads(answer.shown)["hits"]]

    return find


def questions_of(folder: Path) -> list[Query]:
    lines = (folder / "questions.jsonl").read_text().splitlines()
    return [Query("questions", one["question"], frozenset(one["relevant"])) for one in map(json.loads, lines)]


@contextmanager
def filled(*source: str) -> Iterator[Store]:
    """A fresh store with what `notewell import` makes of the source."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "notes.db"
        subprocess.run(
            [*NOTEWELL, "import", *source],
            check=True,
            env=environment(file),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        store = open_store(file)
        try:
            yield store
        finally:
            store.close()


@contextmanager
def passages(folder: Path) -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as name:
        for note in map(json.loads, (folder / "notes.jsonl").read_text().splitlines()):
            front = f"---\nslug: {note['slug']}\ntitle: {json.dumps(note['title'])}\n---\n"
            (Path(name) / f"{note['slug']}.md").write_text(front + note["markdown"], encoding="utf-8")
        with filled(name) as store:
            yield store


@contextmanager
def in_postgres(stores: Sequence[Store]) -> Iterator[list[Store]]:
    """Copies of the stores, in a server that ends with the block."""
    sys.path.append(str(ROOT))
    from tests.postgres_server import new_server, why_not

    if reason := why_not():
        sys.exit(reason)
    server = new_server()
    try:
        addresses = [server.address(server.new_database()) for _ in stores]
        for store, address in zip(stores, addresses, strict=True):
            copy_store(str(store.address), address)
        copies = [open_store(address) for address in addresses]
        yield copies
        for copy in copies:
            copy.close()
    finally:
        server.stop()


def show_ablation(sets: dict[str, tuple[Store, list[Query]]]) -> None:
    """R@5 and nDCG@10 of each kind of query, without each part."""
    kinds = {name: list(dict.fromkeys(query.kind for query in queries)) for name, (_, queries) in sets.items()}
    rows = []
    for part, (module, changed) in LEFT_OUT.items():
        cells = [part]
        for name, (store, queries) in sets.items():
            with patch.multiple(module, **changed):
                scored = [(query.kind, score(query, through_the_tool(store))) for query in queries]
            for kind in kinds[name]:
                own = [one for its, one in scored if its == kind]
                cells.append(f"{mean(one.recall for one in own):.3f} {mean(one.ndcg for one in own):.3f}")
        rows.append(cells)
    show(["without", *(kind for names in kinds.values() for kind in names)], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="How well search_notes finds")
    parser.add_argument("--passages", type=Path, metavar="FOLDER", help="notes.jsonl and questions.jsonl")
    parser.add_argument("--bundle", type=Path, help="the git bundle of a wiki")
    parser.add_argument("--half", choices=["tune", "test", "both"], default="test", help="of the wiki's queries")
    parser.add_argument("--ablation", action="store_true", help="leave out one part of the ranking at a time")
    parser.add_argument("--postgres", action="store_true", help="ask copies in PostgreSQL as well")
    options = parser.parse_args()
    with ExitStack() as stack:
        sets: dict[str, tuple[Store, list[Query]]] = {}
        if options.passages:
            sets["passages"] = stack.enter_context(passages(options.passages)), questions_of(options.passages)
        if options.bundle:
            store = stack.enter_context(filled("--git", str(options.bundle), "--project", "wiki"))
            with store.reading() as db:
                sets["wiki"] = store, half_of(queries_of(db), options.half)
        if options.postgres:
            copies = stack.enter_context(in_postgres([store for store, _ in sets.values()]))
            sets |= {
                f"{name}, PostgreSQL": (copy, sets[name][1]) for name, copy in zip(tuple(sets), copies, strict=True)
            }
        if options.ablation:
            show_ablation(sets)
        else:
            show(
                HEADING,
                [line for store, queries in sets.values() for line in by_kind(queries, through_the_tool(store))],
            )


if __name__ == "__main__":
    main()
