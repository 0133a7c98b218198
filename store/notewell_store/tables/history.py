"""Reading history: which revisions there are, what one changed, who brought each line."""

import base64
import itertools
import re
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from typing import Any

from notewell_store.clock import parse_time
from notewell_store.contract import Condition, Connection, number_of
from notewell_store.errors import Invalid
from notewell_store.markdown.diffs import Allowance, blame, count_lines, unified_diff
from notewell_store.models import BlameRange, ChangedNote, ExplicitLink, Listing, Metadata, Revision, RevisionFilter
from notewell_store.tables.project_rows import project_id
from notewell_store.tables.revisions import REDACTED, counting_all, load_at, newest_texts, text_at, texts_of

MOST_BLAMED = 200
"""Revisions that are compared for who brought a line."""
MOST_COMPARED = 10_000_000
"""Characters of these together: some 1.5 s."""
MOST_COUNTED = 5_000_000
"""Characters of the texts that are compared for how many lines each revision brought."""
EVERY = RevisionFilter()


def list_revisions(
    db: Connection,
    note_id: int | None = None,
    wanted: RevisionFilter = EVERY,
    *,
    up_to: int | None = None,
    limit: int = 20,
    cursor: str | None = None,
) -> Listing[Revision]:
    """Revisions of one note or of the whole store, newest first, by `seq`. `up_to` is a revision of the note, the last
    that counts."""
    where, values = _conditions(db, note_id, wanted)
    if up_to is not None:
        where, values = f"{where} AND r.revision <= ?", [*values, up_to]
    counting = _counting(db, where, values)
    if cursor is not None:
        where += " AND r.seq < ?"
        values = [*values, _read_cursor(cursor)]
    by = db.aside("r.seq") if "r.revised_at" in where else "r.seq"  # else all may be read back to the beginning
    listing = f"""SELECT n.slug, r.revision, r.seq, r.revised_at, r.actor, r.revised_by, r.reason, r.changed,
          r.door, r.client
        FROM revisions r JOIN notes n ON n.id = r.note_id
        WHERE {where} ORDER BY {by} DESC LIMIT {limit + 1}"""
    asked = iter(db.at_once(db.execute(*question) for question in (counting, (listing, values))))
    (total,), rows = next(asked).fetchone(), next(asked).fetchall()
    items = tuple(_revision(row) for row in rows[:limit])
    return Listing(int(total), items, _write_cursor(items[-1].seq) if len(rows) > limit else None)


def _counting(db: Connection, where: str, values: list[Any]) -> Condition:
    return (f"SELECT count(*) FROM revisions r WHERE {where}", values) if values else (counting_all(db), [])


def revision_of(db: Connection, note_id: int, revision: int) -> Revision:
    """The revision of that number, which there is."""
    row = db.execute(
        """SELECT n.slug, r.revision, r.seq, r.revised_at, r.actor, r.revised_by, r.reason, r.changed,
             r.door, r.client
           FROM revisions r JOIN notes n ON n.id = r.note_id WHERE r.note_id = ? AND r.revision = ?""",
        (note_id, revision),
    ).fetchone()
    return _revision(row)


def changes_after(db: Connection, seq: int, limit: int) -> tuple[Revision, ...]:
    """The first `limit` revisions of the whole store after that change number, oldest first."""
    rows = db.execute(
        f"""SELECT n.slug, r.revision, r.seq, r.revised_at, r.actor, r.revised_by, r.reason, r.changed,
             r.door, r.client
           FROM revisions r JOIN notes n ON n.id = r.note_id WHERE r.seq > ? ORDER BY r.seq LIMIT {limit}""",
        (seq,),
    ).fetchall()
    return tuple(map(_revision, rows))


def _revision(row: tuple[Any, ...]) -> Revision:
    slug, revision, seq, revised_at, actor, revised_by, reason, changed, door, client = row
    kinds = tuple(changed.split(","))
    return Revision(slug, revision, seq, revised_at, actor, revised_by, reason, kinds, door, client)


SHORT_SHA = re.compile(r"[0-9a-f]{7,63}")
"""What may be the beginning of a commit's SHA, or all of it."""


