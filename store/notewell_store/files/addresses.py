"""Addresses of repositories on the web, however git was given them."""

import re
from urllib.parse import urlsplit

_SCP = re.compile(r"(?:[^@/\s]+@)?(?P<host>[\w-][\w.-]+):(?!//)(?P<path>[^\s:]+)")
_HOST = re.compile(r"[\w-][\w.-]*|\[[0-9a-fA-F:]+\]")


def web_address(url: str) -> str | None:
    """The https address of a repository, given as git takes it; None for what is not on any host.

    An http address with a port of its own keeps its scheme, since nothing tells that https answers there.
    """
    parts = urlsplit(url.strip()) if _is_valid(url.strip()) else None
    if parts and parts.scheme in {"http", "https", "ssh", "git"} and parts.hostname:
        plain = parts.scheme == "http" and parts.port
        port = f":{parts.port}" if parts.port and parts.scheme in {"http", "https"} else ""
        host, path = (f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname) + port, parts.path
    elif scp := _SCP.fullmatch(url.strip()):
        plain, host, path = False, scp["host"], scp["path"]
    else:
        return None
    path = path.strip("/").removesuffix(".git").rstrip("/")
    if not path or not _HOST.match(host):
        return None
    return f"{'http' if plain else 'https'}://{host.lower()}/{path}"


def _is_valid(url: str) -> bool:
    try:
        return urlsplit(url).port is not None or True
    except ValueError:
        return False
