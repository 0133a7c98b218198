"""Where the server may listen: on this machine always, for others only when the door can be kept."""

from notewell_server.http.guards.authorities import is_loopback
from notewell_store import Store
from notewell_store.access.tokens import list_tokens
from notewell_store.errors import Unusable


def has_valid_token(store: Store) -> bool:
    """Whether anybody could come in by a token now."""
    with store.reading() as db:
        return any(token.state == "valid" for token in list_tokens(db))


def check_listening(host: str, *, has_credentials: bool, behind_tls_proxy: bool) -> None:
    """Raise Unusable for an address that others can reach, unless somebody can be known (a valid token, or JWTs set
    up) and a proxy in front speaks TLS. Both, since a token that goes over the wire in the clear is everybody's."""
    if is_loopback(host):
        return
    missing = []
    if not has_credentials:
        missing.append("make a token (`notewell token create`) or set up JWTs (NOTEWELL_JWT_ISSUER)")
    if not behind_tls_proxy:
        missing.append("put a proxy that speaks TLS in front and say so (--behind-tls-proxy)")
    if missing:
        raise Unusable(f"{host} can be reached from other machines: {'; and '.join(missing)}. Or listen on 127.0.0.1")
