"""Copying a store to another place, from each engine to each: with all that it holds, whole, or not at all."""

from __future__ import annotations

import random
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from tests.conftest import Knowledge
from tests.engines import ENGINES
from tests.store.histories import WRITE, change_all, fill, put, read_all

from notewell_store import Attribution, Invalid, Unusable, open_store
from notewell_store.access import tokens
from notewell_store.briefing.brief import brief
from notewell_store.contract import Visibility
from notewell_store.copying.copying import copy_store
from notewell_store.engines import engine_of
from notewell_store.errors import Busy
from notewell_store.files.importing import import_folder
from notewell_store.files.summary import ImportOptions
from notewell_store.findings import Copied
from notewell_store.integrity.verify import verify
from notewell_store.models import Filter, RevisionFilter
from notewell_store.opening import read_once
from notewell_store.redacting.redaction import read_wanted, redact
from notewell_store.search.search import search_notes
from notewell_store.tables import copied_rows
from notewell_store.tables.copied_rows import PARTS, TOKENS
from notewell_store.tables.history import list_revisions
from notewell_store.tables.listing import list_notes
from notewell_store.tables.projects import list_projects, save_project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Processes
    from tests.engines import EngineUnderTest

    from notewell_store import Store

SECRET = "s3cr3t-AKIA0SFODNN7"
NOTES = 40
Rows = dict[str, list[copied_rows.Row]]


def write_all_kinds(address: str, folder: Path) -> str:
    """Something in every table of the store at this address; the answer is a token of it."""
    pages = folder / "pages"
    pages.mkdir()
    (pages / "guide.md").write_text("# Guide\n\nSee [[Other page]].\n", encoding="utf-8")
    (pages / "other.md").write_text("---\ntitle: Other page\naliases: [Elsewhere]\n---\ntext\n", encoding="utf-8")
    store = open_store(address)
    save_project(store, "app", "tester", "The app", "github")
    fill(store, random.Random(7), 0, NOTES)
    change_all(store, random.Random(8))
    save_project(store, "app", "tester", new_slug="the-app")
    put(store, "leaked", f"the key is {SECRET}\n")
    put(store, "leaked", "clean\n")
    redact(store, read_wanted("leaked@1"), Attribution("owner", reason="a key leaked"))
    put(store, "open", "# Open\n\nfor all\n", is_public=True)
    import_folder(store, pages, ImportOptions(), Attribution("importer"))
    text, _ = tokens.create(store, "ci", "write", "ann", project="the-app")
    tokens.create(store, "old", "read", "ann")
    tokens.revoke(store, "old")
    store.close()
    return text


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The address of a store in a file that tests only read, and a token of it."""
    folder = tmp_path_factory.mktemp("original")
    address = str(folder / "original.db")
    return address, write_all_kinds(address, folder)


@pytest.fixture(scope="module", params=ENGINES)
def source(
    request: pytest.FixtureRequest, original: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The same on each engine, its tokens too."""
    if request.param == "sqlite":
        yield original[0]
        return
    engine = ENGINES[request.param](tmp_path_factory.mktemp("source"))
    address = engine.new_address()
    copy_store(original[0], address, with_tokens=True)
    yield address
    engine.end()


@pytest.fixture(scope="module", params=ENGINES)
def copied(
    request: pytest.FixtureRequest, source: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str, Copied]]:
    """The source, its copy on each engine, which tests only read, and what was said of it."""
    engine = ENGINES[request.param](tmp_path_factory.mktemp("copied"))
    address = engine.new_address()
    yield source, address, copy_store(source, address)
    engine.end()


@pytest.fixture(params=ENGINES)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EngineUnderTest]:
    made = ENGINES[request.param](tmp_path)
    yield made
    made.end()


def rows_of(address: str, *, with_tokens: bool = False) -> Rows:
    parts = (*PARTS, TOKENS) if with_tokens else PARTS
    with read_once(address) as db:
        return {
            f"{part.table} {part.where}": [row for rows in copied_rows.batches(db, part, 100) for row in rows]
            for part in parts
        }


