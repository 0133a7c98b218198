"""What a filter means, said once: for a query on the tables as they are, and for former states of notes."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from notewell_store.contract import Condition, Connection
from notewell_store.models import Filter, Metadata
from notewell_store.tables.labels import labels_of, spellings, status_label
from notewell_store.tables.notes import find_slug
from notewell_store.tables.parents import CHILDREN
from notewell_store.vocabulary import UNHEEDED, spellings_joined, types_meant

Groups = list[tuple[str, ...]]


class Check(NamedTuple):
    """What no label can tell of a note, for it may bear a tag that is the name of a type, a status or a project: as a
    condition on a column of `notes n` with its values, and as a question about a state of a note and when it was
    written."""

    column: str
    test: str
    values: list[Any]
    holds: Callable[[Metadata, str], bool]

    def plain(self) -> Condition:
        return f"{self.column} {self.test}", self.values

    def aside(self, db: Connection) -> Condition:
        return f"{db.aside(self.column)} {self.test}", self.values


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
    found = (check(db, wanted) for check in (_type, _status, _project, _parent, _updated_since))
    return [check for check in found if check is not None]


def deletion(wanted: Filter) -> Check:
    """Living notes, or deleted ones."""
    return Check("n.deleted", "= ?", [wanted.deleted], lambda then, _: then.deleted == wanted.deleted)


def fits(wanted: Filter, groups: Groups, checks: list[Check], then: Metadata, written_at: str) -> bool:
    """Whether the filter, of which these are the groups and checks, takes a note in that state."""
    labels = labels_of(then)
    return (
        deletion(wanted).holds(then, written_at)
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
    return Check("n.note_type", f"IN ({marks(types)})", [*types], lambda then, _: then.note_type in types)


def _status(db: Connection, wanted: Filter) -> Check | None:
    if wanted.status is None:
        return None
    label = status_label(wanted.status)

    def holds(then: Metadata, _: str) -> bool:
        return then.status is not None and status_label(then.status) == label

    if label.isascii():
        joined = spellings_joined(label)
        return Check(HYPHENATED, "= ?", [label], holds) if joined is None else Check(JOINED, "= ?", [joined], holds)
    same = _statuses(db, label, live=not wanted.deleted)
    return Check("n.status", f"IN {db.VALUES}", [db.listed(same)], holds)


def _without(characters: str, text: str) -> str:
    for character in characters:
        quoted = character.replace("'", "''")
        text = f"replace({text}, '{quoted}', '')"
    return text


HYPHENATED = "lower(replace(replace(n.status, ' ', '-'), '_', '-'))"
JOINED = _without(UNHEEDED, "lower(n.status)")
"""A status as it is compared with the labels of words that are not known, and with those of known ones."""


def _statuses(db: Connection, label: str, *, live: bool) -> list[str]:
    """The statuses that a filter sees as this label, compared here, for an engine's `lower` may know ASCII only."""
    rows = db.execute(
        """SELECT DISTINCT n.status FROM labels b JOIN notes n ON n.id = b.note_id
           WHERE b.label = ? AND b.live = ? AND n.status IS NOT NULL""",
        (label, live),
    )
    return [status for (status,) in rows if status_label(status) == label]


def _project(db: Connection, wanted: Filter) -> Check | None:
    if wanted.project is None:
        return None
    test = "= (SELECT id FROM projects WHERE slug = ?)"
    return Check("n.project_id", test, [wanted.project], lambda then, _: then.project == wanted.project)


def _parent(db: Connection, wanted: Filter) -> Check | None:
    if wanted.parent is None:
        return None

    def holds(then: Metadata, _: str) -> bool:
        return (find_slug(db, then.parent or "") or 0) == wanted.parent

    if wanted.parent:
        return Check("n.id", f"IN {CHILDREN}", [wanted.parent], holds)
    return Check("n.parent_id", "IS NULL", [], holds)


def _updated_since(db: Connection, wanted: Filter) -> Check | None:
    since = wanted.updated_since
    if since is None:
        return None
    return Check("n.updated_at", ">= ?", [since], lambda _, written_at: written_at >= since)
