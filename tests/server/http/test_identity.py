"""Who calls, from an Authorization header; and what an answer to who is refused says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from notewell_server.http.access.identity import ANONYMOUS, challenge, identify, protected_resource
from notewell_store.access import tokens
from notewell_store.access.rights import ANYBODY, Rights
from notewell_store.access.tokens import Refused

if TYPE_CHECKING:
    from notewell_store import Store


def test_who_sends_nothing_is_anonymous(store: Store) -> None:
    assert identify(store, None, None) == ANONYMOUS
    assert ANONYMOUS.rights == ANYBODY


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER "])
def test_a_token_names_its_caller(store: Store, scheme: str) -> None:
    text, _ = tokens.create(store, "ci", "write", "ann")
    caller = identify(store, None, f"{scheme} {text}")
    assert (caller.actor, caller.rights, caller.means) == ("ci", Rights("write"), "token")


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic dTpw", "nwl_x", "Bearer nwl_x", "Bearer eyJ.a.b", "Bearer " + "x" * 20_000],
)
def test_a_header_that_is_not_understood_is_refused_and_never_taken_for_none(store: Store, header: str) -> None:
    with pytest.raises(Refused) as refused:
        identify(store, None, header)
    assert refused.value.reason in {"send `Authorization: Bearer` and a token", "this token is not known"}


def test_a_challenge_says_why_and_where_to_log_in() -> None:
    assert challenge() == 'Bearer realm="notewell"'
    assert challenge(Refused('ex"pi\\red\n'), "https://n.example/x") == (
        'Bearer realm="notewell", error="invalid_token", error_description="expired", '
        'resource_metadata="https://n.example/x"'
    )


def test_the_metadata_names_the_authorization_server() -> None:
    found = protected_resource("https://notes.example.com/mcp", "https://id.example.com")
    assert found["resource"] == "https://notes.example.com/mcp"
    assert found["authorization_servers"] == ["https://id.example.com"]
    assert found["scopes_supported"] == ["notewell:read", "notewell:write", "notewell:admin"]
    assert "authorization_servers" not in protected_resource("https://notes.example.com/mcp", None)
