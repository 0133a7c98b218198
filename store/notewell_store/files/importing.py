"""Imports: a folder of Markdown, or a git repository with its history, into a store.

What an import writes it writes in transactions of some hundred revisions, so that others get their turn. Each
leaves the books in order: an import that was stopped is completed by the next one of the same source.
"""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from notewell_store.contract import Snapshot, Store
from notewell_store.errors import Invalid
from notewell_store.files.addresses import web_address
from notewell_store.files.contents import Content, Refused
from notewell_store.files.folder import MARKER, Folder
from notewell_store.files.git import Repository, open_repository
from notewell_store.files.git_history import CommittedFiles, History, source_name
from notewell_store.files.import_run import Run
from notewell_store.files.intake import Step
from notewell_store.files.lineage import Event, differences
from notewell_store.files.path_rules import PathRules
from notewell_store.files.readers import opened, reader_of
from notewell_store.files.readers.reader import Files, Page, Reader
from notewell_store.files.remotes import Remote, name_of
from notewell_store.files.submodules import absent_submodules
from notewell_store.files.summary import ImportOptions, Progress, Summary, shares, together
from notewell_store.models import Attribution
from notewell_store.tables.project_rows import repository_of
from notewell_store.writing.limits import attributed

DEFAULTS = ImportOptions()

FORMATS = {
    ".html": "html",
    ".htm": "html",
    ".docx": "docx",
    ".odt": "odt",
    ".rtf": "rtf",
    ".epub": "epub",
    ".org": "org",
    ".rst": "rst",
    ".textile": "textile",
    ".mediawiki": "mediawiki",
    ".ipynb": "ipynb",
}
"""What pandoc calls files of these endings."""


def import_folder(
    store: Store,
    folder: Path | str,
    options: ImportOptions = DEFAULTS,
    by: Attribution | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Take in what a reader makes of a folder or file as it is now; of what was taken in before, what has changed.

    In an export of several sources each is a source again, so that links mean what they meant. Raises Invalid
    when there is no such folder, nobody can read it, or an option cannot be taken.
    """
    remote, who = _given(options), attributed(by or Attribution(options.actor))
    with opened(Path(folder).expanduser(), options.reader) as files, _target(store, options) as target:
        reader = reader_of(files, options.reader)
        parts: list[Files] = [*files.parts()] if isinstance(files, Folder) else [files]
        rules = [PathRules(part, options.types, is_export=files.holds(MARKER), above=options.above) for part in parts]
        names = [f"{part.kind}:{part.location}" for part in parts]
        runs = [
            (Run(target, name, _title(part), options, who, remote, tell, rule, reader.shown), part)
            for part, name, rule, tell in zip(parts, names, rules, shares(progress, len(parts)), strict=True)
        ]
        for run, part in runs:
            _take(run, part, reader, options.prune, who)
        return together([run.finish(None) for run, _ in runs])


def _title(files: Files) -> str:
    return files.location.name if files.kind == "folder" else files.location.stem


def _take(run: Run, files: Files, reader: Reader, prune: bool, by: Attribution) -> None:
    for path, reason in files.listing.unreadable.items():
        run.tally.skip(path, reason)
    pages = {page.path: page for page in reader.pages(files, run.tally.skip)}
    known = {page.file or page.path for page in pages.values()} | {skipped.path for skipped in run.tally.skipped}
    for path in (*files.listing.left_out, *files.listing.paths):
        if path not in known:
            run.tally.pass_over(path)
    if not pages:
        run.tally.warnings.update(dict.fromkeys(_converters(files.listing.paths)))
    for words in absent_submodules(files):
        run.tally.warn(words)
    before = run.ledger.marks()
    events = differences(before, {path: run.rules.mark(path, page.mark) for path, page in pages.items()})
    touched = {path for event in events for path in (event.path, event.old)}
    run.tally.add("unchanged", len(before.keys() - touched))
    if not prune:
        run.tally.add("gone", sum(event.blob is None for event in events))
        events = [event for event in events if event.blob is not None]
    run.expect(len(events), len(events))
    run.take(_steps(pages, events, by))


def _converters(paths: Iterable[str]) -> Iterator[str]:
    """What makes Markdown of files in which there is no page."""
    names = {path.rpartition("/")[2].lower() for path in paths}
    if "data.json" in names:
        yield "data.json may be BookStack's, which exports its books as Markdown as well: import that"
    for ending in sorted({PurePosixPath(name).suffix for name in names} & FORMATS.keys()):
        yield f"{ending} files become Markdown by pandoc -f {FORMATS[ending]} -t gfm FILE -o FILE.md"


def _steps(pages: dict[str, Page], events: list[Event], by: Attribution) -> Iterator[Step]:
    token = f"run {uuid.uuid4()}"  # so that another import of the source is noticed
    for number, event in enumerate(events, 1):
        content = None if event.blob is None else _content(pages[event.path])
        yield Step(event.path, content, by, event.old, number == len(events), token, number)


def _content(page: Page) -> Content | str:
    try:
        return page.read()
    except Refused as refused:
        return str(refused)


def import_git(
    store: Store,
    location: Path | str,
    options: ImportOptions = DEFAULTS,
    progress: Progress | None = None,
) -> Summary:
    """Take in the history of a repository or bundle, each commit that touched a file as a revision of its note.

    Of a repository that was imported before only the commits since; where its history was rewritten, what
    differs now. In the end the notes say what the newest commit does, but for those that were changed here.
    Raises Invalid when there is no repository, git fails, or an option cannot be taken.
    """
    given = _given(options)
    with _target(store, options) as target, open_repository(Path(location)) as repository:
        tip = repository.tip(options.branch)
        with target.reading() as db:
            remote = given or _remote(db, repository, options.project)
            name = source_name(db, repository, tip, options.project)
        title = name_of(remote.url) if remote else Path(location).expanduser().resolve().stem
        by = attributed(Attribution(options.actor))
        rules = PathRules(CommittedFiles(repository, tip), options.types)
        run = Run(target, name, title, options, by, remote, progress, rules)
        if repository.is_shallow():
            run.tally.warn(
                "the repository is a shallow clone: its older history is missing. `git fetch --unshallow` in it brings "
                "that, before the first import"
            )
        return History(repository, remote, run, options.reader).bring_to(tip)


def _given(options: ImportOptions) -> Remote | None:
    if options.repo_url is None:
        return None
    url = web_address(options.repo_url)
    if url is None:
        raise Invalid(f"repo_url={options.repo_url!r}: send an address such as https://github.com/org/repo", "repo_url")
    return Remote(url)


def _remote(db: Snapshot, repository: Repository, project: str | None) -> Remote | None:
    """Where the repository can be seen: as the project has it, else as the clone knows it."""
    kept, platform = repository_of(db, project) or (None, None)
    for address in (kept, repository.origin_url()):
        url = web_address(address) if address else None
        if url:
            return Remote(url, platform)
    return None


@contextmanager
def _target(store: Store, options: ImportOptions) -> Iterator[Store]:
    """The store, or for a dry run a copy of it that is thrown away."""
    if not options.dry_run:
        yield store
        return
    with store.trial() as copy:
        yield copy
