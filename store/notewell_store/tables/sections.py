"""Sections of stored notes: where each stands in the Markdown, by its anchor."""

import difflib

from notewell_store.contract import Connection
from notewell_store.errors import NotFound
from notewell_store.markdown.sections import Section, parse_sections
from notewell_store.models import Note, TocEntry

COLUMNS = "anchor, heading, level, start, body_start, own_end, end"


def write_sections(db: Connection, note_id: int, sections: tuple[Section, ...]) -> None:
    db.execute("DELETE FROM sections WHERE note_id = ?", (note_id,))
    db.executemany(
        f"INSERT INTO sections (note_id, number, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (note_id, number, s.anchor, s.heading, s.level, s.start, s.body_start, s.own_end, s.end)
            for number, s in enumerate(sections)
        ),
    )


def read_sections(db: Connection, note_id: int) -> tuple[Section, ...]:
    rows = db.execute(f"SELECT {COLUMNS} FROM sections WHERE note_id = ? ORDER BY number", (note_id,))
    return tuple(Section(*row) for row in rows)


def sections_of(db: Connection, note: Note) -> tuple[Section, ...]:
    """Those kept with the note as it stands; those of a former text, or of one being imported, are found anew."""
    head, stale = db.execute(
        "SELECT revision, id IN (SELECT note_id FROM stale) FROM notes WHERE id = ?", (note.id,)
    ).fetchone()
    return read_sections(db, note.id) if note.revision == head and not stale else parse_sections(note.markdown)


def toc(sections: tuple[Section, ...]) -> tuple[TocEntry, ...]:
    """The table of contents: `chars` counts a section with all below it."""
    return tuple(TocEntry(s.anchor, s.heading, s.level, s.end - s.start) for s in sections)


def pick_section(sections: tuple[Section, ...], anchor: str, slug: str) -> Section:
    """The section of that anchor. Raises NotFound, naming the anchors that look like it."""
    wanted = anchor.strip().lstrip("#").lower()
    for section in sections:
        if section.anchor.lower() == wanted:
            return section
    anchors = [s.anchor for s in sections]
    nearest = difflib.get_close_matches(wanted, anchors[:2000], n=3, cutoff=0.5) or anchors[:12]
    raise NotFound("section", anchor, nearest, within=slug)


def heading_path(sections: tuple[Section, ...], section: Section) -> str:
    """The headings from the top of the note down to this section, joined by ` › `."""
    above = [s for s in sections if s.start <= section.start < s.end]
    return " › ".join(s.heading for s in above)
