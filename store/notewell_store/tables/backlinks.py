"""Who links to a note, and in which words."""

from typing import NamedTuple
from urllib.parse import quote

from notewell_store.contract import Connection
from notewell_store.markdown.sentences import sentence_at
from notewell_store.models import OF_TEXT

OPENINGS = ("[[", "](", "](<", "note://", "]: ")
"""What may stand before the name of a note in a text."""


class Backlink(NamedTuple):
    """A living note that links here. `sentence` is the one in which its first link stands; None for a link that was set
    on purpose, or is not found in the text as it is written."""

    slug: str
    title: str
    note_type: str | None
    project: str | None
    relation: str
    sentence: str | None


class Backlinks(NamedTuple):
    total: int
    shown: tuple[Backlink, ...]


def backlinks(db: Connection, note_id: int, limit: int) -> Backlinks:
    """The first `limit` notes that link here, those whose link was set on purpose first, then by title."""
    rows = db.execute(
        f"""SELECT other.id, min(l.id), CASE WHEN min(l.relation IN {OF_TEXT}) THEN 1 ELSE 0 END AS in_text
            FROM links l JOIN notes other ON other.id = l.source_id
            WHERE l.id IN (SELECT id FROM main.links WHERE target_id = ?) AND NOT other.deleted AND other.id != ?
            GROUP BY other.id ORDER BY in_text, {db.folded("other.title")}, other.id""",
        (note_id, note_id),
    ).fetchall()
    shown = [link for _, link, _ in rows[:limit]]
    found = {link: _backlink(*facts) for link, *facts in db.execute(_FACTS.format(db.VALUES), (db.listed(shown),))}
    return Backlinks(len(rows), tuple(found[link] for link in shown))


_FACTS = """SELECT l.id, s.slug, s.title, s.note_type, p.slug, l.relation, l.name, l.target, t.markdown
  FROM links l JOIN notes s ON s.id = l.source_id LEFT JOIN projects p ON p.id = s.project_id
    LEFT JOIN texts t ON t.note_id = s.id WHERE l.id IN {}"""


def _backlink(
    slug: str,
    title: str,
    note_type: str | None,
    project: str | None,
    relation: str,
    name: str | None,
    target: str,
    markdown: str | None,
) -> Backlink:
    sentence = None
    if relation in OF_TEXT and markdown is not None:
        place = _place(markdown, name or target)
        sentence = None if place is None else sentence_at(markdown, place)
    return Backlink(slug, title, note_type, project, relation, sentence)


def _place(markdown: str, name: str) -> int | None:
    """Where the text first names it in a link."""
    for written in dict.fromkeys((name, quote(name))):
        places = (markdown.find(f"{opening}{written}") for opening in OPENINGS)
        found = [place for place in places if place >= 0]
        if found:
            return min(found)
    return None
