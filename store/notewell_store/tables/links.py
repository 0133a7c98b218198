"""Links between notes, stored once and read from both ends."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple

from notewell_store.contract import LARGEST, Connection, Cursor
from notewell_store.markdown.links import BodyLink, find_links
from notewell_store.models import OF_TEXT, Dangling, ExplicitLink, Link
from notewell_store.references import parse_reference
from notewell_store.resolution import CALLED, NOBODY, Asked, Asker, Meant, asked_by_slug, choose
from notewell_store.resolution import asked as asked_by_name
from notewell_store.tables.bearers import Names, asker_of, bearers, meant, meant_of
from notewell_store.tables.bearers import make_again as make_names_again
from notewell_store.tables.nearest import nearest_names
from notewell_store.tables.note_rows import COUNTS, OWN, UNJUDGED
from notewell_store.tables.notes import slugs_of

MOST_LOOKED_AT = 2_000
MOST_OF_TEXT = 51_000
"""Different links of one text that are kept: their rows are written while all other writers wait."""
MANY = 1_000
"""Links that are laid aside before the lock."""
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


class TextLinks:
    """The links that a text has on a page of this path, each once, in their order, as if none led anywhere: the first
    MOST_OF_TEXT. What leads out of the page's source is none. It takes as long as the text is long, and no store."""

    def __init__(self, found: Iterable[BodyLink], asker: Asker = NOBODY) -> None:
        self.found = tuple(found)
        self.place = asker.path, asker.source is None
        every: dict[tuple[Asked, str | None, str], BodyLink] = {}
        for link in self.found:
            asked = asked_by(link, asker)
            if asked is not None:
                every.setdefault((asked, link.anchor, link.relation), link)
        self.left_out = max(0, len(every) - MOST_OF_TEXT)
        wanted = dict(islice(every.items(), MOST_OF_TEXT))
        self.rows = [_body_row(link, asked, asker) for (asked, *_), link in wanted.items()]
        self.asked = [asked for asked, *_ in wanted]
        self.names = Names(self.asked)
        self.packed = _packed(self.rows)
        self.foreseen: dict[Asked, int | None] | None = None
        """Where those lead that led anywhere before the lock, as `packed` has it; None where that was the note itself,
        whose links are kept otherwise. See make_ready."""

    def fits(self, asker: Asker) -> bool:
        return self.place == (asker.path, asker.source is None)

    def led(self, db: Connection, asker: Asker, note_id: int, start: int = 0) -> list[Row]:
        """The rows from one of them on, each leading where it does in the note of that number; of those to the note
        itself that call it by a name of its own none is kept."""
        to = meant_of(db, asker, self.names)
        if not to:
            return self.rows[start:] if start else self.rows
        rows = zip(self.rows[start:], map(to.get, self.asked[start:]), strict=True)
        return [
            row if meant is None else _led(row, meant.note, note_id)
            for row, meant in rows
            if meant is None or meant.note != note_id or meant.way not in CALLED
        ]


def make_ready(db: Connection, links: TextLinks, asker: Asker) -> None:
    """Lay the rows of many links aside before the lock, each leading where it does now."""
    if len(links.rows) < MANY or not links.fits(asker):
        return
    links.foreseen = {asked: None if note == asker.note else note for asked, note in _leading(db, asker, links).items()}
    if links.foreseen:
        to = map(links.foreseen.get, links.asked)
        links.packed = _packed([row._replace(target_id=note) for row, note in zip(links.rows, to, strict=True)])
    db.lay_aside(Row._fields, links.packed)


def are_kept(links: TextLinks, asker: Asker, kept: Iterable[Sequence[Any]]) -> bool:
    """Whether nothing is to be written of them: of many links those of a line more are the same."""
    return links.fits(asker) and _alike(kept, links.rows) == (len(links.rows), None)


