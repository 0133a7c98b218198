"""Sections of stored notes: where each stands in the Markdown. Imports little, for the session's hook."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from notewell_store.contract import Connection, Cursor
from notewell_store.markdown import Section
from notewell_store.tables.checksums import PROVED

if TYPE_CHECKING:
    from notewell_store.models import Note

COLUMNS = 'anchor, heading, level, start, body_start, own_end, "end"'


def write_sections(
    db: Connection, note_id: int, sections: tuple[Section, ...], kept: tuple[Section, ...] | None = None
) -> None:
    """Let these be the note's sections, and no others. Where it is known which are `kept` of it, those whose headings
    stay are moved, which is less than to write them anew."""
    staying = _alike(sections, kept or ())
    if kept is None or staying < len(kept):
        db.execute("DELETE FROM sections WHERE note_id = ? AND number >= ?", (note_id, staying))
    moved = [
        (*section[PLACE:], note_id, number)
        for number, (section, was) in enumerate(zip(sections[:staying], kept or (), strict=False))
        if section != was
    ]
    if moved:
        db.executemany(f"UPDATE sections SET {TO_PLACE} WHERE note_id = ? AND number = ?", moved)
    if staying < len(sections):
        db.executemany(
            f"INSERT INTO sections (note_id, number, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(note_id, number, *section) for number, section in enumerate(sections[staying:], start=staying)],
        )


PLACE = Section._fields.index("start")
TO_PLACE = 'start = ?, body_start = ?, own_end = ?, "end" = ?'


def _alike(sections: tuple[Section, ...], kept: tuple[Section, ...]) -> int:
    """How many have the headings of those that are kept, from the first on."""
    pairs = zip(sections, kept, strict=False)
    return next((n for n, (one, was) in enumerate(pairs) if one[:PLACE] != was[:PLACE]), min(len(sections), len(kept)))


def read_sections(db: Connection, note_id: int) -> tuple[Section, ...]:
    """Those that are kept of the note, in their order; none while an import has not derived them yet."""
    rows = None if db.ahead is None else db.ahead.get(("sections", note_id))
    if rows is None:
        rows = ask_sections(db, note_id)
    return tuple(map(Section._make, rows))


def ask_sections(db: Connection, note_id: int) -> Cursor:
    """For the columns of those that are kept of the note, in their order."""
    return db.execute(f"SELECT {COLUMNS} FROM sections WHERE note_id = ? ORDER BY number", (note_id,))


def read_ahead(db: Connection, note_ids: Iterable[int]) -> None:
    """Read the texts that kept_text and the sections that read_sections will be asked for, all at once, where each
    question takes a way there and back."""
    if db.ahead is None:
        return
    ids = [note_id for note_id in note_ids if ("text", note_id) not in db.ahead]
    if not ids:
        return
    queries = (
        f"SELECT t.note_id, {PROVED} WHERE t.note_id IN {db.VALUES}",
        f"SELECT note_id, {COLUMNS} FROM sections WHERE note_id IN {db.VALUES} ORDER BY note_id, number",
    )
    texts, sections = db.at_once(db.execute(query, (db.listed(ids),)) for query in queries)
    db.ahead.update((("text", note_id), tuple(row)) for note_id, *row in texts)
    found: dict[int, list[Sequence[object]]] = {note_id: [] for note_id in ids}
    for note_id, *section in sections:
        found[note_id].append(section)
    db.ahead.update((("sections", note_id), own) for note_id, own in found.items())


def read_anchors(db: Connection, note_id: int) -> frozenset[str]:
    """The anchors of the sections that are kept of the note, in lower case."""
    rows = db.execute("SELECT anchor FROM sections WHERE note_id = ?", (note_id,))
    return frozenset(anchor.lower() for (anchor,) in rows)


def sections_of(db: Connection, note: "Note") -> tuple[Section, ...]:
    """Those kept with the note as it stands; those of a former text, or of one being imported, are found anew."""
    rows = db.execute(
        f"""SELECT {COLUMNS} FROM notes n LEFT JOIN sections s ON s.note_id = n.id
           WHERE n.id = ? AND n.revision = ? AND n.id NOT IN (SELECT note_id FROM stale) ORDER BY s.number""",
        (note.id, note.revision),
    ).fetchall()
    if rows:
        return tuple(Section._make(row) for row in rows if row[0] is not None)
    from notewell_store.markdown.sections import parse_sections  # the hook reads what is kept

    return parse_sections(note.markdown)


def section_named(db: Connection, note: "Note", anchor: str) -> Section:
    """The section of that anchor, or the block of that id, `^id`. Raises NotFound."""
    if anchor.startswith("^"):
        from notewell_store.markdown.block_ids import pick_block

        return pick_block(note.markdown, anchor, note.metadata.slug)
    from notewell_store.markdown.sections import pick_section

    return pick_section(sections_of(db, note), anchor, note.metadata.slug)
