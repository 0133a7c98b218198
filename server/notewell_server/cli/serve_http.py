"""`notewell serve --http` and `notewell serve --pages`: one process, with a socket for each."""

import os
from dataclasses import dataclass
from importlib.util import find_spec

import click

from notewell_server.cli.output import remark
from notewell_server.cli.store import opened, refusals
from notewell_server.http.access.settings import read_jwt_settings
from notewell_server.http.app import MAKE
from notewell_server.http.guards.settings import read_guard_settings
from notewell_server.http.operations.listening import address_of
from notewell_server.http.operations.serving import listen, serve
from notewell_server.settings import Settings
from notewell_store.access import tokens

MAKE_WITH_PAGES = "notewell_server.pages.app:make"


@dataclass(frozen=True, slots=True)
class Place:
    host: str
    port: int


def serve_http(
    settings: Settings, api: Place | None, pages: Place | None, workers: int, behind_tls_proxy: bool
) -> None:
    """Serve the API, pages, or both, until told to stop. The workers read their settings from the environment, so the
    flags go there."""
    if pages:
        require_pages()
    pass_on(settings)
    if behind_tls_proxy:
        os.environ["NOTEWELL_BEHIND_TLS_PROXY"] = "1"
    with refusals(writing=False):
        guards = read_guard_settings(os.environ)
        has_credentials = begin_tokens(settings) or read_jwt_settings(os.environ) is not None
        told: list[str] = []
        sockets = []
        for place, what in ((api, "REST, and MCP at /mcp"), (pages, "pages")):
            if place is None:
                continue
            taken = listen(place.host, place.port, settings=guards, has_credentials=has_credentials)
            sockets += taken
            told.append(f"{settings.database} at {address_of(place.host, taken[0])} ({what})")
            if place is pages and api:
                os.environ["NOTEWELL_PAGES_PORT"] = str(taken[0].getsockname()[1])

        def tell() -> None:
            for line in told:
                remark(line)

        serve(MAKE_WITH_PAGES if pages else MAKE, sockets, workers, settings=guards, tell=tell)


def require_pages() -> None:
    """Raise ClickException where what pages need is not installed."""
    if find_spec("jinja2") is None:
        raise click.ClickException("pages need Jinja2, which is not installed here: pip install 'notewell[pages]'")


def pass_on(settings: Settings) -> None:
    """Let workers find these settings in the environment."""
    os.environ["NOTEWELL_DB"] = settings.database
    for name, value in (("NOTEWELL_PROJECT", settings.project), ("NOTEWELL_ACTOR", settings.actor)):
        if value:
            os.environ[name] = value


def begin_tokens(settings: Settings) -> bool:
    """Make the store where there is none, and begin its record of tokens; whether anybody holds a valid one."""
    with opened(settings, create=True) as store:
        tokens.begin_record(store)
        with store.reading() as db:
            return tokens.any_valid(db)
