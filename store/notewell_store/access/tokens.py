"""Tokens: what a program shows to come through a door that is open to others.

A token is `nwl_`, a public id by which it is found, `_`, and 256 random bits. Only the SHA-256 of it is kept.
"""

import hashlib
import hmac
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass

from notewell_store.access.rights import SCOPES, Rights, Scope
from notewell_store.clock import now
from notewell_store.contract import Snapshot, Store
from notewell_store.errors import Busy, Invalid, NotFound, Unusable
from notewell_store.names import is_readable, on_one_line
from notewell_store.tables import tokens
from notewell_store.tables.project_rows import project_id

LONGEST_NAME = 100
SHAPE = re.compile(r"nwl_([0-9a-f]{12})_[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret. `expires_at` None: it does not; `revoked_at` None: it was not, or nobody knows, which
    is as good as revoked: such a one is not `is_known` at this place of the store."""

    id: str
    name: str
    scope: Scope
    project: str | None
    created_at: str
    created_by: str
    expires_at: str | None
    revoked_at: str | None
    is_known: bool = True

    @property
    def rights(self) -> Rights:
        return Rights(self.scope, self.project)

    @property
    def state(self) -> str:
        """`valid`, `expired` or `revoked`."""
        if self.revoked_at is not None or not self.is_known:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now() else "valid"


class Refused(Exception):
    """These credentials are not taken; `reason` says why, as far as who sent them may know."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def create(
    store: Store, name: str, scope: Scope, actor: str, project: str | None = None, expires_at: str | None = None
) -> tuple[str, Token]:
    """Make a token; the answer's first part is the token itself, which is kept nowhere.

    Raises Invalid for a name that another valid token bears, NotFound for an unknown project.
    """
    _check_name(name)
    if scope not in SCOPES:
        raise Invalid(f"scope={scope!r}: send one of {', '.join(SCOPES)}", "scope")
    if expires_at is not None and expires_at <= now():
        raise Invalid(f"expires={expires_at} is past", "expires")
    identity, secret = secrets.token_hex(6), secrets.token_hex(32)
    text = f"nwl_{identity}_{secret}"
    with store.writing() as db:
        if project is not None:
            project_id(db, project)
        tokens.settle(db)
        _free_name(db, name)
        tokens.add_token(db, identity, name, scope, project, digest(text), now(), actor, expires_at)
        return text, _read(db, identity)


def _check_name(name: str) -> None:
    if len(name) > LONGEST_NAME or name != on_one_line(name) or not is_readable(name):
        raise Invalid(f"name={name[:80]!r}: send one line of 1 to {LONGEST_NAME} printable characters", "name")


def _free_name(db: Snapshot, name: str) -> None:
    """A token of which nobody knows whether it was revoked keeps its name from no other."""
    bearer = tokens.bearer_of(db, name)
    if bearer is None:
        return
    if bearer.is_known:
        raise Invalid(f"name={name!r} is the name of another token: revoke that one, or choose another", "name")
    tokens.revoke_token(db, bearer.id, now())


def list_tokens(db: Snapshot) -> tuple[Token, ...]:
    """All tokens that ever were, the oldest first."""
    return tuple(_token(row) for row in tokens.read_tokens(db))


def begin_record(store: Store) -> None:
    """Write down which tokens there are, where an older version made them: from then on an older copy of the store
    brings none back that was revoked. A store that may not be written stays as it is."""
    with store.reading() as db:
        if not tokens.lacks_record(db):
            return
    with suppress(Busy, Unusable), store.writing() as db:
        tokens.settle(db)


def any_valid(db: Snapshot) -> bool:
    """Whether anybody holds a token that would be taken."""
    return any(token.state == "valid" for token in list_tokens(db))


def revoke(store: Store, name_or_id: str) -> Token:
    """Let the token be worthless from the next request on, whatever is laid in the store's place. Raises NotFound."""
    with store.writing() as db:
        tokens.settle(db)
        identity = tokens.find_unrevoked(db, name_or_id)
        if identity is None:
            raise NotFound("token", name_or_id, tokens.unrevoked_names(db)[:5], purpose="revoke")
        tokens.revoke_token(db, identity, now())
        return _read(db, identity)


def _token(row: tokens.Row) -> Token:
    return Token(*row)  # type: ignore[arg-type]  # only scopes are kept


def _read(db: Snapshot, identity: str) -> Token:
    return _token(tokens.read_token(db, identity))


def is_token(text: str) -> bool:
    """Whether it looks like one of ours."""
    return text.startswith("nwl_")


def admit(db: Snapshot, text: str) -> Token:
    """The valid token that this is. Raises Refused.

    It is found by its public part; the rest is compared as digests, in a time that does not tell how much is right.
    """
    match = SHAPE.fullmatch(text)
    kept = tokens.digest_of(db, match[1]) if match else None
    if not hmac.compare_digest(digest(text), kept or bytes(32)) or not match or kept is None:
        raise Refused("this token is not known")
    return token_of(db, match[1])


def token_of(db: Snapshot, identity: str) -> Token:
    """The valid token of that id, for who was let in by it and holds it no more. Raises Refused."""
    if tokens.digest_of(db, identity) is None:
        raise Refused("this token is not known")
    token = _read(db, identity)
    if token.state != "valid":
        raise Refused(f"this token is {token.state}")
    return token


def valid_digests(db: Snapshot) -> frozenset[bytes]:
    """Of all tokens that are taken at this moment."""
    return frozenset(tokens.valid_digests(db, now()))


def digest(text: str) -> bytes:
    """By which a token is kept."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()
