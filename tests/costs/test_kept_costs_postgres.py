"""No call on PostgreSQL executes more statements, or waits for the server more often, than postgres.json tells."""

from __future__ import annotations

import json

import pytest
from tests.costs.measure import CALLS
from tests.costs.measure_postgres import TABLE, measured

Costs = dict[str, dict[str, int]]

MOST_OF_A_BRIEF = 30
"""Waits."""
MOST_OF_AN_EDIT = 15
"""Statements behind the gate; it waits there for the commit alone, or all others would wait for the way there too."""


@pytest.fixture(scope="module")
def now() -> Costs:
    return measured()


@pytest.fixture(scope="module")
def table() -> Costs:
    kept: Costs = json.loads(TABLE.read_text(encoding="utf-8"))
    return kept


def test_nothing_costs_more_than_the_table_tells(table: Costs, now: Costs) -> None:
    assert list(table) == list(now) == list(CALLS)
    grown = {
        f"{name}: {cost[what]} {what}, {table[name][what]} before"
        for name, cost in now.items()
        for what in cost
        if cost[what] > table[name][what]
    }
    assert grown == set()


def test_a_brief_and_an_edit_are_within_their_bounds(now: Costs) -> None:
    assert now["brief"]["waits"] <= MOST_OF_A_BRIEF
    for edit in ("edit of a section", "append", "new note", "new status"):
        assert now[edit]["behind the gate"] <= MOST_OF_AN_EDIT
        assert now[edit]["waits behind the gate"] == 1
