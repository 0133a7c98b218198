"""`notewell import` and `notewell export`: Markdown files in and out, with a progress bar and a summary."""

import os
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

import click

from notewell_server.cli import complete_projects
from notewell_server.cli.output import show, show_json
from notewell_server.cli.progress import progress_bar
from notewell_server.cli.runs import kept_run
from notewell_server.cli.store import store_call
from notewell_server.runs import RunWriter
from notewell_server.settings import SettingError, Settings, project_file, read_project_file, system_user
from notewell_store import Attribution, Store
from notewell_store.files.exporting import export_notes
from notewell_store.files.importing import import_folder, import_git
from notewell_store.files.project_file import Above
from notewell_store.files.readers import READERS
from notewell_store.files.readers.claude_memory import ClaudeReader
from notewell_store.files.summary import Conflicting, ImportOptions, Listed, Summary
from notewell_store.files.writing_back import WrittenBack, write_back
from notewell_store.safe_text import as_field
from notewell_tools.answers import counted

T = TypeVar("T", bound=Hashable)

MOST_SHOWN = 20
COUNTS = ("created", "updated", "merged", "renamed", "deleted", "restored", "folders", "unchanged", "gone")


@click.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path), required=False)
@click.option("--git", is_flag=True, help="PATH is a git repository or bundle: take its whole history.")
@click.option(
    "--from",
    "reader",
    type=click.Choice([reader.name for reader in READERS]),
    help="What PATH is, if not to be found out.",
)
@click.option(
    "--claude-memory",
    is_flag=True,
    help="Take the memory and rules of Claude Code in PATH: a checkout, a project's memory; default: all in ~/.claude.",
)
@click.option(
    "--type",
    "types",
    multiple=True,
    metavar="PATTERN=TYPE",
    help="The type of the pages of these paths, such as 'alerts/**=runbook'; several times.",
)
@click.option(
    "--project",
    shell_complete=complete_projects,
    help="The project of all notes; it is created if there is none of that slug.",
)
@click.option("--repo-url", help="The repository's URL, for links to its pull requests; default: its origin.")
@click.option("--branch", help="With --git: the branch to take; default: the one checked out.")
@click.option("--prune", is_flag=True, help="Of a folder: delete the notes of files that vanished.")
@click.option(
    "--take",
    type=click.Choice(["source", "store"]),
    help="Where a page was changed here and in its source, and the two overlap: which of them counts.",
)
@click.option("--revised-by", help="Of a folder: on whose account, such as a commit SHA.")
@click.option("--reason", help="Of a folder: why, for the history.")
@click.option("--dry-run", is_flag=True, help="Say what would be imported, write nothing.")
@click.option("--watch", is_flag=True, help="Of a folder: take what changes in it too, until Ctrl-C.")
@click.option("--sync", is_flag=True, help="With --watch: write what changes here back to the folder's files.")
@click.option("--json", "as_json", is_flag=True, help="Answer with JSON.")
@click.pass_obj
def import_command(
    settings: Settings,
    /,
    path: Path | None,
    git: bool,
    reader: str | None,
    claude_memory: bool,
    types: tuple[str, ...],
    project: str | None,
    repo_url: str | None,
    branch: str | None,
    prune: bool,
    take: str | None,
    revised_by: str | None,
    reason: str | None,
    dry_run: bool,
    watch: bool,
    sync: bool,
    as_json: bool,
) -> None:
    """Import a folder of Markdown, or a git repository (or bundle) with its history. Again: only what is new.

    A page that was changed here and in its source is merged; where the two overlap the note stays as it is here, what
    the source says is kept as a revision to compare with, and the exit code is 1.
    """
    actor = settings.actor or system_user()
    if claude_memory:
        path, reader = path or Path(os.environ.get("CLAUDE_CONFIG_DIR") or "~/.claude").expanduser(), ClaudeReader.name
    if path is None:
        raise click.UsageError("name the folder, file or repository to import")
    above = None if git else _above(path)
    by = Attribution(actor, revised_by, reason)
    options = ImportOptions(project, repo_url, branch, prune, dry_run, actor, reader, take, types, above)
    if sync and not watch:
        raise click.UsageError("--sync goes with --watch; `notewell export --sync FOLDER` writes back once")
    if watch:
        if git or dry_run or as_json:
            raise click.UsageError("--watch follows a folder: leave out --git, --dry-run and --json")
        _watch(settings, path, options, by, sync=sync)
        return
    with store_call(settings, create=True) as call, _run_of(settings, path, dry_run=dry_run) as run:
        summary = _imported(call.store, path, options, by, run, git=git)
        run.end("warning" if summary.conflicting.total else "ok", summary_text(summary))
    show_json(asdict(summary)) if as_json else show(summary_text(summary))
    if summary.conflicting.total:
        raise SystemExit(1)


def _run_of(settings: Settings, path: Path, *, dry_run: bool) -> AbstractContextManager[RunWriter]:
    """Nothing is known of a run that does nothing."""
    return nullcontext(RunWriter("", None)) if dry_run else kept_run(settings, "import", path)


def _imported(
    store: Store, path: Path, options: ImportOptions, by: Attribution, run: RunWriter, *, git: bool
) -> Summary:
    with progress_bar("importing", run.progress) as progress:
        if git:
            return import_git(store, path, options, progress)
        return import_folder(store, path, options, by, progress)


