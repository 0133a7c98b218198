"""Headers of every answer: what a browser must not do with it, and who may keep it."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
A_YEAR = 31_536_000


class AnswerHeaders:
    """Sets the headers; a Content-Security-Policy and a Cache-Control of the handler's own stay, but that nothing
    which was asked for with credentials may be stored. `is_tls` says that callers come by TLS, whoever ends it."""

    def __init__(self, app: ASGIApp, *, is_tls: bool) -> None:
        self._app = app
        self._is_tls = is_tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._set(scope, MutableHeaders(scope=message))
            await send(message)

        return await self._app(scope, receive, sending)

    def _set(self, scope: Scope, headers: MutableHeaders) -> None:
        for name, value in FIXED.items():
            headers[name] = value
        if self._is_tls:
            headers["Strict-Transport-Security"] = f"max-age={A_YEAR}"
        is_page = headers.get("content-type", "").startswith("text/html")
        headers.setdefault("Content-Security-Policy", PAGE_POLICY if is_page else DATA_POLICY)
        if any(name == b"authorization" for name, _ in scope["headers"]):
            headers["Cache-Control"] = "no-store"
        else:
            headers.setdefault("Cache-Control", "no-cache")
        headers.add_vary_header("Authorization")
        headers.add_vary_header("Origin")
