"""`notewell completion`: what a shell runs so that Tab completes commands, options, and the slugs of notes and
projects. The scripts are click's: they ask the command itself, which knows all of that."""

import click
from click.shell_completion import CompletionItem, get_completion_class

from notewell_server.cli.output import show
from notewell_server.settings import SettingError, read_settings
from notewell_store import StoreError
from notewell_store.markdown.slugs import is_slug
from notewell_store.opening import read_once
from notewell_tools.resources import completions

ASKING = "_NOTEWELL_COMPLETE"
"""The variable by which a shell asks; `main` knows it too."""


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]), help="The shell that is to complete.")
@click.pass_context
def completion_command(context: click.Context, /, shell: str) -> None:
    """Print what makes a shell complete commands, options, notes and projects.

    \b
    bash: echo 'eval "$(notewell completion bash)"' >> ~/.bashrc
    zsh:  echo 'eval "$(notewell completion zsh)"' >> ~/.zshrc     (after compinit)
    fish: notewell completion fish > ~/.config/fish/completions/notewell.fish
    """
    kind = get_completion_class(shell)
    assert kind
    show(kind(context.find_root().command, {}, "notewell", ASKING).source())


def notes_begun(context: click.Context, begun: str) -> list[CompletionItem]:
    """Of several with commas the last is completed."""
    before, comma, last = begun.rpartition(",")
    return [CompletionItem(f"{before}{comma}{slug}") for slug in _begun(context, "slug", last)]


def projects_begun(context: click.Context, begun: str) -> list[CompletionItem]:
    return list(map(CompletionItem, _begun(context, "project", begun)))


def _begun(context: click.Context, kind: str, begun: str) -> list[str]:
    """What the store tells; nothing where there is none, for nobody asked in so many words. A shell takes what it is
    told for what one typed, so that nothing but slugs is: a folder may bring its own store."""
    given = context.find_root().params
    try:
        settings = read_settings(given.get("db"), given.get("home"), given.get("actor"))
        with read_once(settings.database) as db:
            found = completions(db, kind, begun)
    except (SettingError, StoreError, OSError):
        return []
    return [name for name in found if name.startswith(begun) and is_slug(name)]
