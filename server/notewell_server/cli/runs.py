"""What becomes known of an import, a backup or a verification that a command does: see runs."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from notewell_server.cli.wording import as_commands
from notewell_server.runs import RUN, Runs, RunWriter, What
from notewell_server.settings import Settings, beside, system_user
from notewell_store import StoreError
from notewell_tools.errors import ToolError, to_tool_error

STOPPED = "stopped before it was done"


@contextmanager
def kept_run(settings: Settings, what: What, of: object = "") -> Iterator[RunWriter]:
    """A run that lasts as long as the block, which says how it ended; else it ended well, or with what was raised."""
    run = _begun(settings, what, str(of))
    try:
        yield run
        run.end("ok", "")
    except (Exception, KeyboardInterrupt) as error:
        run.end("problem", _worded(error))
        raise
    finally:
        run.close()


def _begun(settings: Settings, what: What, of: str) -> RunWriter:
    """One that whoever started the command has begun, and then it ends with that one; else a new one."""
    runs, begun = Runs(beside(settings.database)), os.environ.get(RUN)
    try:
        if begun is None:
            return runs.begin(what, of, settings.actor or system_user())
        run = runs.resumed(begun)
    except OSError:
        return RunWriter("", None)
    threading.Thread(target=_end_with_starter, name="starter", daemon=True).start()
    return run


def _end_with_starter() -> None:
    """Whoever started the command holds the other end of its input."""
    while os.read(0, 1):
        pass
    signal.raise_signal(signal.SIGINT)


def _worded(error: BaseException) -> str:
    match error:
        case ToolError():
            return error.worded(as_commands)
        case StoreError():
            return to_tool_error(error, writing=False).worded(as_commands)
        case KeyboardInterrupt():
            return STOPPED
        case _:
            return f"{type(error).__name__}: {error}"
