"""What must be read first: the targets of `requires-reading` come before the notes that need them."""

from collections.abc import Iterable, Mapping

from notewell_store.contract import Snapshot
from notewell_store.tables.note_rows import Row, note_by_id, required_by

MOST_REQUIRED = 50
"""Notes that are added to one part because others of it need them."""

Needs = Mapping[int, list[int]]


def in_reading_order(db: Snapshot, rows: Iterable[Row], told: set[int]) -> list[tuple[Row, str | None]]:
    """The notes that are not told yet, each behind what it requires; with a note that came in only because another
    needs it, the slug of that one. They are told then. A circle is cut where it closes."""
    wanted = [row for row in rows if row.id not in told]
    needs = _needs(db, [row.id for row in wanted])
    ordered: list[tuple[Row, str | None]] = []
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
    ordered: list[tuple[Row, str | None]],
) -> None:
    if row.id in told:
        return
    told.add(row.id)
    for target in needs.get(row.id, ()):
        found = None if target in told else own.get(target) or note_by_id(db, target)
        if found is not None:
            _put(db, found, None if target in own else row.slug, own, needs, told, ordered)
    ordered.append((row, needed_by))


def _needs(db: Snapshot, ids: list[int]) -> Needs:
    """What each of the notes requires, and what those require in turn."""
    needs: dict[int, list[int]] = {}
    added = 0
    while ids:
        found: dict[int, list[int]] = {note_id: [] for note_id in ids}
        for source, target in required_by(db, ids):
            found[source].append(target)
        needs |= found
        ids = list(dict.fromkeys(target for targets in found.values() for target in targets if target not in needs))
        ids = ids[: max(0, MOST_REQUIRED - added)]
        added += len(ids)
    return needs
