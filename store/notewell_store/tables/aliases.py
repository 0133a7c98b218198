"""Aliases: the names that notes had before, which keep leading to them."""

from notewell_store.contract import Connection


def aliases_of(db: Connection, note_id: int) -> tuple[str, ...]:
    """The note's former names, in the order of the alphabet."""
    rows = db.execute("SELECT slug FROM aliases WHERE note_id = ? ORDER BY slug", (note_id,))
    return tuple(slug for (slug,) in rows)


def add_alias(db: Connection, slug: str, note_id: int) -> None:
    """Let a name that leads nowhere lead to the note."""
    db.execute("INSERT INTO aliases (slug, note_id) VALUES (?, ?)", (slug, note_id))


def remove_alias(db: Connection, slug: str) -> None:
    """Let the name be free for a note to bear it; nothing where it is no alias."""
    db.execute("DELETE FROM aliases WHERE slug = ?", (slug,))
