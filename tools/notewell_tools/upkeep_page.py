"""What a page for people shows of what wants to be looked after: as much as fits, by indexes where there are any."""

from dataclasses import dataclass

from notewell_store.checking.stored import Neglected, neglected
from notewell_store.clock import parse_time
from notewell_store.contract import Snapshot
from notewell_store.models import Filter, NoteSummary
from notewell_store.tables import listing, notes, upkeep
from notewell_store.tables.project_rows import present_slug
from notewell_store.tables.upkeep import DanglingLink
from notewell_store.vocabulary import standing
from notewell_store.writing.templates import TEMPLATE, missing_headings
from notewell_tools.definition import Call

STALE_AFTER = "180d"
SHOWN = 50
"""Of each kind."""
MOST_TEMPLATES = 10
MOST_COMPARED = 40
"""Notes of one type that are compared with its template, those first that were changed last."""
MOST_READ = 5_000_000
"""Characters of templates and of what is compared with them: some 1.5 s."""


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A note that lacks headings which the template of its type lists."""

    note: NoteSummary
    headings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Upkeep:
    """`dangling` has one more than is shown where there are more; `unlinked` are notes that no other note links to and
    that stand below none."""

    dangling: list[DanglingLink]
    neglected: Neglected
    incomplete: list[Incomplete]
    unlinked: list[NoteSummary]
    unlinked_total: int


def upkept(call: Call, project: str) -> Upkeep:
    """Of a project, or, where it is '', of all. Raises NotFound."""
    with call.store.reading() as db:
        own = present_slug(db, project) if project else None
        unlinked = listing.list_notes(db, Filter(project=own, unlinked=True, parent=0), "updated", SHOWN)
        return Upkeep(
            upkeep.dangling_links(db, own, SHOWN + 1),
            neglected(db, parse_time(STALE_AFTER, "stale_after"), own),
            _incomplete(db, own),
            [note for note in unlinked.items if note.note_type not in (TEMPLATE, "folder", "project")],
            unlinked.total,
        )


def _incomplete(db: Snapshot, project: str | None) -> list[Incomplete]:
    """What is over is let alone."""
    found: list[Incomplete] = []
    room = MOST_READ
    for template in listing.list_notes(db, Filter(note_type=TEMPLATE), "title", MOST_TEMPLATES).items:
        kind = template.slug.removeprefix(f"{TEMPLATE}-")
        for note in listing.list_notes(db, Filter(note_type=kind, project=project), "updated", MOST_COMPARED).items:
            if note.note_type != kind or standing(note.status, note.tags) == "over":
                continue
            room -= template.chars + note.chars
            if room < 0 or len(found) == SHOWN:
                return found
            lacking = missing_headings(db, kind, note.project, notes.load(db, note.id).markdown)
            if lacking:
                found.append(Incomplete(note, lacking))
    return found
