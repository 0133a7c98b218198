"""Where links lead as names come and go: those are led again that may mean another note now."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from notewell_store.contract import Connection
from notewell_store.resolution import CALLED, Asker, Meant, choose
from notewell_store.tables.bearers import Names, bearers
from notewell_store.tables.note_rows import OWN
from notewell_store.tables.text_links import asked_as

Asking = dict[tuple[Any, ...], list[int]]
"""Links, by what they ask for in whose text, and where they lead."""


def resolve_named(db: Connection, note_id: int, keys: Iterable[str] = (), slugs: Iterable[str] = ()) -> None:
    """Let the links that may mean this note lead where they do now: those that name it in any way, those of the keys
    that it had, and those that wait for these slugs."""
    lead_again(db, named(db, note_id, keys, slugs))


def named(db: Connection, note_id: int, keys: Iterable[str], slugs: Iterable[str]) -> Asking:
    """The links that resolve_named looks at: those that wait for a note that is new."""
    called = db.listed(sorted(slugs))
    unresolved = db.by_index("links l", "links_unresolved")  # by that of all targets every dangling one would be read
    rows = db.execute(
        f"""{_ASKING.format("links l", f"l.key IN (SELECT key FROM names WHERE note_id = ? UNION {db.TEXTS[1:-1]})")}
            UNION {_ASKING.format(unresolved, f"l.target IN {db.TEXTS} AND l.target_id IS NULL")}""",
        (note_id, db.listed(sorted({*keys, *slugs})), called),
    )
    return _asking(rows)


def resolve_own(db: Connection, note_id: int, *, is_elsewhere: bool = True) -> None:
    """Let the note's links lead where they do from where it stands now, and for those who read it now. Where it is not
    elsewhere than before, what nobody bears the name of is not looked at."""
    borne = "" if is_elsewhere else f" AND (l.target_id IS NOT NULL OR l.form LIKE '{OWN}%' OR l.key IN ({_BORNE}))"
    lead_again(db, _asking(db.execute(_ASKING.format("links l", f"l.source_id = ?{borne}"), (note_id,))))


def resolve_targets(db: Connection, note_id: int, targets: Iterable[str]) -> None:
    """Let those links of the note lead where they do that have these targets."""
    query = _ASKING.format("links l", f"l.source_id = ? AND l.target IN {db.TEXTS}")
    lead_again(db, _asking(db.execute(query, (note_id, db.listed(sorted(targets))))))


_BORNE = "SELECT key FROM names"
_ASKING = """SELECT l.id, l.name, l.target, l.form, l.target_id, o.source_id, o.path, s.project_id, s.is_public, s.id
  FROM {} JOIN notes s ON s.id = l.source_id LEFT JOIN origins o ON o.note_id = s.id WHERE {}"""
_NAME, _TARGET, _FORM, _PRESENT, _ASKER = range(5)
"""Where these stand behind the link's number."""


def _asking(rows: Iterable[Sequence[Any]]) -> Asking:
    asking: Asking = defaultdict(list)
    for link, *one in rows:
        asking[tuple(one)].append(link)
    return asking


def lead_again(db: Connection, asking: Asking) -> None:
    """Let these links lead where they do now. Of many that ask for the same in one text, only one is looked at."""
    askers = {one: Asker(*one[_ASKER:]) for one in asking}
    wanted = {one: asked_as(one[_NAME], one[_TARGET], one[_FORM], asker) for one, asker in askers.items()}
    found = bearers(db, Names(asked for asked in wanted.values() if asked is not None)) if asking else {}
    gone: list[int] = []
    moved: dict[tuple[int | None, str], list[int]] = defaultdict(list)
    for one, links in asking.items():
        asked, asker = wanted[one], askers[one]
        note, way, _ = Meant() if asked is None or asked not in found else choose(asked, asker, found[asked])
        form, present = one[_FORM], one[_PRESENT]
        plain = form.removeprefix(OWN)
        if note == asker.note and way in CALLED:
            gone += links
        elif note == asker.note and form == plain:
            moved[None, f"{OWN}{form}"] += links
        elif note != asker.note and (note != present or form != plain):
            moved[note, plain] += links
    if gone:
        db.execute(f"DELETE FROM links WHERE id IN {db.VALUES}", (db.listed(gone),))
    for (note, form), several in moved.items():
        db.execute(
            f"UPDATE links SET target_id = ?, form = ? WHERE id IN {db.VALUES}", (note, form, db.listed(several))
        )
