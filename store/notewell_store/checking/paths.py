"""The notes that relative paths stand for."""

from collections.abc import Iterable

from notewell_store.contract import Snapshot
from notewell_store.names import meant_paths, slug_of_path
from notewell_store.tables.names import Known, find_names, known_by_id
from notewell_store.tables.origins import (
    first_note_from,
    is_foreign,
    note_at_path,
    path_of_note,
    resolve_path,
)


def find_paths(db: Snapshot, paths: Iterable[str], note_id: int | None) -> dict[str, Known | None]:
    """What relative paths lead to, seen from a stored note, or from anywhere. None is a path that should lead to a
    note and does not; one that leads out of the note's source, or that nothing is known of, is left out."""
    found: dict[str, Known | None] = {}
    for path in paths:
        if note_id is None:
            target = _from_anywhere(db, path)
            if target is not None:
                found[path] = known_by_id(db, target)
        elif (resolved := resolve_path(path_of_note(db, note_id), path)) is not None:
            target = _from_note(db, note_id, resolved)
            found[path] = None if target is None else known_by_id(db, target)
    return found


def _from_note(db: Snapshot, note_id: int, path: str) -> int | None:
    by_path = note_at_path(db, note_id, path)
    if by_path is not None:
        return by_path
    slug = slug_of_path(path)
    known = find_names(db, [slug]).get(slug)
    return None if known is None or is_foreign(db, known.id, note_id) else known.id


def _from_anywhere(db: Snapshot, path: str) -> int | None:
    """The living note that was imported from this path in any source, or bears the slug that the path makes."""
    clean = resolve_path(None, path) or path.lstrip("./")
    found = first_note_from(db, meant_paths(clean))
    if found is not None:
        return found
    slug = slug_of_path(clean)
    known = find_names(db, [slug]).get(slug)
    return None if known is None or known.deleted else known.id
