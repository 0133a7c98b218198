"""What an engine gives: a store that is read in snapshots and written in transactions, connections, and an index.

The nouns in `tables` ask a connection in SQL that every engine runs; all else passes what it was lent on to them, and
knows it as a Snapshot. What two engines cannot say in the same words stands on the connection as a primitive. An
engine is a folder in `engines`, a line in its registry, and a line in the tests' (tests/engines.py).

What SQL may be said in tables/
-------------------------------
Standard SQL, as SQLite and PostgreSQL both read it, over the tables that docs/architecture.md names. Marks for values
are `?`, or `?1` where one is used twice; a mark alone has no type, so `? IS NULL` is asked in Python.

* Said: `coalesce`, `CASE`, `CROSS JOIN … WHERE` (loops in that order), `EXISTS`, row values in comparisons, window
  functions, `UNION ALL`, `INTERSECT`, `WITH`, `ON CONFLICT … DO NOTHING` or `DO UPDATE`, `RETURNING`, `LIKE … ESCAPE`
  (which tells ASCII capitals apart in one engine and not in the other), `length`, `lower` and `upper` (of ASCII only),
  `replace`, `substr`, `"end"` in quotes. Truths are `deleted = TRUE`, `NOT deleted`, or a mark that is given a bool.
* Not said, since one engine cannot: `rowid`, `PRAGMA`, `MATCH`, `json_each` and other JSON, `ifnull`, `iif`, `GLOB`,
  `instr`, `hex`, `char`, `group_concat`, `LIMIT -1`, `INDEXED BY`, `NOCASE`, `OR IGNORE`, `OR REPLACE`, `::`, `unnest`,
  functions of our own, columns beside `max()` without GROUP BY, a subquery in FROM without a name.
* Not said, since SQLite compiles it anew for each value: `LIMIT ?`. Limits are whole numbers, and stand in the text.
* Said by a primitive: a list of values (VALUES, TEXTS), a column that is not to begin a plan (aside), titles in the
  order that readers expect (folded), NULL as a value that equals itself (same), an index that is no plan's own choice
  (by_index), words (index).
* Texts compare by code points. Every order ends with a unique key; `x IS NULL` before `x` puts NULLs in their place.
* Ids are numbers that an engine gives (`RETURNING id`); a change's `seq` is chosen behind the write lock, without gaps.
* Rows are read with fetchone or fetchall, or as they come where each is small and most are wanted.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from array import array
    from typing import Protocol

    from notewell_store.committed import CommittedChange
    from notewell_store.findings import (
        Backup,
        Check,
        Finding,
        Numbers,
        OldCopy,
        Restored,
        Salvaged,
        Sizes,
    )
    from notewell_store.index_query import IndexQuery, PassageText
else:
    Protocol = object  # what makes protocols checkable at run time costs each session's hook half a millisecond

PATIENCE = 30.0  # seconds a writer waits for the writers before it
CLOSING_PATIENCE = 1.0  # seconds; who ends a process waits no longer
LARGEST = 2**63 - 1  # of the numbers that an engine keeps

Version = tuple[int, ...]
"""What is another whenever a store has changed."""

Progress = Callable[[int, int], None]
"""Told how much is done, and of how much."""

Condition = tuple[str, list[Any]]
"""SQL, and the values of its marks."""


def number_of(text: str) -> int | None:
    """The number that a text of digits alone is. Of its first twenty: Python makes none of more than 4,300. One that
    no engine keeps is the largest, which names nothing."""
    return min(int(text[:20]), LARGEST) if text.isascii() and text.isdigit() else None


class Visibility(NamedTuple):  # a dataclass costs the session's hook a third of its time
    """What a reader may see: living public notes and, where `project` names one, all notes of that project."""

    project: str | None = None


class Cursor(Protocol):
    """The rows that a statement found, as tuples."""

    @property
    def rowcount(self) -> int:
        """How many rows a statement has changed."""

    def fetchone(self) -> Any:
        """The next row; None after the last."""

    def fetchmany(self, size: int, /) -> list[Any]: ...

    def fetchall(self) -> list[Any]: ...

    def __iter__(self) -> Iterator[Any]: ...


class Index(Protocol):
    """The full-text index: passages by the words of their title, heading, body and names. It is read and written in the
    transaction of its connection. Words are told apart without regard to capitals, by their English stems; they come
    folded (see folding), and a mark that is left in one is a letter of it.

    It knows passages by number only, whoever may see them: tables that are joined to it tell what is seen.
    """

    def take_in(self, passages: Iterable[tuple[int, "PassageText"]]) -> None:
        """Let each passage be found by the words of its text."""

    def get_ready(self, passages: Iterable["PassageText"]) -> None:
        """Do before the lock what takes time of those that are to be taken in next, as far as it changes nothing."""

    def take_out(self, passages: Iterable[tuple[int, "PassageText"]]) -> None:
        """Forget these passages; each text is that with which it was taken in, to the letter."""

    def merge(self, *, begins: bool) -> bool:
        """Bring together some of the parts in which what was taken in lies, where there are parts: a word is then
        looked for in one place. Whether anything was done, and more may be left: to be called until it says no, each
        time in a transaction that others need not wait for long. The first of these calls `begins` with the parts that
        there are; what others take in between is left to them, lest there is no end."""

    def merge_some(self) -> None:
        """Bring the smallest of these parts together where they have become many, a few milliseconds long at most: for
        who writes anyway, and is waited for by nobody."""

    def holding(self, query: "IndexQuery") -> Condition:
        """A SELECT that gives as `id` the passages that hold what is asked for, and can be read from its end."""

    def as_word(self, word: str) -> str:
        """A word of letters, or several with a space between that stand together, as holding_word takes it."""

    def as_any(self, words: Iterable[str]) -> str:
        """Any of these words, as holding_word takes it."""

    def holding_word(self, column: str) -> str:
        """As holding, for the word that a column of the query around it says; it has no values."""

    def ranked(self, query: "IndexQuery") -> Condition:
        """As holding, with `rank`, which is the less the better a passage answers, as far as the index can tell."""

    def wording(self, query: "IndexQuery") -> str:
        """What is asked, in the engine's own words, for those who want to know why a search found what it did."""


