"""What the twelve tasks are about: a small team's notes, of the sizes that such notes have."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from prose import section, words

FILLERS = 60


class Noted(NamedTuple):
    slug: str
    title: str
    kind: str
    status: str
    tags: tuple[str, ...]
    markdown: str


def _long(title: str, lead: str, headings: dict[str, str], dice: Random, chars: int) -> str:
    parts = [f"# {title}\n\n{lead}\n"]
    for heading, text in headings.items():
        parts.append(f"## {heading}\n\n{text}\n\n{words(chars // 6, dice).capitalize()}.\n")
    return "\n".join(parts)


def all_notes() -> list[Noted]:
    dice = Random("tasks")
    steps = "\n".join(f"{n}. {words(14, dice).capitalize()}." for n in (1, 2))
    steps += "\n3. Revoke the former key with `keys revoke --former`.\n4. Tell the team.\n"
    procedure = {
        "When": "Every quarter, and at once when a laptop is lost.",
        "Rotating the signing key": steps,
        "If it fails": words(60, dice),
        "Background": words(120, dice),
    }
    table = "| service | owner | port |\n| --- | --- | --- |\n| web | ada | 8080 |\n| queue | grace | 5672 |"
    handbook = {
        name: words(90, dice) for name in ("Hosts", "Backups", "Networks", "Accounts", "Monitoring", "Releases")
    }
    handbook["Retention of backups"] = "Nightly backups are kept for 35 days, monthly ones for two years."
    return [
        Noted(
            "sop-signing-key",
            "Rotate the signing key",
            "sop",
            "active",
            ("sop", "security"),
            _long("Rotate the signing key", "How the key that signs releases is replaced.", procedure, dice, 500),
        ),
        Noted(
            "plan-search",
            "Search for the shop",
            "plan",
            "active",
            ("plan", "search", "active"),
            _long(
                "Search for the shop",
                "The active plan of this quarter.",
                {"Goal": words(50, dice), "Steps": words(120, dice), "Open": words(60, dice)},
                dice,
                300,
            ),
        ),
        Noted(
            "decision-queue",
            "Queue in Redis",
            "decision",
            "active",
            ("decision", "queue"),
            _long("Queue in Redis", "Jobs wait in Redis.", {"Why": words(80, dice)}, dice, 300),
        ),
        Noted(
            "services",
            "Services",
            "note",
            "active",
            ("services",),
            _long("Services", "What runs where.", {"Owners": table, "Notes": words(150, dice)}, dice, 300),
        ),
        Noted(
            "log-deploys",
            "Log of deployments",
            "log",
            "active",
            ("log",),
            "# Log of deployments\n\n" + "".join(f"- 2026-10-{day:02} {words(9, dice)}\n" for day in range(1, 31)),
        ),
        Noted(
            "handbook-operations",
            "Handbook of operations",
            "architecture",
            "active",
            ("handbook",),
            _long("Handbook of operations", "All that operators need.", handbook, dice, 1_400),
        ),
        *(_filler(number) for number in range(FILLERS)),
    ]


def _filler(number: int) -> Noted:
    dice = Random(f"filler {number}")
    kind = ("note", "decision", "review", "sop")[number % 4]
    title = f"{words(3, dice)} {number}".capitalize()
    body = "\n".join(section(2, 700, dice) for _ in range(dice.randint(2, 7)))
    tags = (kind, "search" if number % 6 == 0 else f"topic-{number % 9}")
    return Noted(f"{kind}-{number}", title, kind, "active", tags, f"# {title}\n\n{body}")
