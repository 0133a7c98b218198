"""What names mean where not all may be seen: nothing that is hidden from a reader changes what a link leads to."""

from __future__ import annotations

from itertools import combinations

import pytest

from notewell_store.resolution import Asker, Bearer, Meant, Way, asked, choose

PUBLIC = Bearer("plan", Way.TITLE, 1, is_public=True)
OWN = Bearer("plan", Way.TITLE, 2, project=7)
FOREIGN = Bearer("plan", Way.TITLE, 3, project=8)
OWN_PUBLIC = Bearer("plan", Way.TITLE, 4, project=7, is_public=True)
EVERY = (PUBLIC, OWN, FOREIGN, OWN_PUBLIC)


def meant(asker: Asker, bearers: tuple[Bearer, ...]) -> Meant:
    name = asked("Plan", None, is_path=False)
    assert name is not None
    return choose(name, asker, bearers)


def shown(to: Meant, seen: tuple[Bearer, ...]) -> int | None:
    """The note that a reader sees a link lead to."""
    return to.note if to.note in {bearer.note for bearer in seen} else None


PUBLIC_TEXTS = [Asker(project=7, is_public=True), Asker(is_public=True)]


@pytest.mark.parametrize(
    ("asker", "reader"),
    [(Asker(project=7), 7), *((asker, reader) for asker in PUBLIC_TEXTS for reader in (None, 7, 8))],
)
def test_what_a_reader_may_not_see_changes_nothing_that_they_see(asker: Asker, reader: int | None) -> None:
    for size in range(len(EVERY) + 1):
        for there in combinations(EVERY, size):
            seen = tuple(b for b in there if b.is_public or (reader is not None and b.project == reader))
            assert shown(meant(asker, there), seen) == meant(asker, seen).note


def test_of_several_that_all_may_see_those_of_the_own_project_come_first() -> None:
    assert meant(Asker(project=7), (PUBLIC, OWN, FOREIGN)).note == OWN.note
    assert meant(Asker(project=7), (FOREIGN,)).note == FOREIGN.note
    assert meant(Asker(), (PUBLIC, FOREIGN)).several == (PUBLIC.note, FOREIGN.note)
