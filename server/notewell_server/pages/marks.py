"""How small things are said on every page: who, when, on whose account, how large, how fresh."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from notewell_store.hands import Kind, hand
from notewell_store.vocabulary import standing
from notewell_tools.answers import account_words

SIGNS = {"agent": "◆", "person": "●"}
GUESSED = {"agent": "◇", "person": "○"}
"""The same marks, hollow: whose it was is not known, only that the name sounds so."""


def sign_of(kind: Kind, *, is_guess: bool) -> str:
    return (GUESSED if is_guess else SIGNS)[kind]


class Who(NamedTuple):
    """How it is shown whose a change was: by a mark, and in words for those who do not see marks."""

    kind: Kind
    sign: str
    words: str
    title: str


def who(actor: str, door: str | None = None, client: str | None = None) -> Who:
    found = hand(actor, door)
    sign = sign_of(found.kind, is_guess=found.is_guess)
    if found.is_guess:
        return Who(found.kind, sign, f"probably {_an(found.kind)}", GUESS)
    way = WAYS[door or ""]
    return Who(found.kind, sign, found.kind, f"{client}, {way}" if client else way)


GUESS = "Judged by the name alone: which way it came does not tell, or was not kept"
WAYS = {"stdio": "by MCP", "mcp": "by MCP over HTTP", "pages": "on a page", "terminal": "at a terminal"}


def _an(kind: Kind) -> str:
    return f"{'an' if kind == 'agent' else 'a'} {kind}"


def _moment(time: str) -> datetime:
    return datetime.fromisoformat(time)


STEPS = ((60, 60, "min"), (3_600, 24, "hour"), (86_400, 30, "day"), (2_592_000, 12, "month"), (31_536_000, 0, "year"))
"""Seconds of each unit, and how many of it are said before the next."""


def ago(time: str, now: datetime | None = None) -> str:
    """`just now`, `5 min ago`, `3 days ago`, `2 years ago`."""
    seconds = ((now or datetime.now(UTC)) - _moment(time)).total_seconds()
    if seconds < 60:
        return "just now"
    for size, most, unit in STEPS:
        count = max(1, int(seconds // size))
        if count < most or not most:
            plural = "" if count == 1 or unit == "min" else "s"
            return f"{count} {unit}{plural} ago"
    raise AssertionError("years have no end")


def moment(time: str) -> str:
    """The time in full: `2026-11-29 09:30 UTC`."""
    return f"{time[:10]} {time[11:16]} UTC"


ENDS = {"created": "made", "deleted": "deleted", "restored": "restored", "redacted": "redacted"}


def did(changed: Sequence[str]) -> str:
    """What was done to a note, in a word."""
    return next((word for kind, word in ENDS.items() if kind in changed), "changed")


def kinds(changed: Sequence[str]) -> str:
    """What of it was changed, beside what `did` says: `text, status`."""
    return ", ".join("text" if kind == "content" else kind for kind in changed if kind not in ENDS)


class Account(NamedTuple):
    words: str
    href: str | None


PULL_REQUEST = re.compile(r"https://[^\s/]+/.+?/(?:pull|pulls|merge_requests)/(\d+)/?")


def account(text: str) -> Account:
    """On whose account a change is: a pull request by its number, a commit in short, else the words."""
    pull = PULL_REQUEST.fullmatch(text)
    if pull:
        return Account(f"PR #{pull[1]}", text)
    if re.fullmatch(r"https?://\S+", text):
        return Account(text.partition("//")[2], text)
    return Account(account_words(text), None)


def size(chars: int) -> str:
    """`840`, `3.4k`."""
    return f"{chars:,}" if chars < 1_000 else f"{chars / 1_000:.1f}k"


LASTING = frozenset({"decision", "adr", "incident", "postmortem", "journal", "log", "story", "milestone", "template"})
"""Types that tell of what was, and grow no older by it."""
QUICK = frozenset({"plan", "todo", "task", "review", "board"})
"""Types of what is under way."""

Freshness = Literal["fresh", "ageing", "old"]


def freshness(updated_at: str, note_type: str | None, status: str | None, now: datetime | None = None) -> Freshness:
    """Of what is under way a month is long, of what holds half a year; records and what is over do not age."""
    if (note_type or "") in LASTING or standing(status, ()) == "over":
        return "fresh"
    days = ((now or datetime.now(UTC)) - _moment(updated_at)).days
    limit = 30 if (note_type or "") in QUICK else 180
    return "fresh" if days < limit else "ageing" if days < 2 * limit else "old"


class Piece(NamedTuple):
    text: str
    is_marked: bool


CELLS = re.compile(r"\|(?: \|)*+")


def pieces(snippet: str) -> list[Piece]:
    """A snippet, in which the words that were searched for stand between `**`, and nothing else does. The bars of
    tables and the marks of code are left out."""
    shown = CELLS.sub("·", snippet.replace("`", ""))
    return [Piece(text, number % 2 == 1) for number, text in enumerate(shown.split("**")) if text]
