"""Host and port as they stand in a Host header or an origin, read without mercy."""

import ipaddress
import re
from functools import lru_cache

_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*", re.ASCII)
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[^:@\[\]]+)(?::([0-9]{1,5}))?", re.ASCII)
LONGEST = 260  # characters: a name has at most 253, and there may be a port
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})

Authority = tuple[str, int | None]
"""The name in lower case, IPv6 in brackets and shortened; the port, None where none is named."""


def read_authority(text: str) -> Authority | None:
    """None for whatever is not one name or address and maybe a port: user info, a trailing dot, a zone, a list."""
    return _read(text.lower()) if len(text) <= LONGEST else None


@lru_cache(maxsize=1_000)
def _read(text: str) -> Authority | None:
    match = _AUTHORITY.fullmatch(text)
    if match is None:
        return None
    name, port = match[1], int(match[2]) if match[2] else None
    if port is not None and not 0 < port < 65536:
        return None
    if name.startswith("["):
        try:
            return f"[{ipaddress.IPv6Address(name[1:-1]).compressed}]", port
        except ValueError:
            return None
    return (name, port) if _NAME.fullmatch(name) else None


def is_loopback(host: str) -> bool:
    """Whether what listens or calls at this address or name is on this machine."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
