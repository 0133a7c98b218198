"""That a note still holds, said without changing it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.conftest import SOMEONE

from notewell_store import Attribution, Conflict
from notewell_store.models import Once
from notewell_store.tables.history import list_revisions
from notewell_store.tables.upkeep import stale_sops

if TYPE_CHECKING:
    from tests.conftest import Knowledge

LONG_AGO = Attribution("ann", at="2020-01-01T00:00:00.000Z")
BEN = Attribution("ben", "pr/7", "walked through it")


def test_a_confirmation_is_a_revision_of_the_same_text_with_who_and_why(knowledge: Knowledge) -> None:
    knowledge.put("a", "# A\n\none\n", tags=("x",), by=LONG_AGO)
    saved = knowledge.put("a", confirm=True, by=BEN)
    assert (saved.outcome, saved.revision) == ("confirmed", 2)
    note = knowledge.note("a")
    assert (note.markdown, note.metadata.tags, note.actor) == ("# A\n\none\n", ("x",), "ben")
    with knowledge.store.reading() as db:
        newest = list_revisions(db, note.id, limit=1).items[0]
    assert (newest.changed, newest.reason, newest.revised_by) == (("confirmed",), "walked through it", "pr/7")


def test_a_procedure_that_was_confirmed_is_not_stale(knowledge: Knowledge) -> None:
    knowledge.put("deploy", "# Deploy\n", note_type="sop", status="active", by=LONG_AGO)
    with knowledge.store.reading() as db:
        assert [one.slug for one in stale_sops(db, "2021-01-01T00:00:00.000Z")] == ["deploy"]
    knowledge.put("deploy", confirm=True, by=BEN)
    with knowledge.store.reading() as db:
        assert stale_sops(db, "2021-01-01T00:00:00.000Z") == []


def test_nobody_confirms_what_they_did_not_read(knowledge: Knowledge) -> None:
    knowledge.put("a", "one\n")
    knowledge.rewrite("a", "two\n")
    with pytest.raises(Conflict):
        knowledge.put("a", confirm=True, if_revision=1, by=BEN)
    assert knowledge.note("a").revision == 2
    assert knowledge.put("a", confirm=True, if_revision=2, by=BEN).outcome == "confirmed"


def test_the_same_hand_confirms_once_a_day_and_another_for_itself(knowledge: Knowledge) -> None:
    knowledge.put("a", "one\n")
    outcomes = [knowledge.put("a", confirm=True, by=by).outcome for by in (SOMEONE, SOMEONE, BEN, BEN)]
    assert outcomes == ["confirmed", "unchanged", "confirmed", "unchanged"]
    knowledge.rewrite("a", "two\n", by=BEN)
    assert knowledge.put("a", confirm=True, by=BEN).outcome == "confirmed"  # which is another text


def test_what_changes_as_well_is_told_as_a_change(knowledge: Knowledge) -> None:
    assert knowledge.put("a", "one\n", confirm=True).outcome == "created"
    assert knowledge.rewrite("a", "two\n", confirm=True).outcome == "updated"


def test_a_confirmation_that_is_only_tried_writes_nothing(knowledge: Knowledge) -> None:
    knowledge.put("a", "one\n")
    assert knowledge.put("a", confirm=True, dry_run=True).outcome == "confirmed"
    assert knowledge.note("a").revision == 1


def test_a_confirmation_under_a_key_is_made_once(knowledge: Knowledge) -> None:
    knowledge.put("a", "one\n")
    saved = [knowledge.put("a", confirm=True, by=BEN, once=Once("k", "c")) for _ in range(2)]
    assert [(one.outcome, one.revision) for one in saved] == [("confirmed", 2)] * 2
