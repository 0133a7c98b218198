"""What an engine gives: a store that is read in snapshots and written in transactions, and connections to it.

The nouns in `tables` ask a connection in SQL that every engine runs; all else passes what it was lent on to them, and
knows it as a Snapshot. What two engines cannot say in the same words stands on the connection as a primitive.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from notewell_store.writing.background import Behind

PATIENCE = 30.0  # seconds a writer waits for the writers before it

Version = tuple[int, ...]
"""What is another whenever a store has changed."""

Progress = Callable[[int, int], None]
"""Told how much is done, and of how much."""


class Visibility(NamedTuple):  # a dataclass costs the session's hook a third of its time
    """What a reader may see: living public notes and, where `project` names one, all notes of that project."""

    project: str | None = None


class Cursor(Protocol):
    """The rows that a statement found, as tuples."""

    @property
    def rowcount(self) -> int:
        """How many rows a statement has changed."""

    @property
    def lastrowid(self) -> int | None: ...

    def fetchone(self) -> Any:
        """The next row; None after the last."""

    def fetchmany(self, size: int, /) -> list[Any]: ...

    def fetchall(self) -> list[Any]: ...

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """One transaction, lent to one thread. Marks for values are `?` and `?1`.

    Where not everything is seen, tables hold what is seen and nothing else; `main.` before a table's name looks at all
    of it, and whoever says so answers for it.
    """

    VALUES: str
    """A subquery of one mark that gives the rows `value` of what `listed` made: `id IN {db.VALUES}`."""

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Cursor: ...

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Cursor: ...

    def listed(self, values: Iterable[int] | Iterable[str], /) -> Any:
        """A list as the one value that VALUES takes."""

    is_limited: bool
    """Whether less is seen than there is."""


Snapshot: TypeAlias = Connection
"""A connection as everything above the nouns knows it: what is seen of a store at one moment. It is handed on to the
nouns, and never asked anything itself; `tests/test_architecture.py` holds all code to that."""


class Store(Protocol):
    """A place of notes. Safe to share between threads, not across fork."""

    path: Path
    pages_behind: "Behind"

    @property
    def visibility(self) -> Visibility | None:
        """What is seen of it; None is everything."""

    def seen_by(self, visibility: Visibility | None) -> "Store":
        """The same store as one sees it who may not read everything; None may. Closed with this one."""

    def reading(self) -> AbstractContextManager[Snapshot]:
        """One snapshot: all that is read in the block is of one moment, whatever others write meanwhile."""

    def writing(self, patience: float = PATIENCE) -> AbstractContextManager[Snapshot]:
        """One transaction, the only one in any process. On disk when the block ends; undone if it raises.

        All is seen in it, since what is written must fit to all: see seeing. Raises Busy when the store stays locked
        for `patience` seconds, Unusable when it cannot be written.
        """

    def seeing(self, db: Snapshot) -> AbstractContextManager[None]:
        """Let `db`, which is writing, see no more than a reader of this store does while the block lasts."""

    def version(self) -> Version | None:
        """What is another whenever the store has changed since, whoever changed it: what was read after it had been
        asked is still so while it is the same. None where that cannot be told at once."""

    def trial(self) -> AbstractContextManager["Store"]:
        """A copy to try things on, which is thrown away when the block ends."""

    def close(self) -> None:
        """Finish what is done in the background, and give back all connections."""
