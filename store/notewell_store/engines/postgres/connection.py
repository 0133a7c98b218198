"""Connections to one database: how each is opened, and what it says for the nouns (contract.Connection)."""

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.adapt import Loader
from psycopg.types.numeric import Int8Dumper

from notewell_store.engines.postgres.address import Place
from notewell_store.engines.postgres.errors import unreached

if TYPE_CHECKING:
    from notewell_store.contract import Cursor
    from notewell_store.engines.postgres.word_index import WordIndex

logging.getLogger("psycopg").addHandler(logging.NullHandler())  # what it says of a lost connection is raised too

MARK = re.compile(r"'(?:[^']|'')*'|\?(\d*)")
"""A text in quotes, or a mark with its number."""

SETTINGS = """
SET search_path = main;
SET idle_in_transaction_session_timeout = '10min';
SET jit = off;
SET client_min_messages = warning;
SELECT set_config('synchronous_commit', 'on', FALSE)
  WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write')
"""
"""What each connection is told first. An answered write is on disk, whatever the server's own setting is. To compile
plans takes longer than all that we ask; and who holds a snapshot for ten minutes without a word is gone."""

KEPT_ALIVE = {
    "connect_timeout": 10,
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 14_000,
}
"""Seconds, and milliseconds: a host that is gone is known to be before another is the primary (Patroni takes 20 s),
unless the address says otherwise."""

READING = ("SELECT", "WITH", "SET")
"""What begins a statement that changes nothing."""
MOST_PREPARED = 500  # statements that the server keeps ready for a connection


@lru_cache(maxsize=2_000)
def numbered(sql: str) -> str:
    """The marks `?` and `?1` as PostgreSQL has them."""
    count = 0

    def as_number(mark: re.Match[str]) -> str:
        nonlocal count
        if mark[1] is None:
            return mark[0]
        if mark[1]:
            return f"${mark[1]}"
        count += 1
        return f"${count}"

    return MARK.sub(as_number, sql) if "?" in sql else sql


