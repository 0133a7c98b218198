"""`notewell redact`: a secret that was written down is taken out of the history for good.

For whoever keeps the store: no tool and no door but this one does it.
"""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from notewell_server.cli.output import remark, show, show_json
from notewell_server.cli.store import opened
from notewell_server.settings import Settings, system_user
from notewell_store import Attribution
from notewell_store.findings import OldCopy
from notewell_store.models import Redaction
from notewell_store.redacting import redaction
from notewell_store.redacting.redaction import Redacting
from notewell_store.safe_text import as_field

LARGEST_SECRET = 64_000  # bytes
MOST_SHOWN = 50  # lines of each list


@click.command("redact")
@click.argument("revisions", required=False, metavar="[SLUG@3..5]")
@click.option("--reason", help="Why; it stands where the text stood, so say nothing of the secret itself.")
@click.option(
    "--secret-from",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE",
    help="Read the secret itself, to look for it everywhere; - is standard input, on a terminal without echo.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--yes", is_flag=True, help="Do it without asking.")
@click.option("--json", "as_json", is_flag=True, help="Answer with JSON.")
@click.pass_obj
def redact_command(
    settings: Settings,
    /,
    revisions: str | None,
    reason: str | None,
    secret_from: Path | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Take the text of former revisions out of the store for good, such as SLUG@3..5, because a secret stands in it.

    Who wrote them and when stays, and that they were redacted, when, by whom and why. Titles, tags and links go where
    the note no longer has them. Sessions may run meanwhile. What is told in the end: where else it may stand, and which
    backups still hold it. Without SLUG@3..5: what was redacted so far, and which backups still hold any of that.
    """
    with opened(settings, writing=False) as store:
        if revisions is None:
            _show_all(*redaction.every_redaction(store), as_json)
            return
        wanted = redaction.read_wanted(revisions)
        secret = None if secret_from is None else _secret(secret_from)
        foreseen = redaction.foreseen(store, wanted, secret)
        if dry_run:
            _show(foreseen, as_json, done=False)
            return
        if reason is None:
            raise click.UsageError("Say --reason: it is kept for good.")
        if foreseen.revisions and not yes:
            _ask(foreseen)
        by = Attribution(settings.actor or system_user(), reason=reason)
        _show(redaction.redact(store, wanted, by, secret), as_json, done=True)


def _secret(file: Path) -> str:
    if str(file) == "-" and sys.stdin.isatty():
        return str(click.prompt("The secret", hide_input=True, err=True))
    if str(file) == "-":
        data = sys.stdin.buffer.read(LARGEST_SECRET + 1)
    else:
        with file.open("rb") as opened_file:
            data = opened_file.read(LARGEST_SECRET + 1)
    text = data.decode(errors="replace").strip("\r\n")
    if not text or len(data) > LARGEST_SECRET:
        raise click.UsageError(f"--secret-from {file}: there is no secret in it, or more than one.")
    return text


def _ask(foreseen: Redacting) -> None:
    if not sys.stdin.isatty():
        raise click.UsageError("Nobody can be asked here: say --yes, or --dry-run to see what would be done.")
    remark("\n".join(_lines(foreseen, done=False)))
    click.confirm("Nothing brings it back. Go on?", abort=True, err=True)


def _show(answer: Redacting, as_json: bool, *, done: bool) -> None:
    if as_json:
        show_json(asdict(answer) | {"dry_run": not done})
    else:
        show("\n".join(_lines(answer, done=done)))


def _lines(answer: Redacting, *, done: bool) -> Iterator[str]:
    yield f"{answer.slug}: {_what_is_done(answer, done)}"
    if answer.staying:
        yield from ("what they keep, beside who and when:", *_listed(answer.staying))
    if answer.doubtful:
        yield "other revisions say in text or reason what these did and the note says no more; see whether it is that:"
        yield from _listed(answer.doubtful)
    if answer.elsewhere:
        yield from ("the secret stands elsewhere too:", *_listed(answer.elsewhere))
    yield from _copies(answer.copies)
    if done:
        yield "next: make the secret worthless where it is used, if it is not yet; whoever read the note has it"


def _what_is_done(answer: Redacting, done: bool) -> str:
    before = f"{_numbers(answer.done_before)} redacted before" if answer.done_before else ""
    if not answer.revisions:
        return f"{before}; nothing of it is left in the store" if done else before
    now = f"{_numbers(answer.revisions)} {'redacted, and erased from the store' if done else 'would be redacted'}"
    return "; ".join(filter(None, (now, before)))


def _numbers(revisions: tuple[int, ...]) -> str:
    return ", ".join(f"@{number}" for number in revisions)


def _copies(copies: tuple[OldCopy, ...]) -> Iterator[str]:
    held = [str(copy.path) for copy in copies if copy.is_readable]
    unread = [str(copy.path) for copy in copies if not copy.is_readable]
    if held:
        yield from ("copies of the store that hold it, for you to delete:", *_listed(held))
    if unread:
        yield from ("copies that cannot be read, and may hold it:", *_listed(unread))
    if not copies:
        yield "no backup that is known holds it"


def _listed(lines: tuple[str, ...] | list[str]) -> Iterator[str]:
    yield from (f"  {as_field(line)}" for line in lines[:MOST_SHOWN])
    if len(lines) > MOST_SHOWN:
        yield f"  and {len(lines) - MOST_SHOWN:,} more: --json has all"


def _show_all(found: tuple[Redaction, ...], copies: tuple[OldCopy, ...], as_json: bool) -> None:
    if as_json:
        show_json({"redactions": [asdict(one) for one in found], "copies": list(map(asdict, copies))})
        return
    if not found:
        show("nothing was redacted")
        return
    lines = [
        f"{one.slug}@{one.revision} · {one.redacted_at[:16].replace('T', ' ')} by {as_field(one.actor)}: "
        f"{as_field(one.reason)}{'' if one.erased else ' (not yet erased)'}"
        for one in found
    ]
    show("\n".join([*lines, *_copies(copies)]))
