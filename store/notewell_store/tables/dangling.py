"""Links that dangle: what they name does not exist, or is deleted."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from notewell_store.contract import LARGEST, Connection
from notewell_store.models import OF_TEXT, Dangling
from notewell_store.resolution import NOBODY
from notewell_store.tables.bearers import asker_of, meant
from notewell_store.tables.link_rows import Change
from notewell_store.tables.nearest import nearest_names
from notewell_store.tables.note_rows import COUNTS
from notewell_store.tables.notes import slugs_of
from notewell_store.tables.text_links import asked_as

LARGEST_SHOWN = 5  # dangling references for which near names are looked up; each costs a look at many slugs


class Unresolved(NamedTuple):
    """What the store knows of a note's links that lead nowhere. To word it takes as long as there are links, and no
    store."""

    names: dict[str, str]
    """References as they are told, each with the name that it asks for."""
    several: dict[str, tuple[str, ...]]
    """Names that more than one note bears with equal right."""
    near: dict[str, tuple[str, ...]]
    """Of the first references those that look alike."""

    def told(self) -> tuple[Dangling, ...]:
        return tuple(Dangling(*fact) for fact in self._facts())

    def facts(self) -> list[dict[str, Any]]:
        """The same, to be kept."""
        return [{"ref": ref, "nearest": near, "is_ambiguous": is_one} for ref, near, is_one in self._facts()]

    def _facts(self) -> Iterator[tuple[str, tuple[str, ...], bool]]:
        several, near = self.several, self.near
        for ref, name in self.names.items():
            if name in several:
                yield ref, several[name], True
            else:
                yield ref, near.get(ref, ()), False


NONE_UNRESOLVED = Unresolved({}, {}, {})


def unresolved(db: Connection, note_id: int) -> Unresolved:
    """The note's links whose target does not exist or is deleted, with existing names that look like it."""
    rows = db.execute(
        f"""SELECT coalesce(other.slug, l.target) || coalesce('#' || l.anchor, ''), coalesce(other.slug, l.target)
            FROM links l LEFT JOIN notes other ON other.id = l.target_id
            WHERE l.source_id = ? AND {COUNTS} AND (other.id IS NULL OR other.deleted)
            ORDER BY l.relation IN {OF_TEXT}, l.relation, l.id""",
        (note_id,),
    )
    names = dict(rows.fetchall())
    if not names:
        return NONE_UNRESOLVED
    several = _ambiguous(db, note_id)
    first = islice(names.items(), LARGEST_SHOWN)
    return Unresolved(names, several, {ref: nearest_names(db, name) for ref, name in first if name not in several})


def _ambiguous(db: Connection, note_id: int) -> dict[str, tuple[str, ...]]:
    """What links of the note name that more than one note bears with equal right, each with the slugs of these."""
    rows = db.execute(
        """SELECT target, name, form FROM links
           WHERE source_id = ? AND target_id IS NULL AND key IN (SELECT key FROM names)""",
        (note_id,),
    ).fetchall()
    asker = asker_of(db, note_id) if rows else NOBODY
    wanted = {target: asked for target, name, form in rows if (asked := asked_as(name, target, form, asker))}
    to = meant(db, asker, wanted.values())
    return {target: slugs_of(db, to[asked].several) for target, asked in wanted.items() if to[asked].several}


def none_dangles(db: Connection, note_id: int, change: Change) -> bool:
    """Whether `unresolved` will find none once its links have changed so."""
    if change.to is None:
        return False
    (some,) = db.execute(
        f"""SELECT EXISTS (SELECT 1 FROM notes WHERE id IN {db.VALUES} AND deleted = TRUE)
             OR EXISTS (SELECT 1 FROM links l LEFT JOIN notes other ON other.id = l.target_id
               WHERE l.source_id = ? AND (l.id < ? OR l.relation NOT IN {OF_TEXT}) AND {COUNTS}
                 AND (other.id IS NULL OR other.deleted))""",
        (db.listed(change.to), note_id, LARGEST if change.gone is None else change.gone),
    ).fetchone()
    return not some


def count_dangling(db: Connection) -> int:
    """How many links of living notes lead nowhere."""
    (count,) = db.execute(
        f"""SELECT count(*) FROM links l JOIN notes s ON s.id = l.source_id LEFT JOIN notes t ON t.id = l.target_id
           WHERE NOT s.deleted AND (t.id IS NULL OR t.deleted) AND {COUNTS}"""
    ).fetchone()
    return int(count)


def count_unresolved(db: Connection) -> int:
    """How many links, of any note, name one that does not exist. Cheaper than count_dangling."""
    (count,) = db.execute(f"SELECT count(*) FROM links l WHERE l.target_id IS NULL AND {COUNTS}").fetchone()
    return int(count)
