"""`notewell backup` of a database: one SQLite file that holds all of it but the tokens, verified before it counts.

It is a store itself, to be opened anywhere. The keeper of a database backs it up otherwise: see docs/postgresql.md.
"""

from pathlib import Path

from notewell_store.contract import Progress, Store
from notewell_store.engines.postgres.copying import copy_to_file
from notewell_store.engines.sqlite.copies import laid_down
from notewell_store.engines.sqlite.upkeep.backup import check_copy, made_folder, new_name, shown, thin_out
from notewell_store.errors import Invalid, Unusable
from notewell_store.findings import Backup


def backup(
    store: Store,
    target: Path | None = None,
    keep: int | None = None,
    progress: Progress | None = None,
    *,
    is_folder: bool = False,
) -> Backup:
    """See contract.Upkeep. A database has no folder beside it: a target is to be named."""
    if target is None:
        raise Invalid("a database has no folder beside it: name a file or a folder for the backup", "target")
    if keep is not None and keep < 1:
        raise Invalid(f"keep={keep}: at least one backup is kept, the new one", "keep")
    folder = made_folder(target) if is_folder or keep is not None else target if target.is_dir() else None
    if folder is None and not target.parent.is_dir():
        raise Invalid(f"there is no folder {target.parent}: make it first", "target")
    file = target if folder is None else new_name(folder)
    with laid_down(file) as part:
        with store.reading() as db:
            copy_to_file(db, part, progress)
        verdict = check_copy(part, progress)
        if verdict.damage:
            raise Unusable(f"{store.address} is damaged, so no backup was made of it: {shown(verdict.damage)}")
    removed = () if keep is None or folder is None else tuple(thin_out(folder, file, keep))
    return Backup(file, file.stat().st_size, verdict, removed)
