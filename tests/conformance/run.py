"""Whether programs of others get along with the server: `make conformance`. Needs npm.

    python -m tests.conformance.run

The official conformance suite over HTTP, and the official inspector over HTTP and stdio, on a store with a few notes.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.conformance.clients import Failed, install
from tests.conformance.inspector import try_inspector
from tests.conformance.suite import try_suite
from tests.server.http.conftest import Door, opened_door

NOTES = {
    "sop-deploy": {"content": "# Deploy\n\nRoll out slowly. See [[plan-a]].\n", "note_type": "sop", "status": "active"},
    "plan-a": {"content": "# Plan A\n\n## Vision\n\nOne store.\n", "note_type": "plan", "status": "active"},
}


def fill(door: Door) -> None:
    for slug, fields in NOTES.items():
        door.data("POST", "/notes", {**fields, "slug": slug, "is_public": True})


def main() -> None:
    try:
        install()
        with tempfile.TemporaryDirectory() as folder, opened_door(Path(folder) / "notewell.db") as door:
            fill(door)
            wrong = try_suite(f"http://127.0.0.1:{door.port}/mcp") + try_inspector(door)
    except Failed as error:
        wrong = [str(error)]
    sys.exit("\n".join(["", *wrong]) if wrong else 0)


if __name__ == "__main__":
    main()
