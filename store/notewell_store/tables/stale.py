"""The notes whose derived rows are still to be made; see files.stale_notes for what that means."""

from notewell_store.contract import Connection, Cursor


def mark(db: Connection, note_id: int) -> bool:
    """Put the note among them; False where it was there."""
    return db.execute("INSERT INTO stale (note_id) VALUES (?) ON CONFLICT DO NOTHING", (note_id,)).rowcount > 0


def unmark(db: Connection, note_id: int) -> bool:
    """Take the note out; False where it was not there."""
    return db.execute("DELETE FROM stale WHERE note_id = ?", (note_id,)).rowcount > 0


def is_marked(db: Connection, note_id: int) -> bool:
    return ask_marked(db, note_id).fetchone() is not None


def ask_marked(db: Connection, note_id: int) -> Cursor:
    """For a row where the note is among them."""
    return db.execute("SELECT 1 FROM stale WHERE note_id = ?", (note_id,))


def count_marked(db: Connection) -> int:
    (count,) = db.execute("SELECT count(*) FROM stale").fetchone()
    return int(count)


def marked_after(db: Connection, note_id: int, most: int) -> list[tuple[int, int]]:
    """The first of them after that id, each with its size in characters."""
    return db.execute(
        "SELECT s.note_id, n.chars FROM stale s JOIN notes n ON n.id = s.note_id WHERE s.note_id > ? "
        f"ORDER BY s.note_id LIMIT {most}",
        (note_id,),
    ).fetchall()
