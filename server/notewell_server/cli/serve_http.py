"""`notewell serve --http`."""

import os

from notewell_server.cli.output import remark
from notewell_server.cli.store import opened, refusals
from notewell_server.http.access.settings import read_jwt_settings
from notewell_server.http.app import MAKE
from notewell_server.http.guards.settings import read_guard_settings
from notewell_server.http.operations.serving import serve
from notewell_server.settings import Settings
from notewell_store.access import tokens


def serve_http(settings: Settings, host: str, port: int, workers: int, behind_tls_proxy: bool) -> None:
    """Serve until told to stop. The workers read their settings from the environment, so the flags go there."""
    os.environ["NOTEWELL_DB"] = settings.database
    for name, value in (("NOTEWELL_PROJECT", settings.project), ("NOTEWELL_ACTOR", settings.actor)):
        if value:
            os.environ[name] = value
    if behind_tls_proxy:
        os.environ["NOTEWELL_BEHIND_TLS_PROXY"] = "1"
    with refusals(writing=False):
        with opened(settings, create=True) as store:
            tokens.begin_record(store)
            with store.reading() as db:
                known = tokens.any_valid(db)
        guards = read_guard_settings(os.environ)
        has_credentials = known or read_jwt_settings(os.environ) is not None
        remark(f"{settings.database} at http://{host}:{port} (REST, and MCP at /mcp)")
        serve(MAKE, host, port, workers, settings=guards, has_credentials=has_credentials)
