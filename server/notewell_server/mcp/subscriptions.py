"""Watching a store for clients that want to hear of changes, whichever process makes them.

While nobody listens, nothing runs; while somebody does, the newest change number is looked up twice a second.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
from mcp.server import Server
from mcp.server.session import ServerSession
from mcp.server.subscriptions import InMemorySubscriptionBus, ResourcesListChanged, ResourceUpdated, ServerEvent

if TYPE_CHECKING:
    from notewell_store import Store

PAUSE = 0.5  # seconds between two looks


class Subscriptions(InMemorySubscriptionBus):
    """The bus that the SDK's listen streams hang on, fed from the store. Run it as the server's lifespan."""

    def __init__(self, store: "Callable[[], Store]") -> None:
        super().__init__()
        self._store = store
        self._wanted = anyio.Event()
        self._seq = 0
        self._followed: dict[str, ServerSession] = {}

    def subscribe(self, listener: Callable[[ServerEvent], None]) -> Callable[[], None]:
        self._begin()
        return super().subscribe(listener)

    def follow(self, uri: str, session: ServerSession) -> None:
        """Tell an older client, which has one session, of every change of that resource."""
        self._begin()
        self._followed[uri] = session

    def unfollow(self, uri: str) -> None:
        self._followed.pop(uri, None)

    @asynccontextmanager
    async def lifespan(self, server: Server[Any]) -> AsyncIterator[dict[str, Any]]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._run)
            yield {}
            tasks.cancel_scope.cancel()

    def _begin(self) -> None:
        """From this very moment on nothing is missed: the number is read before the subscription is acknowledged."""
        if not self._wanted.is_set():
            from notewell_tools.revisions import newest_change

            self._seq = newest_change(self._store())
            self._wanted.set()

    async def _run(self) -> None:
        while True:
            await self._wanted.wait()
            while self._listeners or self._followed:
                await anyio.sleep(PAUSE)
                for event in await anyio.to_thread.run_sync(self._look):
                    await self.publish(event)
                    await self._tell_followers(event)
            self._wanted = anyio.Event()

    def _look(self) -> list[ServerEvent]:
        """What has happened since the last look. A store that cannot be read now is read at the next."""
        from notewell_store import StoreError
        from notewell_tools.resources import changed_resources

        try:
            changed = changed_resources(self._store(), self._seq)
        except StoreError:
            return []
        self._seq = changed.seq
        listed: list[ServerEvent] = [ResourcesListChanged()] if changed.is_listed else []
        return [*listed, *map(ResourceUpdated, changed.uris)]

    async def _tell_followers(self, event: ServerEvent) -> None:
        session = self._followed.get(event.uri) if isinstance(event, ResourceUpdated) else None
        if session is not None and isinstance(event, ResourceUpdated):
            await session.send_resource_updated(event.uri)
