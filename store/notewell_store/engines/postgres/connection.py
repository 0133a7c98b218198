"""Connections to one database: how each is opened, and what it says for the nouns (contract.Connection)."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.adapt import Loader
from psycopg.types.numeric import Int8Dumper

from notewell_store.contract import Condition, Visibility
from notewell_store.engines.postgres.address import Place
from notewell_store.engines.postgres.errors import unreached
from notewell_store.engines.postgres.wire import Answer, Wire

if TYPE_CHECKING:
    from notewell_store.contract import Cursor
    from notewell_store.engines.postgres.word_index import WordIndex

logging.getLogger("psycopg").addHandler(logging.NullHandler())  # what it says of a lost connection is raised too

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
LIMITS = "set_config('search_path', ?, TRUE), set_config('notewell.project', ?, TRUE)"
"""Which tables are meant until the transaction ends, and which project is seen whole, as the views ask."""


class Connection:
    """See contract.Connection."""

    DAMAGE: tuple[type[Exception], ...] = (
        *(psycopg.DataError, psycopg.IntegrityError, psycopg.InternalError, psycopg.NotSupportedError),
        *(psycopg.ProgrammingError, psycopg.errors.IoError, ValueError, OverflowError),
    )  # all but OperationalError: a connection that is lost tells nothing of what is kept
    REFUSED: tuple[type[Exception], ...] = (psycopg.IntegrityError,)
    VALUES = "(SELECT unnest((SELECT CAST(? AS bigint[]))) AS value)"
    TEXTS = "(SELECT unnest((SELECT CAST(? AS text[]))) AS value)"
    """The inner SELECT keeps a list's length from the planner, which would else plan anew for each list: to plan a
    question of several tables takes longer than to answer it."""
    KNOWS_WHAT_IS_RARE = True

    def __init__(self, driver: "psycopg.Connection[Any]", place: Place) -> None:
        self.driver = driver
        self.wire = Wire(driver)
        self.place = place
        self.is_limited = False
        self.has_changed = False
        self.is_committing = False
        self._commits: int | None = None
        self.ahead: dict[tuple[str, int], Any] | None = None

    @property
    def commits(self) -> int | None:
        if self._commits is None:
            self.wire.hear()
        return self._commits

    @commits.setter
    def commits(self, commits: int | None) -> None:
        self._commits = commits

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Answer:
        answer = self.wire.say(sql, parameters, is_limited=self.is_limited)
        if not sql.startswith(READING):
            self.has_changed = True
            self.wire.send()
        return answer

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> None:
        for values in parameters:
            self.execute(sql, values)

    def tell(self, commands: str) -> "psycopg.Cursor[Any]":
        """Several commands without values in one message; the cursor is at the answer of the last one."""
        self.wire.leave()
        cursor = self.driver.cursor()
        cursor.execute(commands, prepare=False)
        while cursor.nextset():
            pass
        return cursor

    def at_once(self, questions: "Iterable[Cursor]") -> "Iterable[Cursor]":
        """All are said before an answer is waited for."""
        return list(questions)

    def settle(self) -> None:
        self.wire.hear()

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
        """By COPY."""
        statement = f"COPY main.{table} ({', '.join(columns)}) FROM STDIN"
        self.wire.leave()
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

    def same(self, column: str, value: int | str | None) -> Condition:
        """In words for which there are indexes: IS NOT DISTINCT FROM would read the whole table."""
        return (f"{column} IS NULL", []) if value is None else (f"{column} = ?", [value])

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
            db.settle()

    def rewriting(self, changes: Iterable[int]) -> AbstractContextManager[None]:
        from notewell_store.engines.postgres.rewriting import rewriting

        return rewriting(self)

    @property
    def index(self) -> "WordIndex":
        from notewell_store.engines.postgres.word_index import WordIndex

        return WordIndex(self)


def limits(visibility: Visibility) -> tuple[str, str]:
    """The values of LIMITS for who sees no more than that."""
    return "seen, main", visibility.project or ""


NO_LIMITS = "main", ""


def connect(place: Place) -> Connection:
    """Open one. Raises Unusable where nobody answers there, or refuses."""
    try:
        driver: psycopg.Connection[Any] = psycopg.Connection.connect(
            place.conninfo, autocommit=True, cursor_factory=psycopg.RawCursor, **place.lacking(KEPT_ALIVE)
        )
    except psycopg.Error as error:
        raise unreached(place, error) from error
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
