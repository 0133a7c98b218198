"""`notewell backup`, `verify`, `restore`, `doctor` and `salvage`: keeping a store, and getting it back.

Exit status, for scripts: `verify` 0 whole, 1 not; `doctor` 0 all is well, 1 warnings, 2 problems; `salvage` 0 all
was saved, 3 something was lost; each 1 when it could not do its work.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from functools import partial
from itertools import groupby
from pathlib import Path
from shlex import quote
from typing import Any, TypeVar

import click

from notewell_server.cli.output import show, show_answer, show_json
from notewell_server.cli.progress import progress_bar
from notewell_server.cli.runs import kept_run
from notewell_server.cli.store import opened, refusals
from notewell_server.cli.wording import as_commands
from notewell_server.hook.session_stores import store_of_hook, store_of_server
from notewell_server.settings import (
    SettingError,
    Settings,
    embedding,
    is_own,
    project_files,
    read_project_file,
    session_folder,
)
from notewell_store.briefing.brief import is_project
from notewell_store.briefing.checkout import projects_of, remotes_of
from notewell_store.contract import Snapshot
from notewell_store.errors import ANY, NextCall, NextCommand, StoreError
from notewell_store.findings import Backup, Check, Finding, Lost, Salvaged, Verdict, ok, problem, warning, worst
from notewell_store.integrity.verify import verify
from notewell_store.opening import engine_at, without_password
from notewell_store.safe_text import as_field
from notewell_tools.answers import counted

DAMAGED = 1
EXIT_OF = {"ok": 0, "warning": 1, "problem": 2}
SOMETHING_LOST = 3
MOST_SHOWN = 200
MOST_TOKENS = 5
SIGNS = {"ok": "ok     ", "warning": "WARNING", "problem": "PROBLEM"}

Wrong = TypeVar("Wrong", Finding, Lost)

PATH = click.Path(path_type=Path)
as_json = click.option("--json", "as_json", is_flag=True, help="Answer with JSON.")


@click.command("backup")
@click.argument("target", required=False)
@click.option("--keep", type=click.IntRange(1), metavar="N", help="Of this store's backups in the folder, keep N.")
@as_json
@click.pass_obj
def backup_command(settings: Settings, /, target: str | None, keep: int | None, as_json: bool) -> None:
    """Copy the store, beside running sessions, into TARGET: a new file, or a folder for files named by the time.

    A TARGET that does not exist is a folder when it ends with / or with --keep, and is made. Default: `backups` beside
    the store. The copy is looked through before it counts.
    """
    with (
        opened(settings) as store,
        kept_run(settings, "backup", target or "") as run,
        progress_bar("backing up", run.progress) as progress,
    ):
        place = Path(target) if target else None
        is_folder = target is not None and target.endswith("/")
        made = store.engine.upkeep.backup(store, place, keep, progress, is_folder=is_folder)
        text = backup_text(made)
        run.end("ok" if made.verdict.whole else "warning", text)
    _answer(as_json, asdict(made), text)


def backup_text(made: Backup) -> str:
    removed = f", removed {len(made.removed)} older" if made.removed else ""
    notes = _counts(made.verdict)
    found = "found whole" if made.verdict.whole else f"undamaged, though not whole: {NextCommand('verify')} tells more"
    return f"{made.path}: {notes}, {made.bytes:,} bytes, {found}{removed}"


@click.command("verify")
@as_json
@click.pass_context
def verify_command(context: click.Context, /, as_json: bool) -> None:
    """Look through the whole store: every revision against its SHA-256, and all that is made from it.

    Exit status 1 when anything is damaged, or notes are each other's parents.
    """
    with (
        opened(context.obj) as store,
        kept_run(context.obj, "verify") as run,
        progress_bar("verifying", run.progress) as progress,
    ):
        verdict = verify(store, progress)
        run.end("ok" if verdict.whole else "problem", verdict_text(verdict))
    _answer(as_json, asdict(verdict) | {"whole": verdict.whole}, verdict_text(verdict))
    if not verdict.whole:
        context.exit(DAMAGED)


@click.command("restore")
@click.argument("backup", type=PATH)
@click.option("--keep-tokens", is_flag=True, help="Keep tokens of which nothing here tells whether they were revoked.")
@as_json
@click.pass_obj
def restore_command(settings: Settings, /, backup: Path, keep_tokens: bool, as_json: bool) -> None:
    """Put BACKUP in the place of the store. No session may be using it; what was there is kept beside it.

    Tokens that were revoked stay revoked. Those of which nothing here tells are revoked too.
    """
    with refusals(writing=False), progress_bar("restoring") as progress:
        address = settings.database
        done = engine_at(address).upkeep.restore(backup, address, progress, keep_tokens=keep_tokens)
    kept = f"; what was there is kept as {done.kept}" if done.kept else ""
    notes = _counts(done.verdict)
    text = f"{done.database}: {notes}, up to change {done.verdict.last_seq:,}{kept}"
    _answer(as_json, asdict(done), "\n".join([text, *_unknown_tokens(done.unknown), *_unredacted(done.unredacted)]))


def _unknown_tokens(names: tuple[str, ...]) -> list[str]:
    if not names:
        return []
    shown = ", ".join(names[:MOST_TOKENS]) + (f" and {len(names) - MOST_TOKENS} more" if names[MOST_TOKENS:] else "")
    return [
        f"tokens: nothing here tells which were revoked since the backup, so {counted(len(names), 'token')} of it "
        f"({shown}) are revoked: `notewell token create` makes new ones, or restore again with --keep-tokens"
    ]


def _unredacted(revisions: tuple[str, ...]) -> list[str]:
    return [
        f"redacted here, and back with this backup: {one}; take it out again with `notewell redact {one} --reason …`"
        for one in revisions
    ]


@click.command("doctor")
@as_json
@click.pass_context
def doctor_command(context: click.Context, /, as_json: bool) -> None:
    """Say how the store, its place and its backups are, and what to do.

    Exit status 0: all is well, 1: warnings, 2: problems.
    """
    address = context.obj.database
    upkeep = engine_at(address).upkeep
    checks = (
        *upkeep.examine(address),
        *_of_store(context.obj),
        *_of_project_file(context.obj),
        *_of_sessions(Path.cwd(), address),
        *_of_meaning(address),
    )
    if as_json:
        show_json({"state": worst(checks), "checks": [asdict(check) for check in checks]})
    else:
        show_answer(checks_text(checks), "checks")
    context.exit(EXIT_OF[worst(checks)])


def _of_store(settings: Settings) -> Iterator[Check]:
    """Which store and which project a session in this folder has; nothing where the store cannot be read."""
    try:
        with engine_at(settings.database).read_once(settings.database) as db:
            found = list(_of_project(db, settings))
    except StoreError:
        return
    named = without_password(settings.database)[0]
    yield ok("store", named if "://" in named else str(Path(named).absolute()))
    yield from found


def _of_project(db: Snapshot, settings: Settings) -> Iterator[Check]:
    if settings.project is not None:
        if is_project(db, settings.project):
            yield ok("project", settings.project)
        else:
            advice = f"`notewell projects {quote(settings.project)} --name …` makes it, or name another"
            yield warning("project", f"{settings.project} is none of the store, so new notes are of none", advice)
        return
    remotes = remotes_of(Path(session_folder()).absolute())
    found = projects_of(db, remotes)
    if len(found) > 1:
        named = ", ".join(found)
        yield warning("project", f"this folder's git remote is that of {named}", "NOTEWELL_PROJECT chooses one")
    elif found:
        yield ok("project", f"{found[0]}, by this folder's git remote")
    else:
        yield ok("project", f"none has this folder's git remote, {remotes[0]}" if remotes else "none is named")


def _of_project_file(settings: Settings) -> Iterator[Check]:
    """Which project file counts in this folder, and what it says; those of others that count for nothing."""
    for name, facts in project_files(session_folder()):
        if not is_own(facts):
            yield warning("project file", f"{name} is another user's and counts for nothing", "make a copy your own")
            continue
        said = read_project_file(Path(name))
        told = [f"{key} {value}" for key, value in (("store", said.store), ("project", said.project)) if value]
        told += [f"[{table}]" for table in said.tables]
        instead = [key for key in ("store", "project") if getattr(said, key) and key not in settings.by_file]
        found = f"{name} says {', '.join(told) or 'nothing'}"
        found += f"; {' and '.join(instead)} by a flag or the environment instead" if instead else ""
        if said.faults:
            yield warning("project file", found, "; ".join(said.faults))
        else:
            yield ok("project file", found)
        return


def _of_sessions(folder: Path, default: str) -> Iterator[Check]:
    """Whether sessions in this folder are told and answered from one store, where its files name server and hook."""
    server, hook = store_of_server(folder, default), store_of_hook(folder, default)
    if server is None or hook is None:
        return
    if server == hook:
        yield ok("sessions", f"the server and the hook of {folder} read {server}")
        return
    advice = f"name one for both: `notewell --db {quote(server)} hook --uninstall`, then `--install`"
    yield warning("sessions", f"the server of {folder} reads {server}, its hook {hook}", advice)


def _of_meaning(address: str) -> Iterator[Check]:
    """How the embedder is, where one is named, and how much of the store has its vectors."""
    try:
        wanted = embedding()
    except SettingError as error:
        yield problem("embedder", str(error), "set it right, or take it out")
        return
    if wanted is not None:
        from notewell_store.meaning.examining import examine, examine_vectors  # for who embeds alone

        yield from examine(wanted)
        yield from examine_vectors(wanted, partial(engine_at(address).read_once, address))


@click.command("salvage")
@click.argument("damaged", type=PATH)
@click.argument("new", type=PATH)
@as_json
@click.pass_context
def salvage_command(context: click.Context, /, damaged: Path, new: Path, as_json: bool) -> None:
    """Save all that can be proved of DAMAGED into a new store NEW. DAMAGED is only read.

    Exit status 3 when something could not be saved.
    """
    with refusals(writing=False), progress_bar("salvaging") as progress:
        done = engine_at(damaged).upkeep.salvage(damaged, new, progress)
    _answer(as_json, asdict(done) | {"complete": done.complete}, salvage_text(done))
    if not done.complete:
        context.exit(SOMETHING_LOST)


def _answer(as_json: bool, data: dict[str, Any], text: str) -> None:
    show_json(data) if as_json else show(text)


def _counts(verdict: Verdict) -> str:
    return f"{counted(verdict.notes, 'note')}, {counted(verdict.revisions, 'revision')}"


def verdict_text(verdict: Verdict) -> str:
    counts = f"{_counts(verdict)}, up to change {verdict.last_seq:,}"
    lines = [f"{'DAMAGED' if verdict.damage else 'whole' if verdict.whole else 'NOT WHOLE'}: {counts}"]
    if verdict.damaged_notes:
        lines.append(f"{counted(len(verdict.damaged_notes), 'note')} concerned: {', '.join(verdict.damaged_notes)}")
    lines += _listed([_finding_line(*run) for run in _runs(verdict.findings)])
    if verdict.damage:
        lines.append("next: notewell restore BACKUP, or notewell salvage DAMAGED NEW for what no backup has")
    if len(verdict.damage) < len(verdict.findings):
        leave = as_commands(NextCall("upsert_note", {"slug": ANY, "parent": "none"}))
        lines.append(f"next: of each circle, give one note another parent or none: {leave}")
    if verdict.unfinished:
        names = ", ".join(verdict.unfinished[:20])
        lines.append(f"{len(verdict.unfinished):,} notes are not yet ready for search ({names}): run the import again")
    return "\n".join(lines)


def checks_text(checks: tuple[Check, ...]) -> str:
    lines = []
    for check in checks:
        lines.append(f"{SIGNS[check.state]}  {check.name}: {as_field(check.found)}")
        if check.advice:
            lines.append(f"{' ' * 9}→ {check.advice}")
    return "\n".join(lines)


def salvage_text(done: Salvaged) -> str:
    lines = [f"{done.path}: saved {counted(done.notes, 'note')}, {counted(done.revisions, 'revision')}"]
    lines.append("no text was lost" if done.complete else f"not saved: {len(done.lost):,}")
    lines += _listed([_place(*run) if run[0].revision else f"{run[0].note}, all" for run in _runs(done.lost)])
    if done.unproved:
        lines.append("texts that can be read but are not proved to be what was written:")
        lines += _listed([str(path) for path in done.unproved])
    if done.tables:
        lines.append(f"could not be read whole: {', '.join(done.tables)}")
    lines.append("tokens are not carried over: `notewell token create` makes new ones")
    return "\n".join(lines)


def _runs(found: Iterable[Wrong]) -> Iterator[tuple[Wrong, Wrong]]:
    """The first and the last of what is wrong alike with one revision after the other: one break spoils many."""

    def alike(numbered: tuple[int, Wrong]) -> tuple[object, ...]:
        number, wrong = numbered
        return replace(wrong, revision=None), number - (wrong.revision or 0)

    for _, run in groupby(enumerate(found), alike):
        members = [wrong for _, wrong in run]
        yield members[0], members[-1]


def _finding_line(first: Finding, last: Finding) -> str:
    return f"{first.kind:8} {first}" if first == last else f"{first.kind:8} {_place(first, last)}: {first.what}"


def _place(first: Finding | Lost, last: Finding | Lost) -> str:
    return f"{first.note}@{first.revision}" + ("" if first == last else f" to @{last.revision}")


def _listed(lines: list[str]) -> list[str]:
    more = [f"  and {len(lines) - MOST_SHOWN:,} more: --json shows all"] if len(lines) > MOST_SHOWN else []
    return [*(f"  {as_field(line)}" for line in lines[:MOST_SHOWN]), *more]
