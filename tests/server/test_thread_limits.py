"""Calls that write wait for one another on a few threads, and no longer than they were promised."""

from __future__ import annotations

import threading

import anyio
from tests.server.conftest import PATIENCE

from notewell_server.thread_limits import on_thread
from notewell_store.patience import deadline


def test_the_wait_for_a_thread_counts_among_what_a_call_waits() -> None:
    go = threading.Event()
    moments: list[float] = []

    def write() -> None:
        assert go.wait(PATIENCE)

    async def asked() -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(100):  # more than there are threads
                tasks.start_soon(on_thread, "upsert_note", write)
            tasks.start_soon(on_thread, "upsert_note", lambda: moments.append(deadline(0)))
            await anyio.wait_all_tasks_blocked()
            moments.append(anyio.current_time())
            go.set()

    anyio.run(asked)
    let_go, begun = moments
    assert begun < let_go