class Change(NamedTuple):
    """What is to be written where a text has other links: its links from the number `gone` on go, `rows` come from the
    `first` of them on, which lead to the notes `to`; None where one of them leads nowhere. Of the rows those with the
    targets `again` lead elsewhere, and are to be led there once they are written."""

    gone: int | None
    rows: str | None
    to: frozenset[int] | None = frozenset()
    first: int = 0
    again: frozenset[str] = frozenset()


UNCHANGED = Change(None, None)


def change_of(
    db: Connection, note_id: int, asker: Asker, links: TextLinks, kept: Iterable[Sequence[Any]] = ()
) -> Change:
    """Of a note whose body has these links now, and had those that are `kept`. As far as they are the same from the
    first on, they stay, for they lead where they do. Where the page came to have another path since they were read,
    they are read anew."""
    written = links if links.fits(asker) else TextLinks(links.found, asker)
    alike, gone = _alike(kept, written.rows)
    if alike == len(written.rows):
        return Change(gone, None)
    if written.foreseen is not None:
        other = written.foreseen.items() ^ _leading(db, asker, written).items()
        return _laid(written, alike, gone, {asked for asked, _ in other})
    rows = written.led(db, asker, note_id, alike)
    to = {row.target_id for row in rows if row.target_id is not None or row.form not in UNJUDGED}
    led = frozenset(one for one in to if one is not None)
    return Change(gone, written.packed if rows is written.rows else _packed(rows), None if None in to else led)


def foreseen_change(links: TextLinks, kept: Iterable[Sequence[Any]]) -> Change:
    """The same of links that were made ready, as long as nobody has written since."""
    alike, gone = _alike(kept, links.rows)
    if alike == len(links.rows):
        return Change(gone, None)
    foreseen = links.foreseen or {}
    change = _laid(links, alike, gone, {asked for asked, note in foreseen.items() if note is None})
    asked = links.asked[alike:]
    rows = zip(links.rows[alike:], asked, strict=True)
    if any(one not in foreseen and row.form not in UNJUDGED for row, one in rows):
        return change
    return change._replace(to=frozenset(note for note in map(foreseen.get, asked) if note is not None))


def _leading(db: Connection, asker: Asker, links: TextLinks) -> dict[Asked, int | None]:
    """Where the names of links lead that lead anywhere."""
    to = meant_of(db, asker, links.names)
    return {asked: meant.note for asked, meant in to.items() if meant.note is not None}


def _laid(links: TextLinks, alike: int, gone: int | None, other: Collection[Asked]) -> Change:
    """Of links whose rows were laid aside; the names of the `other` lead elsewhere than these do."""
    rows = zip(links.rows[alike:], links.asked[alike:], strict=True) if other else ()
    return Change(gone, links.packed, None, alike, frozenset(row.target for row, asked in rows if asked in other))


def write_change(db: Connection, note_id: int, change: Change) -> None:
    if change.gone is not None:
        gone = f"DELETE FROM links WHERE source_id = ? AND id >= ? AND relation IN {OF_TEXT}"
        db.execute(gone, (note_id, change.gone))
    if change.rows is not None:
        _insert(db, note_id, change.rows, change.first)
    if change.again:
        query = _ASKING.format("links l", f"l.source_id = ? AND l.target IN {db.TEXTS}")
        _lead_again(db, db.execute(query, (note_id, db.listed(sorted(change.again)))).fetchall())


def write_body_links(db: Connection, note_id: int, links: TextLinks) -> None:
    """Let the links that stand in the note's body be these."""
    asker = asker_of(db, note_id) if links.found else NOBODY
    write_change(db, note_id, change_of(db, note_id, asker, links, ask_kept(db, note_id)))


def ask_kept(db: Connection, note_id: int) -> Cursor:
    """For the links of the note's body, as change_of takes them."""
    return db.execute(_KEPT, (note_id,))


