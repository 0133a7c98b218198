"""Existing names that look like one that does not exist, found by a bounded look at the indexes."""

from notewell_store.contract import Connection
from notewell_store.index_query import Together, Within, all_of
from notewell_store.markdown.slugs import MAX_SLUG
from notewell_store.tables.note_rows import and_heeded

VERY_CLOSE = 0.85  # a neighbour in the alphabet that like makes a search needless
LOOKED_AT = 40  # of each kind of candidate
PASSED = 2_000  # neighbours among which those that one project heeds are looked for


def nearest_names(db: Connection, name: str, limit: int = 3, project: str | None = None) -> tuple[str, ...]:
    """Slugs of living notes, best first, whatever the number of notes; of those that the project heeds, where one is
    named."""
    from notewell_store.nearest import CLOSE, likest  # difflib: only what is missing needs it

    name = name[:MAX_SLUG]
    around = _around(db, name, project)
    found = likest(name, around)
    if not found or found[0][0] < VERY_CLOSE:
        sharing = _sharing_words(db, name, project)
        found = likest(name, [*around, *sharing]) if sharing else found
    return tuple(word for likeness, word in found if likeness >= CLOSE)[:limit]


def _around(db: Connection, name: str, project: str | None) -> list[str]:
    """The neighbours in the alphabet, of the name and of its beginning."""
    half = name[: len(name) // 2]
    heeded, values = and_heeded(project)
    found: list[tuple[str]] = []
    for start, condition, order in ((name, ">", "ASC"), (name, "<", "DESC"), (half, ">=", "ASC")):
        passed = f"notes WHERE slug {condition} ? AND NOT deleted ORDER BY slug {order}"
        query = f"SELECT slug FROM {passed} LIMIT {LOOKED_AT}"
        if heeded:
            few = f"SELECT slug, project_id FROM {passed} LIMIT {PASSED}"
            query = f"SELECT n.slug FROM ({few}) n WHERE TRUE{heeded} LIMIT {LOOKED_AT}"
        found += db.execute(query, (start, *values)).fetchall()
    return [slug for (slug,) in found]


def _sharing_words(db: Connection, name: str, project: str | None) -> list[str]:
    """Notes whose names hold all words of this one but one, or all; no rank is asked for, which would cost a look at
    every match."""
    words = list(dict.fromkeys(word for word in name.split("-") if word.isalnum()))[:8]
    heeded, own = and_heeded(project)
    found: list[tuple[str]] = []
    for left_out in range(len(words) if len(words) > 1 else 0):
        shared = all_of(Together(word) for at, word in enumerate(words) if at != left_out)
        holding, values = db.index.holding(Within(("names",), shared))
        found += db.execute(
            f"""SELECT n.slug FROM ({holding}) hit JOIN passages p ON p.id = hit.id JOIN notes n ON n.id = p.note_id
               WHERE TRUE{heeded} LIMIT {LOOKED_AT}""",
            [*values, *own],
        ).fetchall()
    return [slug for (slug,) in found]
