"""Links between notes, stored once and read from both ends."""

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, NamedTuple

from notewell_store.contract import Connection
from notewell_store.markdown.links import BodyLink, find_links
from notewell_store.models import MENTIONS, Dangling, ExplicitLink, Link
from notewell_store.references import parse_reference
from notewell_store.resolution import CALLED, NOBODY, Asked, Asker, Meant, asked_by_slug, choose
from notewell_store.resolution import asked as asked_by_name
from notewell_store.tables.bearers import asker_of, bearers, meant
from notewell_store.tables.bearers import make_again as make_names_again
from notewell_store.tables.nearest import nearest_names
from notewell_store.tables.note_rows import COUNTS, OWN
from notewell_store.tables.notes import slugs_of

MOST_LOOKED_AT = 2_000
LARGEST_SHOWN = 5  # dangling references for which near names are looked up; each costs a look at many slugs


PATHS = frozenset({"page", "path", "file"})


class Row(NamedTuple):
    """A link to be kept. `name` is what it is written by, `key` what it waits for; a slug needs neither."""

    relation: str
    target: str
    anchor: str | None
    target_id: int | None
    name: str | None = None
    key: str | None = None
    form: str = "name"


def write_body_links(db: Connection, note_id: int, found: tuple[BodyLink, ...]) -> None:
    """Replace the links that stand in the note's body."""
    db.execute("DELETE FROM links WHERE source_id = ? AND relation = ?", (note_id, MENTIONS))
    if found:
        _insert(db, note_id, body_rows(db, note_id, found))


def body_rows(db: Connection, note_id: int, found: Iterable[BodyLink]) -> list[Row]:
    """The rows of a text's links, each once, in their order. What leads out of the note's source is none."""
    asker = asker_of(db, note_id)
    wanted: dict[tuple[Asked, str | None], BodyLink] = {}
    for link in found:
        asked = asked_by(link, asker)
        if asked is not None:
            wanted.setdefault((asked, link.anchor), link)
    to = meant(db, asker, {asked for asked, _ in wanted})
    rows = [(_body_row(link, asked, to[asked].note, asker), to[asked]) for (asked, _), link in wanted.items()]
    return [_led(row, note_id) for row, meant in rows if meant.note != note_id or meant.way not in CALLED]


def _led(row: Row, note_id: int) -> Row:
    return row._replace(target_id=None, form=f"{OWN}{row.form}") if row.target_id == note_id else row


def asked_by(link: BodyLink, asker: Asker) -> Asked | None:
    """What a link in a text of `asker` asks for."""
    return _asked(link.name or None, link.target, "page" if link.is_path else link.form, asker)


def _asked(name: str | None, target: str, form: str, asker: Asker) -> Asked | None:
    is_path = form.removeprefix(OWN) in PATHS
    return asked_by_slug(target) if name is None else asked_by_name(name, asker.path, is_path=is_path)


def _body_row(link: BodyLink, asked: Asked, target_id: int | None, asker: Asker) -> Row:
    form: str = "page" if link.is_path and link.form == "wiki" else link.form
    if form == "bare" and asker.source is not None:
        form = "loose"
    shown = (asked.slug or asked.own or link.target) if link.is_path else link.target
    return Row(MENTIONS, shown, link.anchor, target_id, link.name or None, asked.key or None, form)


def write_explicit_links(db: Connection, note_id: int, links: tuple[ExplicitLink, ...]) -> None:
    """Replace the links that were set on purpose. One to the note itself is kept in its metadata alone."""
    db.execute("DELETE FROM links WHERE source_id = ? AND relation != ?", (note_id, MENTIONS))
    if links:
        _insert(db, note_id, [row for row in explicit_rows(db, links) if row.target_id != note_id])


def explicit_rows(db: Connection, links: Iterable[ExplicitLink]) -> list[Row]:
    """The rows of links that were set on purpose."""
    references = [(link.relation, parse_reference(link.target)) for link in links]
    to = meant(db, NOBODY, {asked_by_slug(reference.name) for _, reference in references})
    return [Row(word, ref.name, ref.anchor, to[asked_by_slug(ref.name)].note) for word, ref in references]


