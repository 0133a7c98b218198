"""The references of stored notes: of one, of a project's, of all."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from notewell_store.checking.checked import Checked, Report, Searched
from notewell_store.checking.judging import Judge
from notewell_store.checking.texts import check_text, searched, with_nearest
from notewell_store.contract import Snapshot, Store
from notewell_store.markdown.mentions import Form, Mention
from notewell_store.models import Note
from notewell_store.references import Reference, parse_reference
from notewell_store.tables import notes
from notewell_store.tables.project_rows import called_now, present_slug
from notewell_store.tables.upkeep import Orphan, Stale, orphaned_todos, stale_sops

MOST_CHARS = 8_000_000  # of texts that one call looks through: some seconds


class Problem(NamedTuple):
    """A reference of a note that somebody should mend."""

    note: str
    checked: Checked


class Survey(NamedTuple):
    """The problems of many notes. `next_slug` is the last note looked at where there are more; None at the end."""

    problems: tuple[Problem, ...]
    notes: int
    refs: int
    searched: Searched
    next_slug: str | None = None


def check_note(db: Snapshot, note: Note, limit: int | None = None) -> Report:
    """The references of a living note: its links set on purpose, then those of its text, of these at most `limit`."""
    judge = Judge(db, note.id, project=note.metadata.project)
    report = check_text(db, note.markdown, judge, limit)
    explicit = with_nearest(db, _explicit(note, judge), judge)
    return replace(report, refs=(*explicit, *report.refs))


def check_named(db: Snapshot, reference: Reference) -> tuple[str, Report]:
    """The slug of the living note of that name, and its references. Raises NotFound and Deleted."""
    note = notes.load_living(db, reference)
    return note.metadata.slug, check_note(db, note)


def survey(db: Snapshot, project: str | None = None, after: str = "", most: int = MOST_CHARS) -> Survey:
    """The problems of the notes of a project, or of all, in the order of their slugs, until about `most` characters
    have been looked through. At least one note is."""
    problems: list[Problem] = []
    count = refs = chars = 0
    scope = searched(db)
    for note_id, slug, size in notes.living_by_slug(db, project, after):
        if count and chars + size > most:
            return Survey(tuple(problems), count, refs, scope, after)
        report = check_note(db, notes.load(db, note_id))
        problems += [Problem(slug, checked) for checked in report.refs if checked.is_problem]
        count, refs, chars, after = count + 1, refs + len(report.refs), chars + size, slug
    return Survey(tuple(problems), count, refs, scope)


def survey_all(store: Store, project: str | None, progress: Callable[[int, int], None]) -> Survey:
    """As `survey`, of all notes however many, in one snapshot for each part of them."""
    with store.reading() as db:
        project = called_now(db, project)
        whole = survey(db, project)
    while whole.next_slug is not None:
        progress(whole.notes, whole.searched.notes)
        with store.reading() as db:
            part = survey(db, project, whole.next_slug)
        whole = part._replace(
            problems=whole.problems + part.problems, notes=whole.notes + part.notes, refs=whole.refs + part.refs
        )
    return whole


def _explicit(note: Note, judge: Judge) -> Iterator[Checked]:
    links = note.metadata.links
    references = [parse_reference(link.target) for link in links]
    mentions = [Mention(Form.NAME, ref.name, 0, None, ref.anchor, is_link=True) for ref in references]
    for link, (_, checked) in zip(links, judge.judge(mentions), strict=True):
        named = f"of project {checked.foreign}, " if checked.foreign else ""
        yield replace(checked, remark=f"{named}linked by {link.relation}")


class Neglected(NamedTuple):
    """Active SOPs that nobody revised for long, the oldest first, and open todos without a living parent, by slug."""

    stale: list[Stale]
    orphans: list[Orphan]


def neglected(db: Snapshot, before: str, project: str | None = None) -> Neglected:
    """Those of the project, or of all; SOPs that were not revised since `before`, a time. Raises NotFound for an
    unknown project."""
    if project is not None:
        project = present_slug(db, project)
    return Neglected(stale_sops(db, before, project), orphaned_todos(db, project))
