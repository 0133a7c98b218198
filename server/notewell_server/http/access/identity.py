"""Who calls: what an Authorization header says, as a caller with rights."""

from dataclasses import dataclass
from typing import Any, Literal

from notewell_server.http.access.jwts import JwtVerifier
from notewell_store import Store
from notewell_store.access import tokens
from notewell_store.access.rights import ANYBODY, SCOPES, Rights, for_present_project
from notewell_store.access.tokens import Refused

LONGEST_HEADER = 16_000  # characters; a JWT with many roles has a few thousand


@dataclass(frozen=True, slots=True)
class Caller:
    """`actor` is whom changes are attributed to and the audit log names; `means` is how the caller is known; `until`
    is when a token or a session ends, if it does."""

    rights: Rights
    actor: str
    means: Literal["anonymous", "token", "jwt", "session", "proxy"]
    until: str | None = None


ANONYMOUS = Caller(ANYBODY, "anonymous", "anonymous")


def identify(store: Store, verifier: JwtVerifier | None, authorization: str | None) -> Caller:
    """The caller who sends this header; None is none. Raises Refused, which is answered with 401 and `challenge`.

    Reads the store and may fetch keys, so it belongs on a worker thread. A header that is not understood is
    refused, never taken for none. Nothing of the header is in what is raised.
    """
    if authorization is None:
        return ANONYMOUS
    scheme, _, text = authorization.strip().partition(" ")
    text = text.strip()
    if scheme.lower() != "bearer" or not text or len(text) > LONGEST_HEADER:
        raise Refused("send `Authorization: Bearer` and a token")
    if tokens.is_token(text):
        with store.reading() as db:
            token = tokens.admit(db, text)
        return Caller(token.rights, token.name, "token", token.expires_at)
    if verifier is None:
        raise Refused("this token is not known")
    verified = verifier.verify(text)
    return Caller(for_present_project(store, verified.rights), verified.subject, "jwt")


def challenge(refused: Refused | None = None, metadata_url: str | None = None) -> str:
    """The value of `WWW-Authenticate` for an answer 401 (RFC 6750, section 3; RFC 9728, section 5.1).

    `refused` is None where no credentials were sent at all.
    """
    facts = {"realm": "notewell"}
    if refused is not None:
        facts |= {"error": "invalid_token", "error_description": refused.reason}
    if metadata_url is not None:
        facts["resource_metadata"] = metadata_url
    return "Bearer " + ", ".join(f'{name}="{_quotable(value)}"' for name, value in facts.items())


def _quotable(text: str) -> str:
    return "".join(char for char in text if " " <= char <= "~" and char not in '"\\')


def protected_resource(resource: str, issuer: str | None) -> dict[str, Any]:
    """OAuth protected-resource metadata (RFC 9728, section 2), by which an MCP client finds where to log in.

    `resource` is the URL of the resource as clients know it, `issuer` the authorization server's, if there is one.
    """
    servers = {"authorization_servers": [issuer]} if issuer else {}
    return {
        "resource": resource,
        "resource_name": "Notewell",
        **servers,
        "scopes_supported": [f"notewell:{scope}" for scope in SCOPES],
        "bearer_methods_supported": ["header"],
    }
