"""`notewell migrate`: the store made, or brought up to date, by a user who may do nothing else with it later."""

import click

from notewell_server.cli.output import show
from notewell_server.cli.store import opened
from notewell_server.settings import Settings


@click.command("migrate")
@click.pass_obj
def migrate_command(settings: Settings, /) -> None:
    """Make the store where there is none, or bring it up to date, as the user that is to own it.

    A file needs none of this: whoever opens one does it. In a database it is done by the owner of the schema, who is
    not the user that sessions and servers write as.
    """
    with opened(settings, create=True) as store:
        show(f"{store.address} is up to date")
