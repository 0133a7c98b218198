"""A draft that is made before the gate counts if nobody has committed since; else it is made again behind it."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.conftest import place_of

from notewell_store import Attribution, Change, Conflict, Edit, Invalid, Once, open_store, parse_reference
from notewell_store.contract import Visibility
from notewell_store.integrity.verify import verify
from notewell_store.tables.projects import save_project
from notewell_store.writing import drafts, editing, pipeline

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Knowledge

    from notewell_store.contract import Snapshot
    from notewell_store.writing.drafts import Draft

ME = Attribution("me")
TEXT = "# Note\n\nfirst line\n\nsecond line\n\nthird line\n"

WRITE = """
import sys
from functools import partial
from notewell_store import Attribution, Change, Once, open_store
from notewell_store.writing import drafts, editing, pipeline
path, slug, old, new, key = sys.argv[1:]
store = open_store(path)
with store.reading() as db:
    from notewell_store.tables import notes
    note = notes.load(db, notes.find_slug(db, slug))
change = Change(content=note.markdown.replace(old, new))
compose = partial(drafts.upsert, slug=slug, change=change, if_revision=note.revision)
pipeline.write(store, compose, Attribution("other"), once=Once(key, "the call") if key else None)
store.close()
"""


class Drafting:
    """A way to draft that counts how often it is asked, and lets something happen after the first time."""

    def __init__(self, compose: Callable[[Snapshot], Draft], meanwhile: Callable[[], object] = lambda: None) -> None:
        self.times = 0
        self._compose = compose
        self._meanwhile = meanwhile

    def __call__(self, db: Snapshot) -> Draft:
        self.times += 1
        made = self._compose(db)
        if self.times == 1:
            self._meanwhile()
        return made


def upserting(content: str, if_revision: int | None = 1) -> Callable[[Snapshot], Draft]:
    return partial(drafts.upsert, slug="note", change=Change(content=content), if_revision=if_revision)


def other_process(knowledge: Knowledge, old: str, new: str, key: str = "") -> Callable[[], object]:
    words = [sys.executable, "-c", WRITE, str(knowledge.store.address), "note", old, new, key]
    return lambda: subprocess.run(words, check=True, timeout=60)


@pytest.fixture
def note(knowledge: Knowledge) -> Knowledge:
    """A store with a note whose page is stored: nothing is done in the background any more."""
    knowledge.put("note", TEXT)
    knowledge.store.background.finish()
    return knowledge


def test_where_nobody_commits_meanwhile_a_write_is_drafted_once(note: Knowledge) -> None:
    drafting = Drafting(upserting(TEXT.replace("first", "1st")))
    assert pipeline.write(note.store, drafting, ME).outcome == "updated"
    assert drafting.times == 1
    assert note.note("note").markdown == TEXT.replace("first", "1st")


def test_the_first_write_of_a_new_store_is_drafted_once(tmp_path: Path) -> None:
    store = open_store(place_of(tmp_path / "new.db"))
    drafting = Drafting(upserting(TEXT, None))
    assert pipeline.write(store, drafting, ME).outcome == "created"
    assert drafting.times == 1
    store.close()


def test_a_change_of_another_process_in_between_is_merged(note: Knowledge) -> None:
    drafting = Drafting(upserting(TEXT.replace("first", "1st")), other_process(note, "third", "3rd"))
    saved = pipeline.write(note.store, drafting, ME)
    assert (saved.outcome, saved.revision, saved.merged_with, drafting.times) == ("merged", 3, (2,), 2)
    assert note.note("note").markdown == TEXT.replace("first", "1st").replace("third", "3rd")


def test_an_edit_finds_its_place_in_the_text_that_another_process_wrote_in_between(note: Knowledge) -> None:
    change = Edit("append", "the end\n")
    compose = partial(editing.edit, reference=parse_reference("note"), change=change, if_revision=None)
    drafting = Drafting(compose, other_process(note, "third", "3rd"))
    assert pipeline.write(note.store, drafting, ME).revision == 3
    text = note.note("note").markdown
    assert "3rd line" in text
    assert "the end" in text


def test_a_former_text_is_brought_back_whole_over_what_was_written_in_between(note: Knowledge) -> None:
    """The text is the same again, and no longer what was planned lies between it and the one before."""
    page = "# Note\n\n## One\n\none\n\n## Two\n\ntwo\n\n## Three\n\nthree\n"
    note.rewrite("note", page)
    note.rewrite("note", page.replace("three\n", "3\n"))
    note.store.background.finish()
    compose = partial(drafts.restore, reference=parse_reference("note@2"))
    drafting = Drafting(compose, lambda: note.rewrite("note", page.replace("one\n", "one, and more of it\n")))
    assert pipeline.write(note.store, drafting, ME).revision == 5
    assert note.note("note").markdown == page
    assert not verify(note.store).findings
    note.put("note", title="Another title")
    assert not verify(note.store).findings


def test_a_note_that_was_made_in_between_keeps_its_numbers_and_is_led_to(note: Knowledge) -> None:
    text = TEXT + "\nSee [[late]] and [[early]].\n"
    drafting = Drafting(upserting(text), lambda: note.put("late", "# Late\n\nSee [[early]].\n"))
    assert [one.ref for one in pipeline.write(note.store, drafting, ME).dangling] == ["early"]
    early = partial(drafts.upsert, slug="early", change=Change(content="# Early\n"), if_revision=None)
    meanwhile = partial(note.put, "third", "# Third\n\nSee [[early]], [[note]] and [[fourth]].\n")
    assert pipeline.write(note.store, Drafting(early, meanwhile), ME).outcome == "created"
    assert [link.note for link in note.outgoing("note")] == ["late", "early"]
    assert sorted(link.note for link in note.incoming("early")) == ["late", "note", "third"]
    assert [one.seq for one in note.history()] == [5, 4, 3, 2, 1]
    assert not verify(note.store).findings


def test_a_title_that_a_note_got_in_between_is_what_a_link_is_led_to(note: Knowledge) -> None:
    note.put("other", "# Other\n")
    note.store.background.finish()
    drafting = Drafting(upserting(TEXT + "\n[[A later title]]\n"), lambda: note.put("other", title="A later title"))
    assert pipeline.write(note.store, drafting, ME).dangling == ()
    assert [link.note for link in note.outgoing("note")] == ["other"]


def test_a_change_of_the_same_place_in_between_is_a_conflict(note: Knowledge) -> None:
    drafting = Drafting(upserting(TEXT.replace("first", "1st")), other_process(note, "first", "No. 1"))
    with pytest.raises(Conflict) as refused:
        pipeline.write(note.store, drafting, ME)
    assert (refused.value.current, drafting.times) == (2, 2)
    assert note.note("note").markdown == TEXT.replace("first", "No. 1")


def test_a_call_that_another_process_has_answered_in_between_gets_that_answer(note: Knowledge) -> None:
    drafting = Drafting(upserting(TEXT.replace("first", "1st")), other_process(note, "first", "1st", "key"))
    saved = pipeline.write(note.store, drafting, ME, once=Once("key", "the call"))
    assert (saved.outcome, saved.revision, drafting.times) == ("updated", 2, 1)
    assert len(note.history("note")) == 2


def test_a_page_that_is_stored_meanwhile_makes_a_draft_be_made_again(note: Knowledge) -> None:
    note.put("other", "text")
    drafting = Drafting(upserting(TEXT.replace("first", "1st")), note.store.background.finish)
    assert pipeline.write(note.store, drafting, ME).outcome == "updated"
    assert drafting.times == 2


@pytest.mark.of_sqlite("a database tells it with each snapshot")
def test_where_it_cannot_be_told_whether_anybody_has_committed_a_draft_is_made_again(
    note: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Path(note.store.address)
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != database)  # which a test run by root cannot bar
    assert note.store.version() is None
    drafting = Drafting(upserting(TEXT.replace("first", "1st")))
    assert pipeline.write(note.store, drafting, ME).outcome == "updated"
    assert drafting.times == 2


def test_a_dry_run_is_drafted_once_and_writes_nothing(note: Knowledge) -> None:
    drafting = Drafting(upserting(TEXT.replace("first", "1st")), other_process(note, "third", "3rd"))
    saved = pipeline.write(note.store, drafting, ME, dry_run=True)
    assert (saved.outcome, saved.revision, drafting.times) == ("updated", 1, 1)
    assert note.note("note").revision == 2


def test_who_does_not_see_all_writes_once_and_stays_within_what_there_is(note: Knowledge) -> None:
    save_project(note.store, "web", "tester")
    note.put("own", "text", project="web")
    note.store.background.finish()
    limited = note.store.seen_by(Visibility("web"))
    change = Change(content="more", project="web")
    drafting = Drafting(partial(drafts.upsert, slug="own", change=change, if_revision=1))
    assert pipeline.write(limited, drafting, ME).outcome == "updated"
    assert drafting.times == 1
    taken = partial(drafts.upsert, slug="note", change=change, if_revision=None)
    with pytest.raises(Invalid, match="not free"):
        pipeline.write(limited, taken, ME)


def test_who_does_not_see_a_key_that_was_used_is_refused_and_writes_nothing(note: Knowledge) -> None:
    save_project(note.store, "web", "tester")
    note.put("own", "text", project="web", once=Once("key", "one call"))
    note.store.background.finish()
    limited = note.store.seen_by(Visibility("web"))
    change = partial(drafts.upsert, slug="own", change=Change(title="Other"), if_revision=None)
    with pytest.raises(Invalid, match="idempotency_key"):
        pipeline.write(limited, change, ME, once=Once("key", "another call"))
    assert note.note("own").revision == 1


def test_a_long_text_that_another_changed_meanwhile_is_drafted_again_while_others_may_write(
    knowledge: Knowledge,
) -> None:
    text = "# Note\n\nfirst line\n\n" + "more\n\n" * 10_000 + "last line\n"
    knowledge.put("note", text)
    knowledge.store.background.finish()  # a page that is kept meanwhile would be somebody who has written
    made: list[int] = []
    by_other = partial(
        editing.edit,
        reference=parse_reference("note"),
        change=Edit(mode="append", new_text="the end\n"),
        if_revision=None,
    )

    def compose(db: Snapshot) -> Draft:
        made.append(len(made))
        with closing(open_store(knowledge.store.address)) as other:
            with other.writing(1.0):
                pass  # Busy, were the draft made behind the gate
            draft = upserting(text.replace("first", "1st"))(db)
            if len(made) == 1:
                pipeline.write(other, by_other, ME)
                other.background.finish()
        return draft

    saved = pipeline.write(knowledge.store, compose, ME)
    assert (saved.outcome, saved.merged_with, made) == ("merged", (2,), [0, 1])
    assert "1st line" in knowledge.note("note").markdown
    assert knowledge.note("note").markdown.endswith("the end\n")
