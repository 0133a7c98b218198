"""Secrets that stand in a text by mistake: found by shapes that nothing else has, each named, none repeated.

A kind is looked for only where its mark stands, so that a text without any costs next to nothing. Shapes begin at the
begin of a run of word characters or are bounded, so that no text makes the search long.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

MOST_NAMED = 10
PLACEHOLDER = re.compile(
    r"example|placeholder|redacted|changeme|your[-_]|dummy|[<>{}$*]|\.\.\.|x{6}|0{8}|1234567", re.I
)
FEWEST_CHARACTERS = 6  # different ones; less is a row of one letter
COMMON_PASSWORDS = re.compile(
    r"(?:pass(?:word|wd)?|pwd|pw|secret|token|my|user|admin|root|guest|postgres|test)\w{0,6}", re.I
)
NEAR = re.compile(r"localhost|127\.|0\.0\.0\.0|(?:[\w.-]*\.)?(?:example|test|local|invalid)\b", re.I)


@dataclass(frozen=True, slots=True)
class Kind:
    """`mark` stands in whatever has the `shape`, and is found faster; it is empty where the shape begins with letters
    as they are, which `re` finds as fast. The shape has a group `secret` where that is only a part."""

    name: str
    mark: str
    shape: re.Pattern[str]


KINDS = tuple(
    Kind(name, mark, re.compile(shape))
    for name, mark, shape in (
        (
            "a private key",
            "PRIVATE KEY",
            r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----\s{1,9}"
            r"(?:[\w-]{1,40}: [^\n]{0,200}\n\s?){0,6}(?P<secret>[\w+/=]{40})",
        ),
        ("an AWS access key", "", r"A[KS]IA[A-Z2-7]{16}\b"),
        (
            "an AWS secret key",
            "aws_secret_access_key",
            r"aws_secret_access_key[\"']?\s*[=:]\s*[\"']?(?P<secret>[\w/+]{40})(?![\w/+])",
        ),
        (
            "an AWS secret key",
            "AWS_SECRET_ACCESS_KEY",
            r"AWS_SECRET_ACCESS_KEY[\"']?\s*[=:]\s*[\"']?(?P<secret>[\w/+]{40})(?![\w/+])",
        ),
        ("a GitHub token", "", r"gh[pousr]_[A-Za-z0-9]{36,255}\b"),
        ("a GitHub token", "github_pat_", r"(?<![\w-])github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b"),
        ("a GitLab token", "glpat-", r"(?<![\w-])glpat-[\w-]{20,}"),
        ("a Slack token", "", r"xox[abeoprs]-\d+-[\w-]{20,}"),
        ("a Slack webhook", "hooks.slack.com", r"hooks\.slack\.com/services/T\w{8,}/B\w{8,}/(?P<secret>\w{20,})"),
        ("a Stripe key", "k_live_", r"(?<![\w-])[sr]k_live_[A-Za-z0-9]{20,}"),
        ("a Google API key", "AIza", r"(?<![\w-])AIza[\w-]{35}\b"),
        ("an npm token", "npm_", r"(?<![\w-])npm_[A-Za-z0-9]{36}\b"),
        ("a PyPI token", "pypi-AgE", r"(?<![\w-])pypi-AgE[\w-]{50,}"),
        ("an Anthropic key", "sk-ant-", r"(?<![\w-])sk-ant-[\w-]{40,}"),
        ("an OpenAI key", "T3BlbkFJ", r"(?<![\w-])sk-(?:[a-z]+-)?[\w-]{20,}T3BlbkFJ[\w-]{20,}"),
        ("a Notewell token", "nwl_", r"(?<![\w-])nwl_[0-9a-f]{12}_[0-9a-f]{64}\b"),
        ("a signed JSON Web Token", "eyJ", r"(?<![\w-])eyJ[\w-]{15,}\.eyJ[\w-]{15,}\.(?P<secret>[\w-]{20,})"),
    )
)
PASSWORD = re.compile(
    r"://(?P<user>[^\s/?#:@\"'<>`|()]{0,100}):(?P<secret>[^\s/?#:@\"'<>`|()]{6,200})@(?P<host>[\w.-]{3,})"
)


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret seems to stand, and of what kind it is; never the secret."""

    line: int
    kind: str


@lru_cache(maxsize=4)  # a draft that is made again behind the gate looks at the same text
def find_secrets(text: str) -> tuple[Secret, ...]:
    """What looks like a secret, by the lines of the text, counted from 1."""
    places = sorted({*_shaped(text), *_passwords(text)})
    return tuple(Secret(text.count("\n", 0, place) + 1, kind) for place, kind in places[:MOST_NAMED])


def _shaped(text: str) -> Iterator[tuple[int, str]]:
    for kind in KINDS:
        if kind.mark in text:
            for found in kind.shape.finditer(text):
                secret = found["secret"] if "secret" in kind.shape.groupindex else found[0]
                if _is_real(secret):
                    yield found.start(), kind.name


def _passwords(text: str) -> Iterator[tuple[int, str]]:
    for found in PASSWORD.finditer(text) if "@" in text else ():
        secret, user = found["secret"], found["user"]
        common = COMMON_PASSWORDS.fullmatch(secret) or secret == user or NEAR.match(found["host"])
        if not common and _is_real(secret):
            yield found.start(), "a password in a URL"


def _is_real(secret: str) -> bool:
    return not PLACEHOLDER.search(secret) and len(set(secret)) >= FEWEST_CHARACTERS