class Connection(Protocol):
    """One transaction, lent to one thread. Marks for values are `?` and `?1`.

    Where not everything is seen, tables hold what is seen and nothing else; `main.` before a table's name looks at all
    of it, and whoever says so answers for it.
    """

    VALUES: str
    """A subquery of one mark that gives the rows `value` of the numbers that `listed` made a list of:
    `id IN {db.VALUES}`."""

    TEXTS: str
    """The same of texts."""

    KNOWS_WHAT_IS_RARE: bool
    """Whether plans are made by how many rows have which values: a query that says where to begin is only slower."""

    is_limited: bool
    """Whether less is seen than there is."""

    commits: int | None
    """How many transactions had been committed before this one, where the engine tells that unasked: while the number
    is the same, nobody has written. None elsewhere: see Store.version."""

    def is_older(self) -> bool:
        """Whether what is read waits for a migration, as a store does that may not be changed."""

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Cursor: ...

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> object: ...

    ahead: "dict[tuple[str, int], Any] | None"
    """What was read before it is asked for, by what it is of which note: in a snapshot of an engine that answers each
    question after a way there and back. None elsewhere."""

    def at_once(self, questions: Iterable[Cursor], /) -> Iterable[Cursor]:
        """The answers to these, each asked as it is come to; all before the first of their answers is looked at, where
        each takes a way there and back."""

    def settle(self) -> None:
        """Wait until all that was executed is done, and raise what is refused of it: an engine may send on what
        changes rows, and raise later."""

    def insert_rows(self, table: str, columns: Sequence[str], rows: str, first: int = 0, /, **same: int) -> None:
        """Insert rows in their order, a JSON list of lists of texts, numbers and nulls, with what is the `same` in all;
        those before the `first` of them are left out. Of many it is far faster than executemany, and who has many can
        write that text before the lock, and lay it aside."""

    def lay_aside(self, columns: Sequence[str], rows: str, /) -> None:
        """Let insert_rows find these very rows read when they are inserted: an engine may take as long to read them as
        to keep them. To be called before the lock, see Store.writing."""

    def lay_rows(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], /) -> None:
        """Insert rows of another store as they are, ids too, in the fastest way that there is: see Engine.filling."""

    def listed(self, values: Iterable[int] | Iterable[str], /) -> Any:
        """A list as the one value that VALUES takes, or TEXTS."""

    def aside(self, column: str, /) -> str:
        """The column, in a condition or an order that no plan is to begin at: what few rows have is looked at first."""

    def folded(self, title: str, /) -> str:
        """A title (a column, or a mark), in an order or a comparison that does not tell capitals of ASCII from small
        letters."""

    def same(self, column: str, value: int | str | None, /) -> Condition:
        """The column equals the value, or both are NULL."""

    def by_index(self, table: str, index: str, /) -> str:
        """The table, in an UPDATE that is to find its rows by that index, where the engine would choose a worse one."""

    def token_record(self) -> Mapping[str, str | None] | None:
        """When each token that was made at this place was revoked (None: it was not), as is kept apart from the store:
        whatever is laid in its place, the record stays. None where none was begun yet."""

    def amend_token_record(self, told: Mapping[str, str | None], /) -> None:
        """Let the record say this too, on disk when it returns, whether or not the transaction ends well. Raises
        Unusable."""

    def rewriting(self, changes: Iterable[int], /) -> AbstractContextManager[None]:
        """Let revisions be kept otherwise while the block lasts, as nothing else may: for redacting alone. A record of
        what was committed that tells of these changes, by their numbers, forgets them. Of what stood there before the
        file may still hold something: see Upkeep.erase."""

    @property
    def index(self) -> Index: ...

    REFUSED: tuple[type[Exception], ...]
    """What writing raises for a row that does not fit those that are there."""

    DAMAGE: tuple[type[Exception], ...]
    """What reading damaged rows raises: the driver's errors, and those of values that are not what they were."""


