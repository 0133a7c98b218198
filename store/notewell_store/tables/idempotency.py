"""Answers kept by idempotency key: the same call again gets the first answer."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from notewell_store.contract import Connection
from notewell_store.errors import Invalid, NextArgument, Unusable
from notewell_store.models import Dangling, Once
from notewell_store.saved import (
    KeptSentence,
    LinksLeftOut,
    LostSection,
    MissingHeadings,
    MissingSection,
    MovedSection,
    Near,
    Proposed,
    Saved,
    SeemingSecret,
    StrayedLinks,
    Suggested,
    Unlinked,
    UnusableParent,
    UsedKey,
    Warned,
    Written,
)
from notewell_store.tables.changes import NEWEST

KEY = NextArgument("idempotency_key")
KINDS: dict[str, type[Warned]] = {
    "lost section": LostSection,
    "moved section": MovedSection,
    "strayed links": StrayedLinks,
    "missing section": MissingSection,
    "missing headings": MissingHeadings,
    "unusable parent": UnusableParent,
    "secret": SeemingSecret,
    "links left out": LinksLeftOut,
    "used key": UsedKey,
    "sentence": KeptSentence,
}
"""What a kept answer calls each kind of warning."""
REDACTED = "redacted"
"""In the place of a call's digest, which is none."""


def first_answer(db: Connection, once: Once | None) -> Saved | None:
    """The answer that this key got before, or None. Raises Invalid if it stood for another call."""
    if once is None:
        return None
    row = db.execute("SELECT call, answer FROM receipts WHERE key = ?", (once.key,)).fetchone()
    if row is None:
        return None
    call, answer = row
    if call == REDACTED:
        raise Invalid(("what this ", KEY, " wrote was redacted since: send a new key"), "idempotency_key")
    if call != once.call:
        raise Invalid(
            ("this ", KEY, " was used for a call with other arguments: send a new key"),
            "idempotency_key",
        )
    try:
        return _read(answer)
    except (ValueError, KeyError, TypeError) as error:
        raise Unusable(
            "the receipt of this ",
            KEY,
            " is damaged: see whether the write is there, and send the call with a new key if not",
        ) from error


def keep(db: Connection, once: Once | None, saved: Saved, dangling: Sequence[Mapping[str, Any]] = ()) -> None:
    """Keep an answer that does not tell of its dangling links yet."""
    if once is not None:
        facts = {**asdict(saved), "dangling": dangling, "warnings": list(map(_kept, saved.warnings))}
        if saved.suggested is None:
            del facts["suggested"]
        answer = json.dumps(facts, ensure_ascii=False)
        db.execute(
            f"INSERT INTO receipts (key, call, answer, seq) SELECT ?, ?, ?, ({NEWEST})",
            (once.key, once.call, answer),
        )


def move_keys(db: Connection, before: str, after: str) -> None:
    """Let the keys of those whose rights are for one project, which begin with its slug, begin with another."""
    db.execute(
        "UPDATE receipts SET key = ? || substr(key, ?) WHERE key >= ? AND key < ?",
        (after, len(before) + 1, f"{before}/", f"{before}0"),
    )


def redact(db: Connection, concerns: Callable[[str, int], bool]) -> None:
    """Let nothing be kept of answers that are about a revision which `concerns` names, by slug and number, nor of the
    calls that they were given to. Their keys stay used: the same call again would write it again."""
    rows = db.execute("SELECT key, answer FROM receipts WHERE call != ?", (REDACTED,)).fetchall()
    found = [key for key, answer in rows if any(concerns(*one) for one in _written_by(answer))]
    db.executemany("UPDATE receipts SET call = ?, answer = '{}' WHERE key = ?", [(REDACTED, key) for key in found])


def _written_by(answer: str) -> list[tuple[str, int]]:
    """The revisions that an answer tells of, those among them whose titles it has; none of one that cannot be read."""
    try:
        kept = json.loads(answer)
        near = kept.get("suggested", {}).get("near", ())
        return [(str(one["slug"]), int(one["revision"])) for one in (kept, *kept.get("others", ()), *near)]
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


def _read(answer: str) -> Saved:
    kept = json.loads(answer)
    kept["dangling"] = tuple(Dangling(**d | {"nearest": tuple(d["nearest"])}) for d in kept["dangling"])
    kept["warnings"] = tuple(map(_warned, kept["warnings"]))
    kept["merged_with"] = tuple(kept["merged_with"])
    kept["others"] = tuple(Written(**other) for other in kept.get("others", ()))
    if "suggested" in kept:
        kept["suggested"] = _suggested(**kept["suggested"])
    return Saved(**kept)


def _suggested(near: list[Any], proposed: list[Any], unlinked: list[Any]) -> Suggested:
    return Suggested(
        tuple(Near(**one) for one in near),
        tuple(Proposed(**one) for one in proposed),
        tuple(Unlinked(**one) for one in unlinked),
    )


def _kept(warning: Warned) -> dict[str, Any]:
    kind = next(kind for kind, known in KINDS.items() if isinstance(warning, known))
    return {"warning": kind, **asdict(warning)}


def _warned(kept: str | dict[str, Any]) -> Warned:
    """A warning as it was kept, which version 0.1 did as a sentence."""
    if isinstance(kept, str):
        return KeptSentence(kept)
    facts = {name: tuple(value) if isinstance(value, list) else value for name, value in dict(kept).items()}
    warning: Callable[..., Warned] = KINDS[str(facts.pop("warning"))]
    return warning(**facts)
