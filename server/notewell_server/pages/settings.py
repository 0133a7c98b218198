"""Settings of the pages, from the environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from notewell_server.http.access.settings import read_roles
from notewell_server.http.guards.authorities import Authority, read_authority
from notewell_store.access.rights import Rights
from notewell_store.errors import Invalid

HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
EVERYBODY = "*"
"""The role of each person whom the proxy names."""
SOURCE = re.compile(r"([A-Za-z0-9][\w.-]{0,63})=(git:)?(.+)", re.ASCII)


class Source(NamedTuple):
    """A folder, or a git repository or bundle, that may be imported from a page."""

    path: Path
    is_git: bool


@dataclass(frozen=True, slots=True)
class PageSettings:
    """`port` is the one that pages are served at, where another is the API's; None: all that comes is for pages.
    `hosts` are the names by which they are reached through a proxy. `user_header` and `groups_header`, in lower case,
    are a trusted proxy's, `roles` what its groups allow. `imports` are what may be imported from a page, by the names
    that it shows; `backups` is the folder of backups that are started there, None the one beside the store."""

    port: int | None = None
    hosts: frozenset[Authority] = frozenset()
    user_header: str | None = None
    groups_header: str | None = None
    roles: Mapping[str, Rights] = field(default_factory=dict)
    imports: Mapping[str, Source] = field(default_factory=dict)
    backups: Path | None = None


def read_page_settings(environment: Mapping[str, str]) -> PageSettings:
    """The settings, from the NOTEWELL_PAGES_… that docs/pages.md tells of. Empty is as good as absent. Raises Invalid
    for what cannot be meant, naming the variable."""

    def read(name: str) -> str:
        return environment.get(f"NOTEWELL_PAGES_{name}", "").strip()

    return PageSettings(
        port=int(read("PORT")) if read("PORT") else None,
        hosts=frozenset(_host(word.strip()) for word in read("HOSTS").split(",") if word.strip()),
        user_header=_header("USER_HEADER", read("USER_HEADER")),
        groups_header=_header("GROUPS_HEADER", read("GROUPS_HEADER")),
        roles=read_roles("NOTEWELL_PAGES_ROLES", read("ROLES") or f"{EVERYBODY}=read"),
        imports=dict(_source(word.strip()) for word in read("IMPORTS").split(",") if word.strip()),
        backups=_folder(read("BACKUPS")),
    )


def _host(text: str) -> Authority:
    found = read_authority(text)
    if found is None:
        raise Invalid(f"NOTEWELL_PAGES_HOSTS: {text!r} is no host: send names like pages.example or 10.0.0.7:8000")
    return found


def _header(name: str, text: str) -> str | None:
    if text and not HEADER.fullmatch(text):
        raise Invalid(f"NOTEWELL_PAGES_{name}={text!r}: send the name of a header, such as Remote-User")
    return text.lower() or None


def _source(text: str) -> tuple[str, Source]:
    found = SOURCE.fullmatch(text)
    if found is None or not Path(found[3]).is_absolute():
        raise Invalid(
            f"NOTEWELL_PAGES_IMPORTS: {text!r} is none of name=/folder or name=git:/repository, with whole paths"
        )
    return found[1], Source(Path(found[3]), found[2] is not None)


def _folder(text: str) -> Path | None:
    if text and not Path(text).is_absolute():
        raise Invalid(f"NOTEWELL_PAGES_BACKUPS={text!r}: send the whole path of a folder")
    return Path(text) if text else None
