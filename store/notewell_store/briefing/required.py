"""What must be read first: the targets of `requires-reading` come before the notes that need them."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from notewell_store.contract import Snapshot
from notewell_store.tables.note_rows import Required, Row, note_by_id, required_by

MOST_REQUIRED = 50
"""Notes that are added to one part because others of it need them."""

Needs = Mapping[int, list[Required]]


class Ordered(NamedTuple):
    """A note in its place. `needed_by` is the slug of the one for which alone it came in; `foreign` are those that it
    requires of other projects, which are named and not told."""

    row: Row
    needed_by: str | None
    foreign: tuple[Required, ...]


def needs_of(db: Snapshot, rows: Iterable[Row], project_id: int | None) -> Needs:
    """What each of these requires by itself."""
    needs: dict[int, list[Required]] = {row.id: [] for row in rows}
    for one in required_by(db, needs, project_id) if needs else ():
        needs[one.source].append(one)
    return needs


def in_reading_order(
    db: Snapshot, rows: Iterable[Row], told: set[int], project_id: int | None, known: Needs
) -> list[Ordered]:
    """The notes that are not told yet, each behind what it requires of those that may speak of the project. They are
    told then. A circle is cut where it closes. Of most it is `known` what they require."""
    wanted = [row for row in rows if row.id not in told]
    needs = _needs(db, [row.id for row in wanted], project_id, known)
    ordered: list[Ordered] = []
    own = {row.id: row for row in wanted}
    for row in wanted:
        _put(db, row, None, own, needs, told, ordered)
    return ordered


def _put(
    db: Snapshot,
    row: Row,
    needed_by: str | None,
    own: Mapping[int, Row],
    needs: Needs,
    told: set[int],
    ordered: list[Ordered],
) -> None:
    if row.id in told:
        return
    told.add(row.id)
    required = needs.get(row.id, [])
    for target in (one.target for one in required if one.foreign is None):
        found = None if target in told else own.get(target) or note_by_id(db, target)
        if found is not None:
            _put(db, found, None if target in own else row.slug, own, needs, told, ordered)
    ordered.append(Ordered(row, needed_by, tuple(one for one in required if one.foreign is not None)))


def _needs(db: Snapshot, ids: list[int], project_id: int | None, known: Needs) -> Needs:
    """What each of the notes requires, and what those require in turn."""
    needs: dict[int, list[Required]] = {}
    added = 0
    while ids:
        found: dict[int, list[Required]] = {note_id: known.get(note_id, []) for note_id in ids}
        unknown = [note_id for note_id in ids if note_id not in known]
        for one in required_by(db, unknown, project_id) if unknown else ():
            found[one.source].append(one)
        needs |= found
        own = (one.target for required in found.values() for one in required if one.foreign is None)
        ids = list(dict.fromkeys(target for target in own if target not in needs))
        ids = ids[: max(0, MOST_REQUIRED - added)]
        added += len(ids)
    return needs
