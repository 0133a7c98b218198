"""What a reader sees who may not see everything: the views, and histories that were not always public."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.conftest import Knowledge

from notewell_store import Attribution, Damaged, NotFound, parse_reference
from notewell_store.briefing.brief import brief
from notewell_store.contract import Visibility
from notewell_store.engines.sqlite.connection import Connection
from notewell_store.errors import NotYetMade
from notewell_store.tables import dangling, history, links, notes, past
from notewell_store.tables.nearest import nearest_names
from notewell_store.tables.note_rows import CHILD
from notewell_store.tables.projects import save_project
from notewell_store.tables.revisions import load_at

if TYPE_CHECKING:
    from notewell_store.contract import Snapshot
    from notewell_store.engines.sqlite.store import Store

PUBLIC = Visibility()


def test_a_view_stands_before_every_table(store: Store) -> None:
    """A table that a migration adds is missed here until somebody says what of it is seen."""
    with store.seen_by(PUBLIC).reading() as db:
        tables = db.execute(
            "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
            "AND name NOT LIKE '\\_sqlite%' ESCAPE '\\' AND name NOT LIKE 'search%'"
        ).fetchall()
        views = db.execute("SELECT name FROM temp.sqlite_schema").fetchall()
        assert sorted(views) == sorted(tables)
        for (name,) in tables:
            assert len(db.execute(f"SELECT * FROM {name} LIMIT 0").description) == len(
                db.execute(f"SELECT * FROM main.{name} LIMIT 0").description
            )


def test_what_one_reader_sees_is_not_what_the_next_one_sees(knowledge: Knowledge) -> None:
    save_project(knowledge.store, "web", "ann")
    knowledge.put("open", "a\n", is_public=True)
    knowledge.put("closed", "b\n", project="web")

    def seen(visibility: Visibility | None) -> list[str]:
        with knowledge.store.seen_by(visibility).reading() as db:
            assert db.is_limited == (visibility is not None)
            return [slug for (slug,) in db.execute("SELECT slug FROM notes ORDER BY slug")]

    for _ in range(2):
        assert seen(None) == ["closed", "open"]
        assert seen(PUBLIC) == ["open"]
        assert seen(Visibility("web")) == ["closed", "open"]
        assert seen(Visibility("app")) == ["open"]
        assert seen(Visibility("'; DROP TABLE notes; --")) == ["open"]


def test_a_note_that_is_made_private_is_gone_from_the_next_look_on(knowledge: Knowledge) -> None:
    knowledge.put("page", "a\n", is_public=True)
    seen = knowledge.store.seen_by(PUBLIC)
    with seen.reading() as db:
        assert notes.find_slug(db, "page") is not None
    knowledge.put("page", is_public=False)
    with seen.reading() as db:
        assert notes.find_slug(db, "page") is None
        assert db.execute("SELECT count(*) FROM revisions").fetchone() == (0,)


@pytest.fixture
def turned(knowledge: Knowledge) -> Knowledge:
    """`plan` was private under another name at revisions 1 to 3, and again at 5; its text is kept as differences."""
    by = Attribution("mole", "mole/1", "mole")
    text = "".join(f"Line {number} of a text that is long enough for a difference.\n" for number in range(40))
    knowledge.put("above", "text\n")
    knowledge.put("mole-plan", f"# The mole\n\n{text}", by=by, tags=("mole",), parent="above")
    knowledge.rewrite("mole-plan", f"# A plan\n\n{text}Of the mole.\n", by=by, title="Mole")
    knowledge.put("mole-plan", new_slug="plan", by=by)
    knowledge.rewrite("plan", f"# The plan\n\n{text}", is_public=True, tags=(), title="Plan")
    knowledge.rewrite("plan", f"# The plan\n\n{text}The mole again.\n", by=by, is_public=False)
    knowledge.rewrite("plan", f"# The plan\n\n{text}At last.\n", is_public=True)
    return knowledge


def at(db: Snapshot, revision: int) -> str:
    return load_at(db, notes.find(db, parse_reference("plan")), "plan", revision).markdown


def test_what_a_note_said_while_it_was_private_stays_private(turned: Knowledge) -> None:
    with turned.store.seen_by(PUBLIC).reading() as db:
        note_id = notes.find(db, parse_reference("plan"))
        assert [kept.revision for kept in history.list_revisions(db, note_id).items] == [6, 4]
        assert [number for number in range(1, 8) if not _refuses(db, number)] == [4, 6]
        assert "At last" in at(db, 6)
        assert "At last" in history.diff_revisions(db, note_id, "plan", 4, 6)
        assert {entry.revision for entry in history.blame_note(db, note_id)} == {4, 6}
        for seen in (at(db, 4), at(db, 6), *map(repr, history.list_revisions(db, note_id).items)):
            assert "mole" not in seen.lower()
        assert notes.load(db, note_id).metadata.parent is None
        assert load_at(db, note_id, "plan", 4).metadata.parent is None


def _refuses(db: Snapshot, revision: int) -> bool:
    try:
        at(db, revision)
    except NotFound:
        return True
    except Damaged:
        pytest.fail(f"revision {revision} is taken for damaged")
    return False


def test_a_name_that_a_note_had_only_while_it_was_private_does_not_lead_to_it(turned: Knowledge) -> None:
    turned.rename("plan", "plan-two")
    with turned.store.seen_by(PUBLIC).reading() as db:
        assert notes.find_slug(db, "plan") is not None
        assert notes.find_slug(db, "mole-plan") is None
        assert nearest_names(db, "mole-plam") == ()
    with turned.store.reading() as db:
        assert notes.find_slug(db, "mole-plan") is not None


def test_a_moment_at_which_a_note_was_private_shows_what_was_public_before_or_names_the_first(
    turned: Knowledge,
) -> None:
    with turned.store.seen_by(PUBLIC).reading() as db:
        note_id = notes.find(db, parse_reference("plan"))
        assert past.revision_at(db, note_id, "plan", ("r.seq <= ?", 6)) == 4
        with pytest.raises(NotYetMade) as raised:
            past.revision_at(db, note_id, "plan", ("r.seq <= ?", 3))
        assert raised.value.seq == 5


def test_who_may_read_a_project_sees_what_a_note_said_while_it_was_of_it(knowledge: Knowledge) -> None:
    for project in ("web", "app"):
        save_project(knowledge.store, project, "ann")
    knowledge.put("page", "of the app\n", project="app")
    knowledge.rewrite("page", "of the web\n", project="web")
    with knowledge.store.seen_by(Visibility("web")).reading() as db:
        listed = history.list_revisions(db)
        assert (listed.total, [kept.revision for kept in listed.items]) == (1, [2])
    with knowledge.store.seen_by(Visibility("app")).reading() as db:
        assert history.list_revisions(db).items == ()


def test_a_deleted_note_is_seen_by_its_project_and_not_by_the_public(knowledge: Knowledge) -> None:
    save_project(knowledge.store, "web", "ann")
    knowledge.put("page", "text\n", project="web", is_public=True)
    knowledge.delete("page")
    with knowledge.store.seen_by(PUBLIC).reading() as db:
        assert notes.find_slug(db, "page") is None
        assert db.execute("SELECT count(*) FROM projects").fetchone() == (0,)
    with knowledge.store.seen_by(Visibility("web")).reading() as db:
        assert notes.find_slug(db, "page") is not None


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("SELECT n.title FROM notes n WHERE n.slug = 'a'", "sqlite_autoindex_notes_1"),
        ("SELECT n.slug FROM notes n WHERE n.deleted = 0 ORDER BY n.seq DESC LIMIT 20", "notes_by_change"),
        (f"SELECT count(*) FROM notes n WHERE {CHILD.replace('?', '7')}", "notes_by_parent"),
        ("SELECT text FROM revisions WHERE note_id = 7 AND revision = 3", "sqlite_autoindex_revisions_1"),
        ("SELECT n.slug FROM notes n WHERE n.id IN (SELECT note_id FROM labels WHERE label = 'a' AND live)", "PRIMARY"),
        ("SELECT target FROM links WHERE source_id = 7", "links_by_source"),
    ],
)
def test_the_tables_indexes_serve_a_limited_reader_too(store: Store, query: str, index: str) -> None:
    with store.seen_by(Visibility("web")).reading() as db:
        plan = "\n".join(row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {query}"))
    assert index in plan
    assert "MATERIALIZE" not in plan


def test_the_brief_of_a_limited_reader_looks_at_no_more_than_it_tells_of(knowledge: Knowledge) -> None:
    save_project(knowledge.store, "web", "ann")
    knowledge.put("old", "a\n", project="web", note_type="plan", status="completed")
    knowledge.put("new", "See [[old]].\n", project="web", note_type="plan", status="active")
    knowledge.put("step", "b\n", project="web", note_type="todo", parent="new")
    statements: list[str] = []
    with knowledge.store.seen_by(Visibility("web")).reading() as db:
        assert isinstance(db, Connection)
        db.set_trace_callback(statements.append)
        assert "step" in brief(db, "web").text
        db.set_trace_callback(None)
        # Which notes stand below none that is seen, no index tells.
        told = [sql for sql in statements if "parent_id IS NULL" not in sql]
        plans = {sql: [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}")] for sql in told}
    views = ("SCAN t", "SCAN note", "SCAN links", "SCAN above")
    assert {sql: plan for sql, plan in plans.items() if any(step.split(" USING")[0] in views for step in plan)} == {}


def test_links_from_hidden_notes_are_not_counted(knowledge: Knowledge) -> None:
    knowledge.put("page", "text\n", is_public=True)
    knowledge.put("hidden", "[[page]] and [[nowhere]]\n")
    with knowledge.store.seen_by(PUBLIC).reading() as db:
        assert links.incoming(db, notes.find(db, parse_reference("page"))) == ()
        assert dangling.count_dangling(db) == 0


def test_the_present_name_of_a_private_target_is_kept_nowhere_in_a_public_note(knowledge: Knowledge) -> None:
    knowledge.put("open", "x", is_public=True)
    knowledge.put("hidden", "x")
    knowledge.link("open", "hidden", relation="blocks")
    knowledge.rename("hidden", "mole-plan")
    knowledge.rewrite("open", "y")
    knowledge.link("open", "elsewhere", allow_missing=True)
    with knowledge.store.seen_by(PUBLIC).reading() as db:
        note_id = notes.find_slug(db, "open")
        assert note_id is not None
        told = [
            str(notes.load(db, note_id)),
            str(links.outgoing(db, note_id)),
            *(history.diff_revisions(db, note_id, "open", before, before + 1) for before in (1, 2, 3)),
        ]
    assert "mole" not in "".join(told)
    assert "+ links: blocks hidden" in "".join(told)
    with knowledge.store.reading() as db:
        assert {link.note for link in links.outgoing(db, note_id)} == {"mole-plan", "elsewhere"}


def test_who_links_by_a_former_name_or_restores_a_link_brings_no_present_name(knowledge: Knowledge) -> None:
    knowledge.put("open", "x", is_public=True)
    knowledge.put("hidden", "x")
    knowledge.rename("hidden", "mole-plan")
    knowledge.link("open", "hidden#x", relation="blocks")
    knowledge.link("open", relation="blocks", mode="set")
    knowledge.restore("open@2")
    assert knowledge.restore("open@2").outcome == "unchanged"
    with knowledge.store.seen_by(PUBLIC).reading() as db:
        note_id = notes.find_slug(db, "open")
        assert note_id is not None
        assert [link.note for link in links.outgoing(db, note_id)] == ["hidden"]
    assert "mole" not in str([knowledge.note(f"open@{revision}") for revision in (2, 3, 4)])
    with knowledge.store.reading() as db:
        assert [(link.note, link.anchor) for link in links.outgoing(db, note_id)] == [("mole-plan", "x")]