def _conditions(db: Connection, note_id: int | None, wanted: RevisionFilter) -> Condition:
    where: list[str] = []
    values: list[object] = []
    since = wanted.since
    by = db.aside("r.actor") if since else "r.actor"  # what came since is little; an actor may have done half of all
    for column, value in (("r.note_id", note_id), ("r.revised_by", wanted.revised_by), (by, wanted.actor)):
        if column == "r.revised_by" and SHORT_SHA.fullmatch(str(value)):
            where.append(f"{column} >= ? AND {column} < ?")
            values += (value, f"{value}g")  # the letter behind the digits
        elif value is not None:
            where.append(f"{column} = ?")
            values.append(value)
    if since is not None:
        number = number_of(since.strip())
        where.append("r.revised_at > ?" if number is None else "r.seq > ?")
        values.append(parse_time(since, "since") if number is None else number)
    if wanted.project is not None:
        where.append("r.note_id IN (SELECT id FROM notes WHERE project_id = ?)")
        values.append(project_id(db, wanted.project))
    return " AND ".join(where) or "TRUE", values


def sum_up(
    db: Connection, note_id: int | None, wanted: RevisionFilter, *, limit: int = 20, cursor: str | None = None
) -> Listing[ChangedNote]:
    """The notes that the revisions of such a list are of, each with what these did to it together, the one that was
    changed last first."""
    where, values = _conditions(db, note_id, wanted)
    note = db.aside("r.note_id")  # by whose index all history would be read
    (total,) = db.execute(f"SELECT count(DISTINCT {note}) FROM revisions r WHERE {where}", values).fetchone()
    before = "" if cursor is None else "HAVING max(r.seq) < ?"
    rows = db.execute(
        f"""SELECT {note}, count(*), min(r.revision), max(r.revision), max(r.seq) AS newest FROM revisions r
            WHERE {where} GROUP BY {note} {before} ORDER BY newest DESC LIMIT {limit + 1}""",
        [*values, *([] if cursor is None else [_read_cursor(cursor)])],
    ).fetchall()
    lines = _LineCounts(db)
    items = tuple(_changed_note(db, where, values, lines, *row[:4]) for row in rows[:limit])
    return Listing(total, items, _write_cursor(rows[limit - 1][4]) if len(rows) > limit else None)


