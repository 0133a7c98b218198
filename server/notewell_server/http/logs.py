"""What the server says of itself, on standard error: a line for each event, as JSON or for a person's eyes.

No text of a note, no query and no token is in it: of a failure it tells the kind and the places in the program, not
the words, since those may quote what was sent.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from functools import lru_cache
from types import TracebackType

from notewell_server.http.guard_settings import LogFormat

EVENT = "notewell.event"
"""The attribute of a log record that holds its fields."""

_encoded = json.JSONEncoder(default=str).encode
_QUIET = ("mcp", "sse_starlette", "httpx", "httpx2", "anyio", "asyncio")


def set_up_logs(form: LogFormat | None, level: int = logging.INFO) -> None:
    """Send all logs of this process to standard error. Without a form: text for a terminal, else JSON."""
    # What no line of ours tells is not looked up for each.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Text() if form == "text" or (form is None and sys.stderr.isatty()) else _Json())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    logging.getLogger("uvicorn.access").disabled = True


def fields_of(record: logging.LogRecord) -> dict[str, object]:
    """What a record says, in the order in which it is read."""
    at = f"{_second(int(record.created))}.{int(record.msecs):03}Z"
    fields: dict[str, object] = {"at": at, "level": record.levelname.lower()}
    event = getattr(record, EVENT, None)
    fields |= event if isinstance(event, dict) else _said(record)
    if record.exc_info and record.exc_info[0] is not None:
        kind, _, places = record.exc_info
        fields |= {"error": kind.__name__, "places": _places(places)}
    return fields


@lru_cache(maxsize=2)
def _second(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().removesuffix("+00:00")


def _said(record: logging.LogRecord) -> dict[str, object]:
    """uvicorn's logger of all that it says is called `uvicorn.error`."""
    return {"event": record.name.removesuffix(".error"), "message": record.getMessage().strip()}


def _places(trace: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return _encoded(fields_of(record))


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = fields_of(record)
        at, level = str(fields.pop("at")), str(fields.pop("level"))
        return f"{at} {level:7} " + " ".join(f"{name}={_word(value)}" for name, value in fields.items())


def _word(value: object) -> str:
    text = str(value)
    return text if text and text.isprintable() and " " not in text else json.dumps(text)
