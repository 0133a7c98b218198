"""The program `git`, started with argument lists and an environment of its own.

Nothing in a repository's configuration can make it run another program or write into the repository.
"""

import io
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from notewell_store.errors import Invalid

_SETTINGS = {
    "core.quotePath": "false",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "diff.renameLimit": "3000",
    "i18n.logOutputEncoding": "UTF-8",
    "log.showRoot": "true",
    "log.showSignature": "false",
}


def _environment() -> dict[str, str]:
    """Ours without what would lead git elsewhere, in English, asking nobody anything.

    What a repository lacks is not fetched: that could start any program that its configuration names.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    own = {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_LITERAL_PATHSPECS": "1",
    }
    return {**kept, **own, "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none", "LC_ALL": "C"}


def _command(arguments: Sequence[str]) -> list[str]:
    program = shutil.which("git")
    if program is None:
        raise Invalid("the program git is not installed", "path")
    settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
    return [program, "--no-pager", *settings, *arguments]


def run(arguments: Sequence[str], failure: str, **environment: str) -> str:
    """What git answers, without the last line end. Raises Invalid with what it says when it fails."""
    done = subprocess.run(  # noqa: S603 - a list of arguments, no shell
        _command(arguments),
        capture_output=True,
        env={**_environment(), **environment},
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        raise Invalid(f"{failure}: {said(io.BytesIO(done.stderr))}", "path")
    return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")


def said(errors: IO[bytes]) -> str:
    errors.seek(0)
    text = " ".join(errors.read(4_000).decode("utf-8", "replace").split())
    return text[:500] or "it gave no reason"


@contextmanager
def started(
    arguments: Sequence[str], stdin: int = subprocess.DEVNULL
) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    """git at work, and what it complains of. It is stopped when the block ends; Invalid when it failed by itself."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603 - a list of arguments, no shell
            _command(arguments), stdin=stdin, stdout=subprocess.PIPE, stderr=errors, env=_environment()
        )
        with process:
            try:
                yield process, errors
                if stdin == subprocess.PIPE:
                    return
                failed = process.wait()
            finally:
                process.kill()
        if failed:
            raise Invalid(f"git failed: {said(errors)}", "path")
