"""The newest text of each living note, and the page that is stored with it."""

from notewell_store.contract import Connection


def read_text(db: Connection, note_id: int) -> str | None:
    """The Markdown as it stands beside the note, unproved; None of a tombstone."""
    row = db.execute("SELECT markdown FROM texts WHERE note_id = ?", (note_id,)).fetchone()
    return str(row[0]) if row else None


def write_text(db: Connection, note_id: int, markdown: str) -> None:
    """Let the note have this text, and no page of the former one."""
    db.execute(
        """INSERT INTO texts (note_id, markdown) VALUES (?, ?)
           ON CONFLICT (note_id) DO UPDATE SET markdown = excluded.markdown, html = NULL""",
        (note_id, markdown),
    )


def write_page(db: Connection, note_id: int, html: bytes | None) -> None:
    """Store the page of the note's text, packed by rendered.pack_html, or None."""
    db.execute("UPDATE texts SET html = ? WHERE note_id = ?", (html, note_id))


def remove_text(db: Connection, note_id: int) -> None:
    """Leave the text of a tombstone to its history."""
    db.execute("DELETE FROM texts WHERE note_id = ?", (note_id,))
