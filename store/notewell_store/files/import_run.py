"""One import at work: its transactions, how far it has come, and what it does when all files are in."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice

from notewell_store.contract import Snapshot, Store
from notewell_store.errors import Invalid
from notewell_store.files import stale_notes
from notewell_store.files.intake import Intake, Step
from notewell_store.files.ledger import Ledger
from notewell_store.files.meeting import changed_as_said
from notewell_store.files.naming import Names, folder_of, may_stand_for_folder
from notewell_store.files.path_rules import PathRules
from notewell_store.files.relations import Settled
from notewell_store.files.remotes import Remote, platform_of
from notewell_store.files.sources import Origin, advance, origins_of
from notewell_store.files.summary import ImportOptions, Progress, Summary, Tally
from notewell_store.markdown.slugs import is_slug, slugify
from notewell_store.models import Attribution, Note
from notewell_store.tables import bearers, link_targets, notes
from notewell_store.tables.aliases import add_alias
from notewell_store.tables.notes import newest_id
from notewell_store.tables.origins import Unfit, as_unfit, settle
from notewell_store.tables.project_rows import called_now, repository_of
from notewell_store.tables.projects import write_project
from notewell_store.tables.sources import count_brought, home_of, open_source
from notewell_store.tables.stale import count_marked
from notewell_store.writing.drafts import Draft
from notewell_store.writing.fields import NONE

MOST_STEPS = 250  # in one transaction: it holds the gate for about a tenth of a second
MOST_CHARS = 4_000_000
MOST_SETTLED = 500
MOST_KEPT = 1_000  # commits or files up to which the notes' sections are kept right at any time


class Run:
    def __init__(
        self,
        store: Store,
        name: str,
        title: str,
        options: ImportOptions,
        by: Attribution,
        remote: Remote | None,
        progress: Progress | None,
        rules: PathRules,
        shown: Callable[[str], str] = str,
    ) -> None:
        """Open the books of the source `name`, whose paths people know as `shown`. What an import before this one left
        undone is done first."""
        self.tally = Tally()
        self.by = by
        self._store = store
        self._options = options
        self._progress = progress or (lambda done, total: None)
        self._steps = self._notes = 0
        stale_notes.derive_stale(store)
        with store.writing() as db:
            project = options.project
            if project is not None:
                _require_project(db, project, by.actor, remote, options.repo_url is not None)
            self.source = open_source(db, name)
            project = called_now(db, project) or home_of(db, self.source.id)
            self.ledger = Ledger(self.source, origins_of(db, self.source.id), newest_id(db), self.tally)
        names = Names(project or slugify(title) or "import", shown)
        self._intake = Intake(self.ledger, names, rules, project, by.actor, options.take)
        self.rules = rules
        for warning in rules.warnings:
            self.tally.warn(warning)
        self.tip = self.source.tip

    def expect(self, steps: int, notes: int) -> None:
        """Say how much is to be done: steps to take, and about how many notes to derive."""
        self._steps, self._notes = steps, notes
        self.ledger.keeps_sections = steps <= MOST_KEPT

    def take(self, steps: Iterable[Step]) -> None:
        """Turn the steps into revisions, in their order."""
        for batch in _batches(iter(steps)):
            self._take(batch)
            self._progress(min(batch[-1].done, self._steps), self._total)

    def _take(self, batch: list[Step]) -> None:
        """Take these steps in one transaction. For one that cannot be taken it is begun again without that."""
        marks = [step.mark for step in batch if step.mark]
        told = self.tally.copy()
        given = self._intake.names.given()
        tried = batch[0]
        try:
            with self.transaction(marks[-1] if marks else self.tip) as db, as_unfit(db):
                for tried in batch:
                    self._intake.take(db, tried)
                    settle(db)
        except Unfit as error:
            self.tally.go_back(told)
            with self._store.reading() as db:
                self.ledger.open_again(origins_of(db, self.source.id))
            self._intake.names.go_back(given)
            self._intake.emptied.clear()
            without = replace(tried, content=f"it cannot be taken: {error}")
            self._take([without if step is tried else step for step in batch])

    @property
    def _total(self) -> int:
        return self._steps + self._notes

    @contextmanager
    def transaction(self, tip: str | None) -> Iterator[Snapshot]:
        """A transaction of this import; behind it the source is at `tip`."""
        with self._store.writing() as db:
            advance(db, self.source, self.tip, tip)
            self.ledger.begin(db)
            yield db
            self.ledger.flush(db)
        self.tip = tip

    def finish(self, tip: str | None) -> Summary:
        """Settle what had to wait for the last file, derive what is stale, and count."""
        paths = iter(_unsettled(self._intake))
        while some := list(islice(paths, MOST_SETTLED)):
            with self.transaction(self.tip) as db:
                _settle(db, self._intake, some, self.by)
        with self._store.reading() as db:
            wanted = list(self._intake.relations.wanted(db))
        for start in range(0, len(wanted), MOST_SETTLED):
            with self.transaction(self.tip) as db:
                for settled in wanted[start : start + MOST_SETTLED]:
                    _relate(db, self._intake, settled, self.by)
        with self.transaction(tip or self.tip) as db:
            _write_aliases(db, self._intake)
        self.tally.typed = self.rules.typed(self.ledger.marks())
        if not self._options.dry_run:
            self._derive()
        with self._store.reading() as db:
            self.tally.counts.update(count_brought(db, self.source.id)._asdict())
        self._progress(self._total, self._total)
        return self.tally.summary(self.source.name, self._options.dry_run)

    def _derive(self) -> None:
        with self._store.reading() as db:
            stale = count_marked(db)

        def done(fresh: int) -> None:
            self._progress(self._steps + min(self._notes, self._notes * fresh // max(1, stale)), self._total)

        self.tally.add("derived", stale_notes.derive_stale(self._store, done))


def _require_project(db: Snapshot, slug: str, actor: str, remote: Remote | None, told: bool) -> None:
    """Make the project if there is none; one that has no address yet gets the one that the caller gave."""
    if not is_slug(slug):
        raise Invalid(
            f"project={slug!r}: a project's slug is of a-z, 0-9 and single hyphens, such as web-app",
            "project",
        )
    url = remote.url if remote else None
    kept = repository_of(db, slug)
    if kept is None or (told and not kept[0]):
        write_project(db, slug, actor, None, platform_of(url), url)


def _batches(steps: Iterator[Step]) -> Iterator[list[Step]]:
    batch: list[Step] = []
    chars = 0
    for step in steps:
        batch.append(step)
        chars += step.size
        if len(batch) >= MOST_STEPS or chars >= MOST_CHARS:
            yield batch
            batch, chars = [], 0
    if batch:
        yield batch


def _unsettled(intake: Intake) -> list[str]:
    """The paths to look at, the pages of folders first."""
    return sorted(intake.ledger.origins, key=lambda path: (not may_stand_for_folder(path), path.count("/"), path))


def _settle(db: Snapshot, intake: Intake, paths: list[str], by: Attribution) -> None:
    """Give notes the parents that came later, or that went; tell of those that never came."""
    for path in paths:
        origin = intake.ledger.origins.get(path)
        if origin is not None and intake.ledger.is_living(db, origin.note_id):
            _settle_parent(db, intake, path, origin, by)
    intake.prune(db, by)


def _settle_parent(db: Snapshot, intake: Intake, path: str, origin: Origin, by: Attribution) -> None:
    said = origin.front.parent
    if said is None:
        wanted = intake.folders.parent_of(db, path, notes.project_of(db, origin.note_id), by)
    elif said == NONE:
        return
    else:
        wanted = intake.named_parent(db, path, said) or origin.parent_id
        if wanted is None:
            intake.tally.warn(f"{path}: its parent {said} does not exist")
    if wanted != origin.parent_id:
        _reparent(db, intake, path, origin, wanted, by)


def _reparent(db: Snapshot, intake: Intake, path: str, origin: Origin, wanted: int | None, by: Attribution) -> None:
    """Unless the note was given another parent here."""
    ledger = intake.ledger
    present = notes.parent_of(db, origin.note_id)
    note = ledger.note(db, origin.note_id)
    if present != origin.parent_id:
        return ledger.place(db, path, replace(origin, parent_id=wanted))
    if wanted is not None and notes.is_below(db, wanted, origin.note_id):
        return intake.tally.warn(f"{path}: its parent would stand below it")
    slug = ledger.note(db, wanted).metadata.slug if wanted is not None else None
    left = ledger.path_of(present) if present is not None else None
    saved, _ = ledger.save(
        db, Draft(note, replace(note.metadata, parent=slug), note.markdown), _as_written(note, origin, by)
    )
    if left is not None:
        intake.emptied[left[:-1] if left.endswith("/") else folder_of(left)] = None
    revision = saved.revision if note.revision == origin.revision else origin.revision
    return ledger.place(db, path, replace(ledger.origins[path], revision=revision, parent_id=wanted))


def _as_written(note: Note, origin: Origin, by: Attribution) -> Attribution:
    """A revision of the import's own is not complete before this, and bears the same time."""
    if note.revision != origin.revision or by.at is not None:
        return by
    return replace(by, actor=note.actor, at=note.updated_at or None)


