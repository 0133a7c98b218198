"""Figures for Prometheus: calls of tools, and what the store holds.

Several workers each count for themselves, in files that any of them adds up when it is asked (the library's
multi-process mode); what the store holds is read from it at that moment, so that no worker's memory is shown.
"""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from notewell_server import VERSION
from notewell_server.http.operations.shared_counts import FOLDER
from notewell_store import Store, StoreError
from notewell_store.boards.flow import BoardFigures, figures_of_boards
from notewell_store.integrity.figures import Figures, figures

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)

disable_created_metrics()  # type: ignore[no-untyped-call]
_own = CollectorRegistry()
_CALLS = Counter("notewell_calls", "Calls of tools, by how they ended.", ("tool", "door", "outcome"), registry=_own)
_LATENCIES = Histogram(
    "notewell_call_seconds", "Time that tools took.", ("tool", "door"), registry=_own, buckets=SECONDS
)
_REQUESTS = Counter("notewell_requests", "Requests, by their answers.", ("method", "route", "status"), registry=_own)


@contextmanager
def counted(tool: str, door: str, outcome_of: Callable[[BaseException], str]) -> Iterator[None]:
    """Count and time the call that the block makes. `outcome_of` names what it raises; else the outcome is `ok`."""
    began = time.perf_counter()
    outcome = "ok"
    try:
        yield
    except BaseException as error:
        outcome = outcome_of(error)
        raise
    finally:
        count_call(tool, door, outcome)
        _latencies(tool, door).observe(time.perf_counter() - began)


def count_call(tool: str, door: str, outcome: str) -> None:
    _calls(tool, door, outcome).inc()


def count_request(method: str, route: str, status: int) -> None:
    _requests(method, route, status).inc()


# The library looks each label up at a cost; all of them have few values.
@cache
def _calls(tool: str, door: str, outcome: str) -> Counter:
    return _CALLS.labels(tool, door, outcome)


@cache
def _latencies(tool: str, door: str) -> Histogram:
    return _LATENCIES.labels(tool, door)


@cache
def _requests(method: str, route: str, status: int) -> Counter:
    return _REQUESTS.labels(method, route, str(status))


def shown(store: Callable[[], Store]) -> bytes:
    """All figures in Prometheus' text format. Reads the store, so it belongs on a worker thread."""
    together = CollectorRegistry()
    if FOLDER in os.environ:
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    counts = generate_latest(together if FOLDER in os.environ else _own)
    of_store = CollectorRegistry()
    of_store.register(_OfStore(store))
    return counts + generate_latest(of_store)


class _OfStore(Collector):
    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store

    def collect(self) -> Iterable[Metric]:
        yield InfoMetricFamily("notewell", "What serves.", {"version": VERSION})
        try:
            store = self._store()
            found = figures(store)
            with store.reading() as db:
                boards = figures_of_boards(db)
        except StoreError:
            return (yield GaugeMetricFamily("notewell_store_up", "Whether the store can be read.", 0))
        yield GaugeMetricFamily("notewell_store_up", "Whether the store can be read.", 1)
        yield from _gauges(found)
        yield from _gauges_of_boards(boards)


def _gauges_of_boards(boards: list[BoardFigures]) -> Iterator[Metric]:
    """Of the newest boards: no more, for each is several series."""
    cards = GaugeMetricFamily("notewell_board_cards", "Cards that stand in a column.", labels=["board", "status"])
    work = GaugeMetricFamily("notewell_board_in_work", "Cards that were begun and are not done.", labels=["board"])
    oldest = GaugeMetricFamily("notewell_board_oldest_days", "Longest stay in a column of work.", labels=["board"])
    done = GaugeMetricFamily("notewell_board_done", "Cards done in the week that runs.", labels=["board"])
    lead = GaugeMetricFamily(
        "notewell_board_lead_days", "Days from coming to the board to being done.", labels=["board", "quantile"]
    )
    for board in boards:
        for status, number in board.counts:
            cards.add_metric([board.slug, status], number)
        work.add_metric([board.slug], len(board.flow.in_work))
        oldest.add_metric([board.slug], max((card.days for card in board.flow.in_work), default=0.0))
        done.add_metric([board.slug], board.flow.weeks[-1].done)
        for quantile, days in (("0.5", board.flow.p50), ("0.85", board.flow.p85)):
            if days is not None:
                lead.add_metric([board.slug, quantile], days)
    yield from (cards, work, oldest, done, lead) if boards else ()


def _gauges(found: Figures) -> Iterator[Metric]:
    yield GaugeMetricFamily("notewell_notes", "Living notes.", found.notes)
    yield GaugeMetricFamily("notewell_revisions", "Revisions kept.", found.revisions)
    yield GaugeMetricFamily("notewell_dangling_links", "Links to notes that do not exist.", found.dangling_links)
    yield GaugeMetricFamily("notewell_database_bytes", "Size of the database file.", found.sizes.database_bytes)
    yield GaugeMetricFamily("notewell_wal_bytes", "Size of the write-ahead log.", found.sizes.wal_bytes)
    if found.sizes.backup_age is not None:
        yield GaugeMetricFamily("notewell_backup_age_seconds", "Age of the last backup.", found.sizes.backup_age)
