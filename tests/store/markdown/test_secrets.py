"""Secrets in texts: each kind is named with its line, and what only looks like one is left alone."""

from __future__ import annotations

import random
import string
import subprocess
import sys
from pathlib import Path

import pytest

from notewell_store.markdown.secrets import KINDS, find_secrets

LETTERS = string.ascii_letters + string.digits
ROOT = Path(__file__).parents[3]


def made(length: int, alphabet: str = LETTERS) -> str:
    """Characters at random, the same each time."""
    return "".join(random.Random(length).choices(alphabet, k=length))


SECRETS = {
    "a private key": f"-----BEGIN OPENSSH PRIVATE KEY-----\n{made(70)}\n",
    "an AWS access key": "AKIA" + made(16, string.ascii_uppercase + "234567"),
    "an AWS secret key": f'aws_secret_access_key = "{made(40)}"',
    "a GitHub token": "ghp_" + made(36),
    "a GitLab token": "glpat-" + made(20),
    "a Slack token": f"xoxb-{made(12, string.digits)}-{made(24)}",
    "a Slack webhook": f"https://hooks.slack.com/services/T{made(9)}/B{made(10)}/{made(24)}",
    "a Stripe key": "sk_" + "live_" + made(24),
    "a Google API key": "AIza" + made(35),
    "an npm token": "npm_" + made(36),
    "a PyPI token": "pypi-AgE" + made(60),
    "an Anthropic key": "sk-ant-" + made(60),
    "an OpenAI key": f"sk-proj-{made(24)}T3BlbkFJ{made(24)}",
    "a Notewell token": f"nwl_{made(12, '0123456789abcdef')}_{made(64, '0123456789abcdef')}",
    "a signed JSON Web Token": f"eyJ{made(30)}.eyJ{made(40)}.{made(43)}",
    "a password in a URL": f"postgres://app:{made(14)}@db.internal:5432/app",
}


@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize("around", ["{}", "`{}`", "token={}", '"{}",', "| a | {} |", "export T='{}'"])
def test_a_secret_is_named_with_its_line_and_never_shown(kind: str, around: str) -> None:
    text = f"# Page\n\nBefore.\n{around.format(SECRETS[kind])}\nAfter.\n"
    (found,) = find_secrets(text)
    assert (found.line, found.kind) == (4, kind)
    assert made(12) not in str(found)


def test_every_kind_is_tried() -> None:
    assert {kind.name for kind in KINDS} | {"a password in a URL"} == SECRETS.keys()


@pytest.mark.parametrize(
    "text",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "ghp_" + "A" * 36,
        "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
        "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----",
        "It begins with `-----BEGIN PRIVATE KEY-----`, as PEM files do.",
        "postgres://user:password@db.example.com/app",
        "postgres://postgres:postgres@localhost:5432",
        "redis://:$REDIS_PASSWORD@cache:6379",
        "https://user:<token>@host.internal/",
        "https://example.com/a:b@c and ssh://git@host:2222/repo.git",
        "https://medium.com/@someone/a-post-1234567890ab",
        "eyJhbGciOiJub25lIn0 is how a header begins",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "a commit: 3f786850e387550fdab836ed7e6dc881de23001b, sk-learn, npm_config_cache, nwl_0123",
    ],
)
def test_what_only_looks_like_a_secret_is_left_alone(text: str) -> None:
    assert find_secrets(text) == ()


def test_no_secret_is_seen_in_the_examples_and_the_documentation() -> None:
    pages = [page for folder in ("examples", "docs") for page in (ROOT / folder).rglob("*.md")]
    assert len(pages) > 40
    assert {page: found for page in pages if (found := find_secrets(page.read_text(encoding="utf-8")))} == {}


LONG = """
from notewell_store.markdown.secrets import find_secrets
for mark in ("eyJ-", "sk-T3BlbkFJ", "glpat-", "://a:", "-----BEGIN PRIVATE KEY-----\\na: ", "xoxb-1", "a: "):
    find_secrets("-----BEGIN PRIVATE KEY-----\\n" + mark * (1_000_000 // len(mark)) + " T3BlbkFJ @")
"""


def test_no_text_of_a_megabyte_makes_the_search_long() -> None:
    """Each place is looked at once or a bounded number of times; if not, this takes hours."""
    subprocess.run([sys.executable, "-c", LONG], check=True, timeout=60)