def _relate(db: Snapshot, intake: Intake, settled: Settled, by: Attribution) -> None:
    """Give a note the links to pages that came after its own."""
    ledger, origin = intake.ledger, intake.ledger.origins[settled.path]
    note = ledger.note(db, origin.note_id)
    said = replace(origin.front, links=settled.links or None)
    metadata = changed_as_said(note.metadata, origin.front, said)
    saved, _ = ledger.save(db, Draft(note, metadata, note.markdown), _as_written(note, origin, by))
    revision = saved.revision if note.revision == origin.revision else origin.revision
    ledger.place(db, settled.path, replace(ledger.origins[settled.path], revision=revision, front=said))


def _write_aliases(db: Snapshot, intake: Intake) -> None:
    """Give notes the further names that their files name, where no other note has them."""
    for path, origin in intake.ledger.origins.items():
        words = origin.front.aliases or ()
        if keys := bearers.write_words(db, origin.note_id, words):
            link_targets.resolve_named(db, origin.note_id, keys)
        for alias in filter(is_slug, words):
            owner = notes.find_slug(db, alias)
            if owner is None:
                add_alias(db, alias, origin.note_id)
                link_targets.resolve_named(db, origin.note_id, slugs=[alias])
            elif owner != origin.note_id:
                intake.tally.warn(f"{path}: the alias {alias} names another note")
