"""`notewell impact`: which notes a change of the code touches, so that they are changed with it."""

import sys
from dataclasses import asdict
from pathlib import Path

import click

from notewell_server.cli.output import show_answer, show_json
from notewell_server.cli.store import store_call
from notewell_server.settings import Settings
from notewell_store.checking.impact import Touched, touched_notes
from notewell_store.checking.patches import read_patch
from notewell_store.errors import Invalid
from notewell_store.files.git import LARGEST_DIFF, working_diff
from notewell_store.regular import Irregular, regular_bytes
from notewell_store.safe_text import as_field
from notewell_tools.answers import counted


@click.command("impact")
@click.option(
    "--diff",
    type=click.Path(exists=True, allow_dash=True, path_type=Path),
    help="A unified diff, as git writes it; - is standard input.",
)
@click.option("--base", metavar="REV", help="What `git diff REV` says in this folder.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Notes shown.")
@click.option("--json", "as_json", is_flag=True, help="Answer with JSON.")
@click.pass_obj
def impact_command(settings: Settings, /, diff: Path | None, base: str | None, limit: int, as_json: bool) -> None:
    """List the notes that mention what a change touches: its files, the definitions in it, pages that were imported.

    The most specific come first. Exit status 0, whatever is found.
    """
    if (diff is None) == (base is None):
        raise click.UsageError("Give --diff FILE (or -), or --base REV.")
    text = (_read(diff) if diff else _git_diff(base or "")).decode(errors="replace")
    patch = read_patch(text)
    with store_call(settings, create=False) as call, call.store.reading() as db:
        notes = touched_notes(db, patch)
    counts = {"files": len(patch.paths), "symbols": len(patch.symbols), "notes": len(notes)}
    if as_json:
        shown = [asdict(note) for note in notes[:limit]]
        show_json({**counts, "touched": shown})
    else:
        show_answer(_text(counts, notes, limit), "impact")


def _read(diff: Path) -> bytes:
    if str(diff) != "-":
        try:
            return regular_bytes(diff, LARGEST_DIFF)
        except OSError as error:
            piped = "; - reads standard input" if isinstance(error, Irregular) else ""
            raise click.ClickException(f"{diff} cannot be read: {error.strerror}{piped}") from error
    data = sys.stdin.buffer.read(LARGEST_DIFF + 1)
    if len(data) > LARGEST_DIFF:
        raise click.ClickException(f"The diff has more than {LARGEST_DIFF:,} bytes, which is all that is read.")
    return data


def _git_diff(base: str) -> bytes:
    if base.startswith("-"):
        raise click.UsageError("--base takes a revision.")
    try:
        return working_diff(Path.cwd(), base)
    except Invalid as error:
        raise click.ClickException(str(error)) from error


def _text(counts: dict[str, int], notes: tuple[Touched, ...], limit: int) -> str:
    changed = f"{counted(counts['files'], 'file')} and {counted(counts['symbols'], 'definition')} changed"
    lines = [f"{changed}: {counted(counts['notes'], 'note')} to look at", *map(_line, notes[:limit])]
    if len(notes) > limit:
        lines.append(f"and {len(notes) - limit:,} more: --limit {len(notes)}")
    return "\n".join(lines)


def _line(note: Touched) -> str:
    place = note.slug if note.anchor is None else f"{note.slug}#{note.anchor}"
    others = f" and {note.others} more" if note.others else ""
    return f"{as_field(place)} · {as_field(note.title)} · {note.why} {as_field(note.what)}{others}"
