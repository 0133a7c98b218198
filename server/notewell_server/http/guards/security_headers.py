"""Headers of every answer: what a browser must not do with it, and who may keep it."""

from collections.abc import Iterable
from http import HTTPStatus

from starlette.types import ASGIApp, Message, Receive, Scope, Send

RawHeader = tuple[bytes, bytes]
PAGE_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    b"frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
DATA_POLICY = b"default-src 'none'; frame-ancestors 'none'; sandbox"
FIXED = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]
TLS_ONLY = (b"strict-transport-security", b"max-age=31536000")  # a year


class SecurityHeaders:
    """Sets the headers that the handler has not set, but that nothing which was asked for with credentials may be
    stored. `is_tls` says that callers come by TLS, whoever ends it.

    An answer 304 has none of them. What it says takes the place of what the kept answer said (RFC 9111, 3.2), and what
    it does not say stays, so that the page has the policy that it came with."""

    def __init__(self, app: ASGIApp, *, is_tls: bool) -> None:
        self._app = app
        self._fixed = [*FIXED, TLS_ONLY] if is_tls else FIXED

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._completed(scope, message["status"], message["headers"])
            await send(message)

        return await self._app(scope, receive, sending)

    def _completed(self, scope: Scope, status: int, given: Iterable[RawHeader]) -> list[RawHeader]:
        has_credentials = any(name == b"authorization" for name, _ in scope["headers"])
        headers = [header for header in given if not (has_credentials and header[0].lower() == b"cache-control")]
        said = {name.lower(): value for name, value in headers}
        if b"cache-control" not in said:
            headers.append((b"cache-control", b"no-store" if has_credentials else b"no-cache"))
        headers.append((b"vary", b"Authorization, Origin"))
        if status == HTTPStatus.NOT_MODIFIED:
            return headers
        if b"content-security-policy" not in said:
            is_page = said.get(b"content-type", b"").startswith(b"text/html")
            headers.append((b"content-security-policy", PAGE_POLICY if is_page else DATA_POLICY))
        headers += [header for header in self._fixed if header[0] not in said]
        return headers
