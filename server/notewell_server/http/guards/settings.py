"""Settings of the guards that stand before the HTTP door, from the environment."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from notewell_server.http.guards.authorities import read_authority
from notewell_store.errors import Invalid

ORIGIN = re.compile(r"(https?)://([^/?#@]+)", re.ASCII)
LogFormat = Literal["json", "text"]


@dataclass(frozen=True, slots=True)
class GuardSettings:
    """`hosts` and `origins` come on top of the names of this machine; rates are in calls a minute; sizes in bytes,
    times in seconds. `proxies` are the addresses whose X-Forwarded-For is believed."""

    hosts: frozenset[tuple[str, int | None]] = frozenset()
    origins: frozenset[str] = frozenset()
    proxies: tuple[str, ...] = ()
    behind_tls_proxy: bool = False
    anonymous_rate: int = 600
    write_rate: int = 300
    max_body: int = 4_194_304
    body_seconds: int = 15
    max_requests: int = 256
    max_streams: int = 128
    log: LogFormat | None = None


def read_guard_settings(environment: Mapping[str, str]) -> GuardSettings:
    """The settings, from NOTEWELL_ALLOWED_HOSTS and the others that docs/serving.md tells of. Empty is as good as
    absent. Raises Invalid for what cannot be meant, naming the variable."""

    def read(name: str) -> str:
        return environment.get(name, "").strip()

    def words(name: str) -> list[str]:
        return [word.strip() for word in read(name).split(",") if word.strip()]

    def number(name: str, default: int) -> int:
        text = read(name) or str(default)
        if not re.fullmatch(r"[1-9][0-9]{0,9}", text):
            raise Invalid(f"{name}={text!r}: send a whole number above 0")
        return int(text)

    usual = GuardSettings()
    return GuardSettings(
        hosts=frozenset(_host(word) for word in words("NOTEWELL_ALLOWED_HOSTS")),
        origins=frozenset(_origin(word) for word in words("NOTEWELL_ALLOWED_ORIGINS")),
        proxies=tuple(_network(word) for word in words("NOTEWELL_TRUSTED_PROXIES")),
        behind_tls_proxy=_switch("NOTEWELL_BEHIND_TLS_PROXY", read("NOTEWELL_BEHIND_TLS_PROXY")),
        anonymous_rate=number("NOTEWELL_ANONYMOUS_RATE", usual.anonymous_rate),
        write_rate=number("NOTEWELL_WRITE_RATE", usual.write_rate),
        max_body=number("NOTEWELL_MAX_BODY", usual.max_body),
        body_seconds=number("NOTEWELL_BODY_SECONDS", usual.body_seconds),
        max_requests=number("NOTEWELL_MAX_REQUESTS", usual.max_requests),
        max_streams=number("NOTEWELL_MAX_STREAMS", usual.max_streams),
        log=_log_format(read("NOTEWELL_LOG")),
    )


def _host(text: str) -> tuple[str, int | None]:
    found = read_authority(text)
    if found is None:
        raise Invalid(f"NOTEWELL_ALLOWED_HOSTS: {text!r} is no host: send names like notes.example or 10.0.0.7:8000")
    return found


def _origin(text: str) -> str:
    match = ORIGIN.fullmatch(text)
    if match is None or read_authority(match[2]) is None:
        raise Invalid(f"NOTEWELL_ALLOWED_ORIGINS: {text!r} is no origin: send some like https://notes.example")
    return text.lower()


def _network(text: str) -> str:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        raise Invalid(f"NOTEWELL_TRUSTED_PROXIES: {text!r} is neither an address nor a network") from None
    return text


def _switch(name: str, text: str) -> bool:
    if text.lower() not in ("", "0", "1", "false", "true"):
        raise Invalid(f"{name}={text!r}: send 1 or 0")
    return text.lower() in ("1", "true")


def _log_format(text: str) -> LogFormat | None:
    forms: dict[str, LogFormat | None] = {"": None, "json": "json", "text": "text"}
    if text not in forms:
        raise Invalid(f"NOTEWELL_LOG={text!r}: send json or text")
    return forms[text]
