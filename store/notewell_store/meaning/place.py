"""Where an endpoint listens, and whether that is on this machine."""

from typing import Literal, NamedTuple


class Place(NamedTuple):
    """Where an endpoint listens."""

    scheme: Literal["http", "https"]
    host: str
    port: int
    path: str = ""
    """What stands before the API's own paths, without a slash at its end."""
    is_here: bool = False
    """It may be asked only where it turns out to be on this machine."""


def is_loopback(address: str) -> bool:
    """Whether it is an address of this machine alone: of 127.0.0.0/8, or ::1. However else such an address may be
    written, mapped into IPv6 for one, it is not taken for one."""
    import ipaddress  # who embeds nothing has no use for it

    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return False
    return known.is_loopback if known.version == 4 else known == ipaddress.IPv6Address(1)
