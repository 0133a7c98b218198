"""Any run of changes of a few notes, and what must hold of the store after each of them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests.conftest import Knowledge

from notewell_store import StoreError, open_store, parse_reference
from notewell_store.tables import notes
from notewell_store.tables.dangling import count_dangling

if TYPE_CHECKING:
    from tests.engines import EngineUnderTest

BOUNDS = settings(deadline=None, max_examples=40, stateful_step_count=25)
NAMES = st.sampled_from(["a", "b", "c", "d", "1x"])
REFERENCES = st.sampled_from(["a", "b", "c", "d", "1x", "1", "2", "3"])
TEXTS = st.lists(
    st.sampled_from(["[[a]]", "[[b#h]]", "[x](c.md)", "note://d", "[[1x]]", "[[2]]", "# H\n", "word", "\n"]),
    max_size=4,
).map("".join)


class AnyHistory(RuleBasedStateMachine):
    engine: EngineUnderTest

    @initialize()
    def begin(self) -> None:
        self.store = open_store(self.engine.address())
        self.knowledge = Knowledge(self.store)
        self.names: dict[str, int] = {}  # every slug that a note ever had, and the note
        self.changes = 0

    def teardown(self) -> None:
        self.store.close()
        self.engine.end()

    @rule(slug=NAMES, text=TEXTS)
    def create(self, slug: str, text: str) -> None:
        with suppress(StoreError):
            self.knowledge.put(slug, text)

    @rule(ref=REFERENCES, text=TEXTS)
    def rewrite(self, ref: str, text: str) -> None:
        with suppress(StoreError):
            self.knowledge.rewrite(ref, text, is_whole=True)

    @rule(ref=REFERENCES, new_slug=NAMES)
    def rename(self, ref: str, new_slug: str) -> None:
        with suppress(StoreError):
            self.knowledge.rename(ref, new_slug)

    @rule(ref=REFERENCES)
    def delete(self, ref: str) -> None:
        with suppress(StoreError):
            self.knowledge.delete(ref)

    @rule(ref=REFERENCES, back=st.integers(0, 5))
    def restore(self, ref: str, back: int) -> None:
        with suppress(StoreError):
            self.knowledge.restore(f"{ref}@{self.knowledge.note(ref).revision - back}" if back else ref)

    @rule(ref=REFERENCES, to=REFERENCES, mode=st.sampled_from(["add", "set", "remove"]))
    def link(self, ref: str, to: str, mode: str) -> None:
        with suppress(StoreError):
            self.knowledge.link(ref, to, mode=mode, allow_missing=True)

    @rule(ref=REFERENCES, parent=st.one_of(REFERENCES, st.just("none")))
    def move(self, ref: str, parent: str) -> None:
        with suppress(StoreError):
            self.knowledge.put(ref, parent=parent)

    @invariant()
    def names_are_never_lost(self) -> None:
        with self.store.reading() as db:
            present = dict(db.execute("SELECT slug, id FROM notes UNION ALL SELECT slug, note_id FROM aliases"))
            count = db.execute("SELECT (SELECT count(*) FROM notes) + (SELECT count(*) FROM aliases)").fetchone()
        assert count == (len(present),), "a name belongs to two notes"
        assert self.names.items() <= present.items()
        self.names = present

    @invariant()
    def no_link_dangles_whose_target_is_there(self) -> None:
        with self.store.reading() as db:
            rows = db.execute("SELECT source_id, target, target_id FROM links").fetchall()
            for source, target, target_id in rows:
                found = notes.find_slug(db, target)
                if found is None and notes.find_id(db, parse_reference(target)) is not None:
                    found = parse_reference(target).note_id
                assert source != target_id
                assert target_id == found

    @invariant()
    def links_are_read_from_both_ends(self) -> None:
        living = self.knowledge.listed()
        out = {
            (slug, link.note, link.anchor, link.relation)
            for slug in living
            for link in self.knowledge.outgoing(slug)
            if link.exists
        }
        into = {
            (link.note, slug, link.anchor, link.relation) for slug in living for link in self.knowledge.incoming(slug)
        }
        assert out == into
        with self.store.reading() as db:
            assert count_dangling(db) >= sum(len(set(self.knowledge.dangling(slug))) for slug in living)

    @invariant()
    def parents_make_no_circle(self) -> None:
        with self.store.reading() as db:
            parents = dict(db.execute("SELECT id, parent_id FROM notes"))
        for note in parents:
            above, steps = parents[note], 0
            while above is not None:
                above, steps = parents[above], steps + 1
                assert steps <= len(parents)

    @invariant()
    def history_grows_without_gaps_and_ends_in_what_stands(self) -> None:
        changes = self.knowledge.history()
        assert [change.seq for change in changes] == list(range(len(changes), 0, -1))
        assert self.changes <= len(changes) <= self.changes + 1
        self.changes = len(changes)
        for slug in {change.slug for change in changes}:
            now = self.knowledge.note(slug)
            kept = self.knowledge.note(f"{slug}@{now.revision}")
            assert (kept.markdown, kept.metadata.deleted) == (now.markdown, now.metadata.deleted)
            assert kept.metadata.slug == now.metadata.slug
            assert [change.revision for change in self.knowledge.history(slug)] == list(range(now.revision, 0, -1))


@pytest.fixture
def machine(engine: EngineUnderTest) -> type[AnyHistory]:
    return type("AnyHistory", (AnyHistory,), {"engine": engine})


def test_whatever_is_done_names_links_parents_and_history_stay_whole(machine: type[AnyHistory]) -> None:
    run_state_machine_as_test(machine, settings=BOUNDS)
