"""What a page for people shows of what changed: the feed, and beside it how the store is and what waits to be done."""

from dataclasses import dataclass

from notewell_store.clock import parse_time
from notewell_store.contract import Snapshot
from notewell_store.models import Filter, NoteSummary
from notewell_store.tables import feed, listing, upkeep
from notewell_store.tables.changes import newest_change
from notewell_store.tables.feed import Counted, FeedEntry, FeedPart
from notewell_store.tables.note_rows import count_notes
from notewell_store.vocabulary import ACTIVE, standing
from notewell_tools.definition import Call

__all__ = ["Around", "Counted", "FeedAsked", "FeedEntry", "FeedPart", "around", "feed_after", "feed_part"]

WEEKS = 26
SHOWN = 50
BESIDE = 6
"""Plans, and rules, that are named."""
MOST_RULES = 60
"""The oldest of them that are looked at for those which hold."""


@dataclass(frozen=True, slots=True)
class FeedAsked:
    """Whose changes, in which project, since which time, and below which number of a change; '' is whichever."""

    actor: str = ""
    project: str = ""
    since: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Around:
    """What stands beside the feed. `changes` are all that ever were, `dangling` counts links that lead nowhere, up to
    upkeep.MOST_DANGLING; they are None for who does not see everything."""

    notes: int
    changes: int | None
    activity: Counted
    plans: list[NoteSummary]
    boards: list[NoteSummary]
    rules: list[NoteSummary]
    dangling: int | None


def feed_part(call: Call, asked: FeedAsked) -> FeedPart:
    """Raises StoreError."""
    with call.store.reading() as db:
        return feed.newest_first(
            db,
            actor=asked.actor or None,
            project=asked.project or None,
            since=asked.since or None,
            before=feed.read_place(asked.before),
            limit=SHOWN,
        )


def feed_after(call: Call, seq: int, limit: int) -> tuple[FeedEntry, ...]:
    """The first changes after that number, oldest first, as far as the caller sees them."""
    with call.store.reading() as db:
        return feed.after(db, seq, limit)


def around(call: Call) -> Around:
    """How the store is, as far as the caller sees it."""
    with call.store.reading() as db:
        dangling = upkeep.count_dangling(db)
        return Around(
            count_notes(db, None),
            None if dangling is None else newest_change(db),
            feed.counted_by_day(db, parse_time(f"{WEEKS}w", "since")),
            active_plans(db, None),
            list(listing.list_notes(db, Filter(note_type="board"), "updated", BESIDE).items),
            oldest_rules(db),
            dangling,
        )


def active_plans(db: Snapshot, project: str | None) -> list[NoteSummary]:
    """The ones that were changed last."""
    wanted = Filter(note_type="plan", any_tags=tuple(ACTIVE.split()), project=project)
    found = listing.list_notes(db, wanted, "updated", 4 * BESIDE).items
    return [plan for plan in found if standing(plan.status, plan.tags) == "active"][:BESIDE]


def oldest_rules(db: Snapshot) -> list[NoteSummary]:
    """SOPs and conventions that hold, those first that were changed longest ago."""
    found = listing.list_notes(db, Filter(any_tags=("sop", "convention")), "oldest", MOST_RULES).items
    return [rule for rule in found if standing(rule.status, rule.tags) in ("active", "unsaid")][:BESIDE]
