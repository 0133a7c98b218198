"""Commands that are started from a page: one at a time, beside the server, which they do not outlive."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from notewell_server.pages.settings import Source
from notewell_server.runs import RUN, Runs, RunWriter, What
from notewell_tools.errors import ToolError

COMMAND = (sys.executable, "-P", "-m", "notewell_server.main")
"""This very program; not what the folder of the server holds under its name."""
STOPS = 10.0  # seconds in which a command ends that is told to
LONGEST_TAIL = 4_000  # bytes of what it says on standard error


class Task(NamedTuple):
    """What a person may start: `of` is what the page calls it, `words` the command."""

    what: What
    of: str
    words: tuple[str, ...]


def tasks(imports: Mapping[str, Source], backups: Path | None) -> Iterator[Task]:
    """All that there are. What is imported, and where backups go, is said by the settings alone."""
    for name, source in imports.items():
        yield Task("import", name, ("import", *(("--git",) if source.is_git else ()), str(source.path)))
    yield Task("backup", "", ("backup", *((f"{backups}/",) if backups else ())))
    yield Task("verify", "", ("verify",))


class Runner:
    """Safe to share between threads; of several workers only one has a command at a time."""

    def __init__(self, database: str, runs: Runs) -> None:
        self._database = database
        self._runs = runs
        self._process: subprocess.Popen[bytes] | None = None
        self._follower: threading.Thread | None = None

    def start(self, task: Task, by: str) -> None:
        """Raises ToolError where another one goes on, or it cannot be started."""
        try:
            turn = self._runs.take_turn()
            if turn is None:
                raise ToolError("Another run was started here and goes on: wait for its end.", "conflict")
            try:
                self._start(task, by, turn)
            except BaseException:  # who does not give the turn back lets nothing be started any more
                os.close(turn)
                raise
        except OSError as error:
            raise ToolError(f"It cannot be started: {error.strerror}.", "unusable") from error

    def _start(self, task: Task, by: str, turn: int) -> None:
        run = self._runs.begin(task.what, task.of, by)
        settings = {"NOTEWELL_DB": self._database, "NOTEWELL_ACTOR": by, RUN: run.id}
        try:
            process = subprocess.Popen(  # noqa: S603 - its words are those of the settings
                [*COMMAND, *task.words],
                env=os.environ | settings,
                stdin=subprocess.PIPE,  # by whose end it ends, however the server does
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        except (OSError, ValueError) as error:
            run.end("problem", f"it could not be started: {error}")
            run.close()
            raise
        self._process = process
        self._follower = threading.Thread(target=self._follow, args=(process, run, turn), name="run", daemon=True)
        self._follower.start()

    def _follow(self, process: "subprocess.Popen[bytes]", run: RunWriter, turn: int) -> None:
        """To its end, which is told where the command did not tell it itself."""
        assert process.stderr and process.stdin
        tail = b""
        with process.stderr as said:
            while part := os.read(said.fileno(), LONGEST_TAIL):
                tail = (tail + part)[-LONGEST_TAIL:]
        status = process.wait()
        process.stdin.close()
        known = self._runs.read(run.id)
        if known is None or known.state is None:
            words = tail.decode("utf-8", "replace").strip().removeprefix("Error: ")
            run.end("problem", words or f"it ended with status {status}, and said nothing")
        run.close()
        os.close(turn)

    def close(self) -> None:
        """Stop what goes on, and wait for its end."""
        process, follower = self._process, self._follower
        if process is None or follower is None or process.poll() is not None:
            return
        assert process.stdin
        process.stdin.close()
        follower.join(STOPS)
        if process.poll() is None:
            process.kill()
            follower.join(STOPS)
