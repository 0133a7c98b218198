"""`notewell hook`: the hooks of a session, and putting them into the host's settings."""

import os
from pathlib import Path

import click

from notewell_server.cli.output import show
from notewell_server.hook.events import EVENTS, run
from notewell_server.hook.host_settings import SettingsError, install, uninstall
from notewell_server.settings import Settings


@click.command("hook")
@click.argument("event", required=False, type=click.Choice([*EVENTS]))
@click.option("--install", "change", flag_value="install", help="Put the hooks into Claude Code's settings.")
@click.option("--uninstall", "change", flag_value="uninstall", help="Take them out again.")
@click.option(
    "--project-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The project whose .claude/settings.json is meant; default: the current folder.",
)
@click.option("--user", is_flag=True, help="The user's settings, for all projects.")
@click.option(
    "--without", multiple=True, type=click.Choice([*EVENTS]), help="A hook to leave or take out, may be repeated."
)
@click.pass_context
def hook_command(
    context: click.Context,
    /,
    event: str | None,
    change: str | None,
    project_dir: Path | None,
    user: bool,
    without: tuple[str, ...],
) -> None:
    """Tell a session what it should know at one of its events, or install that as Claude Code's hooks.

    They run as it begins, at a prompt, after an edit of a file, before its context is compacted, as it ends. The --db
    and --home that are given to --install go into the commands.
    """
    if (event is None) == (change is None):
        raise click.UsageError(f"send one of {', '.join(EVENTS)}, or --install or --uninstall")
    if event:
        run(event, context.obj)
        return
    file = _user_settings() if user else (project_dir or Path()).resolve() / ".claude" / "settings.json"
    try:
        if change == "install":
            names = [name for name in EVENTS if name not in without]
            given = _given(context.obj)
            done = f"installed in {file}" if install(file, given, names) else f"already installed in {file}"
        else:
            done = f"taken out of {file}" if uninstall(file) else f"not installed in {file}"
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    show(done)


def _given(settings: Settings) -> dict[str, str]:
    """What the command line set for the hook, which the host starts without it."""
    above = click.get_current_context().find_root().params
    named = settings.database
    database = named if "://" in named else os.path.normpath(Path(named).absolute())
    told = {"NOTEWELL_DB": database if above["db"] else None, "NOTEWELL_PROJECT": above["home"] and settings.project}
    return {name: value for name, value in told.items() if value}


def _user_settings() -> Path:
    return Path(os.environ.get("CLAUDE_CONFIG_DIR") or Path.home() / ".claude") / "settings.json"