_KEPT = f"""SELECT relation, target, anchor, NULL, name, key,
    CASE WHEN form LIKE '{OWN}%' THEN substr(form, {len(OWN) + 1}) ELSE form END, id
  FROM links WHERE source_id = ? AND relation IN {OF_TEXT} ORDER BY id"""
"""As TextLinks has the rows, before the number of each."""


def _alike(kept: Iterable[Sequence[Any]], rows: list[Row]) -> tuple[int, int | None]:
    """How many of the rows are kept already, from the first on, and the number of the first that is another."""
    own = iter(kept)
    alike = 0
    for wanted, row in zip(rows, own, strict=False):
        if row[:-1] != wanted:
            return alike, row[-1]
        alike += 1
    further = next(own, None)
    return alike, None if further is None else further[-1]


def body_rows(db: Connection, note_id: int, found: Iterable[BodyLink]) -> list[Row]:
    """The rows of a text's links in the note."""
    asker = asker_of(db, note_id)
    return TextLinks(found, asker).led(db, asker, note_id)


def _led(row: Row, to: int | None, note_id: int) -> Row:
    return row._replace(form=f"{OWN}{row.form}") if to == note_id else row._replace(target_id=to)


def asked_by(link: BodyLink, asker: Asker) -> Asked | None:
    """What a link in a text of `asker` asks for."""
    return _asked(link.name or None, link.target, "page" if link.is_path else link.form, asker)


def _asked(name: str | None, target: str, form: str, asker: Asker) -> Asked | None:
    is_path = form.removeprefix(OWN) in PATHS
    return asked_by_slug(target) if name is None else asked_by_name(name, asker.path, is_path=is_path)


def _body_row(link: BodyLink, asked: Asked, asker: Asker) -> Row:
    form: str = "page" if link.is_path and link.form == "wiki" else link.form
    if form == "bare" and asker.source is not None:
        form = "loose"
    shown = (asked.slug or asked.own or link.target) if link.is_path else link.target
    return Row(link.relation, shown, link.anchor, None, link.name or None, asked.key or None, form)


def write_explicit_links(db: Connection, note_id: int, links: tuple[ExplicitLink, ...]) -> None:
    """Replace the links that were set on purpose. One to the note itself is kept in its metadata alone."""
    db.execute(f"DELETE FROM links WHERE source_id = ? AND relation NOT IN {OF_TEXT}", (note_id,))
    if links:
        _insert(db, note_id, _packed([row for row in explicit_rows(db, links) if row.target_id != note_id]))


def explicit_rows(db: Connection, links: Iterable[ExplicitLink]) -> list[Row]:
    """The rows of links that were set on purpose."""
    references = [(link.relation, parse_reference(link.target)) for link in links if link.relation not in OF_TEXT]
    to = meant(db, NOBODY, {asked_by_slug(reference.name) for _, reference in references})
    return [Row(word, ref.name, ref.anchor, to[asked_by_slug(ref.name)].note) for word, ref in references]


def _insert(db: Connection, note_id: int, rows: str, first: int = 0) -> None:
    db.insert_rows("links", Row._fields, rows, first, source_id=note_id)


def _packed(rows: list[Row]) -> str:
    return json.dumps(rows, ensure_ascii=False)


_BORNE = "SELECT key FROM names"

_ASKING = """SELECT l.id, l.relation, l.target, l.name, l.form, l.target_id, s.id,
    o.source_id, o.path, s.project_id, s.is_public, s.id
  FROM {} JOIN notes s ON s.id = l.source_id LEFT JOIN origins o ON o.note_id = s.id WHERE {}"""


def resolve_named(db: Connection, note_id: int, keys: Iterable[str] = (), slugs: Iterable[str] = ()) -> None:
    """Let the links that may mean this note lead where they do now: those that name it in any way, those of the keys
    that it had, and those that wait for these slugs."""
    _lead_again(db, named(db, note_id, keys, slugs))