def _above(folder: Path) -> Above | None:
    """The project file above a folder; its own is read with its other files."""
    place = folder.resolve()
    file = project_file(str(place)) if place.is_dir() else None
    if file is None or file.parent == place:
        return None
    try:
        return Above(read_project_file(file), place.relative_to(file.parent).parts)
    except SettingError as error:
        raise click.ClickException(str(error)) from error


def _watch(settings: Settings, folder: Path, options: ImportOptions, by: Attribution, *, sync: bool) -> None:
    if not folder.is_dir():
        raise click.UsageError("--watch follows a folder")
    if find_spec("watchfiles") is None:
        raise click.ClickException("--watch needs watchfiles: pip install 'notewell[watch]'")
    from notewell_server.cli import watching

    def shown(summary: Summary, back: WrittenBack | None) -> None:
        show(summary_text(summary) if back is None else back_text(back))

    with store_call(settings, create=True) as call:
        watching.follow(folder, watching.Round(call.store, folder, options, by, shown, writes_back=sync))


@click.command("export")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--overwrite", is_flag=True, help="Take a folder that holds other things, or files edited since their export."
)
@click.option(
    "--sync",
    is_flag=True,
    help="FOLDER was imported: take what changed in it, then write what changed here back to its files.",
)
@click.option("--okf", is_flag=True, help="Write the Open Knowledge Format: each file with a type, and an index.")
@click.pass_obj
def export_command(settings: Settings, /, folder: Path, overwrite: bool, okf: bool, sync: bool) -> None:
    """Write every note as a Markdown file with front matter, to be imported again anywhere. No history."""
    if sync:
        _sync(settings, folder)
        return
    with store_call(settings, create=False) as call, progress_bar("exporting") as progress:
        done = export_notes(call.store, folder, overwrite=overwrite, okf=okf, progress=progress)
    removed = f", removed {done.removed:,} of notes that are gone" if done.removed else ""
    show(f"wrote {counted(done.notes, 'note')} ({done.bytes:,} bytes) to {done.folder}{removed}")
    if done.damaged:
        raise click.ClickException(
            f"not written, because what is kept of them is damaged: {', '.join(done.damaged)}. `notewell verify` names "
            "all damage"
        )


def _sync(settings: Settings, folder: Path) -> None:
    actor = settings.actor or system_user()
    with store_call(settings, create=False) as call, progress_bar("importing") as progress:
        done = write_back(
            call.store, folder, ImportOptions(actor=actor, above=_above(folder)), Attribution(actor), progress
        )
    show(back_text(done))
    if done.left.total or done.imported.conflicting.total:
        raise SystemExit(1)


def back_text(done: WrittenBack) -> str:
    """What came in, then what went back."""
    written = [
        f"wrote back: {done.written.total:,}",
        *(f"  {as_field(path)}" for path in done.written.items[:MOST_SHOWN]),
    ]
    left = _listed("not written back", done.left, lambda item: f"{item.path}: {item.reason}")
    return "\n".join([summary_text(done.imported), *written, *left])


def summary_text(summary: Summary) -> str:
    """The summary as a person reads it: what was done, then what was not and why."""
    would = "dry run, nothing written; would be: " if summary.dry_run else ""
    counts = ", ".join(f"{getattr(summary, kind):,} {kind}" for kind in COUNTS if getattr(summary, kind))
    lines = [
        f"{would}{counted(summary.revisions, 'new revision')} ({counts or _why_nothing(summary)}); "
        f"{counted(summary.notes, 'note')} of this source in the store",
        f"{summary.links:,} links, {summary.dangling:,} of them dangling; {summary.aliases:,} aliases; "
        f"{summary.seconds:.1f} s",
        *([f"passed over: {_passed_over(summary)}"] if counts and summary.passed_over.items else []),
        *_listed("types by folder", summary.typed, str),
        *_listed("skipped", summary.skipped, lambda item: f"{item.path}: {item.reason}"),
        *_listed(
            "left as changed here",
            summary.conflicting,
            lambda item: f"{item.slug} ({item.path}): {item.reason}{_offered(item)}",
        ),
        *(
            ["import again with --take source or --take store when you have looked"]
            if summary.conflicting.total
            else []
        ),
        *_listed("warnings", summary.warnings, str),
    ]
    return "\n".join(lines)


def _offered(item: Conflicting) -> str:
    return f"; the file says {item.slug}@{item.offered}" if item.offered else ""


def _why_nothing(summary: Summary) -> str:
    """Nothing new is in a source that was taken before; of another one nothing could be taken."""
    if summary.notes:
        return "nothing new"
    passed_over = f": {_passed_over(summary)} passed over" if summary.passed_over.items else ""
    return f"there is no page in it that could be taken{passed_over}"


def _passed_over(summary: Summary) -> str:
    shown, more = summary.passed_over.items[:MOST_SHOWN], summary.passed_over.total - MOST_SHOWN
    return as_field(", ".join([*shown, *([f"and {more:,} other kinds"] if more > 0 else [])]))


def _listed(name: str, things: Listed[T], worded: Callable[[T], str]) -> list[str]:
    if not things.total:
        return []
    more = [f"  and {things.total - MOST_SHOWN:,} more"] if things.total > MOST_SHOWN else []
    return [f"{name}: {things.total:,}", *(f"  {as_field(worded(item))}" for item in things.items[:MOST_SHOWN]), *more]
