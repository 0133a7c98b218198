"""Who may see how the server itself is doing: the figures, and what a probe found."""

from collections.abc import Callable

from starlette.requests import Request

from notewell_server.http.authorities import is_loopback
from notewell_server.http.guard_settings import GuardSettings

FORWARDED = (b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip")


def may_oversee(settings: GuardSettings, is_admin: Callable[[Request], bool]) -> Callable[[Request], bool]:
    """Callers on this machine, and whoever shows credentials of an administrator. Behind a proxy only those: there
    everybody seems to call from this machine."""

    def may(request: Request) -> bool:
        return _is_beside(request, settings) or is_admin(request)

    return may


def _is_beside(request: Request, settings: GuardSettings) -> bool:
    if settings.behind_tls_proxy or settings.proxies or request.client is None:
        return False
    came_by_proxy = any(name in FORWARDED for name, _ in request.scope["headers"])
    return is_loopback(request.client.host) and not came_by_proxy
