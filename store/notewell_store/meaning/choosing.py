"""From settings to an embedder: which one, and whether text may leave this machine for it."""

import re
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, NoReturn
from urllib.parse import urlsplit

from notewell_store.meaning.breaker import Breaker
from notewell_store.meaning.embedder import Space, Unreachable, Vector
from notewell_store.meaning.endpoint import Dialect, Endpoint
from notewell_store.meaning.ollama import Ollama
from notewell_store.meaning.openai import OpenAI
from notewell_store.meaning.place import Place, is_loopback
from notewell_store.regular import regular_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from notewell_store.meaning.embedder import Embedder
    from notewell_store.meaning.line import Line

Sends = Literal["public", "all"]

LOCAL = "onnx:"
LARGEST_KEY = 10_000  # bytes
_PLAIN = re.compile(r"[\x21-\x7e]+")
_OPENAI = re.compile(r"/v\d+\Z")
"""The end of an address that speaks OpenAI's API; all others are Ollama's."""
_PASSED_ON = (":cloud", "-cloud")
"""The ends of names of models that Ollama passes what it is given on to ollama.com for, though it is asked at localhost
(internal/modelref/modelref.go)."""


class Key:
    """What an endpoint lets its callers in by. It is told to nobody else: neither printed nor shown."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "Key()"

    def headers(self) -> dict[str, str]:
        """Raises ValueError where no header can hold it."""
        if not _PLAIN.fullmatch(self._text):
            raise ValueError("it holds spaces, line ends or letters outside of ASCII")
        return {"Authorization": f"Bearer {self._text}"}


class Wanted(NamedTuple):
    """What the settings say. `where` is an address, or `onnx:` with a folder or a package."""

    where: str
    model: str | None = None
    dimensions: int | None = None
    key: Key | None = None
    key_file: str | None = None
    remote: Sends | None = None
    """Of which notes the text may leave this machine; None: of none, and nor may queries."""


class Refused:
    """Stands in the place of an embedder that may not be asked, or cannot be as the settings are: it says why."""

    is_remote = True
    sends: Literal["public"] = "public"

    def __init__(self, name: str, why: str) -> None:
        self.name = name
        self.why = why

    def space(self, patience: float) -> Space:
        self._refuse()

    def passages(self, texts: "Sequence[str]", patience: float) -> "list[Vector | None]":
        self._refuse()

    def query(self, text: str, patience: float) -> Vector:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise Unreachable(self.why)


class _Wrong(Exception):
    """Of the settings; the text says what."""


def choose(wanted: Wanted | None) -> "Embedder | None":
    """The embedder that the settings name, to be kept for as long as the process lives; None where they name none. It
    asks nothing yet. Where it may not be asked, one that says so whenever it is."""
    embedder = unrested(wanted)
    return Breaker(embedder) if isinstance(embedder, Endpoint) else embedder


def unrested(wanted: Wanted | None) -> "Endpoint | Refused | None":
    """As choose, of an embedder that is asked each time, whether it answered the last time or not."""
    if wanted is None:
        return None
    if wanted.where.startswith(LOCAL):
        return _local(wanted.where)
    name = "the embedder"
    try:
        place, name = _place(wanted.where)
        return _over_http(wanted, place, name)
    except _Wrong as error:
        return Refused(name, str(error))


def _local(where: str) -> Endpoint:
    from notewell_store.meaning.local.dialect import Served

    return Endpoint(where, partial(_line_to_process, where), Served(where))


def _line_to_process(where: str) -> "Line":
    if sys.platform == "win32":
        raise Unreachable(f"{where} needs sockets that Python has not on Windows: serve a model over HTTP there")
    from notewell_store.meaning.line import Line
    from notewell_store.meaning.local.starting import Reaching

    return Line(Place("http", "localhost", 80), where, {}, Reaching(where.removeprefix(LOCAL)).connect)


def _over_http(wanted: Wanted, place: Place, name: str) -> Endpoint:
    if not wanted.model:
        raise _Wrong(f"NOTEWELL_EMBED_MODEL names no model for {name}, such as qwen3-embedding:0.6b")
    if not _PLAIN.fullmatch(wanted.model) or len(wanted.model) > 200:
        raise _Wrong("NOTEWELL_EMBED_MODEL is no name of a model")
    is_remote = not place.is_here or wanted.model.casefold().endswith(_PASSED_ON)
    if is_remote and wanted.remote is None:
        raise _Wrong(_would_leave(name, wanted.model if place.is_here else None))
    dialect: Dialect = (OpenAI if _OPENAI.search(place.path) else Ollama)(wanted.model, wanted.dimensions)
    headers = _headers(wanted, place)
    sends = wanted.remote if is_remote and wanted.remote else "all"
    return Endpoint(name, partial(_line, place, name, headers), dialect, is_remote=is_remote, sends=sends)


def _line(place: Place, name: str, headers: dict[str, str]) -> "Line":
    from notewell_store.meaning.line import Line

    return Line(place, name, headers)


def _would_leave(name: str, passed_on: str | None) -> str:
    where = f"{name} passes on what {passed_on} is given to ollama.com" if passed_on else f"{name} is not this machine"
    return (
        f"{where}, so nothing is sent there. NOTEWELL_EMBED_REMOTE=public lets the text of public notes leave this "
        "machine, NOTEWELL_EMBED_REMOTE=all that of all notes; either lets whatever is searched for leave it too"
    )


def _place(where: str) -> tuple[Place, str]:
    """Where that is, and what it is called. Raises _Wrong, which quotes no more than the host: a key may stand in the
    rest."""
    try:
        parts = urlsplit(where)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    if parts.scheme not in ("http", "https") or not host or port == 0 or not _PLAIN.fullmatch(where):
        raise _Wrong("NOTEWELL_EMBED is neither an address such as http://localhost:11434, nor onnx:FOLDER, nor none")
    if parts.username is not None or parts.query or parts.fragment:
        raise _Wrong(f"NOTEWELL_EMBED holds more than the address of {host}: a key goes into NOTEWELL_EMBED_KEY")
    is_here = host == "localhost" or is_loopback(host)
    shown = f"[{host}]" if ":" in host else host
    name = f"{shown}:{port}" if port else shown
    scheme: Literal["http", "https"] = "https" if parts.scheme == "https" else "http"
    return Place(scheme, host, port or (443 if scheme == "https" else 80), parts.path.rstrip("/"), is_here), name


def _headers(wanted: Wanted, place: Place) -> dict[str, str]:
    key = wanted.key
    named = "NOTEWELL_EMBED_KEY"
    if key is None and wanted.key_file:
        named = "NOTEWELL_EMBED_KEY_FILE"
        try:
            read = regular_bytes(Path(wanted.key_file).expanduser(), LARGEST_KEY).decode()
        except (OSError, ValueError, RuntimeError):
            raise _Wrong(f"{named} names no file of text that can be read, of at most {LARGEST_KEY:,} bytes") from None
        key = Key(read.strip())
    if key is None:
        return {}
    if place.scheme == "http" and not place.is_here:
        raise _Wrong(
            "the key of the embedder would go over the network as it is: NOTEWELL_EMBED must begin with https://"
        )
    try:
        return key.headers()
    except ValueError as error:
        raise _Wrong(f"{named} is no key: {error}") from None
