"""The seam between the store and its engines: who may say SQL, who knows an engine, and which SQL every engine reads.

Read off the syntax trees of all modules.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest
from tests.engines import ENGINES as TESTED
from tests.test_architecture import MODULES, below, imported, nodes_of

from notewell_store.engines import ENGINES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TABLES, ENGINE_ROOMS, ROOT = "notewell_store.tables", "notewell_store.engines", "notewell_store.opening"

DRIVERS = {"sqlite": ("sqlite3", "pysqlite3", "sqlite_utils"), "postgres": ("psycopg",)}
"""What an engine's folder imports, and nothing else does."""

ABOVE = tuple(
    f"notewell_store.{room}"
    for room in ("writing", "briefing", "checking", "files", "access", "markdown.rendering", "tables.rendered")
)
"""What no engine knows: it is joined with it from outside."""

LENDERS = {"reading", "writing", "read_once"}
"""What lends a connection for a `with` block."""

SQL = re.compile(
    r"\s*(SELECT\s|INSERT INTO\s|UPDATE \w+ SET\s|DELETE FROM\s|WITH \w+ AS |CREATE (TEMP |UNIQUE )?\w+ \w|PRAGMA\s)"
)

UNSHARED = re.compile(
    r"\bPRAGMA\b|\bMATCH\b|\browid\b|\bjson_\w+\(|\bjson_each\b|\bifnull\b|\biif\(|\bINDEXED\b|\bNOCASE\b|\bOR IGNORE\b"
    r"|\bOR REPLACE\b|\bGLOB\b|::|\bunnest\b|\bsqlite_|\binstr\(|\bhex\(|\bchar\(|\bgroup_concat\b|\bLIMIT (?:-1\b|\?)"
    r"|\b(?:deleted|live|is_public) (?:=|IN \() ?[01]|(?:^|(?<=[\s(]))\+[a-z]\w*\.\w|\?\d* IS (?:NOT )?NULL"
    r"|\bIS (?:NOT )?[?(]|,\s*end\b|\bp\.end\b"
    r"|\bCROSS JOIN [\w.]+ \w+ ON\b"
)
"""What one engine cannot read or reads otherwise: see contract.py."""


def outside(*rooms: str) -> list[str]:
    return [module for module in sorted(MODULES) if not below(module, *rooms)]


