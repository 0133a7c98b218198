"""The least that can answer: a bare Starlette handler that returns bytes from memory, on the same uvicorn.

    python bench/bare_http.py PORT FOLDER

Each file of the folder is answered at `/` and its name.
"""

import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def main() -> None:
    port, folder = int(sys.argv[1]), Path(sys.argv[2])
    kept = {path.name: path.read_bytes() for path in folder.iterdir()}

    async def answer(request: Request) -> Response:
        return Response(kept[request.path_params["name"]], media_type="application/json")

    app = Starlette(routes=[Route("/{name}", answer)])
    uvicorn.run(app, port=port, http="h11", ws="none", log_config=None, access_log=False)


if __name__ == "__main__":
    main()
