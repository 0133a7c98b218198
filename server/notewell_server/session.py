"""What one server process on standard input and output keeps, whichever door answers."""

import sys
import threading
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from notewell_server.session_project import SessionProject
from notewell_server.settings import (
    SettingError,
    Settings,
    chosen_embedder,
    embedding,
    issue_tokens,
    read_settings,
    system_user,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from notewell_server.reads.record import ReadRecord
    from notewell_store import Store
    from notewell_tools.definition import Call

LONGEST_CLIENT = 100  # characters of a program's name and version, as they are kept


class Client(NamedTuple):
    """What the program at the other end says of itself."""

    name: str
    version: str

    @property
    def words(self) -> str | None:
        """On one line, in which nothing is hidden: others read it."""
        return _words(f"{self.name[: 2 * LONGEST_CLIENT]} {self.version[: 2 * LONGEST_CLIENT]}")

    @property
    def actor(self) -> str | None:
        """Its name alone, in the same way: the history calls who writes so, where no setting names anybody."""
        return _words(self.name[: 2 * LONGEST_CLIENT])


@lru_cache(maxsize=16)  # the same with each call of a session
def _words(said: str) -> str | None:
    from notewell_store.safe_text import one_line

    return one_line(said, LONGEST_CLIENT) or None


class Session:
    """The store, opened when it is first asked for, so that the start is fast."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.project = SessionProject(settings.project)
        self.tools = settings.tools
        self._opening = threading.Lock()
        self._store: Store | None = None
        self._reads: ReadRecord | None = None

    def call_by(self, client: Client | None) -> "Call":
        """What a request of that client is answered on. Raises StoreError."""
        from notewell_tools.definition import Call

        store = self.store()
        actor = self._settings.actor or (client.actor if client else None) or system_user()
        words = client.words if client else None
        home, record = self.project.in_store(store), self._record()
        return Call(store, actor, home, issue_tokens=issue_tokens(), door="stdio", client=words, recorder=record)

    def _record(self) -> "ReadRecord | None":
        """What keeps what is read, where that is wanted."""
        if self._reads is None and self._settings.reads:
            from notewell_server.reads.record import ReadRecord

            with self._opening:
                self._reads = self._reads or ReadRecord(self._settings.database)
        return self._reads

    def store(self) -> "Store":
        """Raises StoreError."""
        from notewell_store import open_store

        with self._opening:
            if self._store is None:
                self._store = open_store(self._settings.database, embedder=chosen_embedder())
        return self._store

    def warm_up(self, tools: "Iterable[str]") -> None:
        """Prepare for a first call of one of these. Opens no store."""
        from notewell_store import StoreError
        from notewell_store.opening import load_engine
        from notewell_tools.catalogue import CATALOGUE

        self._record()
        with suppress(StoreError):  # the call itself will say so
            load_engine(self._settings.database)
        for name in tools:
            _ = CATALOGUE[name].takes

    def close(self) -> None:
        if self._reads is not None:
            self._reads.close()
        if self._store is not None:
            self._store.close()


def begin_session(settings: Settings | None) -> Session:
    """With these settings, or with those of the environment; the process ends where they cannot be meant."""
    try:
        embedding()
        return Session(settings or read_settings())
    except SettingError as error:
        sys.exit(f"notewell: {error}")


class Left(NamedTuple):
    """What a door leaves to the next: the client's opening, to be answered to nobody, and what came behind it."""

    opening: list[dict[str, Any]]
    received: bytes
    is_told: "Callable[[], bool]"
    """Whether the process was told to stop."""
