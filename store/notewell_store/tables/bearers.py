"""The notes that bear a name: by path, title, a further name, slug, alias or number; and which of them a text means."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

from notewell_store.contract import Connection, Cursor, number_of
from notewell_store.resolution import NOBODY, Asked, Asker, Bearer, Meant, Way, asked, choose, ends_of, fold


def asker_of(db: Connection, note_id: int | None) -> Asker:
    """Whose text a note's is; nobody's without a note."""
    row: tuple[Any, ...] | None = ask_asker(db, note_id).fetchone()
    return Asker(*row) if row else NOBODY


def ask_asker(db: Connection, note_id: int | None) -> Cursor:
    """For what an Asker is made of."""
    return db.execute(
        """SELECT o.source_id, o.path, n.project_id, n.is_public, n.id
           FROM notes n LEFT JOIN origins o ON o.note_id = n.id WHERE n.id = ?""",
        (note_id,),
    )


_BEARER = "n.id, o.path, o.source_id, n.project_id, n.is_public, n.deleted FROM"
_ORIGIN = "LEFT JOIN origins o ON o.note_id = n.id"
_WAYS = tuple(Way)


class Names:
    """Names that are asked for, by all under which they may be found. To make it takes no store."""

    def __init__(self, wanted: Iterable[Asked]) -> None:
        self.by_key: dict[str, list[Asked]] = {}
        self.by_slug: dict[str, list[Asked]] = {}
        for one in dict.fromkeys(wanted):
            for key in one.keys:
                self.by_key.setdefault(key, []).append(one)
            if one.slug:
                self.by_slug.setdefault(one.slug, []).append(one)
        self.keys = sorted(self.by_key)
        self.slugs = sorted(self.by_slug)
        numbers = map(number_of, self.slugs)
        of_notes = (n for n, slug in zip(numbers, self.slugs, strict=True) if n is not None and str(n) == slug)
        self.numbers = sorted(of_notes)  # `0042` is none
        self._listed: tuple[Any, ...] | None = None

    def listed(self, db: Connection) -> tuple[Any, ...]:
        """Keys, slugs and numbers as a statement takes them; of many names they may be asked for twice."""
        if self._listed is None:
            self._listed = db.listed(self.keys), db.listed(self.slugs), db.listed(self.numbers)
        return self._listed


def bearers(db: Connection, names: Names) -> dict[Asked, list[Bearer]]:
    """The notes that bear each of these names in any way, tombstones too; at once, however many are asked for. Names
    that nobody bears are left out."""
    keys, slugs, numbers = names.listed(db)
    rows = db.execute(
        f"""SELECT k.key, k.way, {_BEARER} {db.TEXTS} j CROSS JOIN names k JOIN notes n ON n.id = k.note_id {_ORIGIN}
              WHERE k.key = j.value AND k.way > {Way.FILE:d}
            UNION ALL SELECT n.slug, {Way.SLUG:d}, {_BEARER} {db.TEXTS} j CROSS JOIN notes n {_ORIGIN}
              WHERE n.slug = j.value
            UNION ALL SELECT a.slug, {Way.ALIAS:d}, {_BEARER} {db.TEXTS} j CROSS JOIN aliases a
              JOIN notes n ON n.id = a.note_id {_ORIGIN} WHERE a.slug = j.value
            UNION ALL SELECT CAST(n.id AS text), {Way.NUMBER:d}, {_BEARER} {db.VALUES} j CROSS JOIN notes n {_ORIGIN}
              WHERE n.id = j.value""",
        (keys, slugs, slugs, numbers),
    )
    borne: dict[Asked, list[Bearer]] = defaultdict(list)
    for key, way, *rest in rows:
        found = Bearer(str(key), _WAYS[way], *rest)
        for one in (names.by_key if way < Way.SLUG else names.by_slug)[found.key]:
            borne[one].append(found)
    return borne


def meant(db: Connection, asker: Asker, wanted: Iterable[Asked]) -> dict[Asked, Meant]:
    """Which note each of these names means in a text of `asker`."""
    every = set(wanted)
    if not every:
        return {}
    return dict.fromkeys(every, Meant()) | meant_of(db, asker, Names(every))


def meant_of(db: Connection, asker: Asker, names: Names) -> dict[Asked, Meant]:
    """The same of the names that anybody bears."""
    return {one: choose(one, asker, found) for one, found in bearers(db, names).items()}


def meant_by_anybody(db: Connection, name: str) -> Meant:
    """The note that a name means wherever it was read: a title, or a path as a text writes it, relative to a page that
    nobody knows or from the root of its source."""
    wanted = asked(unquote(name).lstrip("./"), None, is_path=False)
    return Meant() if wanted is None else meant(db, NOBODY, (wanted,))[wanted]


def make_again(db: Connection, note_id: int) -> None:
    """Let a note that has no names yet be found by its title and the path that it comes from."""
    title, path = db.execute(
        "SELECT n.title, o.path FROM notes n LEFT JOIN origins o ON o.note_id = n.id WHERE n.id = ?", (note_id,)
    ).fetchone()
    write_title(db, note_id, None, title)
    write_path(db, note_id, path)


def write_title(db: Connection, note_id: int, before: str | None, title: str) -> set[str]:
    """Let the note be found by its title; the keys that came or went."""
    keys = {fold(title)} ^ (set() if before is None else {fold(before)})
    if keys and before is not None:
        db.execute("DELETE FROM names WHERE note_id = ? AND way = ?", (note_id, Way.TITLE))
    if keys:
        _insert(db, note_id, {fold(title): Way.TITLE})
    return keys


def write_path(db: Connection, note_id: int, path: str | None) -> set[str]:
    """Let the note be found by the path that it comes from now; the keys that came or went."""
    own = "note_id = ? AND way IN (?, ?)"
    ways = (Way.FILE, Way.END)
    former = {key for (key,) in db.execute(f"SELECT key FROM names WHERE {own}", (note_id, *ways))}
    db.execute(f"DELETE FROM names WHERE {own}", (note_id, *ways))
    ends = {} if path is None else ends_of(path)
    _insert(db, note_id, ends)
    return former ^ ends.keys()


def write_words(db: Connection, note_id: int, words: Iterable[str]) -> set[str]:
    """Let the note be found by the further names that its file gives; the keys that came or went."""
    own = "note_id = ? AND way = ?"
    wanted = {fold(word) for word in words} - {""}
    former = {key for (key,) in db.execute(f"SELECT key FROM names WHERE {own}", (note_id, Way.WORD))}
    if former != wanted:
        db.execute(f"DELETE FROM names WHERE {own}", (note_id, Way.WORD))
        _insert(db, note_id, dict.fromkeys(wanted, Way.WORD))
    return former ^ wanted


def words_of(db: Connection, note_id: int) -> list[str]:
    """The further names that the note's file gives, folded; another note may have them too, as slugs."""
    rows = db.execute("SELECT key FROM names WHERE note_id = ? AND way = ?", (note_id, Way.WORD))
    return [key for (key,) in rows]


def _insert(db: Connection, note_id: int, keys: dict[str, Way]) -> None:
    db.executemany(
        "INSERT INTO names (key, way, note_id) VALUES (?, ?, ?)", [(key, way, note_id) for key, way in keys.items()]
    )
