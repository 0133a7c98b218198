"""The store that an agent's day begins with: a team's notes in two projects, some changed since by others."""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

from prose import bullets, paragraph, section

PROJECT, OTHER = "harbor-line", "ops"
URL = f"https://github.com/x/{PROJECT}"
TAGGED = 15
ORPHANS = ("note-berths-old", "note-tide-tables", "note-paint")
"""Notes that nothing links to, older than all others."""

STEPS = "1. Tag the commit.\n2. Build the image.\n3. Roll out with `deploy --canary 5`.\n4. Watch errors for an hour.\n"
PLAN_STEPS = "- [x] Prices in the store\n- [ ] Export the invoices\n- [ ] Remind of what is due\n"
OWNERS = "| service | owner | port |\n| --- | --- | --- |\n| web | ada | 8080 |\n| queue | grace | 5672 |\n"
RETENTION = "Nightly backups are kept for 35 days, monthly ones for two years.\n"
PICTURE = "![latency](data:image/png;base64," + "iVBORw0KGgo" * 3_000 + ")"


class Written(NamedTuple):
    """A call of upsert_note that makes a note."""

    slug: str
    content: str
    kind: str = "note"
    status: str = "active"
    project: str = PROJECT
    more: tuple[tuple[str, Any], ...] = ()


def page(title: str, dice: Random, chars: int, given: dict[str, str] | None = None) -> str:
    """A page of about so many characters: the sections that are given, and others among them."""
    parts = [f"# {title}\n\n{paragraph(dice)}\n"]
    wanted = [f"## {heading}\n\n{text}\n" for heading, text in (given or {}).items()]
    while sum(map(len, (*parts, *wanted))) < chars:
        parts.append(section(2, 900, dice))
        if wanted:
            parts.append(wanted.pop(0))
    return "\n".join(parts + wanted)


def notes() -> list[Written]:
    dice = Random("an agent's day")
    texts = {
        "backups": f"The night job writes to the vault.\n\n{bullets(dice)}",
        "networks": f"Two of them, one for each quay.\n\n{bullets(dice)}",
    }
    return [
        *(Written(slug, page(slug[5:].replace("-", " ").title(), dice, 800)) for slug in ORPHANS),
        Written(PROJECT, page("Harbor line", dice, 1_500, {"What it is": "Ferries, berths, bills."}), "project"),
        Written(
            "sop-deploy",
            page("Deploy", dice, 3_000, {"Roll out": STEPS, "Roll back": "Run `deploy --back` and tell the channel."}),
            "sop",
        ),
        Written("sop-incident", page("Incident", dice, 1_200), "sop", project=OTHER),
        Written("convention-names", page("Names", dice, 900, {"Slugs": "Words, not numbers."}), "convention"),
        Written(
            "plan-billing",
            page("Billing", dice, 4_000, {"Steps": PLAN_STEPS, "Where the plan stands": "Prices are in the store."}),
            "plan",
        ),
        *(
            Written(f"billing-{name}", page(f"Billing {name}", dice, 1_500), more=(("parent", "plan-billing"),))
            for name in ("invoices", "prices", "reminders")
        ),
        *(
            Written(f"billing-{name}", page(f"Billing {name}", dice, 1_500), more=(("parent", "billing-invoices"),))
            for name in ("layout", "numbers")
        ),
        *(
            Written(f"decision-000{n}-{name}", page(name.replace("-", " ").title(), dice, 1_400), "decision")
            for n, name in enumerate(("queue-in-redis", "one-store", "canaries"), 1)
        ),
        Written("log-deploys", "# Log of deployments\n\n- the first\n", "log"),
        Written("services", page("Services", dice, 2_500, {"Owners": OWNERS})),
        Written("guide-operations", page("Operations", dice, 6_000, {k.title(): v for k, v in texts.items()})),
        Written("handbook", page("Handbook", dice, 200_000) + f"\n## Retention of backups\n\n{RETENTION}"),
        Written(
            "dashboard", f"# Dashboard\n\n{PICTURE}\n\n## How to read it\n\nThe red line is the 95th percentile.\n"
        ),
        Written("guide-quays", page("Quays", dice, 2_000, {"See also": "The [[guide-operations]]."})),
        *(
            Written(
                f"note-api-{n}",
                f"{page(f'Interface {n}', dice, 700)}\nSee [[note-api-{(n + 1) % TAGGED}]] and [[services]].\n",
                more=(("tags", ["api-v1"]),),
            )
            for n in range(TAGGED)
        ),
        Written("index", f"# Index\n\n{LINKED}", project=PROJECT),
    ]


LINKED = "".join(
    f"- [[{slug}]]\n"
    for slug in (
        *(
            PROJECT,
            "sop-deploy",
            "sop-incident",
            "convention-names",
            "plan-billing",
            "services",
            "handbook",
            "log-deploys",
        ),
        *("billing-invoices", "billing-prices", "billing-reminders", "billing-layout", "billing-numbers"),
        *("decision-0001-queue-in-redis", "decision-0002-one-store", "decision-0003-canaries"),
        *("guide-operations", "dashboard", "guide-quays", "note-api-0", "index"),
    )
)
"""Everything but the orphans is linked to from somewhere."""

LOGGED = 20
EDITS: list[dict[str, Any]] = [
    {
        "ref": "convention-names#slugs",
        "mode": "replace_section",
        "new_text": "Numbers, not words.\n",
        "reason": "shorter",
        "revised_by": f"{URL}/pull/12",
    },
    *({"ref": "log-deploys", "mode": "append", "new_text": f"- deployment {n}"} for n in range(LOGGED)),
]
"""What a colleague changed before the day began: the first is a bad edit."""