def texts(module: str) -> Iterator[str]:
    """All string constants, and the constant parts of others, but for docstrings."""
    said = {id(node.value) for node in nodes_of(module) if isinstance(node, ast.Expr)}
    for node in nodes_of(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


def _names_a_connection(annotation: ast.expr | None) -> bool:
    return annotation is not None and re.search(r"\b(Snapshot|Connection)\b", ast.unparse(annotation)) is not None


def _lent(item: ast.withitem) -> bool:
    call = item.context_expr
    name = call.func if isinstance(call, ast.Call) else None
    called = name.attr if isinstance(name, ast.Attribute) else name.id if isinstance(name, ast.Name) else ""
    return called in LENDERS


def connections(module: str) -> set[str]:
    """The names by which a module knows connections."""
    names: set[str] = set()
    for node in nodes_of(module):
        if isinstance(node, ast.arg) and _names_a_connection(node.annotation):
            names.add(node.arg)
        elif isinstance(node, ast.withitem) and _lent(node) and isinstance(node.optional_vars, ast.Name):
            names.add(node.optional_vars.id)
    return names


def asked(module: str) -> Iterator[str]:
    """What a module asks of connections, or executes on anything."""
    known = connections(module)
    for node in nodes_of(module):
        if isinstance(node, ast.Attribute):
            is_known = isinstance(node.value, ast.Name) and node.value.id in known
            if is_known or node.attr in {"execute", "executemany", "executescript"}:
                yield f"{module} asks {ast.unparse(node)}"


def only_its_engine_imports_a_driver() -> Iterator[str]:
    for engine, drivers in DRIVERS.items():
        for module in outside(f"{ENGINE_ROOMS}.{engine}"):
            yield from (f"{module} imports {name}" for name in sorted(imported(module)) if below(name, *drivers))


def only_the_root_imports_engines() -> Iterator[str]:
    for module in outside(ENGINE_ROOMS, ROOT):
        yield from (f"{module} imports {name}" for name in sorted(imported(module)) if below(name, ENGINE_ROOMS))


def no_engine_knows_what_stands_above_it() -> Iterator[str]:
    for module in MODULES:
        if below(module, ENGINE_ROOMS):
            yield from (f"{module} imports {name}" for name in sorted(imported(module)) if below(name, *ABOVE))


def only_nouns_and_engines_know_connections() -> Iterator[str]:
    for module in outside(TABLES, ENGINE_ROOMS):
        if "notewell_store.contract.Connection" in imported(module):
            yield f"{module} imports Connection"


def only_nouns_and_engines_ask_connections() -> Iterator[str]:
    for module in outside(TABLES, ENGINE_ROOMS):
        yield from asked(module)


def only_nouns_and_engines_say_sql() -> Iterator[str]:
    for module in outside(TABLES, ENGINE_ROOMS):
        yield from (f"{module} says {' '.join(text.split())[:80]}" for text in texts(module) if SQL.match(text))


def nouns_say_what_every_engine_reads() -> Iterator[str]:
    for module in MODULES:
        if below(module, TABLES):
            for text in texts(module):
                yield from (f"{module} says {found}" for found in UNSHARED.findall(text))


def no_door_asks_nouns() -> Iterator[str]:
    for module in MODULES:
        if below(module, "notewell_server"):
            yield from (f"{module} imports {name}" for name in sorted(imported(module)) if below(name, TABLES))


RULES = [
    only_its_engine_imports_a_driver,
    only_the_root_imports_engines,
    no_engine_knows_what_stands_above_it,
    only_nouns_and_engines_know_connections,
    only_nouns_and_engines_ask_connections,
    only_nouns_and_engines_say_sql,
    nouns_say_what_every_engine_reads,
    no_door_asks_nouns,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_seam_holds(rule: Callable[[], Iterator[str]]) -> None:
    assert list(rule()) == []


def test_every_engine_has_its_drivers_and_is_tested() -> None:
    assert set(ENGINES.values()) == set(DRIVERS) == set(TESTED)


BROKEN = {
    "notewell_store.briefing.broken": """
from pysqlite3 import dbapi2
from notewell_store.contract import Connection, Snapshot
from notewell_store.engines.sqlite.connection import connect

def count(db: "Snapshot", other) -> int:
    "SELECT in a docstring is none."
    other.executemany("", [])
    return db.is_limited, f"SELECT {1} FROM notes"

def read(store):
    with store.reading() as lent:
        return lent.fetch
""",
    "notewell_store.tables.broken": """
QUERY = "SELECT ifnull(x, 1) FROM json_each(?) WHERE deleted = 1 AND +n.id IS ? ORDER BY t COLLATE NOCASE"
""",
    "notewell_store.engines.broken": "from notewell_store.markdown.rendering import render",
    "notewell_server.broken": "from notewell_store.tables import notes",
}


def test_every_rule_sees_what_breaks_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, text in BROKEN.items():
        path = tmp_path / f"{module}.py"
        path.write_text(text, encoding="utf-8")
        monkeypatch.setitem(MODULES, module, path)
    seen = {rule.__name__: [offence for offence in rule() if ".broken " in offence] for rule in RULES}
    briefing = "notewell_store.briefing.broken"
    assert [rule for rule, offences in seen.items() if not offences] == []
    assert seen["only_nouns_and_engines_ask_connections"] == [
        f"{briefing} asks other.executemany",
        f"{briefing} asks db.is_limited",
        f"{briefing} asks lent.fetch",
    ]
    assert seen["only_nouns_and_engines_say_sql"] == [f"{briefing} says SELECT"]
    unshared = [offence.partition(" says ")[2] for offence in seen["nouns_say_what_every_engine_reads"]]
    assert unshared == ["ifnull", "json_each(", "deleted = 1", "+n.i", "IS ?", "NOCASE"]
