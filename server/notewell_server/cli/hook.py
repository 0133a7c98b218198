"""`notewell hook`: the session hook, and putting it into the host's settings."""

import os
from pathlib import Path

import click

from notewell_server.cli.output import show
from notewell_server.hook.host_settings import SettingsError, install, uninstall
from notewell_server.hook.session_start import session_start
from notewell_server.settings import Settings


@click.command("hook")
@click.argument("event", required=False, type=click.Choice(["session-start"]))
@click.option("--install", "change", flag_value="install", help="Put the hook into Claude Code's settings.")
@click.option("--uninstall", "change", flag_value="uninstall", help="Take it out again.")
@click.option(
    "--project-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The project whose .claude/settings.json is meant; default: the current folder.",
)
@click.option("--user", is_flag=True, help="The user's settings, for all projects.")
@click.pass_obj
def hook_command(
    settings: Settings, /, event: str | None, change: str | None, project_dir: Path | None, user: bool
) -> None:
    """Tell a beginning session what it should know (session-start), or install that as Claude Code's hook."""
    if (event is None) == (change is None):
        raise click.UsageError("send session-start, --install or --uninstall")
    if event:
        session_start(settings)
        return
    file = _user_settings() if user else (project_dir or Path()).resolve() / ".claude" / "settings.json"
    try:
        if change == "install":
            done = f"installed in {file}" if install(file) else f"already installed in {file}"
        else:
            done = f"taken out of {file}" if uninstall(file) else f"not installed in {file}"
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    show(done)


def _user_settings() -> Path:
    return Path(os.environ.get("CLAUDE_CONFIG_DIR") or Path.home() / ".claude") / "settings.json"
