"""How the program `git` is started, for whatever is asked of it: with lists of arguments, settings and an environment
of its own.

Nothing in a repository's configuration can make it run another program, reach another place or write a file, and
what a repository holds cannot make it take all memory.
"""

import io
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import MappingProxyType
from typing import IO

from notewell_store.errors import Invalid

PATIENCE = 300  # seconds for an answer that is waited for as a whole
MOST_MEMORY = 1 << 30  # bytes that git may have of its own; packs, which it maps, do not count

_SETTINGS = {
    "core.attributesFile": os.devnull,
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.quotePath": "false",
    "diff.orderFile": os.devnull,
    "diff.renameLimit": "3000",
    "i18n.logOutputEncoding": "UTF-8",
    "log.showRoot": "true",
    "log.showSignature": "false",
}

Process = subprocess.Popen[bytes]


def ask(arguments: Sequence[str], failure: str, **environment: str) -> str:
    """What git answers, without the last line end. Raises Invalid with what it says when it fails."""
    process = _begun(arguments, subprocess.DEVNULL, subprocess.PIPE, environment)
    with process, _deadline(process, PATIENCE):
        output, errors = process.communicate()
    if process.returncode:
        raise Invalid(f"{failure}: {_said(io.BytesIO(errors), process)}", "path")
    return output.decode("utf-8", "surrogateescape").removesuffix("\n")


@contextmanager
def streamed(
    arguments: Sequence[str],
    failure: str = "git failed",
    environment: Mapping[str, str] = MappingProxyType({}),
    patience: int | None = None,
) -> Iterator[IO[bytes]]:
    """What git writes, while it writes it. It is stopped when the block ends; Invalid when it failed by itself."""
    with tempfile.TemporaryFile() as errors:
        process = _begun(arguments, subprocess.DEVNULL, errors, environment)
        with process, _deadline(process, patience):
            try:
                assert process.stdout is not None
                yield process.stdout
                failed = process.wait()
            finally:
                process.kill()
        if failed:
            raise Invalid(f"{failure}: {_said(errors, process)}", "path")


@contextmanager
def conversing(arguments: Sequence[str]) -> Iterator[tuple[Process, IO[bytes]]]:
    """git at work, to be written to and read from, and what it complains of. It is stopped when the block ends."""
    with tempfile.TemporaryFile() as errors, _begun(arguments, subprocess.PIPE, errors, {}) as process:
        try:
            yield process, errors
        finally:
            process.kill()


def at_most(arguments: Sequence[str], limit: int, failure: str, **environment: str) -> bytes:
    """All that git writes. Raises Invalid when it fails, writes more bytes than `limit`, or takes too long."""
    with streamed(arguments, failure, environment, PATIENCE) as output:
        data = output.read(limit + 1)
        if len(data) > limit:
            raise Invalid(f"{failure}: more than {limit:,} bytes, which is all that is read", "path")
    return data


def without_filters(folder: str) -> dict[str, str]:
    """An environment in which git starts none of the programs that a repository's configuration names for the files
    of its working copy."""
    asked = ["-C", folder, "config", "--name-only", "-z", "--get-regexp", r"^filter\..*\.(clean|smudge|process)$"]
    with suppress(Invalid):  # there are none
        names = [name for name in ask(asked, "").split("\0") if name]
        starts = dict.fromkeys(name.rpartition(".")[0] for name in names)
        off = [(name, "") for name in names] + [(f"{start}.required", "false") for start in starts]
        pairs = {f"GIT_CONFIG_{part}_{at}": word for at, pair in enumerate(off) for part, word in _named(pair)}
        return {"GIT_CONFIG_COUNT": str(len(off)), **pairs}
    return {}


def _named(pair: tuple[str, str]) -> Iterator[tuple[str, str]]:
    return zip(("KEY", "VALUE"), pair, strict=True)


def said(errors: IO[bytes]) -> str:
    """What git complains of, on one line."""
    errors.seek(0)
    text = " ".join(errors.read(4_000).decode("utf-8", "replace").split())
    if "out of memory" in text.lower():
        return f"the repository is too large to be read in {MOST_MEMORY:,} bytes of memory"
    return text[:500] or "it gave no reason"


def _said(errors: IO[bytes], process: Process) -> str:
    return f"it took more than {PATIENCE} seconds" if process.returncode == -9 else said(errors)


def _begun(arguments: Sequence[str], stdin: int, stderr: int | IO[bytes], environment: Mapping[str, str]) -> Process:
    process = subprocess.Popen(  # noqa: S603 - a list of arguments, no shell
        _command(arguments),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env={**_environment(), **environment},
    )
    _limit_memory(process)
    return process


def _limit_memory(process: Process) -> None:
    if sys.platform == "linux":
        import resource

        with suppress(OSError, ValueError):  # it has ended, or has less already
            resource.prlimit(process.pid, resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))


@contextmanager
def _deadline(process: Process, patience: int | None) -> Iterator[None]:
    """Ends it after so many seconds."""
    if patience is None:
        yield
        return
    timer = threading.Timer(patience, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _command(arguments: Sequence[str]) -> list[str]:
    program = shutil.which("git")
    if program is None:
        raise Invalid("the program git is not installed", "path")
    settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
    return [program, "--no-pager", *settings, *arguments]


def _environment() -> dict[str, str]:
    """Ours without what would lead git elsewhere, in English, asking nobody anything.

    What a repository lacks is not fetched: that could start any program that its configuration names.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    own = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_REPLACE_OBJECTS": "1"}
    own |= {"GIT_LITERAL_PATHSPECS": "1", "GIT_NO_LAZY_FETCH": "1"}
    return {**kept, **own, "GIT_ALLOW_PROTOCOL": "none", "LC_ALL": "C"}
