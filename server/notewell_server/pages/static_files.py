"""Style, scripts and pictures of the pages: read once, each under an address that changes with it."""

import gzip
import hashlib
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from anyio.to_thread import run_sync
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

FOLDER = Path(__file__).parent / "static"
KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
FOR_GOOD = "public, max-age=31536000, immutable"
OF_FRAMES = {"drawing.js", "vendor/mermaid.tiny.js"}
"""What the frame of a diagram loads, which has no origin and is of no site."""


class File(NamedTuple):
    content: bytes
    kind: str
    digest: str


class StaticFiles:
    def __init__(self) -> None:
        self._files = dict(map(_read, sorted(path for path in FOLDER.rglob("*") if path.suffix in KINDS)))

    def address(self, name: str) -> str:
        """Where pages find a file, such as `pages.css`."""
        return f"/static/{self._files[name].digest}/{name}"

    def routes(self) -> list[Route]:
        return [Route("/static/{digest}/{name:path}", self.answer)]

    async def answer(self, request: Request) -> Response:
        file = self._files.get(request.path_params["name"])
        if file is None or file.digest != request.path_params["digest"]:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        headers = {"Cache-Control": FOR_GOOD, "Vary": "Accept-Encoding"}
        if request.path_params["name"] in OF_FRAMES:
            headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        if "gzip" in request.headers.get("accept-encoding", ""):
            packed = await run_sync(_packed, file.content)
            return Response(packed, headers=headers | {"Content-Encoding": "gzip"}, media_type=file.kind)
        return Response(file.content, headers=headers, media_type=file.kind)


def _read(path: Path) -> tuple[str, File]:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:16]
    return path.relative_to(FOLDER).as_posix(), File(content, KINDS[path.suffix], digest)


@cache
def _packed(content: bytes) -> bytes:
    """Packed when it is first asked for: Mermaid takes a third of a second, and few notes have a diagram."""
    return gzip.compress(content, 9, mtime=0)
