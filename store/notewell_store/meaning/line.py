"""One request to an endpoint and its answer, with one deadline for all of it: the name, the handshake, every byte.

No redirect is followed and no proxy asked: what is sent goes where it was said to go. Who asks nothing does not import
this module, for `http.client` takes as long as a search.
"""

import http.client
import json
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any

from notewell_store.meaning.answers import Answered
from notewell_store.meaning.embedder import Late, Unreachable
from notewell_store.meaning.place import Place, is_loopback

if TYPE_CHECKING:
    import ssl

KEPT = 30.0  # seconds for which a connection under TLS waits for the next request: a handshake takes long
MOST_HEAD = 16_000  # bytes of an answer that are allowed beyond those that its numbers need


Connect = Callable[[float], socket.socket]
"""Makes a connection until a moment of `monotonic`. Raises OSError, Unreachable."""


class Line:
    """A way to an endpoint. Safe to share between threads. `headers` may hold a key: nothing of them is ever told."""

    def __init__(self, place: Place, name: str, headers: dict[str, str], connect: Connect | None = None) -> None:
        """With a `connect` of its own it leads to a process that may end at any time, and is then followed by another:
        so it is asked twice."""
        self.place = place
        self.name = name
        self.headers = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "notewell",
            **headers,
        }
        self.connect = connect or self._connect
        self.may_end = connect is not None
        self._lock = Lock()
        self._kept: tuple[_Connection, float] | None = None

    def ask(self, path: str, data: object, largest: int, patience: float) -> Any:
        """The JSON that is answered: to a GET where `data` is None, else to a POST of it. Raises Answered, Unreachable,
        Late; never later than after `patience` seconds. An answer of more than `largest` bytes is none."""
        exchange = _Exchange(self, path, data, largest, monotonic() + patience)
        try:
            Thread(target=exchange.run, name="embedding", daemon=True).start()
        except RuntimeError:
            raise Unreachable(f"{self.name} was not asked: there is no room for another thread") from None
        if not exchange.is_over.wait(max(patience, 0)):
            exchange.cut()
            raise Late(f"{self.name} did not answer in {_told(patience)} s")
        return exchange.result()

    def take(self, until: float) -> "tuple[_Connection, bool]":
        """A connection, and whether it was used before."""
        with self._lock:
            kept, self._kept = self._kept, None
        if kept and monotonic() - kept[1] < KEPT:
            return kept[0], True
        if kept:
            kept[0].close()
        return _Connection(self, until), False

    def keep(self, connection: "_Connection") -> None:
        with self._lock:
            former, self._kept = self._kept, (connection, monotonic())
        if former:
            former[0].close()

    def _connect(self, until: float) -> socket.socket:
        connection = socket.create_connection((self.place.host, self.place.port), _left(until))
        if self.place.is_here and not is_loopback(connection.getpeername()[0]):
            connection.close()
            raise Unreachable(f"{self.name} leads to another machine here, which is not asked")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def __del__(self) -> None:
        if self._kept:
            self._kept[0].close()


class _Connection(http.client.HTTPConnection):
    """Made until a moment; `cut` ends it at once, whatever it waits for."""

    def __init__(self, line: Line, until: float) -> None:
        super().__init__(line.place.host, line.place.port)
        self.default_port = 443 if line.place.scheme == "https" else 80  # which `Host` does not name
        self._line = line
        self.until = until
        self._is_cut = False

    def connect(self) -> None:
        self.sock = self._line.connect(self.until)
        if self._line.place.scheme == "https":
            self._must_go_on()
            name = self._line.place.host
            self.sock = _tls().wrap_socket(self.sock, server_hostname=name, do_handshake_on_connect=False)
            self.sock.settimeout(_left(self.until))
            self.sock.do_handshake()
        self._must_go_on()

    def wait_until(self, until: float) -> None:
        """From now on no byte is waited for beyond that moment."""
        self.until = until
        if self.sock:
            self.sock.settimeout(_left(until))

    def cut(self) -> None:
        self._is_cut = True
        if self.sock:
            with suppress(OSError):
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)  # under TLS too, whose state stays as it is

    def _must_go_on(self) -> None:
        if self._is_cut:
            raise TimeoutError


class _Exchange:
    """A request on a thread of its own, for nothing else bounds how long a name is looked up."""

    def __init__(self, line: Line, path: str, data: object, largest: int, until: float) -> None:
        self.is_over = Event()
        self._line = line
        self._path = line.place.path + path
        self._data = data
        self._largest = largest + MOST_HEAD
        self._until = until
        self._connection: _Connection | None = None
        self._answer: Any = None
        self._error: Exception | None = None

    def run(self) -> None:
        try:
            self._answer = json.loads(self._asked())
        except (Unreachable, Answered) as error:
            self._error = error
        except TimeoutError:
            self._error = Late(f"{self._line.name} did not answer in time")
        except OSError as error:
            self._error = Unreachable(f"{self._line.name} {_failure(error)}")
        except (http.client.HTTPException, ValueError, RecursionError, MemoryError):
            self._error = Unreachable(f"{self._line.name} does not answer as an endpoint of embeddings does")
        except Exception as error:  # a fault of ours, which whoever waits is to see
            self._error = error
        finally:
            self.is_over.set()

    def result(self) -> Any:
        if self._error:
            raise self._error
        return self._answer

    def cut(self) -> None:
        if self._connection:
            self._connection.cut()

    def _asked(self) -> bytes:
        """An endpoint may have closed a connection that was kept, which is known once it is used again."""
        connection, was_used = self._line.take(self._until)
        try:
            return self._asked_over(connection)
        except OSError as error:
            if isinstance(error, TimeoutError) or not (was_used or self._line.may_end):
                raise
        return self._asked_over(_Connection(self._line, self._until))

    def _asked_over(self, connection: _Connection) -> bytes:
        self._connection = connection
        is_kept = False
        try:
            connection.wait_until(self._until)
            body = None if self._data is None else json.dumps(self._data).encode()
            is_https = self._line.place.scheme == "https"
            headers = self._line.headers | {"Connection": "keep-alive" if is_https else "close"}
            if body is not None:
                headers["Content-Type"] = "application/json"
            connection.request("GET" if body is None else "POST", self._path, body, headers)
            with connection.getresponse() as response:
                read = self._read(response)
                is_kept = is_https and not response.will_close and response.isclosed()
                return read
        finally:
            self._line.keep(connection) if is_kept else connection.close()

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        if response.status != 200:
            raise Answered(response.status)
        body = response.read(self._largest + 1)
        if len(body) > self._largest:
            raise Unreachable(f"{self._line.name} answers with more than the {self._largest:,} bytes that are read")
        return body


@cache
def _tls() -> "ssl.SSLContext":
    import ssl

    return ssl.create_default_context()  # which looks at certificates and names


def _left(until: float) -> float:
    """The seconds until then. Raises TimeoutError where there are none."""
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _told(seconds: float) -> str:
    return f"{max(seconds, 0):.1f}".removesuffix(".0")


def _failure(error: OSError) -> str:
    """What went wrong, in words of ours: those of the system may name files."""
    if isinstance(error, socket.gaierror):
        return "has a name that leads nowhere"
    if isinstance(error, ConnectionRefusedError):
        return "does not listen"
    if type(error).__module__ == "ssl":
        return "has a certificate that is not trusted" if "Cert" in type(error).__name__ else "breaks TLS off"
    return "hangs up" if isinstance(error, ConnectionError) else "cannot be reached"