Snapshot: TypeAlias = Connection
"""A connection as everything above the nouns knows it: what is seen of a store at one moment. It is handed on to the
nouns, and never asked anything itself; `tests/test_seam.py` holds all code to that."""


class Background(Protocol):
    """What is done for a note after its write was answered. Nothing is lost where it is never done."""

    def add(self, note_id: int, /) -> None:
        """Do it soon. Returns at once, and raises nothing."""

    def finish(self) -> None:
        """Do now what waits, for as long as one may be kept waiting."""


class NoBackground:
    """Nothing is done."""

    def add(self, note_id: int, /) -> None: ...

    def finish(self) -> None: ...


class Meaning(Protocol):
    """What is known of what the texts of one store mean."""

    def ask(self, db: Snapshot, query: str, /) -> "Asked | None":
        """Begin to ask what a query means; None where nothing is known with which that could be compared. Returns at
        once, and raises nothing."""

    def nearest(self, db: Snapshot, space: int, query: "array[float]", among: Collection[int] | None, /) -> list[int]:
        """Passages, whoever may see them, the nearest by the signs of their vectors first; of these alone, where any
        are listed. None of them where there are too many to be looked through."""

    def fill(self) -> None:
        """Let what has no vectors get them, behind the answers. Returns at once, and raises nothing."""


class Asked(Protocol):
    """A query whose meaning is asked for, while its words are looked for."""

    def answer(self) -> "tuple[str, array[float]]":
        """The space, by its name, and the vector. Raises Unreachable, for want of time too."""


