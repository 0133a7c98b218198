"""The end of an import: what can be settled only when all its files are there."""

from dataclasses import replace

from notewell_store.contract import Snapshot
from notewell_store.files.intake import Intake
from notewell_store.files.naming import folder_of, stands_for
from notewell_store.files.sources import Origin
from notewell_store.files.summary import Tally
from notewell_store.models import Attribution
from notewell_store.tables import links, notes
from notewell_store.tables.aliases import add_alias
from notewell_store.tables.sources import Source, count_brought
from notewell_store.writing.drafts import Draft
from notewell_store.writing.fields import NONE


def unsettled(intake: Intake) -> list[str]:
    """The paths to look at, the pages of folders first."""
    return sorted(intake.ledger.origins, key=lambda path: (stands_for(path) is None, path.count("/"), path))


def settle(db: Snapshot, intake: Intake, paths: list[str], by: Attribution) -> None:
    """Give notes the parents that came later, or that went; tell of those that never came."""
    for path in paths:
        origin = intake.ledger.origins.get(path)
        if origin is not None and intake.ledger.is_living(db, origin.note_id):
            _settle_parent(db, intake, path, origin, by)
    intake.prune(db, by)


def _settle_parent(db: Snapshot, intake: Intake, path: str, origin: Origin, by: Attribution) -> None:
    said = origin.front.parent
    if said is None:
        wanted = intake.folders.parent_of(db, path, notes.project_of(db, origin.note_id), by)
    elif said == NONE or origin.parent_id is not None:
        return
    else:
        wanted = intake.named_parent(db, path, said)
        if wanted is None:
            intake.tally.warn(f"{path}: its parent {said} does not exist")
    if wanted != origin.parent_id:
        _reparent(db, intake, path, origin, wanted, by)


def _reparent(db: Snapshot, intake: Intake, path: str, origin: Origin, wanted: int | None, by: Attribution) -> None:
    """Unless the note was given another parent here."""
    ledger = intake.ledger
    present = notes.parent_of(db, origin.note_id)
    note = ledger.note(db, origin.note_id)
    if present != origin.parent_id:
        return ledger.place(db, path, replace(origin, parent_id=wanted))
    if wanted is not None and notes.is_below(db, wanted, origin.note_id):
        return intake.tally.warn(f"{path}: its parent would stand below it")
    slug = ledger.note(db, wanted).metadata.slug if wanted is not None else None
    left = ledger.path_of(present) if present is not None else None
    saved, _ = ledger.save(db, Draft(note, replace(note.metadata, parent=slug), note.markdown), by)
    if left is not None:
        intake.emptied[left[:-1] if left.endswith("/") else folder_of(left)] = None
    revision = saved.revision if note.revision == origin.revision else origin.revision
    return ledger.place(db, path, replace(ledger.origins[path], revision=revision, parent_id=wanted))


def write_aliases(db: Snapshot, intake: Intake) -> None:
    """Give notes the further names that their files name, where no other note has them."""
    for path, origin in intake.ledger.origins.items():
        for alias in origin.front.aliases or ():
            owner = notes.find_slug(db, alias)
            if owner is None:
                add_alias(db, alias, origin.note_id)
                links.resolve_dangling(db, origin.note_id, alias)
            elif owner != origin.note_id:
                intake.tally.warn(f"{path}: the alias {alias} names another note")


def count(db: Snapshot, source: Source, tally: Tally) -> None:
    """How much the source has brought by now."""
    tally.counts.update(count_brought(db, source.id)._asdict())
