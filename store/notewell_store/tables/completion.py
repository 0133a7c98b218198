"""Slugs that begin as somebody types, for a client that completes them."""

from notewell_store.contract import Connection
from notewell_store.folding import folded
from notewell_store.index_query import Beginning, Together, Within, all_of
from notewell_store.markdown.passages import apart

LAST = "\U0010ffff"


def complete_slugs(db: Connection, typed: str, limit: int) -> list[str]:
    """At most `limit` slugs of living notes: first those that begin so, then those with a word in slug, tags or title
    that does. Nothing typed: the notes changed last."""
    start = "-".join(folded(typed).split())
    if not start:
        newest = f"SELECT slug FROM notes WHERE NOT deleted ORDER BY seq DESC LIMIT {limit}"
        return [slug for (slug,) in db.execute(newest)]
    rows = db.execute(
        f"SELECT slug FROM notes WHERE slug >= ? AND slug < ? AND NOT deleted ORDER BY slug LIMIT {limit}",
        (start, start + LAST),
    ).fetchall()
    found = dict.fromkeys(slug for (slug,) in rows)
    if len(found) < limit:
        found |= dict.fromkeys(_with_words(db, start, limit))
    return list(found)[:limit]


def complete_projects(db: Connection, typed: str, limit: int) -> list[str]:
    start = folded(typed).strip()
    rows = db.execute(
        f"SELECT slug FROM projects WHERE slug >= ? AND slug < ? AND deleted = FALSE ORDER BY slug LIMIT {limit}",
        (start, start + LAST),
    )
    return [slug for (slug,) in rows]


def _with_words(db: Connection, typed: str, limit: int) -> list[str]:
    parts = apart(typed.replace("-", " ")).split()
    words = [word for word in parts if word.isalnum()]
    if not words:
        return []
    asked = Within(("title", "names"), all_of([*map(Together, words[:-1]), Beginning(words[-1])]))
    holding, values = db.index.holding(asked)
    rows = db.execute(
        f"""SELECT DISTINCT n.slug FROM
             (SELECT p.note_id FROM ({holding}) hit JOIN passages p ON p.id = hit.id LIMIT {20 * limit}) found
           JOIN notes n ON n.id = found.note_id ORDER BY n.slug""",
        values,
    )
    return [slug for (slug,) in rows]
