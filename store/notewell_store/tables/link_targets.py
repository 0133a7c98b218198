"""Where links lead as names come and go: those are led again that may mean another note now."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from notewell_store.contract import Connection
from notewell_store.resolution import CALLED, Asker, Meant, choose
from notewell_store.tables.bearers import Names, bearers
from notewell_store.tables.note_rows import OWN
from notewell_store.tables.text_links import asked_as


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


def resolve_targets(db: Connection, note_id: int, targets: Iterable[str]) -> None:
    """Let those links of the note lead where they do that have these targets."""
    query = _ASKING.format("links l", f"l.source_id = ? AND l.target IN {db.TEXTS}")
    _lead_again(db, db.execute(query, (note_id, db.listed(sorted(targets)))).fetchall())


_BORNE = "SELECT key FROM names"
_ASKING = """SELECT l.id, l.relation, l.target, l.name, l.form, l.target_id, s.id,
    o.source_id, o.path, s.project_id, s.is_public, s.id
  FROM {} JOIN notes s ON s.id = l.source_id LEFT JOIN origins o ON o.note_id = s.id WHERE {}"""


def _lead_again(db: Connection, rows: list[tuple[Any, ...]]) -> None:
    """Of many links that ask for the same in one text, only one is looked at."""
    askers: dict[int, Asker] = {row[6]: Asker(*row[7:]) for row in rows}
    asking = {(row[6], row[3], row[2], row[4]) for row in rows}
    wanted = {one: asked_as(*one[1:], askers[one[0]]) for one in asking}
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
