"""No call scans what it does not return: the plans of all statements that a broad run of the tools executes.

What counts as a scan is a look at every row of a table that grows, by its index too, and at every living note.
"""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from notewell_store import open_store
from notewell_store.engines.sqlite import connection
from notewell_store.tables import listing
from notewell_tools.catalogue import CATALOGUE, call_tool
from notewell_tools.definition import Call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from notewell_store import Store

ISSUES = str(Path(__file__).with_name("issues.json"))

Plans = dict[str, list[str]]

STATEMENTS: dict[str, Any] = {}

GROWING = {
    "notes",
    "texts",
    "aliases",
    "labels",
    "sections",
    "passages",
    "links",
    "revisions",
    "receipts",
    "origins",
    "names",
}
GROWING |= {"stale"}  # while an import is at work
GROWING |= {"meanings", "meant"}  # where an embedder is named
SMALL = {"lost_changes", "projects", "project_aliases", "project_changes", "redactions", "sources", "tokens"}
SMALL |= {"spaces", "filling"}
"""Tables whose rows nobody writes by the hundred."""

ALL_LIVING = re.compile(r"SEARCH \w+ USING (?:COVERING )?INDEX notes_by_\w+ \(deleted=\?\)")

MEANT = {
    r"^SELECT count\(\*\) FROM \(SELECT n\.id FROM notes n WHERE n\.deleted = \?\) taken$": "a total: an index alone",
    r"^SELECT \(SELECT count\(\*\) FROM notes\) - ": "how many notes there are, by the pages of an index",
    r"ORDER BY coalesce\(n\.position, .* LIMIT \d+$": "by position without a parent, seldom asked: all are sorted",
    r"FROM notes n WHERE \+?n\.deleted = \?.* ORDER BY n\..* LIMIT \d+$": "notes by their order until there are enough",
    r"FROM revisions r .*WHERE TRUE ORDER BY r\.seq DESC LIMIT \d+$": "the newest changes, until there are enough",
    r"FROM labels l WHERE l\.live = TRUE GROUP BY l\.label": "tags() counts all labels",
    r"FROM notes WHERE deleted = TRUE\b": "tombstones, which are few beside the living",
    r"max\(r\.seq\).* FROM revisions r WHERE r\.seq <= \? GROUP BY": "a list as of the past, which no index tells",
}
"""The statements that may scan, and why."""


pytestmark = pytest.mark.of_sqlite("the plans are those of SQLite")


class Recording(connection.Connection):
    """A connection that keeps what it was asked, with values of one time."""

    def execute(self, sql: str, values: Any = ()) -> Any:
        STATEMENTS.setdefault(" ".join(sql.split()), values)
        return super().execute(sql, values)

    def executemany(self, sql: str, rows: Any) -> Any:
        rows = list(rows)
        if rows:
            STATEMENTS.setdefault(" ".join(sql.split()), rows[0])
        return super().executemany(sql, rows)


PAGE = "# Plan\n\nSee [[sop-1]], [[gone]] and [here](other.md#x).\n\n## Steps\n\n| a | b |\n| - | - |\n| 1 | 2 |\n"

FILTER = "---\nfilter: {note_type: plan, tags: [a]}\ncolumns: [Todo, In progress (3), Done]\n---\n# Plans\n"

