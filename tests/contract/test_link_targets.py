"""Where links lead as names come and go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from notewell_store.integrity.verify import verify
from notewell_store.tables import link_rows
from notewell_store.tables.projects import save_project

if TYPE_CHECKING:
    from tests.conftest import Knowledge


def test_links_that_lead_nowhere_or_somewhere_lead_right_after_every_move(knowledge: Knowledge) -> None:
    """Of many that wait for one name all are led at once; of those that wait for another none is looked at."""
    save_project(knowledge.store, "web", "ann")
    sections = " ".join(f"[[late#s{number}]]" for number in range(300))
    knowledge.put("hub", f"[[Twin]] [[early]] ![[late]] [x](late.md) [[hub#s]] {sections}")
    knowledge.put("t1", "", title="Twin", project="web")
    knowledge.put("t2", "", title="Twin")
    knowledge.put("early", "")
    assert "twin" in [link.note for link in knowledge.outgoing("hub") if not link.exists], "two bear the name"
    knowledge.put("late", "")
    assert len(knowledge.incoming("late")) == 302
    for change in ({"project": "web"}, {"is_public": True}, {"project": None}, {"title": "Hub"}):
        knowledge.put("hub", **change)
        assert verify(knowledge.store).whole, change
    knowledge.rename("late", "later")
    knowledge.delete("early")
    knowledge.put("early-too", "", title="early")
    assert verify(knowledge.store).whole


@pytest.mark.parametrize("further", ["", "more words " * 2_000])
@pytest.mark.parametrize("many", [1, 1_000])
@pytest.mark.parametrize("change", [{"title": "Late"}, {"new_slug": "late"}, {"project": "web"}, {"is_public": True}])
def test_links_lead_right_where_a_note_gets_another_text_and_another_name_at_once(
    knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], many: int, further: str
) -> None:
    monkeypatch.setattr(link_rows, "MANY", many)
    save_project(knowledge.store, "web", "ann")
    knowledge.put("t1", "", title="Twin", project="web")
    knowledge.put("t2", "", title="Twin")
    text = f"[[Twin]] [[late]] [[Late#a]] [[hub]] [[Hub#s]] ![[t1]]\n\n## A\n\n{further}"
    knowledge.put("hub", text, title="Hub")
    changed = knowledge.rewrite("hub", f"{text} [[late]] [[more]] [[Twin#b]]", **change).slug
    assert verify(knowledge.store).whole
    for content in (f"[[hub]] {text}", text):
        knowledge.rewrite(changed, content, is_whole=True, title="Hub", project=None, is_public=False)
        assert verify(knowledge.store).whole
        knowledge.rewrite(changed, f"{content} more", **{name: to for name, to in change.items() if name != "new_slug"})
        assert verify(knowledge.store).whole
    knowledge.delete(changed)
    knowledge.restore(changed)
    assert verify(knowledge.store).whole
