"""What a filter means, said once: for a query on the tables as they are, and for former states of notes."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from notewell_store.contract import Condition, Connection
from notewell_store.models import Filter, Metadata
from notewell_store.tables.labels import labels_of, spellings, status_label
from notewell_store.tables.note_rows import CHILDREN, DESCENDANTS, joined
from notewell_store.tables.notes import find_slug
from notewell_store.vocabulary import joined_status, types_meant

Groups = list[tuple[str, ...]]


class Column(NamedTuple):
    """A condition on a column of `notes n`, with its values."""

    column: str
    test: str
    values: list[Any]

    def plain(self) -> Condition:
        return f"{self.column} {self.test}", self.values

    def aside(self, db: Connection) -> Condition:
        """As one that no plan begins at."""
        return f"{db.aside(self.column)} {self.test}", self.values


class Check(NamedTuple):
    """What no label can tell of a note, for it may bear a tag that is the name of a type, a status or a project: as a
    condition in SQL, and as a question about a state of a note and when it was written."""

    condition: Column
    holds: Callable[[Metadata, str], bool]

    def plain(self) -> Condition:
        return self.condition.plain()

    def aside(self, db: Connection) -> Condition:
        return self.condition.aside(db)


def groups_of(wanted: Filter) -> Groups:
    """What labels the filter asks for: one of each group. A type, a status and a project are labels too."""
    words = [(tag,) for tag in wanted.tags] + ([wanted.any_tags] if wanted.any_tags else [])
    words += [(word,) for word in (wanted.note_type, wanted.project) if word is not None]
    if wanted.status is not None:
        words.append((status_label(wanted.status),))
    groups = (tuple(dict.fromkeys(label for word in group for label in spellings(word))) for group in words)
    return list(dict.fromkeys(groups))


def checks_of(db: Connection, wanted: Filter) -> list[Check]:
    """What the filter asks for beside labels, and beside whether a note is deleted."""
    found = (check(db, wanted) for check in CHECKS)
    return [check for check in found if check is not None]


def fits(wanted: Filter, groups: Groups, checks: list[Check], then: Metadata, written_at: str) -> bool:
    """Whether the filter, of which these are the groups and checks, takes a note in that state."""
    labels = labels_of(then)
    return (
        then.deleted == wanted.deleted
        and all(not labels.isdisjoint(group) for group in groups)
        and all(check.holds(then, written_at) for check in checks)
    )


def marks(values: Sequence[object]) -> str:
    """A mark for each value."""
    return ",".join("?" * len(values))


def _type(db: Connection, wanted: Filter) -> Check | None:
    if wanted.note_type is None:
        return None
    types = types_meant(wanted.note_type)
    return Check(Column("n.note_type", f"IN ({marks(types)})", [*types]), lambda then, _: then.note_type in types)


def _status(db: Connection, wanted: Filter) -> Check | None:
    if wanted.status is None:
        return None
    label = status_label(wanted.status)
    return Check(
        _status_column(db, label, live=not wanted.deleted),
        lambda then, _: then.status is not None and status_label(then.status) == label,
    )


def _status_column(db: Connection, label: str, *, live: bool) -> Column:
    """The statuses that a filter sees as this label. An engine's `lower` may know ASCII only, so others are compared
    here."""
    known = joined_status(label)
    if known is not None:
        return Column(joined("n.status"), "= ?", [known])
    if label.isascii():
        return Column("lower(replace(replace(n.status, ' ', '-'), '_', '-'))", "= ?", [label])
    rows = db.execute(
        """SELECT DISTINCT n.status FROM labels b JOIN notes n ON n.id = b.note_id
           WHERE b.label = ? AND b.live = ? AND n.status IS NOT NULL""",
        (label, live),
    )
    same = [status for (status,) in rows if status_label(status) == label]
    return Column("n.status", f"IN {db.TEXTS}", [db.listed(same)])


def _project(db: Connection, wanted: Filter) -> Check | None:
    if wanted.project is None:
        return None
    condition = Column("n.project_id", "= (SELECT id FROM projects WHERE slug = ?)", [wanted.project])
    return Check(condition, lambda then, _: then.project == wanted.project)


def _parent(db: Connection, wanted: Filter) -> Check | None:
    if wanted.parent is None:
        return None
    below = Column("n.id", f"IN {CHILDREN}", [wanted.parent]) if wanted.parent else Column("n.parent_id", "IS NULL", [])
    return Check(below, lambda then, _: (find_slug(db, then.parent or "") or 0) == wanted.parent)


def _within(db: Connection, wanted: Filter) -> Check | None:
    """Of the past `past` asks it, where all states are at hand."""
    if wanted.within is None:
        return None
    return Check(Column("n.id", f"IN {DESCENDANTS}", [wanted.within]), _asked_elsewhere)


def _updated_since(db: Connection, wanted: Filter) -> Check | None:
    since = wanted.updated_since
    if since is None:
        return None
    return Check(Column("n.updated_at", ">= ?", [since]), lambda _, written_at: written_at >= since)


def _updated_before(db: Connection, wanted: Filter) -> Check | None:
    before = wanted.updated_before
    if before is None:
        return None
    return Check(Column("n.updated_at", "< ?", [before]), lambda _, written_at: written_at < before)


def _unlinked(db: Connection, wanted: Filter) -> Check | None:
    """Asked of one note after the other, each by an index. Of the past `past` refuses it."""
    if not wanted.unlinked:
        return None
    linked = """(SELECT l.target_id FROM links l JOIN notes s ON s.id = l.source_id
                 WHERE l.target_id = n.id AND l.source_id != n.id AND NOT s.deleted)"""
    return Check(Column("n.id", f"NOT IN {linked}", []), _asked_elsewhere)


def _asked_elsewhere(then: Metadata, written_at: str) -> bool:
    return True


CHECKS = (_type, _status, _project, _parent, _within, _updated_since, _updated_before, _unlinked)
