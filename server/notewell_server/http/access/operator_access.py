"""Who may see how the server itself is doing: the figures, and what a probe found."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.types import Scope

from notewell_server.http.access.callers import Callers
from notewell_server.http.guards.authorities import is_loopback, read_authority
from notewell_server.http.guards.settings import GuardSettings
from notewell_store import StoreError
from notewell_store.access.tokens import Refused

FORWARDED = (b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip")


Refuse = Callable[[Scope, str, Refused], None]


def operator_access(settings: GuardSettings, callers: Callers, refuse: Refuse | None) -> Callable[[Request], bool]:
    """Callers on this machine, and whoever shows credentials of an administrator of the whole store. Behind a proxy
    only those: there everybody seems to call from this machine. To be asked on a worker thread. Raises Refused for
    credentials that are not taken, wherever they come from, after `refuse` has heard of it."""

    def may(request: Request) -> bool:
        try:
            return _is_admin(request, callers) or _is_beside(request, settings)
        except Refused as refused:
            if refuse is not None:
                refuse(request.scope, f"{request.method} {request.url.path}", refused)
            raise

    return may


def _is_admin(request: Request, callers: Callers) -> bool:
    if "authorization" not in request.headers:
        return False
    try:
        rights = callers.of(request.scope).rights
    except StoreError:
        return False
    return rights.allow("admin") and rights.project is None


def _is_beside(request: Request, settings: GuardSettings) -> bool:
    if settings.behind_tls_proxy or settings.proxies or request.client is None:
        return False
    came_by_proxy = any(name in FORWARDED for name, _ in request.scope["headers"])
    if not is_loopback(request.client.host) or came_by_proxy:
        return False
    # A page of another site whose name was made to lead here sends that name, and itself as the origin.
    origin = request.headers.get("origin", "").partition("://")[2]
    return all(_names_this_machine(name) for name in (request.headers.get("host", ""), origin) if name)


def _names_this_machine(text: str) -> bool:
    authority = read_authority(text)
    return authority is not None and is_loopback(authority[0])
