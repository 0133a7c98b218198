"""Settings of who may come in, from the environment."""

from collections.abc import Mapping

from notewell_server.http.access.jwts import ALGORITHMS, JwtSettings
from notewell_server.http.access.key_places import is_safe
from notewell_store.access.rights import SCOPES, Rights
from notewell_store.errors import Invalid
from notewell_store.markdown.slugs import is_slug

ROLES = "notewell:read=read,notewell:write=write,notewell:admin=admin"


def read_jwt_settings(variables: Mapping[str, str]) -> JwtSettings | None:
    """Whose JWTs are taken; None where NOTEWELL_JWT_ISSUER names nobody. Raises Invalid for what cannot be.

    NOTEWELL_JWT_ISSUER, NOTEWELL_JWT_AUDIENCE and NOTEWELL_JWT_KEYS (a file, or an https URL, of a JWKS) are needed
    together. NOTEWELL_JWT_CLAIM holds the roles (default `scope`), NOTEWELL_JWT_ROLES says what each allows
    (`editors=write,web-team=write@web`; the default is `notewell:read=read` and so on), and
    NOTEWELL_JWT_ALGORITHMS which signatures are taken (default: all that are asymmetric).
    """

    def read(name: str, default: str = "") -> str:
        return variables.get(f"NOTEWELL_JWT_{name}", "").strip() or default

    issuer, audience, keys = read("ISSUER"), read("AUDIENCE"), read("KEYS")
    if not issuer and not audience and not keys:
        return None
    if not (issuer and audience and keys):
        raise Invalid("NOTEWELL_JWT_ISSUER, NOTEWELL_JWT_AUDIENCE and NOTEWELL_JWT_KEYS are needed together: set all")
    if not is_safe(keys):
        raise Invalid(f"NOTEWELL_JWT_KEYS={keys!r}: name a file or an https URL")
    algorithms = tuple(_words(read("ALGORITHMS", ",".join(ALGORITHMS))))
    refused = [algorithm for algorithm in algorithms if algorithm not in ALGORITHMS]
    if refused:
        raise Invalid(f"NOTEWELL_JWT_ALGORITHMS: {', '.join(refused)} cannot be allowed; name some of {ALGORITHMS}")
    roles = read_roles("NOTEWELL_JWT_ROLES", read("ROLES", ROLES))
    return JwtSettings(issuer, audience, keys, read("CLAIM", "scope"), roles, algorithms)


def read_roles(variable: str, text: str) -> dict[str, Rights]:
    """What each role allows, in the form `editors=write,web-team=write@web`. Raises Invalid, naming the variable."""
    return dict(_role(variable, word) for word in _words(text))


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _role(variable: str, text: str) -> tuple[str, Rights]:
    """`role=scope` or `role=scope@project`."""
    role, _, allowed = text.rpartition("=")
    scope, _, project = allowed.partition("@")
    for known in SCOPES:
        if role and scope == known and (is_slug(project) if "@" in allowed else True):
            return role, Rights(known, project or None)
    raise Invalid(f"{variable}: {text!r} is not of the form role={'|'.join(SCOPES)}, with @project if need be")