class _LineCounts:
    """How much notes changed between two revisions, as long as their texts are not too much together."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._left = MOST_COUNTED
        self._allowance = Allowance()

    def between(self, note_id: int, before: int | None, after: int) -> tuple[int, int] | None:
        """Lines that were added, and removed, from the one revision, or from nothing, to the other; None once it is too
        much."""
        if self._left <= 0:
            return None
        old, new = text_at(self._db, note_id, before) if before else "", text_at(self._db, note_id, after)
        self._left -= len(old) + len(new)
        return count_lines(old, new, self._allowance)


def _changed_note(
    db: Connection, where: str, values: list[Any], lines: _LineCounts, note_id: int, count: int, first: int, last: int
) -> ChangedNote:
    slug, title = db.execute("SELECT slug, title FROM notes WHERE id = ?", (note_id,)).fetchone()
    actors = db.execute(
        f"""SELECT r.actor, count(*) AS times FROM revisions r WHERE r.note_id = ? AND {where}
            GROUP BY r.actor ORDER BY times DESC, r.actor""",
        (note_id, *values),
    ).fetchall()
    is_seen = db.execute("SELECT 1 FROM revisions WHERE note_id = ? AND revision = ?", (note_id, first - 1)).fetchone()
    changed = lines.between(note_id, first - 1 if is_seen else None, last)
    return ChangedNote(slug, title, count, last, tuple(name for name, _ in actors), changed)


def diff_revisions(db: Connection, note_id: int, slug: str, old: int, new: int) -> str:
    """What lies between two revisions: changed metadata as `- status: draft`, then a unified diff of the text."""
    if old == 0:  # what the first revision did
        return unified_diff("", load_at(db, note_id, slug, new).markdown, "(new)", f"{slug}@{new}")
    before, after = load_at(db, note_id, slug, old), load_at(db, note_id, slug, new)
    text = unified_diff(before.markdown, after.markdown, f"{slug}@{old}", f"{slug}@{new}")
    return diff_metadata(before.metadata, after.metadata) + text


def diff_metadata(old: Metadata, new: Metadata) -> str:
    """Two lines for each field that differs: `- status: draft` and `+ status: active`."""
    return "".join(
        f"{sign} {name}: {value}\n"
        for name, before, after in metadata_changes(old, new)
        for sign, value in (("-", before), ("+", after))
    )


def metadata_changes(old: Metadata | None, new: Metadata) -> list[tuple[str, str, str]]:
    """Each field that differs, as it was and as it is; of a note that was not there before, all that it says."""
    former = old or Metadata("", "")
    fields = ((name, getattr(former, name), getattr(new, name)) for name in new.__slots__)
    return [(name, _shown(before), _shown(after)) for name, before, after in fields if before != after]


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value))
    if isinstance(value, ExplicitLink):
        return f"{value.relation} {value.target}"
    return "" if value is None else str(value)


def line_counts(db: Connection, note_id: int, revisions: Collection[int]) -> dict[int, tuple[int, int]]:
    """How many lines each of these revisions, which must be seen, added and removed; the newest of them alone, if they
    are too much to be compared. A first one, or one before which none is seen, brought all that it says."""
    if not revisions:
        return {}
    (first,) = db.execute(
        "SELECT coalesce(max(revision), 0) FROM revisions WHERE note_id = ? AND revision < ?", (note_id, min(revisions))
    ).fetchone()
    wanted = {*revisions, first} - {0}
    texts = [*([(0, "")] if first == 0 else []), *_newest_within(texts_of(db, note_id, wanted), MOST_COUNTED)]
    allowance = Allowance()
    return {
        revision: count_lines(before, after, allowance)
        for (was, before), (revision, after) in pairwise(texts)
        if was or revision == min(wanted)
    }


def neighbours(db: Connection, note_id: int, revision: int) -> tuple[int | None, int | None]:
    """The revisions right before and right behind one, as far as they are seen."""
    before, after = db.execute(
        """SELECT (SELECT max(revision) FROM revisions WHERE note_id = ?1 AND revision < ?2),
             (SELECT min(revision) FROM revisions WHERE note_id = ?1 AND revision > ?2)""",
        (note_id, revision),
    ).fetchone()
    return before, after


def blame_note(db: Connection, note_id: int) -> tuple[BlameRange, ...]:
    """For each run of lines of the newest text, the revision that brought it, as far back as is looked. One that was
    redacted says nothing; what comes after it may have brought a line, or that one."""
    rows = db.execute(
        "SELECT revision, changed, revised_at, revised_by, actor, reason, door FROM revisions WHERE note_id = ?",
        (note_id,),
    ).fetchall()
    by = {revision: told for revision, _, *told in rows}
    redacted = {revision for revision, changed, *_ in rows if REDACTED in changed.split(",")}
    said = (version for version in newest_texts(db, note_id, MOST_BLAMED) if version[0] not in redacted)
    versions = _newest_within(said, MOST_COMPARED)
    lines = blame(versions)
    unsure = {revision + 1 for revision in redacted}
    if versions and versions[0][0] > min(by):
        unsure.add(versions[0][0])
    ranges: list[BlameRange] = []
    first = 1
    for revision, run in itertools.groupby(lines, key=lambda line: line[0]):
        text = [line for _, line in run]
        last = first + len(text) - 1
        at, revised_by, actor, reason, door = by[revision]
        is_unsure = revision in unsure
        brought = BlameRange(revision, at, revised_by, actor, reason, first, last, "".join(text), is_unsure, door)
        ranges.append(brought)
        first += len(text)
    return tuple(ranges)


def _newest_within(versions: Iterable[tuple[int, str]], most: int) -> Sequence[tuple[int, str]]:
    """The last of these, as many as have that many characters together; the very last in any case."""
    kept: deque[tuple[int, str]] = deque()
    size = 0
    for version in versions:
        kept.append(version)
        size += len(version[1])
        while size > most and len(kept) > 1:
            size -= len(kept.popleft()[1])
    return kept


def _write_cursor(seq: int) -> str:
    return base64.urlsafe_b64encode(str(seq).encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        raise Invalid("that cursor is not one of ours: send the last answer's cursor, unchanged", "cursor") from None