def test_what_is_copied_there_and_back_equals_the_original_row_for_row(
    original: tuple[str, str], copied: tuple[str, str, Copied], tmp_path: Path
) -> None:
    _, there, done = copied
    back = str(tmp_path / "back.db")
    copy_store(there, back)
    rows = rows_of(original[0])
    assert all(rows[name] for name in rows if name.split()[0] not in ("lost_changes", "stale"))
    assert rows_of(there) == rows
    assert rows_of(back) == rows
    assert (done.verdict.whole, done.found, done.tokens) == (True, 0, 0)
    assert done.verdict.revisions == len(rows["revisions "])


def test_a_copy_is_a_store_that_is_found_by_its_words_written_on_and_copied_again(
    original: tuple[str, str], target: EngineUnderTest, tmp_path: Path
) -> None:
    address, again = target.new_address(), str(tmp_path / "again.db")
    copy_store(original[0], address)
    with closing(open_store(original[0])) as store, closing(open_store(address)) as copy:
        assert read_all(copy) == read_all(store)
        before, knowledge = Knowledge(store), Knowledge(copy)
        for asked in ("deploy", "rollback incident", "部署", "guide elsewhere", "gatewy"):
            assert knowledge.found(asked) == before.found(asked) != []
        put(copy, "fresh", "# Fresh\n\n[[guide]] and [[open]]\n", project="the-app")
        put(copy, "note-2", "# Changed\n\nzebra\n")
        save_project(copy, "another", "ann")
        assert knowledge.found("zebra") == ["note-2"]
        assert verify(copy).whole
    assert copy_store(address, again).verdict.whole
    assert rows_of(again) == rows_of(address)


def seen(store: Store, project: str | None) -> list[object]:
    """All that who sees one project is told of the store."""
    limited = store.seen_by(Visibility(project))
    with limited.reading() as db:
        return [
            list_notes(db, Filter(), "slug", 200),
            [hit.slug for hit in search_notes(db, "release deploy guide", Filter(), 100).items],
            list_revisions(db, None, RevisionFilter(), limit=1000),
            list_projects(db),
            brief(db, project) if project else None,
        ]


@pytest.mark.parametrize("project", ["the-app", None])
def test_who_may_see_one_project_sees_the_same_in_a_copy(copied: tuple[str, str, Copied], project: str | None) -> None:
    source, address, _ = copied
    with closing(open_store(source)) as store, closing(open_store(address)) as copy:
        assert seen(copy, project) == seen(store, project)


def test_tokens_stay_behind(original: tuple[str, str], copied: tuple[str, str, Copied]) -> None:
    _, without, _ = copied
    assert rows_of(without, with_tokens=True)["tokens "] == []
    with closing(open_store(without)) as copy, copy.reading() as db, pytest.raises(tokens.Refused):
        tokens.admit(db, original[1])


def test_tokens_that_are_asked_for_count_in_the_copy_and_revoked_ones_stay_so(
    original: tuple[str, str], target: EngineUnderTest
) -> None:
    address = target.new_address()
    assert copy_store(original[0], address, with_tokens=True).tokens == 2
    with closing(open_store(address)) as copy, copy.reading() as db:
        assert tokens.admit(db, original[1]).name == "ci"
        known = [(each.name, each.revoked_at is not None) for each in tokens.list_tokens(db)]
        assert known == [("ci", False), ("old", True)]


def test_a_store_that_holds_anything_is_never_copied_over(original: tuple[str, str], target: EngineUnderTest) -> None:
    taken, empty = target.address(), target.address()
    with closing(open_store(taken)) as store:
        save_project(store, "mine", "ann")
    before = rows_of(taken)
    for anew in (False, True):
        with pytest.raises(Invalid, match=r"holds a store already: name an? "):
            copy_store(original[0], taken, anew=anew)
    assert rows_of(taken) == before
    open_store(empty).close()
    assert copy_store(original[0], empty).verdict.whole


class Stop(Exception):
    """Ends a copy that would go on."""


def begin(source: str, target: str, steps: int = 5, **how: bool) -> int:
    """Copy some of it; the answer is how many rows."""
    told: list[int] = []

    def stop(done: int, total: int) -> None:
        told.append(done)
        if len(told) == steps:
            raise Stop

    with pytest.raises(Stop):
        copy_store(source, target, stop, at_once=20, **how)
    return told[-1]


