"""The project of a session that a server process serves, found as the session's hook finds it."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from notewell_server.settings import session_folder

if TYPE_CHECKING:
    from notewell_store import Store


class SessionProject:
    """By the setting or the project file; without one by the git remote of the folder that the session is in, else of
    those that the client names as its roots. The remotes are read once, the store is asked until it knows one of
    them."""

    def __init__(self, named: str | None) -> None:
        self._named = named
        self._roots: list[str] = []
        self._remotes: list[tuple[str, ...]] | None = None
        self._found: str | None = None

    @property
    def is_named(self) -> bool:
        return self._named is not None

    def take_roots(self, uris: Iterable[str]) -> None:
        """Let these count, where the session's own folder tells nothing."""
        from urllib.parse import urlsplit
        from urllib.request import url2pathname  # much, and only for who tells roots

        parts = map(urlsplit, uris)
        self._roots = [url2pathname(root.path) for root in parts if root.scheme == "file" and root.path]
        self._remotes = None

    def in_store(self, store: "Store") -> str | None:
        """The project; one that is named need not be there yet."""
        if self._named is not None or self._found is not None:
            return self._named or self._found
        self._found = self._looked_up(store)
        return self._found

    def _looked_up(self, store: "Store") -> str | None:
        from notewell_store.briefing.checkout import projects_of, remotes_of

        if self._remotes is None:
            folders = [session_folder(), *self._roots]
            self._remotes = [urls for folder in folders if (urls := remotes_of(Path(folder).absolute()))]
        if not self._remotes:
            return None
        with store.reading() as db:
            every = (projects_of(db, urls) for urls in self._remotes)
            return next((found[0] for found in every if len(found) == 1), None)
