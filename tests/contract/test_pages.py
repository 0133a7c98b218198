"""Pages: the HTML of a note, made when it is written and the same as if it were made now."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from notewell_store.markdown.rendering import render
from notewell_store.markdown.sections import pick_section
from notewell_store.tables.rendered import html_of, store_pages
from notewell_store.tables.sections import read_sections

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Knowledge

    from notewell_store import Saved

TEXT = "# A\n\n<script>alert(1)</script>\n\n**bold** [[b]]\n\n## Part\n\n- [ ] do\n"


def page_of(knowledge: Knowledge, ref: str, anchor: str | None = None) -> str:
    note = knowledge.note(ref)
    with knowledge.store.reading() as db:
        if anchor is None:
            return html_of(db, note, 0, len(note.markdown))
        section = pick_section(read_sections(db, note.id), anchor, ref)
        return html_of(db, note, section.start, section.end)


def stored_pages(knowledge: Knowledge) -> int:
    with knowledge.store.reading() as db:
        (count,) = db.execute("SELECT count(*) FROM texts WHERE html IS NOT NULL").fetchone()
    return int(count)


def test_a_page_is_stored_with_the_note_and_holds_no_script(knowledge: Knowledge) -> None:
    knowledge.put("a", TEXT)
    knowledge.store.background.finish()
    assert stored_pages(knowledge) == 1
    page = page_of(knowledge, "a")
    assert page == render(TEXT)
    assert "<strong>bold</strong>" in page
    assert "script" not in page


def test_the_page_follows_every_change_of_the_text(knowledge: Knowledge) -> None:
    knowledge.put("a", TEXT)
    steps: tuple[Callable[[], Saved], ...] = (
        lambda: knowledge.rewrite("a", "# Other\n\ntext\n"),
        lambda: knowledge.edit("a", "append", "more"),
        lambda: knowledge.put("a", status="active"),
        lambda: knowledge.restore("a@1"),
        lambda: knowledge.delete("a"),
        lambda: knowledge.restore("a"),
        lambda: knowledge.rewrite("a", ""),
    )
    for step in steps:
        assert step().outcome == "updated"
        assert page_of(knowledge, "a") == render(knowledge.note("a").markdown)
        knowledge.store.background.finish()
        assert page_of(knowledge, "a") == render(knowledge.note("a").markdown)
        assert stored_pages(knowledge) == len(knowledge.listed())


def test_a_page_is_stored_soon_after_the_answer(knowledge: Knowledge) -> None:
    knowledge.put("a", TEXT)
    limit = monotonic() + 20
    while not stored_pages(knowledge) and monotonic() < limit:
        pass
    assert stored_pages(knowledge) == 1


def test_what_is_written_last_before_a_store_is_closed_has_a_page(knowledge: Knowledge) -> None:
    for number in range(5):
        knowledge.put(f"note-{number}", TEXT)
    knowledge.store.close()
    assert stored_pages(knowledge) == 5


def test_a_page_that_was_never_stored_is_made_on_demand_and_can_be_stored_later(knowledge: Knowledge) -> None:
    knowledge.put("a", TEXT)
    knowledge.store.background.finish()
    with knowledge.store.writing() as db:  # as a process leaves it that is killed right after its answer
        db.execute("UPDATE texts SET html = NULL")
    assert page_of(knowledge, "a") == render(TEXT)
    store_pages(knowledge.store.reading, knowledge.store.writing, [knowledge.note("a").id, 999])
    assert stored_pages(knowledge) == 1
    assert page_of(knowledge, "a") == render(TEXT)


def test_a_section_and_an_earlier_revision_have_pages_of_their_own(knowledge: Knowledge) -> None:
    knowledge.put("a", TEXT)
    assert page_of(knowledge, "a", "part") == render("## Part\n\n- [ ] do\n")
    knowledge.rewrite("a", "new\n")
    assert page_of(knowledge, "a@1") == render(TEXT)
    assert page_of(knowledge, "a") == render("new\n")
