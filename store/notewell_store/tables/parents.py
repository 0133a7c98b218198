"""Which note stands above which, of many at once."""

from collections.abc import Iterable

from notewell_store.contract import Connection


def parents_of(db: Connection, ids: Iterable[int]) -> dict[int, int]:
    """The id of the note above each of these, of those that have one."""
    rows = db.execute(
        f"SELECT n.id, n.parent_id FROM notes n WHERE n.id IN {db.VALUES} AND n.parent_id IS NOT NULL",
        (db.listed(ids),),
    )
    return dict(rows.fetchall())