CALLS: list[tuple[str, dict[str, Any]]] = [
    ("projects", {"slug": "web", "name": "Web", "platform": "local"}),
    ("projects", {"slug": "web", "repo_url": "https://example.org/web"}),
    ("projects", {}),
    ("upsert_note", {"slug": "sop-1", "content": "# Deploy\n\nGo.\n", "note_type": "sop", "status": "active"}),
    (
        "upsert_note",
        {
            "slug": "plan-1",
            "content": PAGE,
            "note_type": "plan",
            "status": "in_progress",
            "project": "web",
            "tags": "a,b,story:x",
            "parent": "sop-1",
            "idempotency_key": "k1",
            "revised_by": "pr/1",
            "reason": "why",
        },
    ),
    ("upsert_note", {"slug": "plan-1", "title": "Plans", "add_tags": "c", "position": 2}),
    ("upsert_note", {"slug": "plan-1", "new_slug": "plan-one"}),
    ("upsert_note", {"slug": "gone", "content": "It came.\n", "idempotency_key": "k2"}),
    ("upsert_note", {"slug": "gone", "content": "It came.\n", "idempotency_key": "k2"}),
    ("upsert_note", {"slug": "plan-1", "parent": "gone", "dry_run": True}),
    ("edit_note", {"ref": "plan-1#steps", "mode": "append", "new_text": "| 3 | 4 |"}),
    ("upsert_note", {"slug": "plan-2", "content": PAGE, "note_type": "plan", "project": "web"}),
    ("upsert_note", {"slug": "plan-3", "content": PAGE, "note_type": "plan"}),
    ("upsert_note", {"slug": "plan-4", "content": "# Four\n", "supersedes": ["plan-3"]}),
    ("edit_note", {"ref": "plan-2#steps", "mode": "move", "to": "plan-3"}),
    ("update_notes", {"refs": ["plan-2", "plan-3"], "add_tags": ["together"], "parent": "plan-1"}),
    ("list_notes", {"within": "plan-1"}),
    ("list_notes", {"within": "plan-1", "tags": ["ops"], "sort": "oldest"}),
    ("search_notes", {"query": "steps", "within": "plan-1"}),
    ("list_notes", {"unlinked": True, "note_type": "plan", "updated_before": "2100-01-01"}),
    ("revisions", {"summary": True, "since": "1", "project": "web"}),
    ("revisions", {"summary": True, "since": "2000-01-01"}),
    ("check_refs", {"text": "as decision-0003 and plan-0007 say"}),
    ("edit_note", {"ref": "plan-one", "mode": "replace", "old_text": "See", "new_text": "Look at"}),
    ("edit_note", {"ref": "plan-one", "mode": "append", "new_text": "More.", "if_revision": 2}),
    ("edit_note", {"ref": "plan-one#steps", "mode": "replace_section", "new_text": "Less."}),
    ("link_notes", {"source": "plan-one", "targets": "sop-1,later#x", "relation": "implements", "allow_missing": True}),
    ("link_notes", {"source": "plan-one", "targets": "sop-1", "relation": "implements", "mode": "remove"}),
    ("delete_note", {"ref": "gone"}),
    ("restore_note", {"ref": "gone"}),
    ("restore_note", {"ref": "plan-one@1"}),
    ("delete_note", {"ref": "gone"}),
    ("list_notes", {}),
    ("list_notes", {"tags": "sop,active"}),
    ("list_notes", {"tags": "a,b,in_progress", "any_tags": "plan,sop"}),
    ("list_notes", {"note_type": "plan", "project": "web", "status": "in-progress"}),
    ("list_notes", {"project": "web"}),
    ("list_notes", {"parent": "sop-1", "sort": "position"}),
    ("list_notes", {"parent": "none", "sort": "title"}),
    ("list_notes", {"tags": "a", "sort": "position"}),
    ("list_notes", {"as_of": "3"}),
    ("get_note", {"ref": "sop-1", "as_of": "9", "include": "links,children"}),
    ("list_notes", {"updated_since": "2026-01-01", "sort": "created"}),
    ("list_notes", {"deleted": True, "sort": "slug"}),
    *(("list_notes", {"limit": 1, "sort": sort}) for sort in ("updated", "created", "title", "slug", "position")),
    ("search_notes", {"query": 'deploy "go" steps'}),
    ("search_notes", {"query": "how to depoly sop-1 v2.3 step*"}),
    ("search_notes", {"query": "deploy", "tags": "sop", "project": "web", "note_type": "plan"}),
    ("get_note", {"ref": "plan-one", "include": "links,children,history"}),
    ("get_note", {"ref": "plan-1#steps"}),
    ("get_note", {"ref": "plan-one", "view": "toc"}),
    ("get_note", {"ref": "plan-one", "view": "html"}),
    ("get_note", {"ref": "2", "view": "meta"}),
    ("get_note", {"ref": "plan-one@2"}),
    ("revisions", {}),
    ("revisions", {"limit": 1}),
    ("revisions", {"ref": "plan-one"}),
    ("revisions", {"revised_by": "pr/1"}),
    ("revisions", {"actor": "tester", "since": "2026-01-01"}),
    ("revisions", {"since": "3"}),
    ("revisions", {"ref": "plan-one", "diff": "1..2"}),
    ("revisions", {"ref": "plan-one", "blame": True}),
    ("tags", {}),
    ("tags", {"prefix": "story:", "project": "web"}),
    ("check_refs", {"text": "[[plan-one]], sop-1#go, plan-on and gone and plan-1"}),
    ("check_refs", {"ref": "plan-one"}),
    ("check_refs", {"project": "web"}),
    ("brief", {"project": "web"}),
    ("brief", {"project": "web", "since": "2"}),
    ("upsert_note", {"slug": "todos", "content": "# Todos\n", "note_type": "board"}),
    ("upsert_note", {"slug": "card", "content": "# Card\n", "parent": "todos", "status": "todo"}),
    ("upsert_note", {"slug": "taken", "content": FILTER, "note_type": "board", "project": "web"}),
    ("upsert_note", {"slug": "card", "status": "doing", "position": 1}),
    ("board", {"ref": "todos", "include": "flow,timeline"}),
    ("board", {"ref": "taken", "include": "flow,timeline"}),
    ("upsert_note", {"slug": "plan-5", "content": "# Five\n\n- [ ] one\n- [x] two\n", "note_type": "plan"}),
    ("upsert_note", {"slug": "plan-5", "new_slug": "plan-five"}),
    ("sync_board", {"ref": "todos", "plan": "plan-five"}),
    ("sync_board", {"ref": "todos", "plan": "plan-five"}),
    ("sync_issues", {"ref": "todos", "source": ISSUES}),
]


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plans]:
    """Each statement with the steps of its plan."""
    STATEMENTS.clear()
    with pytest.MonkeyPatch.context() as patch:
        import_module("notewell_store.engines.sqlite.store")  # so that it keeps the usual class in mind
        patch.setattr(connection, "Connection", Recording)
        store = open_store(tmp_path_factory.mktemp("plans") / "notewell.db")
        STATEMENTS.clear()  # those of a new file are of the schema
        _call_all(Call(store, "tester", "web", issue_tokens=""), patch)
        statements = {sql: values for sql, values in STATEMENTS.items() if not sql.startswith(("PRAGMA", "BEGIN"))}
        with store.reading() as db:
            yield {sql: _plan(db, sql, values) for sql, values in statements.items()}
        store.close()