def named(db: Connection, note_id: int, keys: Iterable[str], slugs: Iterable[str]) -> list[tuple[Any, ...]]:
    """The links that resolve_named looks at."""
    called = db.listed(sorted(slugs))
    unresolved = db.by_index("links l", "links_unresolved")  # by that of all targets every dangling one would be read
    rows = db.execute(
        f"""{_ASKING.format("links l", f"l.key IN (SELECT key FROM names WHERE note_id = ? UNION {db.TEXTS[1:-1]})")}
            UNION {_ASKING.format(unresolved, f"l.target IN {db.TEXTS} AND l.target_id IS NULL")}""",
        (note_id, db.listed(sorted({*keys, *slugs})), called),
    )
    return rows.fetchall()


def resolve_own(db: Connection, note_id: int, *, is_elsewhere: bool = True) -> None:
    """Let the note's links lead where they do from where it stands now, and for those who read it now. Where it is not
    elsewhere than before, what nobody bears the name of is not looked at."""
    borne = "" if is_elsewhere else f" AND (l.target_id IS NOT NULL OR l.form LIKE '{OWN}%' OR l.key IN ({_BORNE}))"
    _lead_again(db, db.execute(_ASKING.format("links l", f"l.source_id = ?{borne}"), (note_id,)).fetchall())


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
            found = find_links(markdown)
            write_body_links(db, note_id, TextLinks(found, asker_of(db, note_id)))


