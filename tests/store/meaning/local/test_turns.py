"""A query has its turn before passages that have waited for longer."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tests.store.meaning.local.conftest import LOOK, PATIENCE

from notewell_store.meaning.local.serving import Turns

if TYPE_CHECKING:
    from notewell_store.meaning.endpoint import Kind


def test_a_query_goes_before_all_passages_that_wait() -> None:
    turns, order = Turns(), list[str]()

    def take(kind: Kind) -> None:
        with turns.turn(kind):
            order.append(kind)

    waiting = [threading.Thread(target=take, args=(kind,)) for kind in ("passage", "passage", "passage", "query")]
    with turns.turn("passage"):
        for thread in waiting:
            thread.start()
        for _ in range(round(PATIENCE / LOOK)):
            if turns.queries_wait:
                break
            waiting[-1].join(LOOK)
    for thread in waiting:
        thread.join(PATIENCE)
    assert order == ["query", "passage", "passage", "passage"]


def test_a_turn_that_fails_is_over() -> None:
    turns = Turns()
    for kind in ("query", "passage"):
        try:
            with turns.turn(kind):
                raise ValueError
        except ValueError:
            continue
    with turns.turn("passage"):
        assert not turns.queries_wait
