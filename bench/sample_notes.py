"""A folder of made-up Markdown notes, the same for the same seed."""

from __future__ import annotations

from itertools import accumulate, product
from pathlib import Path
from random import Random

SYLLABLES = ("ba", "de", "fin", "go", "ka", "lu", "mi", "ne", "ro", "su", "tik", "vo")
WORDS = ["".join(syllables) for syllables in product(SYLLABLES, repeat=3)]
COMMONNESS = list(accumulate(1 / rank for rank in range(1, len(WORDS) + 1)))  # as words of a language are
SECTIONS = 20
"""Of each note: what a page of instructions has."""


def write_notes(folder: Path, count: int, seed: int) -> list[str]:
    """Write notes into `folder`. Returns their slugs."""
    dice = Random(seed)
    slugs = [f"note-{number}" for number in range(count)]
    for slug in slugs:
        (folder / f"{slug}.md").write_text(front_matter(slug, dice) + body(slugs, dice), encoding="utf-8")
    return slugs


def front_matter(slug: str, dice: Random) -> str:
    facts = {
        "title": words(4, dice).capitalize(),
        "slug": slug,
        "type": dice.choice(["sop", "plan", "decision", "architecture"]),
        "status": dice.choice(["active", "active", "draft", "completed"]),
        "tags": f"[{words(1, dice)}, story:{words(1, dice)}]",
    }
    return "---\n" + "".join(f"{name}: {value}\n" for name, value in facts.items()) + "---\n"


def body(slugs: list[str], dice: Random) -> str:
    sections = [f"## Step {number}\n\n{paragraph(slugs, dice)}" for number in range(1, SECTIONS + 1)]
    return "\n".join([f"# {words(3, dice).capitalize()}\n\n{paragraph(slugs, dice)}", *sections])


def paragraph(slugs: list[str], dice: Random) -> str:
    link = f" See [[{dice.choice(slugs)}]]." if dice.random() < 0.1 else ""
    return f"{words(dice.randint(40, 80), dice).capitalize()}.{link}\n"


def words(count: int, dice: Random) -> str:
    return " ".join(dice.choices(WORDS, cum_weights=COMMONNESS, k=count))