def _lead_again(db: Connection, rows: list[tuple[Any, ...]]) -> None:
    """Of many links that ask for the same in one text, only one is looked at."""
    askers: dict[int, Asker] = {row[6]: Asker(*row[7:]) for row in rows}
    asking = {(row[6], row[3], row[2], row[4]) for row in rows}
    wanted = {one: _asked(*one[1:], askers[one[0]]) for one in asking}
    found = bearers(db, Names(asked for asked in wanted.values() if asked is not None)) if rows else {}
    to = {
        one: Meant() if asked is None or asked not in found else choose(asked, askers[one[0]], found[asked])
        for one, asked in wanted.items()
    }
    gone: list[int] = []
    moved: dict[tuple[int | None, str], list[int]] = defaultdict(list)
    for link, _, target, name, form, present, source, *_ in rows:
        note, way, _ = to[source, name, target, form]
        plain = form.removeprefix(OWN)
        if note == source and way in CALLED:
            gone.append(link)
        elif note == source and form == plain:
            moved[None, f"{OWN}{form}"].append(link)
        elif note != source and (note != present or form != plain):
            moved[note, plain].append(link)
    if gone:
        db.execute(f"DELETE FROM links WHERE id IN {db.VALUES}", (db.listed(gone),))
    for (note, form), several in moved.items():
        db.execute(
            f"UPDATE links SET target_id = ?, form = ? WHERE id IN {db.VALUES}", (note, form, db.listed(several))
        )


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
           WHERE l.source_id = ? AND {COUNTS} ORDER BY l.relation IN {OF_TEXT}, l.relation, l.id""",
        (note_id,),
    )
    found = (
        Link(slug, anchor, relation, "out", bool(exists), title if exists and not foreign else None, foreign)
        for slug, anchor, relation, title, exists, foreign in rows
    )
    return tuple(dict.fromkeys(found))  # one note may be named by several of its names


def of_text(db: Connection, note_id: int, found: Iterable[BodyLink]) -> tuple[Link, ...]:
    """Those links of the note that stand in a part of its text, with the names by which they are written there."""
    written: dict[tuple[int | str, str | None], str | None] = {}
    for row in body_rows(db, note_id, found):
        written.setdefault((row.target if row.target_id is None else row.target_id, row.anchor), row.name)
    rows = db.execute(
        f"SELECT id, slug FROM notes WHERE id IN {db.VALUES}",
        (db.listed([target for target, _ in written if isinstance(target, int)]),),
    )
    ids = {slug: note for note, slug in rows}
    links = [(link, (ids.get(link.note, link.note), link.anchor)) for link in outgoing(db, note_id)]
    return tuple(
        replace(link, written=written[key] if written[key] != link.note else None)
        for link, key in links
        if link.relation in OF_TEXT and key in written
    )


def incoming(db: Connection, note_id: int) -> tuple[Link, ...]:
    """Links of living notes to the note, those of other projects last, those set on purpose first, one for each source,
    relation and anchor."""
    rows = db.execute(
        f"""SELECT DISTINCT other.slug, l.anchor, l.relation, other.title, {FOREIGN}
           FROM links l JOIN notes other ON other.id = l.source_id JOIN notes own ON own.id = l.target_id
           WHERE l.id IN (SELECT id FROM main.links WHERE target_id = ?) AND NOT other.deleted""",
        (note_id,),
    )
    found = [
        Link(slug, anchor, relation, "in", True, None if foreign else title, foreign)
        for slug, anchor, relation, title, foreign in rows
    ]
    return tuple(sorted(found, key=_incoming_order))


def _incoming_order(link: Link) -> tuple[bool, bool, str, str, str]:
    return link.foreign is not None, link.relation in OF_TEXT, link.relation, link.note, link.anchor or ""


def superseding(db: Connection, note_ids: Iterable[int]) -> dict[int, str]:
    """The slug of the living note that supersedes each of these by a link; the newest one. Who writes in one project
    does not end the notes of another: only a note of the same project or of none is asked."""
    ids = list(note_ids)
    # Of one note, as most are asked for, a plan is kept where one of many would be made anew each time.
    these, value = ("= ?", ids[0]) if len(ids) == 1 else (f"IN {db.VALUES}", db.listed(ids))
    rows = db.execute(
        f"""SELECT l.target_id, n.slug
            FROM links l JOIN notes n ON n.id = l.source_id JOIN notes o ON o.id = l.target_id
            WHERE l.id IN (SELECT id FROM main.links WHERE target_id {these}) AND l.relation = 'supersedes'
              AND NOT n.deleted AND (n.project_id IS NULL OR n.project_id = o.project_id) ORDER BY n.id""",
        (value,),
    )
    return dict(rows.fetchall())


def linked_anchors(db: Connection, note_id: int) -> Counter[str]:
    """The anchors of the note that living notes link to, in lower case, each with how many do. Looks at the first
    MOST_LOOKED_AT links to the note."""
    rows = db.execute(
        f"""SELECT DISTINCT s.id, lower(l.anchor) FROM links l JOIN notes s ON s.id = l.source_id
           WHERE l.id IN (SELECT id FROM main.links WHERE target_id = ? LIMIT {MOST_LOOKED_AT})
             AND l.anchor IS NOT NULL AND NOT s.deleted""",
        (note_id,),
    )
    return Counter(anchor for _, anchor in rows)


def sources_of(db: Connection, note_id: int, anchor: str, limit: int) -> tuple[str, ...]:
    """The slugs of the first living notes that link to this section."""
    rows = db.execute(
        f"""SELECT DISTINCT s.slug FROM links l JOIN notes s ON s.id = l.source_id
           WHERE l.id IN (SELECT id FROM main.links WHERE target_id = ?) AND lower(l.anchor) = ? AND NOT s.deleted
           ORDER BY s.slug LIMIT {limit}""",
        (note_id, anchor.lower()),
    )
    return tuple(slug for (slug,) in rows)


def names_by_target(db: Connection, note_id: int) -> dict[str, str]:
    """What the wiki links of a note are written as, by their targets."""
    rows = db.execute("SELECT target, name FROM links WHERE source_id = ? AND form = 'wiki' ORDER BY id", (note_id,))
    return dict(rows.fetchall())


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


def dangling(db: Connection, note_id: int) -> tuple[Dangling, ...]:
    """As unresolved, in words."""
    return unresolved(db, note_id).told()


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
