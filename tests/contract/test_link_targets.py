"""Where links lead as names come and go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notewell_store.integrity.verify import verify
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