def test_until_a_copy_is_complete_nobody_opens_it(original: tuple[str, str], target: EngineUnderTest) -> None:
    source, address = original[0], target.address()
    early = open_store(address)
    begin(source, address)
    refused = "copy of another store, and not yet complete: the same `notewell copy` again goes on with it"
    for opened in (early.reading, early.writing, lambda: read_once(address)):
        with pytest.raises(Unusable, match=refused), opened():
            pass
    for create in (True, False):
        with pytest.raises(Unusable, match=refused):
            open_store(address, create=create)
    with pytest.raises(Unusable, match=refused):
        copy_store(address, target.new_address())
    assert any("not yet complete" in check.found for check in engine_of(address).upkeep.examine(address))
    copy_store(source, address)
    with early.reading() as db:
        assert list_projects(db)
    early.close()


def test_a_copy_that_was_cut_off_goes_on_where_it_was(original: tuple[str, str], target: EngineUnderTest) -> None:
    source, address = original[0], target.new_address()
    first, second = begin(source, address, 3), begin(source, address, 20)
    done = copy_store(source, address)
    assert 0 < first < second == done.found
    assert done.verdict.whole
    assert rows_of(address) == rows_of(source)


KILLED = """
import sys
from notewell_store.copying.copying import copy_store
def step(done, total):
    print(done, total, flush=True)
    sys.stdin.readline()
copy_store(sys.argv[1], sys.argv[2], step, at_once=30)
"""
"""A process of its own, which says how far it is and goes on when it is told to."""


