"""The arrows between the layers, read off the imports of every module."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = {"notewell_store": "store", "notewell_tools": "tools", "notewell_server": "server"}


def name_of(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {
    name_of(path, ROOT / folder): path
    for package, folder in PACKAGES.items()
    for path in (ROOT / folder / package).rglob("*.py")
}


@cache
def nodes_of(module: str) -> list[ast.AST]:
    """All of its syntax tree: each rule looks at all modules."""
    return list(ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))))


@cache
def imported(module: str) -> frozenset[str]:
    """The full names of what a module imports, wherever in it that stands."""
    path = MODULES[module]
    package = module.split(".") if path.stem == "__init__" else module.split(".")[:-1]
    names: set[str] = set()
    for node in nodes_of(module):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            names |= {f"{source}.{alias.name}" for alias in node.names} | {source}
    return frozenset(names)


def below(name: str, *roots: str) -> bool:
    return any(name == root or name.startswith(f"{root}.") for root in roots)


def offences(importers: str, *forbidden: str) -> list[str]:
    return [
        f"{module} imports {name}"
        for module in sorted(MODULES)
        if below(module, importers)
        for name in sorted(imported(module))
        if below(name, *forbidden)
    ]


def test_every_layer_is_seen() -> None:
    assert {module.split(".")[0] for module in MODULES} == set(PACKAGES)
    assert len(MODULES) > 30
    assert "notewell_store.models.Note" in imported("notewell_store.tables.notes")
    assert "notewell_store.markdown.slugs" in imported("notewell_store.markdown.links")


@pytest.mark.parametrize(
    ("importers", "forbidden"),
    [
        (
            "notewell_store",
            (
                "notewell_tools",
                "notewell_server",
                "mcp",
                "mcp_types",
                "starlette",
                "uvicorn",
                "pydantic",
                "click",
                "anyio",
            ),
        ),
        ("notewell_tools", ("notewell_server", "mcp", "mcp_types", "starlette", "uvicorn", "click")),
        (
            "notewell_store.markdown",
            ("notewell_store.engines", "notewell_store.tables", "notewell_store.files", "sqlite3", "pysqlite3"),
        ),
        ("notewell_store.engines", ("notewell_store.files",)),
        ("notewell_store.tables", ("notewell_store.files",)),
        ("notewell_store.search", ("notewell_store.files",)),
        ("notewell_store.writing", ("notewell_store.files",)),
        ("notewell_store.models", ("notewell_store",)),
        (
            "notewell_server.pages",
            (
                "notewell_store.engines",
                "notewell_store.tables",
                "notewell_store.search",
                "notewell_store.writing",
                "notewell_server.cli",
                "notewell_server.mcp",
            ),
        ),
        ("notewell_server.http", ("notewell_server.pages",)),
        (
            "notewell_store.errors",
            ("notewell_store.engines", "notewell_store.tables", "notewell_store.markdown", "notewell_store.references"),
        ),
    ],
)
def test_the_arrows_run_one_way(importers: str, forbidden: tuple[str, ...]) -> None:
    assert offences(importers, *forbidden) == []


def module_of(name: str) -> str | None:
    """The module of ours that an imported name is or stands in."""
    if name in MODULES:
        return name
    parent = name.rpartition(".")[0]
    return parent if parent in MODULES else None


def targets_of(module: str) -> set[str]:
    """The modules that it needs, without its package, which is imported before whatever stands in it."""
    found = {target for name in imported(module) if (target := module_of(name))}
    return {target for target in found if not below(module, target)}


def test_no_modules_import_one_another_in_a_circle_not_even_inside_functions() -> None:
    arrows = {module: targets_of(module) for module in MODULES}
    while ready := [module for module, targets in arrows.items() if not targets & arrows.keys()]:
        for module in ready:
            del arrows[module]
    assert not arrows, f"among these: {sorted(arrows)}"


def room_of(module: str) -> str:
    return ".".join(module.split(".")[:2])


def test_no_rooms_need_one_another_in_a_circle() -> None:
    """A room is a folder, or a module that stands beside the folders."""
    arrows = {room_of(module): set[str]() for module in MODULES}
    for module in MODULES:
        arrows[room_of(module)] |= {room_of(target) for target in targets_of(module)} - {room_of(module)}
    while ready := [room for room, targets in arrows.items() if not targets & arrows.keys()]:
        for room in ready:
            del arrows[room]
    assert not arrows, f"among these: {sorted(arrows)}"


@pytest.mark.parametrize("word", ["util", "utils", "helper", "helpers", "manager", "managers", "common", "misc"])
def test_no_module_has_a_name_that_says_nothing(word: str) -> None:
    assert [module for module in MODULES if word in module.rpartition(".")[2].split("_")] == []


def loaded_by(statement: str) -> set[str]:
    """The top packages that a fresh interpreter has loaded after a statement."""
    found = subprocess.run(
        [sys.executable, "-c", f"{statement}\nimport sys\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(str(ROOT / folder) for folder in PACKAGES.values())},
    )
    return {name.partition(".")[0] for name in found.stdout.split()}


@pytest.mark.parametrize(
    "statement",
    [
        "import notewell_store",
        "import notewell_store.writing.drafts, notewell_store.writing.pipeline, notewell_store.search.search",
    ],
)
def test_the_store_is_light_to_import(statement: str) -> None:
    heavy = {"sqlite_utils", "markdown", "nh3", "pydantic", "mcp", "yaml", "click", "asyncio", "anyio"}
    assert loaded_by(statement) & heavy == set()


def test_an_open_store_is_read_without_what_only_writers_and_new_files_need(tmp_path: Path) -> None:
    opening = f"from notewell_store import open_store\nstore = open_store({str(tmp_path / 'a.db')!r})\n"
    assert "sqlite_utils" in loaded_by(f"{opening}store.close()")
    reading = "with store.reading() as db:\n    db.execute('SELECT count(*) FROM notes').fetchone()\nstore.close()"
    assert loaded_by(opening + reading) & {"sqlite_utils", "markdown", "nh3", "click"} == set()


def test_a_session_over_stdio_begins_without_the_tools_and_the_store() -> None:
    assert loaded_by("import notewell_server.mcp.stdio") & {"notewell_tools", "notewell_store", "starlette"} == {
        "starlette"
    }
