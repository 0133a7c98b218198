"""`notewell suggest`: what stands near a note or twice in the store, and what notes may say and link to, with why."""

from collections.abc import Sequence

import click

from notewell_server.cli import complete_notes, complete_projects
from notewell_server.cli.output import show_answer, show_json
from notewell_server.cli.progress import progress_bar
from notewell_server.cli.store import store_call
from notewell_server.cli.wording import as_commands
from notewell_server.settings import Settings
from notewell_tools.answers import as_fields, counted
from notewell_tools.results import Suggestions
from notewell_tools.suggestions import (
    KINDS,
    SURE,
    Kind,
    every_suggestion,
    narrowed,
    suggestions,
    suggestions_text,
    sure_lines,
)

OPTIONS: dict[str, tuple[Kind, ...]] = {
    "duplicates": ("copies",),
    "tags": ("proposed",),
    "links": ("unlinked", "links"),
}
"""Which kinds of suggestion each option asks for."""


@click.command("suggest")
@click.argument("slug", required=False, shell_complete=complete_notes)
@click.option("--all", "every", is_flag=True, help="What is sure of every note.")
@click.option("--duplicates", is_flag=True, help="Only what stands twice.")
@click.option("--links", is_flag=True, help="Only notes that are called and not linked; of one SLUG: may be linked.")
@click.option("--tags", is_flag=True, help="Only types, tags, projects and parents.")
@click.option("--project", metavar="SLUG", shell_complete=complete_projects, help="Of the notes of this project.")
@click.option("--json", "as_json", is_flag=True, help="Answer with JSON.")
@click.pass_obj
def suggest_command(
    settings: Settings,
    /,
    slug: str | None,
    every: bool,
    duplicates: bool,
    links: bool,
    tags: bool,
    project: str | None,
    as_json: bool,
) -> None:
    """Say what stands near a note, or twice in the store, and what notes may say and link to, and why.

    Nothing is changed. Exit status 0, whatever is found.
    """
    chosen = {"duplicates": duplicates, "tags": tags, "links": links}
    kinds = [kind for name, is_chosen in chosen.items() if is_chosen for kind in OPTIONS[name]]
    if slug is None and not (every or kinds):
        raise click.UsageError("Name a note, or give --all, --duplicates, --links or --tags.")
    if slug is not None and (every or project):
        raise click.UsageError("Name a note, or ask for all: not both.")
    with store_call(settings, create=False) as call:
        if slug is not None:
            _show_one(narrowed(suggestions(call, slug), kinds or KINDS), as_json=as_json)
            return
        with progress_bar("looking") as progress:
            found = list(every_suggestion(call, project, kinds or SURE, progress))
    if as_json:
        show_json({"notes": found})
    else:
        show_answer(_text(found), "suggest")


def _show_one(data: Suggestions, *, as_json: bool) -> None:
    if as_json:
        show_json(data)
    else:
        show_answer(suggestions_text(as_fields(data, keep_tags=True), as_commands), "suggest")


def _text(found: Sequence[Suggestions]) -> str:
    lines = [f"{counted(len(found), 'note')} with suggestions"]
    for data in found:
        shown = as_fields(data, keep_tags=True)
        lines += ["", f"{shown['slug']} · {shown['title']}", *sure_lines(shown, as_commands)]
    return "\n".join(lines)