def _call_all(call: Call, patch: pytest.MonkeyPatch) -> None:
    """Lists are asked for twice: as where few notes fit, and as where many do and no label is rare."""
    for name, arguments in CALLS:
        if name in CATALOGUE:
            call_tool(lambda: call, name, arguments)
    patch.setattr(listing, "MOST_SORTED", 0)
    patch.setattr(listing, "RARE", ())
    for name, arguments in CALLS:
        if name == "list_notes":
            call_tool(lambda: call, name, arguments)


def _plan(db: Any, sql: str, values: Any) -> list[str]:
    if not re.match("SELECT|INSERT|UPDATE|DELETE|WITH", sql):
        return []
    return [str(step[-1]) for step in db.execute(f"EXPLAIN QUERY PLAN {sql}", values)]


def _scans(sql: str, plan: list[str]) -> list[str]:
    return [step for step in plan if ALL_LIVING.match(step) or _is_scan(sql, step)]


def _is_scan(sql: str, step: str) -> bool:
    match = re.match(r"SCAN (\w+)(?! VIRTUAL TABLE)\b", step)
    if match is None or "VIRTUAL TABLE" in step:
        return False
    named = re.search(rf"\b(?:FROM|JOIN|UPDATE|INTO)\s+(?:main\.)?(\w+)\s+(?:AS\s+)?{match[1]}\b", sql)
    table = named[1] if named else match[1]
    return table in GROWING


def test_no_statement_scans_a_table_that_grows(plans: Plans) -> None:
    scans = {sql: steps for sql, plan in plans.items() if (steps := _scans(sql, plan))}
    unmeant = {sql: steps for sql, steps in scans.items() if not any(re.search(meant, sql) for meant in MEANT)}
    assert unmeant == {}


def test_the_search_index_is_matched_once_and_not_for_each_passage_that_a_filter_takes(plans: Plans) -> None:
    """`=` in the plan is a match with a rowid, which is made anew for each row."""
    searching = {sql: " ".join(plan) for sql, plan in plans.items() if "search MATCH" in sql}
    assert searching
    assert [sql for sql, plan in searching.items() if re.search(r"VIRTUAL TABLE INDEX \d+:=", plan)] == []


def test_each_scan_that_is_meant_is_still_there(plans: Plans) -> None:
    scanning = [sql for sql, plan in plans.items() if _scans(sql, plan)]
    assert [meant for meant in MEANT if not any(re.search(meant, sql) for sql in scanning)] == []


def test_indexes_are_merged_as_they_lie_and_no_copy_is_made_of_them(plans: Plans) -> None:
    merging = {sql: plan for sql, plan in plans.items() if " INTERSECT " in sql}
    assert {"MERGE (INTERSECT)" in step for plan in merging.values() for step in plan[:2]} >= {True}
    assert {sql: plan for sql, plan in merging.items() if "INTERSECT USING TEMP B-TREE" in plan} == {}


def test_every_tool_was_called_for_its_plans() -> None:
    assert CATALOGUE.keys() <= {name for name, _ in CALLS}


def test_every_table_is_known_to_grow_or_to_stay_small(store: Store) -> None:
    query = (
        """SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'"""
    )
    with store.reading() as db:
        tables = {name for (name,) in db.execute(query)}
    assert tables - {"_sqlite_migrations"} == GROWING | SMALL
