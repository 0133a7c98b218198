"""History: every change is kept whole, numbered without gaps, with who, why and when."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from notewell_store import Attribution, Invalid, NotFound
from notewell_store.integrity.verify import verify
from notewell_store.tables import feed, history
from notewell_store.tables.changes import newest_change
from notewell_store.tables.history import blame_note, diff_revisions, list_revisions
from notewell_store.tables.projects import save_project

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Knowledge

WHEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def test_every_number_has_its_whole_text_and_metadata_for_ever(knowledge: Knowledge) -> None:
    save_project(knowledge.store, "web", "tester")
    knowledge.put("top", "")
    knowledge.put("a", "one\n", title="One", tags=("x",))
    states = [knowledge.note("a")]
    steps: tuple[Callable[[], object], ...] = (
        lambda: knowledge.rewrite("a", "one\ntwo\n"),
        lambda: knowledge.put("a", title="Two", note_type="plan", status="draft"),
        lambda: knowledge.put("a", project="web", parent="top", position=4, is_public=True),
        lambda: knowledge.put("a", add_tags=("y",), remove_tags=("x",)),
        lambda: knowledge.link("a", "top", relation="implements"),
        lambda: knowledge.rename("a", "b"),
        lambda: knowledge.edit("b", "append", "three"),
        lambda: knowledge.delete("b"),
        lambda: knowledge.restore("b"),
        lambda: knowledge.rewrite("b", ""),
        lambda: knowledge.restore("b@1"),
    )
    for step in steps:
        step()
        states.append(knowledge.note("a"))
    assert [state.revision for state in states] == list(range(1, 13))
    for state in states:
        then = knowledge.note(f"a@{state.revision}")
        assert (then.markdown, then.metadata, then.seq) == (state.markdown, state.metadata, state.seq)
        assert (then.updated_at, then.created_at) == (state.updated_at, state.created_at)


def test_numbers_have_no_gaps_and_the_change_numbers_of_the_store_only_rise(knowledge: Knowledge) -> None:
    for number in range(10):
        for slug in ("a", "b", "c"):
            if number:
                knowledge.edit(slug, "append", f"line {number}")
            else:
                knowledge.put(slug, "start")
    changes = knowledge.history()
    assert [change.seq for change in changes] == list(range(30, 0, -1))
    for slug in ("a", "b", "c"):
        assert [change.revision for change in knowledge.history(slug)] == list(range(10, 0, -1))
    with knowledge.store.reading() as db:
        assert newest_change(db) == 30


def test_failed_writes_leave_no_gap(knowledge: Knowledge) -> None:
    knowledge.put("a", "text")
    attempts: tuple[Callable[[], object], ...] = (
        lambda: knowledge.put("a", title=""),
        lambda: knowledge.put("b", "x\0"),
        lambda: knowledge.link("a", "nowhere"),
        lambda: knowledge.put("c", "x", by=Attribution("tester", None, "\ud800")),
    )
    for attempt in attempts:
        with pytest.raises((Invalid, NotFound)):
            attempt()
    knowledge.put("b", "text")
    assert [(change.slug, change.seq, change.revision) for change in knowledge.history()] == [
        ("b", 2, 1),
        ("a", 1, 1),
    ]
    assert knowledge.id_of("b") == 2


def test_each_revision_says_who_why_when_on_whose_account_and_what(knowledge: Knowledge) -> None:
    knowledge.put("a", "text", by=Attribution("ann", "https://example.org/pull/1", "begin"))
    knowledge.rewrite("a", "other", Attribution("ben", "0a1b2c3"), title="New", tags=("t",))
    newest, first = knowledge.history("a")
    assert (first.actor, first.revised_by, first.reason) == ("ann", "https://example.org/pull/1", "begin")
    assert (newest.actor, newest.revised_by, newest.reason) == ("ben", "0a1b2c3", None)
    assert WHEN.fullmatch(first.revised_at)
    assert first.revised_at <= newest.revised_at
    assert (first.changed, newest.changed) == (("created",), ("content", "title", "tags"))


def test_a_revision_keeps_the_door_it_came_by_and_the_program(knowledge: Knowledge) -> None:
    knowledge.put("a", "text\n")
    by = Attribution("ann", door="stdio", client="claude-code 2.1")
    knowledge.rewrite("a", "text\nmore\n", by)
    newest, first = knowledge.history("a")
    assert (first.door, first.client, newest.door, newest.client) == (None, None, "stdio", "claude-code 2.1")
    with knowledge.store.reading() as db:
        assert [(one.door, one.client) for one in feed.after(db, 1, 9)] == [("stdio", "claude-code 2.1")]
        assert [one.door for one in blame_note(db, 1)] == [None, "stdio"]
        assert {(one.actor, one.door) for one in feed.counted_by_day(db, "2000").counts} == {
            ("tester", None),
            ("ann", "stdio"),
        }
    assert not verify(knowledge.store).damage


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"title": "B"}, "title"),
        ({"note_type": "plan"}, "type"),
        ({"status": "draft"}, "status"),
        ({"tags": ("t",)}, "tags"),
        ({"position": 1}, "position"),
        ({"is_public": True}, "public"),
        ({"new_slug": "b"}, "slug"),
    ],
)
def test_a_revision_names_the_kind_of_thing_that_changed(
    knowledge: Knowledge, change: dict[str, Any], kind: str
) -> None:
    knowledge.put("a", "text")
    knowledge.put("a", **change)
    assert knowledge.history("a")[0].changed == (kind,)


def test_history_is_filtered_by_account_actor_time_and_change_number(knowledge: Knowledge) -> None:
    for number, (actor, account) in enumerate((("ann", "pr/1"), ("ben", "pr/1"), ("ann", None)), 1):
        at = f"2026-01-0{number}T12:00:00.000Z"
        knowledge.put(f"n{number}", "", by=Attribution(actor, account, None, at))
    assert [change.slug for change in knowledge.history(revised_by="pr/1")] == ["n2", "n1"]
    assert [change.slug for change in knowledge.history(actor="ann")] == ["n3", "n1"]
    assert [change.slug for change in knowledge.history(actor="ann", revised_by="pr/1")] == ["n1"]
    assert [change.slug for change in knowledge.history(since="1")] == ["n3", "n2"]
    assert knowledge.history(since="3") == ()
    assert knowledge.history(since="2026") == ()
    assert len(knowledge.history(since="0")) == 3
    assert [change.slug for change in knowledge.history(since="2026-01-02")] == ["n3", "n2"]
    assert [change.slug for change in knowledge.history(since="2026-01-02T12:00:00Z")] == ["n3"]
    assert [change.slug for change in knowledge.history(since="2026-01-02T13:30:00+02:00")] == ["n3", "n2"]
    for nonsense in ("some day", "²", "-1", ""):
        with pytest.raises(Invalid):
            knowledge.history(since=nonsense)


def test_history_is_paged_through_once_while_others_write(knowledge: Knowledge) -> None:
    for number in range(25):
        knowledge.put(f"n{number}", "")
    seen, cursor = [], None
    while True:
        with knowledge.store.reading() as db:
            page = list_revisions(db, limit=4, cursor=cursor)
        seen += [change.slug for change in page.items]
        knowledge.put("noise", f"{len(seen)}", if_revision=knowledge.note("noise").revision if len(seen) > 4 else None)
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    assert seen == [f"n{number}" for number in range(24, -1, -1)]


@pytest.mark.parametrize("cursor", ["", "x", "é", "!!!", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk", "W10", "bm90"])
def test_a_cursor_that_is_not_ours_is_refused(knowledge: Knowledge, cursor: str) -> None:
    knowledge.put("a", "")
    with pytest.raises(Invalid), knowledge.store.reading() as db:
        list_revisions(db, cursor=cursor)


def test_a_diff_shows_text_and_metadata_between_any_two_numbers(knowledge: Knowledge) -> None:
    knowledge.put("a", "one\ntwo\n", status="draft")
    knowledge.rewrite("a", "one\n2\n", status="active", tags=("t",))
    with knowledge.store.reading() as db:
        note_id = knowledge.id_of("a")
        forward = diff_revisions(db, note_id, "a", 1, 2)
        back = diff_revisions(db, note_id, "a", 2, 1)
        assert diff_revisions(db, note_id, "a", 1, 1) == ""
        assert {"+one", "+two"} <= set(diff_revisions(db, note_id, "a", 0, 1).splitlines())
        with pytest.raises(NotFound):
            diff_revisions(db, note_id, "a", 1, 3)
        with pytest.raises(NotFound):
            diff_revisions(db, note_id, "a", -1, 1)
    assert {"- status: draft", "+ status: active", "+ tags: t", "-two", "+2"} <= set(forward.splitlines())
    assert {"+ status: draft", "- status: active", "+two", "-2"} <= set(back.splitlines())


def test_blame_looks_at_the_newest_revisions_and_says_which_lines_may_be_older(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 7):
        lines = "".join(f"line {line}\n" for line in range(1, number + 1))
        knowledge.put("a", lines) if number == 1 else knowledge.rewrite("a", lines)
    for name, bound in (("MOST_BLAMED", 3), ("MOST_COMPARED", 3 * len(lines) - 1)):
        with monkeypatch.context() as bounded, knowledge.store.reading() as db:
            whole = blame_note(db, knowledge.id_of("a"))
            bounded.setattr(history, name, bound)
            ranges = blame_note(db, knowledge.id_of("a"))
        assert [(each.revision, each.or_before) for each in whole] == [(number, False) for number in range(1, 7)]
        assert [(each.revision, each.first, each.last, each.or_before) for each in ranges] == [
            (4, 1, 4, True),
            (5, 5, 5, False),
            (6, 6, 6, False),
        ]


def test_blame_names_for_each_line_the_revision_that_brought_it(knowledge: Knowledge) -> None:
    knowledge.put("a", "one\ntwo\nthree\n", by=Attribution("ann", "pr/1"))
    knowledge.rewrite("a", "one\n2\nthree\n", Attribution("ben", "pr/2"))
    knowledge.put("a", status="active")
    knowledge.rewrite("a", "zero\none\n2\nthree\n", Attribution("eve"))
    with knowledge.store.reading() as db:
        ranges = blame_note(db, knowledge.id_of("a"))
    assert [(r.first, r.last, r.revision, r.actor, r.revised_by, r.text) for r in ranges] == [
        (1, 1, 4, "eve", None, "zero\n"),
        (2, 2, 1, "ann", "pr/1", "one\n"),
        (3, 3, 2, "ben", "pr/2", "2\n"),
        (4, 4, 1, "ann", "pr/1", "three\n"),
    ]
