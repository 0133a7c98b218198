"""`notewell check`: whether what files or notes refer to exists, for people, CI and pull request checks.

Exit status: 0 every reference exists, 1 some do not, 2 the check could not be made.
"""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import click

from notewell_server.cli import complete_notes, complete_projects
from notewell_server.cli.output import show_answer, show_json
from notewell_server.cli.progress import progress_bar
from notewell_server.cli.store import opened
from notewell_store import Invalid, Store, parse_reference
from notewell_store.checking.checked import Checked, Searched
from notewell_store.checking.judging import Judge
from notewell_store.checking.markdown_files import MarkdownFile, MarkdownFiles, read_file, read_folder
from notewell_store.checking.stored import Neglected, check_named, neglected, survey_all
from notewell_store.checking.texts import check_text, searched
from notewell_store.safe_text import as_field
from notewell_tools.answers import counted
from notewell_tools.checked_references import existing, ref_data, scope, searched_data

PROBLEMS = 1
FAILED = 2
MOST_UPKEEP = 20  # notes of each kind that the text names; JSON has all


class NotChecked(click.ClickException):
    """The check could not be made."""

    exit_code = FAILED


class Finding(NamedTuple):
    """A reference that does not exist: `place` is a file or a note."""

    place: str
    checked: Checked


class Outcome(NamedTuple):
    """All that a check found. `things` says what was looked through, such as `3 files`."""

    findings: list[Finding]
    refs: int
    things: str
    searched: Searched
    skipped: list[str]
    old: Neglected


@click.command("check")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, allow_dash=True, exists=True))
@click.option("--ref", shell_complete=complete_notes, help="Check this note.")
@click.option("--project", shell_complete=complete_projects, help="Check the notes of this project.")
@click.option(
    "--stale-after", type=click.IntRange(1), default=180, show_default=True, metavar="DAYS", help="Age of a stale SOP."
)
@click.option("--json", "as_json", is_flag=True, help="Answer with JSON.")
@click.pass_context
def check_command(
    context: click.Context,
    /,
    paths: tuple[Path, ...],
    ref: str | None,
    project: str | None,
    stale_after: int,
    as_json: bool,
) -> None:
    """Check that what PATHS refer to exists: files, folders of Markdown, - for standard input. Without PATHS, --ref and
    --project: all notes.

    Of notes it also names, without calling it a fault, active SOPs that nobody revised for long and open todos
    without a parent. Exit status 0: every reference exists, 1: some do not, 2: the check could not be made.
    """
    if (bool(paths) + (ref is not None) + (project is not None)) > 1:
        raise click.UsageError("Give PATHS, or --ref, or --project.")
    with opened(context.obj, failure=NotChecked) as store:
        if paths:
            outcome = _of_files(store, paths)
        elif ref is not None:
            outcome = _of_note(store, ref)
        else:
            outcome = _of_store(store, project, stale_after)
    show_json(_data(outcome)) if as_json else show_answer(_text(outcome))
    context.exit(PROBLEMS if outcome.findings else 0)


def _of_files(store: Store, paths: tuple[Path, ...]) -> Outcome:
    findings: list[Finding] = []
    skipped: list[str] = []
    refs = number = 0
    with store.reading() as db:
        for path in paths:
            files = _files_at(path, skipped)
            for file in files or ():
                report = check_text(db, file.text, Judge(db, file=file, files=files))
                place = _shown(path, file)
                findings += [Finding(place, checked) for checked in report.refs if checked.is_problem]
                refs, number = refs + len(report.refs), number + 1
            if files is None:
                report = check_text(db, _standard_input(), Judge(db))
                findings += [Finding("-", checked) for checked in report.refs if checked.is_problem]
                refs, number = refs + len(report.refs), number + 1
        looked_at = searched(db)
    return Outcome(findings, refs, counted(number, "file"), looked_at, skipped, Neglected([], []))


def _files_at(path: Path, skipped: list[str]) -> MarkdownFiles | None:
    """The files at a path; None for standard input."""
    if str(path) == "-":
        return None
    if not path.is_dir():
        return read_file(path)
    return read_folder(path, lambda name, reason: skipped.append(f"{path / name}: {reason}"))


def _shown(path: Path, file: MarkdownFile) -> str:
    return str(path / file.path) if path.is_dir() else str(path)


def _standard_input() -> str:
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError as error:
        raise Invalid(f"standard input is not UTF-8 (byte {error.start}): convert it first") from None


def _of_note(store: Store, ref: str) -> Outcome:
    with store.reading() as db:
        slug, report = check_named(db, parse_reference(ref))
    findings = [Finding(slug, checked) for checked in report.refs if checked.is_problem]
    return Outcome(findings, len(report.refs), counted(1, "note"), report.searched, [], Neglected([], []))


def _of_store(store: Store, project: str | None, stale_after: int) -> Outcome:
    before = (datetime.now(UTC) - timedelta(days=stale_after)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    with store.reading() as db:
        old = neglected(db, before, project)
    with progress_bar("checking") as progress:
        done = survey_all(store, project, progress)
    findings = [Finding(problem.note, problem.checked) for problem in done.problems]
    return Outcome(findings, done.refs, counted(done.notes, "note"), done.searched, [], old)


def _text(outcome: Outcome) -> str:
    lines = [as_field(_line(finding)) for finding in outcome.findings]
    lines += [f"not read: {as_field(reason)}" for reason in outcome.skipped]
    lines += _upkeep("not revised since", [f"{note.slug} {note.updated_at[:10]}" for note in outcome.old.stale])
    lines += _upkeep("open without a parent", [note.slug for note in outcome.old.orphans])
    refs = f"{counted(outcome.refs, 'reference')} in {outcome.things}"
    lines.append(f"{refs}: {existing(len(outcome.findings), outcome.refs)} ({scope(searched_data(outcome.searched))})")
    return "\n".join(lines)


def _line(finding: Finding) -> str:
    """`file:line: reference: state, nearest …`, as compilers say it and editors read it."""
    checked = finding.checked
    place = f"{finding.place}:{checked.lines[0]}" if checked.lines else finding.place
    also = f" (also line {', '.join(map(str, checked.lines[1:]))})" if len(checked.lines) > 1 else ""
    remark = f", {checked.remark}" if checked.remark else ""
    nearest = f", nearest {', '.join(checked.nearest)}" if checked.nearest else ""
    return f"{place}: {checked.ref}: {checked.state}{remark}{nearest}{also}"


def _upkeep(name: str, things: list[str]) -> list[str]:
    more = [f"  and {len(things) - MOST_UPKEEP:,} more: --json shows all"] if len(things) > MOST_UPKEEP else []
    return [f"{name}: {len(things):,}", *(f"  {thing}" for thing in things[:MOST_UPKEEP]), *more] if things else []


def _data(outcome: Outcome) -> dict[str, Any]:
    return {
        "problems": [{"place": finding.place, **ref_data(finding.checked)} for finding in outcome.findings],
        "refs": outcome.refs,
        "searched": searched_data(outcome.searched),
        "skipped": outcome.skipped,
        "stale_sops": [note._asdict() for note in outcome.old.stale],
        "todos_without_parent": [note._asdict() for note in outcome.old.orphans],
    }