class Store(Protocol):
    """A place of notes. Safe to share between threads, not across fork."""

    background: Background
    """What follows the writes of this store: nothing, until whoever opens it attaches something (see opening)."""

    meaning: Meaning | None
    """What is known of what its texts mean; None unless whoever opens it names an embedder (see opening)."""

    @property
    def address(self) -> str:
        """Where it is: what opens it again, and names it to a person. It holds no secret."""

    @property
    def engine(self) -> "Engine":
        """Whose store it is."""

    @property
    def visibility(self) -> Visibility | None:
        """What is seen of it; None is everything."""

    def seen_by(self, visibility: Visibility | None) -> "Store":
        """The same store as one sees it who may not read everything; None may. Closed with this one."""

    def reading(self) -> AbstractContextManager[Snapshot]:
        """One snapshot: all that is read in the block is of one moment, whatever others write meanwhile: that of the
        first question, if not of the beginning."""

    def writing(
        self, patience: float = PATIENCE, ready: Callable[[Snapshot], None] | None = None
    ) -> AbstractContextManager[Snapshot]:
        """One transaction, the only one in any process. On disk when the block ends; undone if it raises.

        All is seen in it, since what is written must fit to all: see seeing. Where an engine can have something laid
        aside, `ready` is called for that before the lock is waited for, and writes nothing. Raises Busy when the store
        stays locked for `patience` seconds, Unusable when it cannot be written.
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


class Filling(Protocol):
    """A store into which another is copied. Until it is finished, whoever else opens it is refused. What was committed
    stays there, to go on from; so does what was told (copied_rows.tell), which is '' at first. Held by one thread."""

    def reading(self) -> AbstractContextManager[Snapshot]:
        """As Store.reading."""

    def writing(self) -> AbstractContextManager[Snapshot]:
        """As Store.writing. Nobody else writes."""

    def finishing(self) -> AbstractContextManager[Snapshot]:
        """As writing, for the last time: when the block ends, it is a store as any other."""


class EngineChecks(Protocol):
    """What verify asks of an engine about a snapshot, beside what it reads itself. Nothing raises for damage."""

    def broken(self, db: Snapshot) -> Iterable["Finding"]:
        """What the engine finds wrong with its own order: pages, indexes, references between tables."""

    def more_note_ids(self, db: Snapshot) -> dict[str, "Numbers"]:
        """The ids of notes, by ways that may lead past what is broken in the tables; each has a name."""

    def reread(self, db: Snapshot) -> None:
        """Let what is read next come from the disk again: an engine may speak of damage only once."""

    def index(self, db: Snapshot) -> Iterable["Finding"]:
        """Whether the full-text index holds the passages that are listed, and no others."""


class Upkeep(Protocol):
    """What an engine does for a store as a whole. What it does not offer raises Unusable, with what to do instead."""

    @property
    def checks(self) -> EngineChecks: ...

    def examine(self, address: str) -> tuple["Check", ...]:
        """Look at everything that is known to go wrong. Raises nothing, whatever is there or is not."""

    def readiness(self, store: Store) -> tuple["Check", ...]:
        """Whether the store can be read and written at this moment, in milliseconds. Raises nothing."""

    def sizes(self, store: Store) -> "Sizes":
        """How much room the store takes, and how old its last backup is."""

    def committed(self, store: Store) -> tuple["CommittedChange", ...]:
        """The last changes that were committed here, as a record beside the store tells; none where none is kept."""

    def backup(
        self,
        store: Store,
        target: Path | None = None,
        keep: int | None = None,
        progress: Progress | None = None,
        *,
        is_folder: bool = False,
    ) -> "Backup":
        """Copy the store as it is at this moment into one file, and verify the copy before it counts.

        The file is `target`, or is named by the time in the folder `target`, or in one beside the store. Nothing is
        ever overwritten. A target that does not exist is a folder to be made where it `is_folder` or `keep` is given;
        `keep` removes the older backups of this store from it, down to that many. Raises Invalid when the file exists,
        Unusable when the store is damaged or the disk refuses; then nothing is left behind.
        """

    def restore(
        self, backup: Path, address: str, progress: Progress | None = None, *, keep_tokens: bool = False
    ) -> "Restored":
        """Put a verified copy of a backup in the place of the store, which is kept.

        Tokens that were revoked here stay revoked. Of others that nothing here knows it cannot be told: they are
        revoked too unless `keep_tokens`. Raises Busy while anybody uses the store, Unusable for a backup that is
        damaged, newer than this or no store; then everything is as it was."""

    def erase(self, store: Store, patience: float = PATIENCE) -> None:
        """Let nothing of what was redacted be left in the store's place, in index, free room or what stands beside
        it. It may take as long as writing all of the store anew. Where it is cut off, the next to open the store goes
        on. Raises Busy, Unusable; all is redacted even then, and not yet erased."""

    def copies_holding(self, store: Store, changes: Iterable[tuple[int, int, int]]) -> tuple["OldCopy", ...]:
        """The copies of this store that are known and there, and hold any of these changes as it was before it was
        redacted. Each is named by its note's id, its revision and its number."""

    def salvage(self, damaged: Path, new: Path, progress: Progress | None = None) -> "Salvaged":
        """Save what can be verified of a damaged store into a new one; the damaged one is only read. Raises Unusable
        when nothing can be saved, Invalid when `new` exists."""


class Engine(Protocol):
    """One kind of place for a store. It loads what it needs when it is first asked for it."""

    def load(self) -> None:
        """Import what `open` needs."""

    def open(self, address: str, *, create: bool = True, progress: Progress | None = None) -> Store:
        """Open the store at an address, making it where there is none unless `create` is False. An older one is brought
        up to date, after a copy; of that alone `progress` is told. Raises Unusable when it is missing, of another
        program, newer, or damaged."""

    def read_once(self, address: str) -> AbstractContextManager[Snapshot]:
        """One snapshot for a process that reads once and ends: it waits for nobody for long, changes nothing, and loads
        as little as it can. An older store is read as it is. Raises Unusable and Busy."""

    def filling(self, address: str, *, anew: bool = False) -> AbstractContextManager[Filling]:
        """A store to be filled at an address where there is none, or one that holds nothing; or what was begun so there
        and not finished, unless that is to be begun `anew`. Raises Invalid where a store holds anything, Busy while
        another process fills it, Unusable."""

    @property
    def upkeep(self) -> Upkeep:
        """Looking after a store whole: backup, verify, restore."""
