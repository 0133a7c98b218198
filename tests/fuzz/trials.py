"""What all kinds of fuzz cases have in common: a folder of their own, one case after the other, a check of the end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import ExitStack
from typing import TYPE_CHECKING, ClassVar, Self

from notewell_store.integrity.verify import verify

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from notewell_store import Store


class Unexplained(AssertionError):
    """A case came to something that nothing promises."""


class Trial(ABC):
    """One round of cases of a kind. The same dice make the same round."""

    longest: ClassVar[float] = 2.0
    """Seconds of processor time that a case may take of this process."""

    def __init__(self, folder: Path, dice: Random) -> None:
        self.folder = folder
        self.dice = dice
        self.given: object = None
        """What the case at hand was made of, for whoever has to explain it."""
        self.open = ExitStack()
        """What the round holds until it is over."""

    @abstractmethod
    def attempt(self) -> str:
        """Make a case, try it, and say under which word to count how it ended. Whatever it raises is a find."""

    def finish(self) -> None:  # noqa: B027 - most kinds have said all by then
        """Check what must hold behind all cases."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.open.close()


def require(holds: object, words: str) -> None:
    if not holds:
        raise Unexplained(words)


def require_whole(store: Store) -> None:
    findings = verify(store).findings
    require(not findings, f"verify finds {len(findings)} faults: {'; '.join(map(str, findings[:5]))}")
