"""Whether /openapi.json is true: `make schemathesis`.

    python -m tests.conformance.rest

schemathesis asks every operation with what the description allows and with what it does not, as somebody who may
write, as nobody in particular, and of a note that there is; it holds each answer against the description. Left out is
`/events`, whose answer has no end. schemathesis is installed into a folder of its own.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from tests.conformance.clients import ROOT
from tests.conformance.run import fill
from tests.server.http.conftest import Door, opened_door

VERSION = "4.32.5"
FOLDER = ROOT / "build" / "schemathesis"
HERE = Path(__file__).parent
RUNS = {
    "with a token": ("schemathesis.toml", True),
    "without a token": ("schemathesis.toml", False),
    "with a token, of a note that there is": ("schemathesis-known.toml", True),
}


def install() -> None:
    installed = FOLDER / VERSION
    if not installed.exists():
        venv.create(FOLDER, with_pip=True, clear=True)
        subprocess.run([FOLDER / "bin" / "pip", "install", "--quiet", f"schemathesis=={VERSION}"], check=True)
        installed.touch()


def try_all(settings: str, token: str | None, door: Door) -> bool:
    """Whether nothing was found. Prints what was, and the run's own summary."""
    command = [str(FOLDER / "bin" / "schemathesis"), "--no-color", "--config-file", str(HERE / settings), "run"]
    options = ["--exclude-path", "/events", "--warnings", "off"]
    known = ["--header", f"Authorization: Bearer {token}"] if token else []
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{door.port}/openapi.json", *options, *known],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        check=False,
    )
    shown = done.stdout + done.stderr
    begin = "= SUMMARY =" if done.returncode == 0 else "= FAILURES ="
    print(shown[max(shown.find(begin), 0) :])
    return done.returncode == 0


def main() -> None:
    install()
    found = []
    for title, (settings, has_token) in RUNS.items():
        with tempfile.TemporaryDirectory() as folder, opened_door(Path(folder) / "notewell.db") as door:
            fill(door)
            print(f"{title}:", flush=True)
            found += [] if try_all(settings, door.token if has_token else None, door) else [title]
    sys.exit(f"found something {' and '.join(found)}" if found else 0)


if __name__ == "__main__":
    main()