def _insert(db: Connection, note_id: int, rows: Iterable[Row]) -> None:
    db.executemany(
        """INSERT INTO links (source_id, relation, target, anchor, target_id, name, key, form)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
        [(note_id, *row) for row in rows],
    )


_ASKING = """SELECT l.id, l.relation, l.target, l.name, l.form, l.target_id, s.id,
    o.source_id, o.path, s.project_id, s.is_public, s.id
  FROM {} JOIN notes s ON s.id = l.source_id LEFT JOIN origins o ON o.note_id = s.id WHERE {}"""


def resolve_named(db: Connection, note_id: int, keys: Iterable[str] = (), slugs: Iterable[str] = ()) -> None:
    """Let the links that may mean this note lead where they do now: those that name it in any way, those of the keys
    that it had, and those that wait for these slugs."""
    called = db.listed(sorted(slugs))
    unresolved = db.by_index("links l", "links_unresolved")  # by that of all targets every dangling one would be read
    rows = db.execute(
        f"""{_ASKING.format("links l", f"l.key IN (SELECT key FROM names WHERE note_id = ? UNION {db.VALUES[1:-1]})")}
            UNION {_ASKING.format(unresolved, f"l.target IN {db.VALUES} AND l.target_id IS NULL")}""",
        (note_id, db.listed(sorted({*keys, *slugs})), called),
    )
    _lead_again(db, rows.fetchall())


def resolve_own(db: Connection, note_id: int) -> None:
    """Let the note's links lead where they do from where it stands now, and for those who read it now."""
    _lead_again(db, db.execute(_ASKING.format("links l", "l.source_id = ?"), (note_id,)).fetchall())


def make_again(db: Connection) -> None:
    """Make the names of all notes and the links of their texts, which an older version kept without what they are
    written by. Rows that are damaged stay as they are, for `verify` to tell."""
    faults: tuple[type[Exception], ...] = (AttributeError, TypeError, *db.DAMAGE)
    db.execute("DELETE FROM names")
    for (note_id,) in db.execute("SELECT id FROM notes").fetchall():
        with suppress(*faults):
            make_names_again(db, note_id)
    for (note_id,) in db.execute("SELECT note_id FROM texts").fetchall():
        with suppress(*faults):
            (markdown,) = db.execute("SELECT markdown FROM texts WHERE note_id = ?", (note_id,)).fetchone()
            write_body_links(db, note_id, find_links(markdown))


def _lead_again(db: Connection, rows: list[tuple[Any, ...]]) -> None:
    asking = [(row, asker, _asked(row[3], row[2], row[4], asker)) for row in rows for asker in (Asker(*row[7:]),)]
    found = bearers(db, {asked for _, _, asked in asking if asked is not None}) if asking else {}
    gone: list[tuple[int]] = []
    moved: list[tuple[int | None, str, int]] = []
    for (link, _, _, _, form, present, source, *_), asker, asked in asking:
        to = choose(asked, asker, found[asked]) if asked is not None else Meant()
        plain = form.removeprefix(OWN)
        if to.note == source and to.way in CALLED:
            gone.append((link,))
        elif to.note == source and form == plain:
            moved.append((None, f"{OWN}{form}", link))
        elif to.note != source and (to.note != present or form != plain):
            moved.append((to.note, plain, link))
    if gone:
        db.executemany("DELETE FROM links WHERE id = ?", gone)
    if moved:
        db.executemany("UPDATE links SET target_id = ?, form = ? WHERE id = ?", moved)


FOREIGN = """CASE WHEN own.project_id != other.project_id
  THEN (SELECT p.slug FROM projects p WHERE p.id = other.project_id) END"""
"""Of a link between the notes `own` and `other` the project of the other, where both are of one, and not of the same.
What is of no project is everybody's, and nobody is foreign to it."""


def outgoing(db: Connection, note_id: int) -> tuple[Link, ...]:
    """Links of the note, those set on purpose first, then those of the body in their order."""
    rows = db.execute(
        f"""SELECT coalesce(other.slug, l.target), l.anchor, l.relation, other.title,
             other.id IS NOT NULL AND NOT other.deleted,
             {FOREIGN}
           FROM links l JOIN notes own ON own.id = l.source_id LEFT JOIN notes other ON other.id = l.target_id
           WHERE l.source_id = ? AND {COUNTS} ORDER BY l.relation = 'mentions', l.relation, l.id""",
        (note_id,),
    )
    found = (
        Link(slug, anchor, relation, "out", bool(exists), title if exists and not foreign else None, foreign)
        for slug, anchor, relation, title, exists, foreign in rows
    )
    return tuple(dict.fromkeys(found))  # one note may be named by several of its names


def incoming(db: Connection, note_id: int) -> tuple[Link, ...]:
    """Links of living notes to the note, those of other projects last, those set on purpose first, one for each source,
    relation and anchor."""
    rows = db.execute(
        f"""SELECT DISTINCT other.slug, l.anchor, l.relation, other.title, {FOREIGN} AS foreign_to
           FROM links l JOIN notes other ON other.id = l.source_id JOIN notes own ON own.id = l.target_id
           WHERE l.id IN (SELECT id FROM main.links WHERE target_id = ?) AND NOT other.deleted
           ORDER BY foreign_to IS NOT NULL, l.relation = 'mentions', l.relation, other.slug, l.anchor""",
        (note_id,),
    )
    return tuple(
        Link(slug, anchor, relation, "in", True, None if foreign else title, foreign)
        for slug, anchor, relation, title, foreign in rows
    )


def linked_anchors(db: Connection, note_id: int) -> Counter[str]:
    """The anchors of the note that living notes link to, in lower case, each with how many do. Looks at the first
    MOST_LOOKED_AT links to the note."""
    rows = db.execute(
        """SELECT DISTINCT s.id, lower(l.anchor) FROM links l JOIN notes s ON s.id = l.source_id
           WHERE l.id IN (SELECT id FROM main.links WHERE target_id = ? LIMIT ?)
             AND l.anchor IS NOT NULL AND NOT s.deleted""",
        (note_id, MOST_LOOKED_AT),
    )
    return Counter(anchor for _, anchor in rows)


def names_by_target(db: Connection, note_id: int) -> dict[str, str]:
    """What the wiki links of a note are written as, by their targets."""
    rows = db.execute("SELECT target, name FROM links WHERE source_id = ? AND form = 'wiki' ORDER BY id", (note_id,))
    return dict(rows.fetchall())


def dangling(db: Connection, note_id: int) -> tuple[Dangling, ...]:
    """The note's links whose target does not exist or is deleted, with existing names that look like it."""
    missing = {
        link.note if link.anchor is None else f"{link.note}#{link.anchor}": link.note
        for link in outgoing(db, note_id)
        if not link.exists
    }
    several = _ambiguous(db, note_id) if missing else {}
    return tuple(
        Dangling(ref, several[name], is_ambiguous=True)
        if name in several
        else Dangling(ref, nearest_names(db, name) if shown < LARGEST_SHOWN else ())
        for shown, (ref, name) in enumerate(missing.items())
    )


def _ambiguous(db: Connection, note_id: int) -> dict[str, tuple[str, ...]]:
    """What links of the note name that more than one note bears with equal right, each with the slugs of these."""
    rows = db.execute(
        """SELECT target, name, form FROM links
           WHERE source_id = ? AND target_id IS NULL AND key IN (SELECT key FROM names)""",
        (note_id,),
    ).fetchall()
    asker = asker_of(db, note_id) if rows else NOBODY
    wanted = {target: asked for target, name, form in rows if (asked := _asked(name, target, form, asker))}
    to = meant(db, asker, wanted.values())
    return {target: slugs_of(db, to[asked].several) for target, asked in wanted.items() if to[asked].several}


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
