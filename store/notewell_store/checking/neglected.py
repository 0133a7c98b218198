"""Notes that nobody looked after: nothing in them is wrong."""

from typing import NamedTuple

from notewell_store.contract import Snapshot
from notewell_store.tables.project_rows import project_id
from notewell_store.tables.upkeep import Orphan, Stale, orphaned_todos, stale_sops


class Neglected(NamedTuple):
    """Active SOPs that nobody revised for long, the oldest first, and open todos without a living parent, by slug."""

    stale: list[Stale]
    orphans: list[Orphan]


def neglected(db: Snapshot, before: str, project: str | None = None) -> Neglected:
    """Those of the project, or of all; SOPs that were not revised since `before`, a time. Raises NotFound for an
    unknown project."""
    if project is not None:
        project_id(db, project)
    return Neglected(stale_sops(db, before, project), orphaned_todos(db, project))
