"""What the twelve tasks are about: a team's notes, of the sizes that such notes have (docs/scale.md)."""

from __future__ import annotations

import math
from random import Random
from typing import NamedTuple

from prose import section, words

FILLERS = 144
MEDIAN_SIZE, SPREAD = 3_500, math.log(16_000 / 3_500) / 1.2816  # nine in ten are under 16 kB
LARGEST = 60_000
ON_SEARCH = 12
"""Each so-many-th filler is about search."""


class Noted(NamedTuple):
    slug: str
    title: str
    kind: str
    status: str
    tags: tuple[str, ...]
    markdown: str


def _page(title: str, lead: str, sections: dict[str, str], dice: Random, chars: int) -> str:
    """A page of about so many characters: the sections given, and others among them."""
    given = [f"## {heading}\n\n{text}\n" for heading, text in sections.items()]
    others: list[str] = []
    while (length := sum(len(part) for part in (*given, *others))) < chars:
        others.append(section(2, min(chars - length, 1_600), dice))
    for part in others:
        given.insert(dice.randint(1, len(given)), part)
    return "\n".join([f"# {title}\n\n{lead}\n", *given])


def all_notes() -> list[Noted]:
    dice = Random("tasks")
    steps = "\n".join(f"{n}. {words(14, dice).capitalize()}." for n in (1, 2))
    steps += "\n3. Revoke the former key with `keys revoke --former`.\n4. Tell the team.\n"
    table = "| service | owner | port |\n| --- | --- | --- |\n| web | ada | 8080 |\n| queue | grace | 5672 |"
    chapters = ("Hosts", "Backups", "Networks", "Accounts", "Monitoring", "Releases", "Databases", "Certificates")
    return [
        _noted(
            "sop-signing-key",
            "Rotate the signing key",
            "How the key that signs releases is replaced.",
            {
                "When": "Every quarter, and at once when a laptop is lost.",
                "Rotating the signing key": steps,
                "If it fails": words(60, dice),
                "Background": words(120, dice),
            },
            ("sop", "security"),
            5_500,
        ),
        _noted(
            "plan-search",
            "Search for the shop",
            "The active plan of this quarter.",
            {
                "Goal": words(50, dice),
                "Where the plan stands": "Titles are indexed; the next step is the ranking of offers.",
                "Steps": words(120, dice),
                "Open": words(60, dice),
            },
            ("plan", "search", "active"),
            8_000,
        ),
        _noted(
            "decision-queue",
            "Queue in Redis",
            "Jobs wait in Redis.",
            {"Why": words(80, dice), "Consequences": words(80, dice)},
            ("decision", "queue"),
            3_000,
        ),
        _noted(
            "services",
            "Services",
            "What runs where.",
            {"Owners": table, "Notes": words(150, dice)},
            ("services",),
            4_500,
        ),
        Noted(
            "log-deploys",
            "Log of deployments",
            "log",
            "active",
            ("log",),
            "# Log of deployments\n\n" + "".join(f"- deployment {n}: {words(9, dice)}\n" for n in range(1, 91)),
        ),
        _noted(
            "handbook-operations",
            "Handbook of operations",
            "All that operators need.",
            {name: words(90, dice) for name in chapters}
            | {"Retention of backups": "Nightly backups are kept for 35 days, monthly ones for two years."},
            ("handbook",),
            45_000,
        ),
        *(_filler(number) for number in range(FILLERS)),
    ]


def _noted(slug: str, title: str, lead: str, sections: dict[str, str], tags: tuple[str, ...], chars: int) -> Noted:
    return Noted(slug, title, tags[0], "active", tags, _page(title, lead, sections, Random(slug), chars))


def _filler(number: int) -> Noted:
    dice = Random(f"filler {number}")
    kind = ("note", "decision", "review", "sop")[number % 4]
    title = f"{words(3, dice)} {number}".capitalize()
    size = min(LARGEST, dice.lognormvariate(math.log(MEDIAN_SIZE), SPREAD))
    body = [f"# {title}\n"]
    while (length := sum(map(len, body))) < size:
        body.append(section(2, int(min(size - length, 1_600)), dice))
    tags = (kind, "search" if number % ON_SEARCH == 0 else f"topic-{number % 9}")
    return Noted(f"{kind}-{number}", title, kind, "active", tags, "\n".join(body))
