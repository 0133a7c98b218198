"""`notewell open`."""

import os
import webbrowser
from contextlib import suppress
from urllib.parse import urlencode

import click

from notewell_server.cli.output import remark, show
from notewell_server.cli.serve_http import MAKE_WITH_PAGES, begin_tokens, pass_on, require_pages
from notewell_server.cli.store import refusals
from notewell_server.http.guards.settings import read_guard_settings
from notewell_server.http.operations.listening import address_of
from notewell_server.http.operations.serving import listen, serve
from notewell_server.pages.access.sessions import LINK_LASTS, Sessions
from notewell_server.settings import Settings, beside, system_user

HOST = "127.0.0.1"


@click.command("open")
@click.option("--pages-port", default=0, type=click.IntRange(0, 65535), help="The port of this machine. [default: any]")
@click.option("--no-browser", is_flag=True, help="Print the address, and open nothing.")
@click.pass_obj
def open_command(settings: Settings, pages_port: int, no_browser: bool) -> None:
    """Open the pages in your browser, as the store's owner. They are served on this machine only, until you end it."""
    require_pages()
    pass_on(settings)
    with refusals(writing=False):
        guards = read_guard_settings(os.environ)
        begin_tokens(settings)
        sockets = listen(HOST, pages_port, settings=guards, has_credentials=False)

        def tell() -> None:
            secret = Sessions(beside(settings.database)).offer(settings.actor or system_user())
            url = f"{address_of(HOST, sockets[0])}/sign-in?{urlencode({'once': secret})}"
            remark(f"{settings.database}: this address lets you in once, within {LINK_LASTS.seconds} seconds")
            show(url)
            if not no_browser:
                with suppress(webbrowser.Error):
                    webbrowser.open(url)

        serve(MAKE_WITH_PAGES, sockets, settings=guards, tell=tell)