class Connection:
    """See contract.Connection."""

    DAMAGE: tuple[type[Exception], ...] = (
        *(psycopg.DataError, psycopg.IntegrityError, psycopg.InternalError, psycopg.NotSupportedError),
        *(psycopg.ProgrammingError, psycopg.errors.IoError, ValueError, OverflowError),
    )  # all but OperationalError: a connection that is lost tells nothing of what is kept
    REFUSED: tuple[type[Exception], ...] = (psycopg.IntegrityError,)
    VALUES = "(SELECT unnest(CAST(? AS bigint[])) AS value)"
    TEXTS = "(SELECT unnest(CAST(? AS text[])) AS value)"

    def __init__(self, driver: "psycopg.Connection[Any]", place: Place) -> None:
        self.driver = driver
        self.place = place
        self.is_limited = False
        self.has_changed = False
        self.is_committing = False
        self.commits: int | None = None
        self.ahead: dict[tuple[str, int], Any] | None = None
        self._pipeline: psycopg.Pipeline | None = None

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> "Answer":
        self.has_changed = self.has_changed or not sql.startswith(READING)
        cursor = self.driver.cursor()
        cursor.execute(numbered(sql), parameters)
        return Answer(cursor, self.settle)

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> "Answer":
        self.has_changed = True
        cursor = self.driver.cursor()
        cursor.executemany(numbered(sql), list(parameters))
        return Answer(cursor, self.settle)

    def tell(self, commands: str) -> "psycopg.Cursor[Any]":
        """Several commands without values in one message; the cursor is at the answer of the last one."""
        cursor = self.driver.cursor()
        cursor.execute(commands, prepare=False)
        while cursor.nextset():
            pass
        return cursor

    def at_once(self, questions: "Iterable[Cursor]") -> "Iterable[Cursor]":
        if self._pipeline is not None:  # behind the gate all is sent on
            return list(questions)
        with self.sending_on():
            return list(questions)

    @contextmanager
    def sending_on(self) -> Iterator[None]:
        """While the block lasts, what is executed is sent and not waited for until something is asked of an answer:
        most of what a write says is never answered by more than that it was done. At its end all is done."""
        with self.driver.pipeline() as self._pipeline:
            try:
                yield
            finally:
                self._pipeline = None

    def settle(self) -> None:
        if self._pipeline is not None:
            self._pipeline.sync()

    def close(self) -> None:
        self.driver.close()

    def insert_rows(self, table: str, columns: Sequence[str], rows: str, first: int = 0, /, **same: int) -> None:
        """The table's own row type makes numbers of what JSON holds."""
        pairs = ", ".join(f"'{name}', line.value -> {place}" for place, name in enumerate(columns))
        marks = "".join("?, " for _ in same)
        self.execute(
            f"""INSERT INTO {table} ({", ".join([*same, *columns])})
                SELECT {marks}{", ".join(f"made.{name}" for name in columns)}
                FROM json_array_elements(CAST(? AS json)) WITH ORDINALITY AS line (value, place)
                CROSS JOIN LATERAL json_populate_record(CAST(NULL AS main.{table}), json_build_object({pairs})) made
                WHERE line.place > ? ORDER BY line.place""",
            (*same.values(), rows, first),
        )

    def lay_aside(self, columns: Sequence[str], rows: str, /) -> None:
        """Nothing: see Store.writing."""

    def lay_rows(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], /) -> None:
        """By COPY, which knows no pipeline."""
        statement = f"COPY main.{table} ({', '.join(columns)}) FROM STDIN"
        with self.driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)

    def listed(self, values: Iterable[int] | Iterable[str]) -> Any:
        return list(values)

    def is_older(self) -> bool:
        """Never: an older schema is not opened."""
        return False

    def aside(self, column: str) -> str:
        """As it is: PostgreSQL knows how many rows have which values."""
        return column

    def folded(self, title: str) -> str:
        return f'lower({title} COLLATE "C")'

    def same(self, column: str) -> str:
        return f"{column} IS NOT DISTINCT FROM ?"

    def by_index(self, table: str, index: str) -> str:
        return table

    def token_record(self) -> Mapping[str, str | None]:
        from notewell_store.engines.postgres import token_record

        return token_record.read(self)

    def amend_token_record(self, told: Mapping[str, str | None]) -> None:
        """On a connection of its own, so that it stays whatever becomes of the transaction that is under way."""
        from notewell_store.engines.postgres import token_record

        with closing(connect(self.place)) as db:
            token_record.amend(db, told)

    def rewriting(self, changes: Iterable[int]) -> AbstractContextManager[None]:
        from notewell_store.engines.postgres.rewriting import rewriting

        return rewriting(self)

    @property
    def index(self) -> "WordIndex":
        from notewell_store.engines.postgres.word_index import WordIndex

        return WordIndex(self)


class Answer:
    """See contract.Cursor."""

    def __init__(self, cursor: "psycopg.Cursor[Any]", settle: Callable[[], None]) -> None:
        self._cursor = cursor
        self._settle = settle

    @property
    def rowcount(self) -> int:
        self._settle()
        return self._cursor.rowcount

    def fetchone(self) -> Any:
        return self._cursor.fetchone()

    def fetchmany(self, size: int, /) -> list[Any]:
        return self._cursor.fetchmany(size)

    def fetchall(self) -> list[Any]:
        return self._cursor.fetchall()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._cursor)


def connect(place: Place) -> Connection:
    """Open one. Raises Unusable where nobody answers there, or refuses."""
    try:
        driver: psycopg.Connection[Any] = psycopg.Connection.connect(
            place.conninfo, autocommit=True, cursor_factory=psycopg.RawCursor, **place.lacking(KEPT_ALIVE)
        )
    except psycopg.Error as error:
        raise unreached(place, error) from error
    driver.prepared_max = MOST_PREPARED
    driver.adapters.register_dumper(int, _Numbers)
    driver.adapters.register_loader("numeric", _Sums)
    db = Connection(driver, place)
    try:
        db.tell(SETTINGS)
    except psycopg.Error as error:
        driver.close()
        raise unreached(place, error) from error
    return db


class _Numbers(Int8Dumper):
    """All whole numbers as bigint: a statement is then the same whatever its values are."""

    def dump(self, obj: int) -> bytes:
        if not -(2**63) <= obj < 2**63:
            raise OverflowError("a number that is too large for bigint")
        return str(int(obj)).encode()


class _Sums(Loader):
    """What PostgreSQL sums up is numeric, and a whole number where all of it was."""

    def load(self, data: Any) -> int | float:
        text = bytes(data).decode()
        return float(text) if "." in text or not text.lstrip("-").isdigit() else int(text)