@pytest.fixture(params=[("sqlite", "postgres"), ("postgres", "sqlite")], ids=" to ".join)
def begun(request: pytest.FixtureRequest, original: tuple[str, str], tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A store that may be written, and a copy of it that was cut off."""
    (tmp_path / "source").mkdir()
    own, target = ENGINES[request.param[0]](tmp_path / "source"), ENGINES[request.param[1]](tmp_path)
    source, address = own.address(), target.new_address()
    copy_store(original[0], source)
    begin(source, address, 20)
    yield source, address
    target.end()
    own.end()


def test_a_copy_that_is_killed_again_and_again_ends_equal_to_the_original(
    begun: tuple[str, str], processes: Processes
) -> None:
    source, address = begun
    dice = random.Random(address[-12:])
    for _ in range(2):
        process = processes.start(KILLED, source, address)
        assert process.stdout is not None
        assert process.stdin is not None
        for _ in range(dice.randrange(1, 60)):  # of some ninety
            process.stdout.readline()
            process.stdin.write("\n")
            process.stdin.flush()
        process.stdin.write("\n\n")  # so that it is killed while it does something
        process.stdin.flush()
        process.kill()
        process.wait(timeout=60)
    done = copy_store(source, address)
    assert done.found > 0
    assert done.verdict.whole
    assert rows_of(address) == rows_of(source)


def test_a_copy_goes_on_with_what_was_only_added_to_its_source_meanwhile(begun: tuple[str, str]) -> None:
    source, address = begun
    with closing(open_store(source)) as store:
        put(store, "added", "# Added\n\nsince then\n")
    assert copy_store(source, address).verdict.whole
    assert rows_of(address) == rows_of(source)


def test_a_source_that_has_changed_since_is_told_and_the_copy_begun_anew(begun: tuple[str, str]) -> None:
    source, address = begun
    with closing(open_store(source)) as store:
        put(store, "note-2", "# Another\n")
    anew = r"what it holds of notes is not what the source holds now.*Begin it anew, with `notewell copy … … --anew`"
    with pytest.raises(Unusable, match=anew):
        copy_store(source, address)
    assert copy_store(source, address, anew=True).verdict.whole
    assert rows_of(address) == rows_of(source)


def test_another_source_is_not_mixed_into_a_copy(begun: tuple[str, str], tmp_path: Path) -> None:
    source, address = begun
    other = str(tmp_path / "other.db")
    with closing(open_store(other)) as store:
        put(store, "of-another", "# Another\n")
    with pytest.raises(Unusable, match="has changed since, or is another"):
        copy_store(other, address)
    assert copy_store(source, address).verdict.whole


def test_what_is_damaged_in_the_source_is_told_and_the_copy_stays_unfinished(begun: tuple[str, str]) -> None:
    source, address = begun
    with closing(open_store(source)) as store, store.writing() as db, db.rewriting([]):
        db.execute("UPDATE revisions SET reason = 'another' WHERE seq = 230")
    with pytest.raises(Unusable, match=r"the copy is damaged, as .* then is, and was not finished: .*SHA-256"):
        copy_store(source, address, anew=True)
    with pytest.raises(Unusable, match="not yet complete"):
        open_store(address)


def test_tokens_are_not_asked_for_half_way(original: tuple[str, str], target: EngineUnderTest) -> None:
    address = target.new_address()
    begin(original[0], address, with_tokens=True)
    with pytest.raises(Invalid, match="begun with tokens: go on with it so, or begin it anew"):
        copy_store(original[0], address)
    assert copy_store(original[0], address, with_tokens=True).tokens == 2


def test_two_do_not_copy_into_one_place_at_once(original: tuple[str, str], target: EngineUnderTest) -> None:
    address = target.new_address()
    with engine_of(address).filling(address), pytest.raises(Busy, match="is being copied into by another process"):
        copy_store(original[0], address)


def test_a_store_is_not_copied_into_itself(source: str) -> None:
    with pytest.raises(Invalid, match="cannot be copied into itself"):
        copy_store(source, source)


def test_a_row_that_a_database_cannot_hold_is_named(tmp_path: Path) -> None:
    source = str(tmp_path / "source.db")
    with closing(open_store(source)) as store:
        for number in range(30):
            put(store, f"note-{number}", "text")
        with store.writing() as db:
            db.execute("UPDATE receipts SET call = ? WHERE key = 'k-note-7-None'", ("a\0b",))
    target = ENGINES["postgres"](tmp_path)
    address = target.new_address()
    with pytest.raises(Unusable, match=r"the row 'k-note-7-None' of receipts cannot be kept there: .*NUL character"):
        copy_store(source, address)
    with closing(open_store(source)) as store, store.writing() as db:
        db.execute("UPDATE receipts SET call = 'ab' WHERE key = 'k-note-7-None'")
    assert copy_store(source, address).verdict.whole
    target.end()


def test_what_is_copied_beside_writers_is_of_one_moment(
    target: EngineUnderTest, processes: Processes, tmp_path: Path
) -> None:
    source, address = str(tmp_path / "source.db"), target.new_address()
    writer = processes.start(WRITE, source, 300)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "begun\n"
    assert copy_store(source, address, at_once=10).verdict.whole
    processes.finish(writer)
    written, copied = rows_of(source)["revisions "], rows_of(address)["revisions "]
    assert len(copied) > 0
    assert copied == written[: len(copied)]


def test_an_empty_store_is_copied_as_one(target: EngineUnderTest, tmp_path: Path) -> None:
    source, address = str(tmp_path / "source.db"), target.new_address()
    open_store(source).close()
    done = copy_store(source, address)
    assert (done.verdict.whole, done.verdict.notes) == (True, 0)
    with closing(open_store(address)) as copy:
        put(copy, "first", "text")
        assert verify(copy).whole


def test_what_is_not_there_is_not_copied(target: EngineUnderTest, tmp_path: Path) -> None:
    address = target.address()
    with pytest.raises(Unusable, match="there is no store at"):
        copy_store(tmp_path / "nothing.db", address)
    open_store(address).close()


VECTORS = {"spaces", "meanings", "meant", "filling"}
"""Derived, and made again there."""


def test_no_column_of_any_table_is_left_behind(source: str) -> None:
    copied: dict[str, set[str]] = {}
    for part in (*PARTS, TOKENS):
        copied.setdefault(part.table, set()).update(column.strip('"') for column in part.columns)
    with read_once(source) as db:
        if "://" in source:
            rows = db.execute(
                """SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'main'
                   AND table_name NOT IN ('gate', 'marks', 'search', 'token_record')"""
            ).fetchall()
        else:
            rows = db.execute(
                """SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table'
                   AND t.name NOT LIKE 'search%' AND t.name NOT LIKE 'sqlite_%' AND substr(t.name, 1, 1) != '_'"""
            ).fetchall()
    kept: dict[str, set[str]] = {}
    for table, column in rows:
        kept.setdefault(table, set()).add(column)
    assert copied.keys() == kept.keys() - VECTORS
    assert all(copied[table] == kept[table] for table in copied)
