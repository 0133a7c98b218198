"""Words, texts and values as nobody sends them by good will, and good ones with a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz ",
    "abAB019-_ .#@/:",
    "\"'()*:^-+{}[]<>|&~\\/%_.,;!?#@`$= ab",
    "".join(map(chr, range(1, 32))) + "\x7f\x85\x9b\u2028\u2029\ufeff ",
    "äßéñǅİı中文日本語한국어עבריתالعربية\U0001f642\U0001f469\u200d\U0001f467\ufe0f ",
    "\u202a\u202e\u2066\u2069\u200e\u200f\u034f\u115f\u3164\u2800\U000e0041ab ",
    "\0\ud800\udfff\uffff\U0010ffffx ",
    "\n\r\t #->`|*=",
)
NUMBERS = (0, -1, 1, 2, 7, 200, 10**4, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 10**30, 10**4000)
ODD = (None, True, False, 0.5, -0.0, 1e308, float("inf"), float("nan"), "", " ", "none", "null", "1" * 5_000)


def text(dice: Random, longest: int = 60) -> str:
    """Characters of one alphabet or of several; now and then a long one of few different ones."""
    if dice.random() < 0.02:
        return "".join(dice.choices(dice.choice(ALPHABETS), k=3)) * dice.choice((100, 1_000, 4_000))
    some = "".join(dice.sample(ALPHABETS, k=dice.choice((1, 1, 2, 3))))
    return "".join(dice.choices(some, k=dice.randrange(longest + 1)))


def near(dice: Random, good: str, alphabet: Sequence[str] = ()) -> str:
    """The text with some faults: something cut out, put in, said twice, swapped, in capitals."""
    for _ in range(dice.choice((1, 1, 2, 4))):
        at, end = sorted((dice.randrange(len(good) + 1), dice.randrange(len(good) + 1)))
        some = dice.choice(alphabet) if alphabet else dice.choice(dice.choice(ALPHABETS))
        change: Callable[[], str] = dice.choice(
            (
                lambda at=at, end=end, good=good: good[:at] + good[end:],
                lambda at=at, some=some, good=good: good[:at] + some + good[at:],
                lambda at=at, end=end, good=good: good[:end] + good[at:end] + good[end:],
                lambda at=at, end=end, good=good: good[at:end] + good[:at] + good[end:],
                lambda at=at, end=end, good=good: good[:at] + good[at:end].swapcase() + good[end:],
                lambda at=at, some=some, good=good: good[:at] + some + good[at + 1 :],
            )
        )
        good = change()
    return good


def value(dice: Random, depth: int = 0) -> Any:
    """Anything that JSON can say, and a little that it cannot."""
    kind = dice.choice(("number", "odd", "text", "text", "list", "object") if depth < 3 else ("number", "odd", "text"))
    if kind == "list":
        times = dice.choice((1, 1, 1, 40, 2_000)) if depth == 0 else 1
        return [value(dice, depth + 1) for _ in range(dice.choice((0, 1, 3)))] * times
    if kind == "object":
        return {text(dice, 8): value(dice, depth + 1) for _ in range(dice.choice((0, 1, 3)))}
    return dice.choice(NUMBERS) if kind == "number" else dice.choice(ODD) if kind == "odd" else text(dice)


def nested(dice: Random) -> Any:
    """Lists or objects deep in one another."""
    made: Any = value(dice, 3)
    for _ in range(dice.choice((5, 6, 30, 200))):
        made = [made] if dice.random() < 0.5 else {"a": made}
    return made
