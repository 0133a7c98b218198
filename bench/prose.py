"""Made-up Markdown whose words are as unevenly common as those of a language; the same for the same dice."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate, product
from random import Random

COMMON = """the of and to in a is that for it as with on by be this are from or an not at when which each must may one
has no if its all before after only they can then there than so what was where how do""".split()  # noqa: SIM905 - readable
ONSETS = ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "st", "tr", "pl")
VOWELS = ("a", "e", "i", "o", "u")
ENDS = ("", "n", "r", "s", "x")
VOCABULARY = 20_000
LEAST_COMMON_ASKED = 5_000
"""The rank up to which a word is common enough that somebody asks for it."""
FOREIGN = (
    "café",
    "Übersicht",
    "señal",
    "żółw",
    "Ångström",
    "данные",
    "検索機能",
    "配置文件",
    "데이터",
    "→",
    "✅",
    "🚀",
)
NAMES = ("`NOTEWELL_DB`", "v2.3.0", "`src/app/main.py`", "`getUserName`", "PR #123", "`--dry-run`", "HTTP 409")


def _vocabulary() -> list[str]:
    """Words of a real language first, then short ones, as common words are."""
    syllables = ["".join(parts) for parts in product(ONSETS, VOWELS, ENDS)]
    dice = Random("vocabulary")
    known = dict.fromkeys(COMMON)
    while len(known) < VOCABULARY:
        most = 2 + min(2, len(known) // 1_000)
        known["".join(dice.choices(syllables, k=dice.randint(1, most)))] = None
    return list(known)


WORDS = _vocabulary()
COMMONNESS = list(accumulate(1 / (rank + 2.7) for rank in range(len(WORDS))))  # Zipf's law as Mandelbrot gave it
ASKED = WORDS[len(COMMON) : LEAST_COMMON_ASKED]
ASKED_COMMONNESS = list(accumulate(1 / (rank + len(COMMON)) for rank in range(len(ASKED))))


def words(count: int, dice: Random) -> str:
    return " ".join(dice.choices(WORDS, cum_weights=COMMONNESS, k=count))


def asked(count: int, dice: Random) -> str:
    """Words that a title or a question is made of."""
    return " ".join(dice.choices(ASKED, cum_weights=ASKED_COMMONNESS, k=count))


def paragraph(dice: Random) -> str:
    text = words(dice.randint(20, 90), dice)
    if dice.random() < 0.3:
        text += f" {dice.choice(NAMES)} {words(4, dice)}"
    if dice.random() < 0.1:
        text += f" {dice.choice(FOREIGN)} {dice.choice(FOREIGN)} {words(6, dice)}"
    return f"{text.capitalize()}.\n"


def bullets(dice: Random) -> str:
    return "".join(f"- {words(dice.randint(5, 18), dice)}\n" for _ in range(dice.randint(3, 7)))


def steps(dice: Random) -> str:
    return "".join(f"{number}. {words(dice.randint(6, 20), dice)}\n" for number in range(1, dice.randint(4, 9)))


def table(dice: Random) -> str:
    return "| name | what | who |\n| --- | --- | --- |\n" + table_rows(dice, dice.randint(2, 9))


def table_rows(dice: Random, count: int) -> str:
    return "".join(f"| {words(1, dice)} | {words(5, dice)} | {words(2, dice)} |\n" for _ in range(count))


def code(dice: Random) -> str:
    name, *rest = words(6, dice).split()
    return (
        f"```python\ndef {name}_{rest[0]}({rest[1]}):\n    # {words(6, dice)}\n    return {rest[2]} + {rest[3]}\n```\n"
    )


def diagram(dice: Random) -> str:
    arrows = "".join(f"  {words(1, dice)} --> {words(1, dice)}\n" for _ in range(dice.randint(2, 6)))
    return f"```mermaid\nflowchart LR\n{arrows}```\n"


BLOCKS: tuple[Callable[[Random], str], ...] = (paragraph, bullets, steps, table, code, diagram)
SHARES = (60, 15, 8, 9, 6, 2)


def block(dice: Random) -> str:
    return dice.choices(BLOCKS, SHARES)[0](dice)


def section(level: int, chars: int, dice: Random) -> str:
    """A heading and blocks below it, of about so many characters."""
    parts = [f"{'#' * level} {asked(dice.randint(1, 4), dice).capitalize()}\n"]
    length = 0
    while length < chars:
        parts.append(block(dice))
        length += len(parts[-1])
    return "\n".join(parts)
