"""What an import has left in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notewell_store.tables.revisions import load_at

if TYPE_CHECKING:
    from tests.conftest import Knowledge
    from tests.store.files.conftest import Repo


URL = "https://github.com/org/docs"


def texts(knowledge: Knowledge, slug: str) -> list[str]:
    """The texts of all revisions, oldest first, each checked against its SHA-256."""
    note = knowledge.note(slug)
    with knowledge.store.reading() as db:
        every = range(1, note.revision + 1)
        return [load_at(db, note.id, slug, revision).markdown for revision in every]


def story(knowledge: Knowledge, slug: str) -> list[tuple[str | None, tuple[str, ...]]]:
    """Why and what each revision changed, oldest first."""
    return [(revision.reason, revision.changed) for revision in reversed(knowledge.history(slug))]


def at_tip(knowledge: Knowledge, repo: Repo, ref: str = "HEAD") -> bool:
    """Whether the living notes say just what the pages of the commit do."""
    names = [name for name in repo.git("ls-tree", "-r", "--name-only", ref).split("\n") if name.endswith(".md")]
    with knowledge.store.reading() as db:
        kept = db.execute(
            """SELECT o.path, t.markdown FROM origins o JOIN notes n ON n.id = o.note_id
               JOIN texts t ON t.note_id = n.id WHERE NOT n.deleted AND o.path NOT LIKE '%/' ORDER BY 1"""
        ).fetchall()
    return dict(kept) == {name: repo.read(ref, name) for name in names}
