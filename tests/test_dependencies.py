"""What is imported is declared, with bounds, and nothing is declared that is not imported."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.test_architecture import MODULES, PACKAGES, imported

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
BY_PLATFORM = {name: [name] for name in ("pysqlite3", "numpy", "onnxruntime", "tokenizers")}
"""What is not installed everywhere: of which project it is."""
OF_EXTRAS = {
    "http": {"notewell_server.http.operations.metrics"},
    "meaning": {"notewell_store.meaning.local.model"},
    "pages": {"notewell_server.pages.templates"},
    "watch": {"notewell_server.cli.watching"},
}
"""The modules that may import what an extra brings; whoever imports them looks first whether it is there."""


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(requirements: list[str]) -> dict[str, str]:
    """The projects, each with its bounds."""
    matches = [re.match(r"([\w.-]+)(?:\[[\w,]+\])?([^;]*)", requirement) for requirement in requirements]
    return {normal(match[1]): match[2].strip() for match in matches if match}


BASE = declared(PROJECT["dependencies"])
EXTRAS = {extra: declared(names) for extra, names in PROJECT["optional-dependencies"].items()}


def projects_imported_by(modules: set[str]) -> set[str]:
    known = {**BY_PLATFORM, **packages_distributions()}
    tops = {name.partition(".")[0] for module in modules for name in imported(module)}
    foreign = tops - sys.stdlib_module_names - PACKAGES.keys()
    return {normal(known[top][0]) for top in foreign}


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    of_extras = set().union(*OF_EXTRAS.values())
    assert projects_imported_by(MODULES.keys() - of_extras) == BASE.keys()
    for extra, modules in OF_EXTRAS.items():
        assert projects_imported_by(modules) - BASE.keys() == EXTRAS[extra].keys()
    assert OF_EXTRAS.keys() == EXTRAS.keys()


def test_every_dependency_has_a_lower_bound_and_one_whose_inside_is_used_an_upper_bound_too() -> None:
    for name, bounds in {**BASE, **{name: one for names in EXTRAS.values() for name, one in names.items()}}.items():
        assert ">=" in bounds, name
    assert {name for name, bounds in BASE.items() if "<" in bounds} == {
        "h11",
        "mcp",
        "pyjwt",
        "sqlite-utils",
        "starlette",
        "uvicorn",
    }


def test_what_an_extra_brings_is_imported_by_no_start() -> None:
    for module, path in MODULES.items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ImportFrom):
                names = {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
                assert not names & OF_EXTRAS["http"], module
