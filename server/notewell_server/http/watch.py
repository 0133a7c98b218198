"""Whether something has happened in the store, whichever process did it: one look, twice a second, serves all streams
of this process, and without a stream there is none."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import anyio
import anyio.to_thread

from notewell_store import Store, StoreError
from notewell_store.contract import Version
from notewell_tools.revisions import newest_change

PAUSE = 0.5  # seconds between two looks


class Watch:
    """`news` is set, and another one laid in its place, when the store is no longer what it was: something was written,
    or a token made or revoked."""

    def __init__(self, store: Callable[[], Store]) -> None:
        self._store = store
        self._streams = 0
        self._seen: Version | int = 0
        self._is_followed = False
        self.news = anyio.Event()

    @contextmanager
    def awaited(self) -> Iterator[None]:
        """Let the store be looked at while the block lasts."""
        self._streams += 1
        try:
            yield
        finally:
            self._streams -= 1

    async def follow(self) -> None:
        """Runs as long as the app does; of two apps in one process, as long as the first."""
        if self._is_followed:
            return
        self._is_followed = True
        try:
            await self._keep_looking()
        finally:
            self._is_followed = False

    async def _keep_looking(self) -> None:
        while True:
            await anyio.sleep(PAUSE)
            if not self._streams:
                continue
            try:
                seen = await anyio.to_thread.run_sync(self._look)
            except StoreError:
                continue
            if seen != self._seen:
                self._seen = seen
                news, self.news = self.news, anyio.Event()
                news.set()

    def _look(self) -> Version | int:
        store = self._store()
        version = store.version()
        return newest_change(store) if version is None else version
