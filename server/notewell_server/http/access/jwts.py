"""JSON Web Tokens of an identity provider: which are taken, and what they allow."""

import unicodedata
from dataclasses import dataclass
from typing import Any

import jwt

from notewell_server.http.access.key_sets import KeySet
from notewell_store.access.rights import SCOPES, Rights
from notewell_store.access.tokens import Refused

LEEWAY = 30  # seconds by which the provider's clock may differ
LONGEST_SUBJECT = 100
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""What may be allowed at all. With none of them does whoever can check a signature know how to make one."""


@dataclass(frozen=True, slots=True)
class JwtSettings:
    """Whose tokens are taken, for whom they must be, and what their roles allow.

    `keys` is a file or a URL of a JSON Web Key Set (RFC 7517). `claim` names the claim that holds the roles, with
    dots where it lies within another: a list, or words with spaces between.
    """

    issuer: str
    audience: str
    keys: str
    claim: str
    roles: dict[str, Rights]
    algorithms: tuple[str, ...] = ALGORITHMS


@dataclass(frozen=True, slots=True)
class Verified:
    """Whom a token stands for, and what it allows."""

    subject: str
    rights: Rights


class JwtVerifier:
    """Checks tokens of one provider. Safe to share between threads."""

    def __init__(self, settings: JwtSettings) -> None:
        self._settings = settings
        self._keys = KeySet(settings.keys)

    @property
    def issuer(self) -> str:
        return self._settings.issuer

    @property
    def is_fetching(self) -> bool:
        """Whether the provider is being asked for its keys."""
        return self._keys.is_fetching

    def patience(self, text: str) -> float:
        """How many seconds it is worth to wait for that before the token is verified. Nothing is waited for here."""
        try:
            header = jwt.get_unverified_header(text)
        except (jwt.PyJWTError, ValueError, RecursionError):
            return 0.0
        algorithm = header.get("alg")
        if algorithm not in self._settings.algorithms:
            return 0.0
        return self._keys.patience(header.get("kid"), algorithm)

    def verify(self, text: str) -> Verified:
        """Raises Refused for a token that is forged, expired, not yet valid, or not meant for us, and for one that
        holds no role that is known here."""
        claims = self._claims(text)
        subject = _cleaned(claims["sub"])
        if not subject:
            raise Refused("this token names no subject")
        rights = self._rights(_roles(claims, self._settings.claim))
        if rights is None:
            raise Refused(f"no role in the claim {self._settings.claim} of this token allows anything here")
        return Verified(subject, rights)

    def _claims(self, text: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(text)
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise Refused("this token is not known") from None
        algorithm = header.get("alg")
        if algorithm not in self._settings.algorithms:
            raise Refused("this token is not signed by an algorithm that is allowed")
        key = self._keys.find(header.get("kid"), algorithm)
        if key is None:
            raise Refused("this token is signed by a key that is not known")
        try:
            return jwt.decode(
                text,
                key,
                algorithms=[algorithm],
                audience=self._settings.audience,
                issuer=self._settings.issuer,
                leeway=LEEWAY,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            raise Refused("this token is expired") from None
        except (jwt.InvalidAudienceError, jwt.InvalidIssuerError):
            raise Refused("this token is not meant for this server") from None
        except jwt.ImmatureSignatureError:
            raise Refused("this token is not valid yet") from None
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            raise Refused("this token is not valid") from None

    def _rights(self, roles: set[str]) -> Rights | None:
        """The most that the roles allow: the whole store before a project, then by scope, then as they are listed."""
        granted = [rights for role, rights in self._settings.roles.items() if role in roles]
        return max(granted, key=lambda rights: (rights.project is None, _rank(rights)), default=None)


def _rank(rights: Rights) -> int:
    return SCOPES.index(rights.scope) if rights.scope else -1


def _roles(claims: dict[str, Any], path: str) -> set[str]:
    """The words of the claim; a name with dots of its own, as URLs have, is looked for first."""
    value: Any = claims.get(path)
    if value is None:
        value = claims
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, str):
        return set(value.split())
    return {role for role in value if isinstance(role, str)} if isinstance(value, list) else set()


def _cleaned(subject: object) -> str:
    """The subject as an actor: one line that can be shown, not longer than a name."""
    shown = "".join(" " if unicodedata.category(char).startswith("C") else char for char in str(subject))
    return " ".join(shown.split())[:LONGEST_SUBJECT].rstrip()
