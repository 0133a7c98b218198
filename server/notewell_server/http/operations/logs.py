"""What the server says of itself, on standard error: a line for each event, as JSON or for a person's eyes.

No text of a note, no query and no token is in it: of a failure it tells the kind and the places in the program, not
the words, since those may quote what was sent.
"""

import json
import logging
import sys
import time
import traceback
from collections import Counter
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from functools import lru_cache
from json.encoder import encode_basestring_ascii
from types import TracebackType

from notewell_server.http.guards.rate_limit import TokenBuckets
from notewell_server.http.guards.settings import LogFormat

SELDOM = 60
"""How often a minute the same thing is told, such as that a request was no HTTP, or that a disk is full."""
_QUIET = ("mcp", "sse_starlette", "httpx", "httpx2", "anyio", "asyncio")


def set_up_logs(form: LogFormat | None, level: int = logging.INFO) -> None:
    """Send all logs of this process to standard error. Without a form: text for a terminal, else JSON."""
    # What no line of ours tells is not looked up for each.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler(sys.stderr)
    is_text = form == "text" or (form is None and sys.stderr.isatty())
    handler.setFormatter(_Text() if is_text else _Json())
    handler.addFilter(_Seldom())
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


def tell(event: str, **fields: object) -> None:
    """A line at the level of info, of what there is one for each request: a log record would cost thrice as much."""
    handler = next(iter(logging.getLogger().handlers), None)
    if not (isinstance(handler, logging.StreamHandler) and isinstance(handler.formatter, _Lines)):
        return
    line = handler.formatter.line({"at": _time(time.time()), "level": "info", "event": event, **fields})
    with suppress(OSError), handler.lock or nullcontext():
        handler.stream.write(line + "\n")
        handler.stream.flush()


def fields_of(record: logging.LogRecord) -> dict[str, object]:
    """What a record says, in the order in which it is read."""
    fields: dict[str, object] = {"at": _time(record.created), "level": record.levelname.lower(), **_said(record)}
    if record.exc_info and record.exc_info[0] is not None:
        kind, _, places = record.exc_info
        fields |= {"error": kind.__name__, "places": _places(places)}
    return fields


def _time(at: float) -> str:
    return f"{_second(int(at))}.{int(at % 1 * 1000):03}Z"


@lru_cache(maxsize=2)
def _second(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat().removesuffix("+00:00")


def _said(record: logging.LogRecord) -> dict[str, object]:
    """uvicorn's logger of all that it says is called `uvicorn.error`."""
    return {"event": record.name.removesuffix(".error"), "message": record.getMessage().strip()}


def _places(trace: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]


class _Seldom(logging.Filter):
    """Lets no more through, and says with the next how many it kept back."""

    def __init__(self) -> None:
        super().__init__()
        self._told = TokenBuckets(SELDOM)
        self._kept_back: Counter[str] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        what = f"{record.name} {record.msg}"
        if self._told.take(what):
            self._kept_back[what] += 1
            return False
        more = self._kept_back.pop(what, 0)
        if more:
            record.msg = f"{record.msg} (and {more} times more)"
        return True


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return self.line(fields_of(record))

    def line(self, fields: dict[str, object]) -> str:
        raise NotImplementedError


class _Json(_Lines):
    def line(self, fields: dict[str, object]) -> str:
        return "{" + ", ".join([f'"{name}": {_value(value)}' for name, value in fields.items()]) + "}"


class _Text(_Lines):
    def line(self, fields: dict[str, object]) -> str:
        at, level = str(fields.pop("at")), str(fields.pop("level"))
        return f"{at} {level:7} " + " ".join([f"{name}={_word(value)}" for name, value in fields.items()])


def _value(value: object) -> str:
    return encode_basestring_ascii(value) if isinstance(value, str) else json.dumps(value, default=str)


def _word(value: object) -> str:
    text = str(value)
    return text if text and text.isprintable() and " " not in text else json.dumps(text)
