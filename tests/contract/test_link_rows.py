"""The rows of many links: laid aside before the lock, and right behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from notewell_store.integrity.verify import verify
from notewell_store.tables import link_rows

if TYPE_CHECKING:
    from tests.conftest import Knowledge


NAMED = """[[early]] ![[early#a]] [[hub]] [[hub#s]] [[Hub Page]] [[late]]
[[Twin]] [x](note://early) <note://late> [[Was]]"""


@pytest.mark.parametrize("further", ["", "more words " * 2_000])
@pytest.mark.parametrize("many", [1, 1_000])
def test_links_that_were_laid_aside_lead_where_they_do_behind_the_lock(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch, many: int, further: str
) -> None:
    """Whatever came, and went, between the look and the lock; the note itself too, which comes with its links."""
    monkeypatch.setattr(link_rows, "MANY", many)
    ready, was_overtaken = link_rows.make_ready, False

    def meanwhile() -> None:
        knowledge.put("late", "")
        knowledge.rename("early", "early-2")
        knowledge.put("was", title="Another")

    def overtaken(*given: Any) -> None:
        nonlocal was_overtaken
        ready(*given)
        monkeypatch.setattr(link_rows, "make_ready", ready)
        meanwhile()
        was_overtaken = True

    for slug, title in (("t1", "Twin"), ("t2", "Twin"), ("early", "Early"), ("t3", "Was")):
        knowledge.put(slug, "", title=title)
    knowledge.rename("t3", "was")
    monkeypatch.setattr(link_rows, "make_ready", overtaken)
    knowledge.put("hub", f"{NAMED}\n{further}", title="Hub Page")
    if not was_overtaken:
        meanwhile()
    assert verify(knowledge.store).whole
    assert [link.note for link in knowledge.incoming("late")] == ["hub"]
    assert [link.anchor for link in knowledge.incoming("early-2")] == ["a", None]
    assert knowledge.incoming("hub") == ()
    saved = knowledge.rewrite("hub", f"{NAMED} [[hub]] more [[early]] [[n]] [[Hub Page]] [[hub#t]]\n{further}")
    assert [one.ref for one in saved.dangling] == ["twin", "n"]
    assert verify(knowledge.store).whole
    saved = knowledge.rewrite("hub", f"[[hub#u]] [[late]] [[Early#b]]\n{further}")
    assert (saved.dangling, [link.anchor for link in knowledge.incoming("early-2")]) == ((), ["b"])
    assert verify(knowledge.store).whole


@pytest.mark.of_sqlite("PostgreSQL lays nothing aside, and looks at such a link behind the lock")
def test_links_of_a_text_that_names_itself_stay_where_they_are_the_same(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those to the note itself are not kept, and are no reason to write all that follow them anew."""

    def rows() -> list[Any]:
        with knowledge.store.reading() as db:
            return db.execute("SELECT id, target FROM links ORDER BY id").fetchall()

    monkeypatch.setattr(link_rows, "MANY", 1)
    text = f"[[n1]] [[hub#a]] [[n2]] [[Hub Page]] [[n3]]\n\n{'more words ' * 2_000}\n"
    knowledge.put("hub", text, title="Hub Page")
    before = rows()
    knowledge.edit("hub", "append", "one line more\n")
    assert rows() == before
    knowledge.edit("hub", "append", "[[hub#b]] [[n4]]\n")
    assert rows()[: len(before)] == before
    assert [link.note for link in knowledge.outgoing("hub")] == ["n1", "n2", "n3", "n4"]
    assert verify(knowledge.store).whole
