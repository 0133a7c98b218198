"""One import at work: its transactions, how far it has come, and what it does when all files are in."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice

from notewell_store.contract import Snapshot, Store
from notewell_store.errors import Invalid
from notewell_store.files import finishing, stale_notes
from notewell_store.files.intake import Intake, Step
from notewell_store.files.ledger import Ledger
from notewell_store.files.naming import Names
from notewell_store.files.remotes import Remote, platform_of
from notewell_store.files.sources import advance, origins_of
from notewell_store.files.summary import ImportOptions, Progress, Summary, Tally
from notewell_store.markdown.slugs import is_slug, slugify
from notewell_store.models import Attribution
from notewell_store.tables.links import resolve_paths
from notewell_store.tables.notes import newest_id
from notewell_store.tables.project_rows import repository_of
from notewell_store.tables.projects import write_project
from notewell_store.tables.sources import home_of, open_source
from notewell_store.tables.stale import count_marked

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
    ) -> None:
        """Open the books of the source `name`. What an import before this one left undone is done first."""
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
            project = project or home_of(db, self.source.id)
            self.ledger = Ledger(self.source, origins_of(db, self.source.id), newest_id(db), self.tally)
        names = Names(project or slugify(title) or "import")
        self._intake = Intake(self.ledger, names, project)
        self.tip = self.source.tip

    def expect(self, steps: int, notes: int) -> None:
        """Say how much is to be done: steps to take, and about how many notes to derive."""
        self._steps, self._notes = steps, notes
        self.ledger.keeps_sections = steps <= MOST_KEPT

    def take(self, steps: Iterable[Step]) -> None:
        """Turn the steps into revisions, in their order."""
        for batch in _batches(iter(steps)):
            marks = [step.mark for step in batch if step.mark]
            with self.transaction(marks[-1] if marks else self.tip) as db:
                for step in batch:
                    self._intake.take(db, step)
            self._progress(min(batch[-1].done, self._steps), self._total)

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
        paths = iter(finishing.unsettled(self._intake))
        while some := list(islice(paths, MOST_SETTLED)):
            with self.transaction(self.tip) as db:
                finishing.settle(db, self._intake, some, self.by)
        with self.transaction(tip or self.tip) as db:
            finishing.write_aliases(db, self._intake)
        if not self._options.dry_run:
            self._derive()
        with self._store.reading() as db:
            finishing.count(db, self.source, self.tally)
        self._progress(self._total, self._total)
        return self.tally.summary(self.source.name, self._options.dry_run)

    def _derive(self) -> None:
        with self._store.reading() as db:
            stale = count_marked(db)

        def done(fresh: int) -> None:
            self._progress(self._steps + min(self._notes, self._notes * fresh // max(1, stale)), self._total)

        self.tally.add("derived", stale_notes.derive_stale(self._store, done))
        with self._store.writing() as db:
            resolve_paths(db, self.source.id)


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
