"""How much a store holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from notewell_store.integrity.figures import figures

if TYPE_CHECKING:
    from tests.conftest import Knowledge


def test_figures_count_what_there_is(knowledge: Knowledge) -> None:
    knowledge.put("a", "See [[nowhere]] and [[b]].\n")
    knowledge.put("b", "text\n")
    knowledge.put("c", "text\n")
    knowledge.delete("c")
    found = figures(knowledge.store)
    assert (found.notes, found.revisions, found.dangling_links) == (2, 4, 1)
    assert found.sizes.database_bytes > 0


@pytest.mark.of_sqlite("who keeps a database knows of its backups")
def test_the_age_of_the_last_backup_is_a_figure(knowledge: Knowledge) -> None:
    knowledge.put("a", "text\n")
    assert figures(knowledge.store).sizes.backup_age is None
    knowledge.store.engine.upkeep.backup(knowledge.store)
    age = figures(knowledge.store).sizes.backup_age
    assert age is not None and 0 <= age < 600
