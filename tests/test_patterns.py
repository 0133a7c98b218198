"""No pattern takes longer than its text is long: one that does holds every thread of the process while it looks."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import notewell_server
import notewell_store
import notewell_tools

PACKAGES = (notewell_store, notewell_tools, notewell_server)
SEARCHES = frozenset({"search", "sub", "subn", "finditer", "split", "findall"})
SIZES = 2_000, 8_000
"""Characters. Of the second a linear pattern takes four times as long, one that looks again from each place sixteen."""
FACTOR = 8.5
AT_ONCE = 0.002
"""Seconds: what is as fast for the smaller size is not looked at again; what is not linear takes many times that."""

ATOMS = (
    *" \ta1A-|_/.[(<`*~\"':=@#{\\!\n\r,+é日\x02",
    *("1.", "1)", "a.", "- ", "| ", "|-", "[[", "](", "[a", "<a ", "<!--", "a-", "A_", 'a"', "aA", "AAaa", "\\a"),
    *("a ", "\n ", "\n\n", "a/", "../", "``", "```\n", "://", "a:", "a=", "<a>", "[a](", "[[a|", "**a", "@1", ".1"),
    *("{a", " a", "aB ", "\r\n", "\n|"),
)
TAILS = ("", "x\x00")


def _modules() -> Iterator[Any]:
    for package in PACKAGES:
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                yield importlib.import_module(found.name)


def _patterns_in(value: Any) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield value
    elif isinstance(value, dict):
        yield from _patterns_in(tuple(value.values()))
    elif _is_compiled_late(value):
        yield from _patterns_in(value())
    elif isinstance(value, tuple | list | frozenset):
        for each in value:
            yield from _patterns_in(each)
    elif hasattr(value, "__dataclass_fields__") and not isinstance(value, type):
        yield from _patterns_in(tuple(getattr(value, name) for name in value.__dataclass_fields__))


def _is_compiled_late(value: Any) -> bool:
    """A pattern, or several, may be what a function without arguments keeps from its first call on."""
    kept = hasattr(value, "cache_info") and value.__annotations__.get("return")
    return bool(kept) and not inspect.signature(value).parameters and "Pattern" in str(kept)


def _uses(module: Any) -> dict[str, set[str]]:
    """By which methods a module uses the pattern of each name."""
    used = defaultdict(set)
    for node in ast.walk(ast.parse(Path(module.__file__).read_text())):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used[node.value.id].add(node.attr)
    return used


def _written_where_used() -> Iterator[tuple[str, str, str]]:
    """Patterns that are written in a call of `re`: `re.sub(r"…", …)`."""
    for package in PACKAGES:
        for path in Path(package.__path__[0]).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                    continue
                is_re = isinstance(node.func.value, ast.Name) and node.func.value.id == "re"
                if is_re and isinstance(node.args[0], ast.Constant) and node.func.attr not in ("compile", "escape"):
                    yield f"{path.stem}:{node.lineno}", str(node.args[0].value), node.func.attr


def _all_patterns() -> dict[str, tuple[re.Pattern[str], bool]]:
    """By name, with whether it is searched for: not only matched where a text begins."""
    names: dict[re.Pattern[str], str] = {}
    methods: dict[re.Pattern[str], set[str]] = defaultdict(set)
    for module in _modules():
        uses = _uses(module)
        for name, value in vars(module).items():
            for pattern in _patterns_in(value):
                names.setdefault(pattern, f"{name} {len(names)} {pattern.pattern[:60]!r}")
                methods[pattern] |= uses[name] if isinstance(value, re.Pattern) else {"search"}
    found = {name: (pattern, not methods[pattern].isdisjoint(SEARCHES)) for pattern, name in names.items()}
    for place, text, method in _written_where_used():
        found[f"{place} {text[:60]!r}"] = re.compile(text), method in SEARCHES
    return found


PATTERNS = _all_patterns()
BOUNDED = ("_TURN ",)
"""Searched for in no more than the 64 letters of a word that has a stem."""


def _texts(pattern: re.Pattern[str], size: int) -> Iterator[str]:
    """Atoms again and again, those that the pattern names too, behind what it may begin with."""
    words = [*dict.fromkeys(re.findall(r"[A-Za-z]{2,}", pattern.pattern.replace("\\", " ")))][:12]
    heads = ["", "|", "<!--", *(f"{word} " for word in words[:2])]
    for atom in (*ATOMS, *words, *(f"{word} " for word in words)):
        for head in heads if len(atom) < 3 else heads[:1]:
            for tail in TAILS:
                yield head + atom * (size // len(atom)) + tail


def _seconds(run: Callable[[str], object], text: str, times: int) -> float:
    """Of the processor, the least of several."""
    least = float("inf")
    for _ in range(times):
        before = time.process_time()
        run(text)
        least = min(least, time.process_time() - before)
    return least


def _grows_too_fast(run: Callable[[str], object], text: str, larger: str) -> str:
    """What was found, "" for nothing. Found twice: another program beside can spoil one measurement."""
    words = ""
    for _ in range(2):
        if _seconds(run, text, 1) <= AT_ONCE or (least := _seconds(run, text, 3)) <= AT_ONCE:
            return ""
        ratio = _seconds(run, larger, 1 if least > 0.1 else 2) / least
        if ratio <= FACTOR:
            return ""
        words = f"{least:.3f} s, then {ratio:.1f} times that"
    return words


def _slow(pattern: re.Pattern[str], *, searched: bool) -> list[str]:
    """The texts on which it takes longer than they are long."""
    runs: list[Callable[[str], object]] = [pattern.match, pattern.fullmatch]
    if searched:
        runs = [lambda text: sum(1 for _ in pattern.finditer(text))]
    found = []
    for text, larger in zip(_texts(pattern, SIZES[0]), _texts(pattern, SIZES[1]), strict=True):
        told = (_grows_too_fast(run, text, larger) for run in runs)
        found += [f"{text[:12]!r}…{text[-3:]!r}: {words}" for words in told if words]
        if len(found) > 2:
            break
    return found


def test_the_patterns_of_all_three_packages_are_looked_at() -> None:
    assert len(PATTERNS) > 100
    assert sum(searched for _, searched in PATTERNS.values()) > 50


@pytest.mark.parametrize("name", [name for name in PATTERNS if not name.startswith(BOUNDED)])
def test_a_pattern_takes_no_longer_than_its_text_is_long(name: str) -> None:
    pattern, searched = PATTERNS[name]
    assert _slow(pattern, searched=searched) == [], name
