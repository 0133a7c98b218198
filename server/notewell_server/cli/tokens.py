"""`notewell token create`, `list` and `revoke`: who may come in over HTTP."""

import re
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from notewell_server.cli import complete_projects
from notewell_server.cli.output import remark, show, show_json
from notewell_server.cli.store import store_call
from notewell_server.settings import Settings, system_user
from notewell_store import Invalid
from notewell_store.access import tokens
from notewell_store.access.rights import SCOPES, Scope
from notewell_store.access.tokens import Token
from notewell_store.clock import parse_time
from notewell_store.safe_text import as_field

SPANS = {"h": "hours", "d": "days", "w": "weeks"}
as_json = click.option("--json", "as_json", is_flag=True, help="Answer with JSON.")


@click.group("token")
def token_command() -> None:
    """Make, list and revoke the tokens of callers over HTTP."""


class Expiry(click.ParamType[str | None]):
    """A span such as `90d`, a date, or `never`, as a time in the store's form or None."""

    name = "span"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> str | None:
        if value == "never":
            return None
        span = re.fullmatch(r"(\d{1,4})([hdw])", value)
        try:
            if span is None:
                return parse_time(value, "expires")
            return parse_time((datetime.now(UTC) + timedelta(**{SPANS[span[2]]: int(span[1])})).isoformat(), "expires")
        except (ValueError, OverflowError, Invalid):
            self.fail(
                f"{value!r} is no span: say 90d, 12h, 8w, a date such as 2027-06-30, or never", parameter, context
            )


@token_command.command("create")
@click.argument("name")
@click.option("--scope", type=click.Choice(SCOPES), default="read", show_default=True, help="The most that it allows.")
@click.option(
    "--project", shell_complete=complete_projects, metavar="SLUG", help="Only this project's notes, and what is public."
)
@click.option("--expires", type=Expiry(), default="90d", show_default=True, help="90d, 12h, 8w, a date, or never.")
@as_json
@click.pass_obj
def create(
    settings: Settings, /, name: str, scope: Scope, project: str | None, expires: str | None, as_json: bool
) -> None:
    """Make a token NAME, which is what the history calls whoever uses it. It is printed once and kept nowhere."""
    with store_call(settings, create=True) as call:
        text, token = tokens.create(call.store, name, scope, settings.actor or system_user(), project, expires)
    if as_json:
        show_json({"token": text, **_data(token)})
        return
    show(text)
    remark(f"{_line(token)}\nThis is the only time that it is shown: put it where secrets are kept.")


@token_command.command("list")
@as_json
@click.pass_obj
def list_command(settings: Settings, /, as_json: bool) -> None:
    """All tokens that ever were, without their secrets."""
    with store_call(settings, create=False) as call, call.store.reading() as db:
        found = tokens.list_tokens(db)
    if as_json:
        show_json({"tokens": [_data(token) for token in found]})
    else:
        none = "no tokens yet: notewell token create NAME --scope read"
        show("\n".join(map(_line, found)) or none)


@token_command.command("revoke")
@click.argument("name_or_id", metavar="NAME|ID")
@as_json
@click.pass_obj
def revoke(settings: Settings, /, name_or_id: str, as_json: bool) -> None:
    """Let a token be worthless, from the next request on."""
    with store_call(settings, create=False) as call:
        token = tokens.revoke(call.store, name_or_id)
    show_json(_data(token)) if as_json else show(_line(token))


def _data(token: Token) -> dict[str, Any]:
    known = asdict(token) | {"state": token.state}
    del known["is_known"]  # the state says it
    return known


def _line(token: Token) -> str:
    where = f" in {token.project}" if token.project else ""
    ends = {
        "revoked": f"revoked {token.revoked_at[:10]}" if token.revoked_at else "not known at this place: revoked",
        "expired": f"expired {(token.expires_at or '')[:10]}",
        "valid": f"expires {token.expires_at[:10]}" if token.expires_at else "does not expire",
    }[token.state]
    made = f"made {token.created_at[:10]} by {as_field(token.created_by)}"
    return f"{token.id} · {as_field(token.name)} · {token.scope}{where} · {made} · {ends}"
