"""An embedder in the process, with real small vectors: fails when told to, and keeps what it was given."""

from __future__ import annotations

import threading
from array import array
from typing import TYPE_CHECKING, Literal

from tests.embedding.small_vectors import small_vector

from notewell_store.meaning.embedder import Space, Unreachable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from notewell_store.meaning.embedder import Vector

LONGEST = 30.0  # seconds that it is held


class SmallEmbedder:
    """See notewell_store.meaning.embedder.Embedder."""

    name = "small"
    is_remote = False

    def __init__(
        self, space: str = "small", sends: Literal["all", "public"] = "all", without: str | None = None
    ) -> None:
        self.sends: Literal["all", "public"] = sends
        self.texts: list[str] = []
        self.queries: list[str] = []
        self.fails: str | None = None
        """Why it cannot be reached."""
        self.answers = threading.Event()
        """Cleared: it is held, and answers nothing."""
        self.answers.set()
        self.is_asked = threading.Event()
        self._space = Space(space, 384)
        self._without = without
        """Of texts with this in them there is no vector."""

    def space(self, patience: float) -> Space:
        return self._space

    def passages(self, texts: Sequence[str], patience: float) -> list[Vector | None]:
        self._ask()
        self.texts += texts
        return [None if self._without and self._without in text else _vector(text) for text in texts]

    def query(self, text: str, patience: float) -> Vector:
        self.queries.append(text)
        self._ask()
        return _vector(text)

    def _ask(self) -> None:
        self.is_asked.set()
        assert self.answers.wait(LONGEST)
        if self.fails:
            raise Unreachable(self.fails)


def _vector(text: str) -> Vector:
    return array("f", small_vector(text))
