"""The sockets that the HTTP door listens on, taken before anything is said or started."""

import errno
import socket
import sys

from notewell_store.errors import Unusable

BACKLOG = 2048
REASONS = {
    errno.EADDRINUSE: "is taken by another program: end that one, or name another port (--port)",
    errno.EACCES: "is not for this user to listen on: ports below 1024 mostly are not; name another port (--port)",
    errno.EADDRNOTAVAIL: "is no address of this machine: name one that it has (--host)",
}
ABSENT = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
"""What one of a name's addresses may be: `localhost` is two, and not each machine has both."""


def taken(host: str, port: int) -> list[socket.socket]:
    """A socket for each address of the host, bound to the port. Raises Unusable, which says why in one line."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise Unusable(f"{host!r} is no address: {getattr(error, 'strerror', None) or error}") from None
    bound: list[socket.socket] = []
    absent: OSError | None = None
    for family, _, protocol, _, place in dict.fromkeys(found):
        port_of_all = bound[0].getsockname()[1] if bound else place[1]
        try:
            bound.append(_bound(family, protocol, (place[0], port_of_all, *place[2:])))
        except OSError as error:
            if error.errno not in ABSENT:
                raise _refused(host, port, error) from None
            absent = error
    if absent and not bound:
        raise _refused(host, port, absent)
    return bound


def _bound(family: int, protocol: int, place: tuple[object, ...]) -> socket.socket:
    # asyncio lets a connection send its small pieces at once (TCP_NODELAY) only where the protocol is named.
    listening = socket.socket(family, socket.SOCK_STREAM, protocol)
    try:
        if sys.platform != "win32":  # where it would let two programs share a port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind(place)
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    listening.set_inheritable(True)
    return listening


def _refused(host: str, port: int, error: OSError) -> Unusable:
    reason = REASONS.get(error.errno or 0) or f"cannot be listened on: {error.strerror}"
    return Unusable(f"{_named(host)}:{port} {reason}")


def address_of(host: str, bound: socket.socket) -> str:
    return f"http://{_named(host)}:{bound.getsockname()[1]}"


def _named(host: str) -> str:
    return f"[{host}]" if ":" in host else host
