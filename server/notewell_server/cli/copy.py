"""`notewell copy`: a store into another place, on the same engine or another."""

from dataclasses import asdict

import click

from notewell_server.cli.output import show, show_json
from notewell_server.cli.progress import progress_bar
from notewell_server.cli.store import refusals
from notewell_store.copying.copying import copy_store
from notewell_store.findings import Copied, Verdict
from notewell_tools.answers import counted


@click.command("copy")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option("--tokens", "with_tokens", is_flag=True, help="Copy tokens too, so that they count there as well.")
@click.option("--anew", is_flag=True, help="Begin anew where an earlier copy into TO was cut off.")
@click.option("--json", "as_json", is_flag=True, help="Answer with JSON.")
def copy_command(source: str, target: str, *, with_tokens: bool, anew: bool, as_json: bool) -> None:
    """Copy the store FROM, with all its history, to TO, where none or an empty one is: each a file, or postgresql://….

    FROM may be in use; what is copied is of one moment, and is verified there. Where it was cut off, the same command
    goes on. Until then nobody else opens TO.
    """
    with refusals(writing=False), progress_bar("copying") as progress:
        done = copy_store(source, target, progress, with_tokens=with_tokens, anew=anew)
    if as_json:
        show_json(asdict(done))
    else:
        show(copied_text(done))


def copied_text(done: Copied) -> str:
    gone_on = f", {done.found:,} rows of which were there already" if done.found else ""
    return f"{done.target}: {_holds(done.verdict)}{gone_on}; {_tokens(done.tokens)}"


def _holds(verdict: Verdict) -> str:
    found = "found whole" if verdict.whole else "undamaged, though not whole: `notewell verify` tells more"
    notes = f"{counted(verdict.notes, 'note')}, {counted(verdict.revisions, 'revision')}"
    return f"{notes}, up to change {verdict.last_seq:,}, {found}"


def _tokens(copied: int) -> str:
    return f"{counted(copied, 'token')} too" if copied else "tokens stay behind: `notewell token create` makes new ones"
