"""Several callers at once: whatever their order, each write is answered once and none is lost."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING

from notewell_store import Conflict, Invalid, Once, StoreError, open_store
from notewell_store.markdown.rendering import render
from notewell_store.tables.rendered import html_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Knowledge

THREADS = 6


def at_once(work: Callable[[int], object]) -> list[object]:
    """What each of several threads, which all begin together, got or was refused with."""
    together = threading.Barrier(THREADS, timeout=30)
    answers: list[object] = []

    def run(number: int) -> None:
        together.wait()
        try:
            answers.append(work(number))
        except StoreError as error:
            answers.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(answers) == THREADS, "a thread died of what is no error of the store"
    return answers


def kinds(answers: list[object]) -> dict[str, int]:
    return dict(Counter(str(getattr(answer, "outcome", type(answer).__name__)) for answer in answers))


def test_one_call_sent_many_times_with_one_key_is_one_write(knowledge: Knowledge) -> None:
    for round_number in range(5):
        once = Once(f"key-{round_number}", "the call")
        answers = at_once(lambda _, o=once: knowledge.put(f"note-{o.key}", "text", once=o))  # type: ignore[misc]
        assert kinds(answers) == {"created": THREADS}
        assert len(set(answers)) == 1
        assert len(knowledge.history(f"note-key-{round_number}")) == 1


def test_of_many_who_create_one_slug_one_does_and_the_others_see_its_note(knowledge: Knowledge) -> None:
    for round_number in range(5):
        slug = f"note-{round_number}"
        answers = at_once(lambda number, s=slug: knowledge.put(s, f"text of {number}"))  # type: ignore[misc]
        assert kinds(answers) == {"created": 1, "Conflict": THREADS - 1}
        assert knowledge.note(slug).revision == 1


def test_of_many_who_replace_one_revision_by_different_texts_one_does(knowledge: Knowledge) -> None:
    knowledge.put("a", "start\n")
    answers = at_once(lambda number: knowledge.put("a", f"text of {number}\n", if_revision=1))
    assert kinds(answers) == {"updated": 1, "Conflict": THREADS - 1}
    assert all(answer.current == 2 for answer in answers if isinstance(answer, Conflict))


def test_of_many_who_take_one_new_name_one_has_it(knowledge: Knowledge) -> None:
    for number in range(THREADS):
        knowledge.put(f"n{number}", "text")
    answers = at_once(lambda number: knowledge.rename(f"n{number}", "wanted"))
    assert kinds(answers) == {"updated": 1, "Invalid": THREADS - 1}
    assert all(answer.argument == "new_slug" for answer in answers if isinstance(answer, Invalid))
    assert len(knowledge.listed()) == THREADS


def test_edits_of_one_note_by_all_are_all_kept_and_its_page_shows_them(knowledge: Knowledge) -> None:
    knowledge.put("a", "# A\n\nstart\n")

    def append(number: int) -> None:
        for turn in range(5):
            knowledge.edit("a", "append", f"word{number}x{turn}")

    assert at_once(append) == [None] * THREADS
    note = knowledge.note("a")
    assert note.revision == 1 + 5 * THREADS
    with knowledge.store.reading() as db:
        page = html_of(db, note, 0, len(note.markdown))
    for word in (f"word{number}x{turn}" for number in range(THREADS) for turn in range(5)):
        assert word in note.markdown
        assert word in page
        assert knowledge.found(word) == ["a"]
    assert page == render(note.markdown)


def test_parents_set_at_once_make_no_circle(knowledge: Knowledge) -> None:
    for number in range(THREADS):
        knowledge.put(f"n{number}", "")
    answers = at_once(lambda number: knowledge.put(f"n{number}", parent=f"n{(number + 1) % THREADS}"))
    assert kinds(answers) == {"updated": THREADS - 1, "Invalid": 1}


def test_stores_opened_by_many_at_once_are_one_store(knowledge: Knowledge) -> None:
    def work(number: int) -> int:
        own = type(knowledge)(open_store(knowledge.store.address))
        try:
            own.put(f"n{number}", "zebra")
            own.delete(f"n{number}")
            return own.restore(f"n{number}").revision
        finally:
            own.store.close()

    assert at_once(work) == [3] * THREADS
    assert sorted(knowledge.found("zebra")) == [f"n{number}" for number in range(THREADS)]
    assert [change.seq for change in knowledge.history()] == list(range(3 * THREADS, 0, -1))
