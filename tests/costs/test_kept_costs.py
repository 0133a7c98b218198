"""No call executes more statements than table.json tells, none scans or sorts more, no start loads other packages."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from tests.costs.measure import CALLS, STARTS, TABLE, excesses, measured

from notewell_tools.catalogue import CATALOGUE

Costs = dict[str, Any]


@pytest.fixture(scope="module")
def table() -> Costs:
    kept: Costs = json.loads(TABLE.read_text(encoding="utf-8"))
    return kept


@pytest.fixture(scope="module")
def now() -> Costs:
    return measured()


def more_than(table: Costs, now: Costs) -> list[str]:
    found: list[str] = []
    excesses(table, now, found.append)
    return found


def test_nothing_costs_more_than_the_table_tells(table: Costs, now: Costs) -> None:
    assert more_than(table, now) == []


def test_the_table_tells_of_every_call_and_start(table: Costs) -> None:
    assert list(table["calls"]) == list(CALLS)
    assert list(table["starts"]) == list(STARTS)


def test_plans_are_kept_of_every_call_that_reads(table: Costs, now: Costs) -> None:
    reading = {name for name, (tool, _) in CALLS.items() if CATALOGUE[tool].hints.reads_only}
    for costs in (table, now):
        assert {name for name, cost in costs["calls"].items() if cost.get("plans")} == reading


def test_writes_are_seen_behind_the_gate_and_reads_are_not(now: Costs) -> None:
    for name, cost in now["calls"].items():
        assert (cost["behind the gate"] > 0) is ("plans" not in cost), name
        assert cost["statements"] > cost["behind the gate"], name


def test_whatever_costs_more_is_reported(table: Costs) -> None:
    costly = deepcopy(table)
    costly["calls"]["append"]["behind the gate"] += 1
    costly["calls"]["list"]["plans"]["SELECT 1 FROM notes n ORDER BY 1"] = ["SCAN n", "USE TEMP B-TREE FOR ORDER BY"]
    costly["starts"]["hook session-start"]["packages of others"] += ["mcp"]
    costly["starts"]["hook session-start"]["own modules"] += 1
    modules = table["starts"]["hook session-start"]["own modules"]
    gate = table["calls"]["append"]["behind the gate"]
    assert more_than(table, costly) == [
        "list: SCAN notes is new",
        "list: USE TEMP B-TREE FOR ORDER BY is new",
        f"append: {gate + 1} behind the gate, {gate} before",
        f"hook session-start: {modules + 1} own modules, {modules} before",
        "hook session-start: mcp is loaded too",
    ]
    assert more_than(costly, table) == []
