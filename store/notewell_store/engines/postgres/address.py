"""Where a database is: an address, of which all but the password may be told."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from notewell_store.engines import without_password
from notewell_store.errors import Unusable

_PASSWORDS: dict[str, str] = {}
"""Those that came in addresses, by what may be told of these: what opened a store opens it again in this process."""


@dataclass(frozen=True)
class Place:
    """`address` is a URL that holds no secret."""

    address: str

    @property
    def conninfo(self) -> str:
        return self.address

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """What libpq makes of the address. Raises Unusable where that is nothing."""
        try:
            return conninfo_to_dict(self.address)
        except psycopg.Error as error:
            raise Unusable(
                f"the address of the database cannot be read ({' '.join(str(error).split())}): "
                "write postgresql://user@host/database"
            ) from error

    @property
    def name(self) -> str:
        """How messages call it."""
        host = self.facts.get("host") or self.facts.get("hostaddr") or self.facts.get("service") or "this machine"
        return f"the database {self.facts.get('dbname') or self.facts.get('user') or 'of this user'} at {host}"

    def lacking(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """What of this the address does not say; and the password, where it was said once."""
        kept = _PASSWORDS.get(self.address)
        password = {} if kept is None else {"password": kept}
        return {name: value for name, value in wanted.items() if name not in self.facts} | password

    @property
    def lock(self) -> int:
        """A number for those who lay the schema, one after the other."""
        return int.from_bytes(hashlib.blake2b(b"notewell schema", digest_size=7).digest())


def place_of(address: str) -> Place:
    """The place of an address. A password in it is remembered, and told to nobody."""
    told, password = without_password(address)
    if password is not None:
        _PASSWORDS[told] = password
    place = Place(told)
    place.facts  # noqa: B018 - what cannot be read is refused here
    return place
