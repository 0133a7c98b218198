"""What the tools that sync a board have in common: the write, and the answer."""

from collections.abc import Callable

from notewell_store.contract import Snapshot
from notewell_store.errors import Say
from notewell_store.saved import Written
from notewell_store.syncing.cards import Synced as StoredSynced
from notewell_store.tables import boards
from notewell_store.writing.drafts import Draft
from notewell_tools.answers import counted
from notewell_tools.definition import Call, Json
from notewell_tools.results import Moved, Synced
from notewell_tools.saving import save, warning_words


def save_synced(
    call: Call,
    tool: str,
    compose: Callable[[Snapshot], StoredSynced],
    orphans: Callable[[Snapshot], tuple[str, ...]],
    arguments: Json,
    *,
    dry_run: bool,
) -> Synced:
    """Write what `compose` makes, all or nothing, and tell what was done; a dry run tells what would be."""
    made: list[StoredSynced] = []

    def draft(db: Snapshot) -> Draft:
        made[:] = [compose(db)]
        return made[0].draft

    saved = save(call, tool, draft, arguments, dry_run=dry_run)
    with call.store.reading() as db:
        states = boards.states_of(db, [one.slug for one in saved.others])
        gone = orphans(db)
    planned = {each.metadata.slug: each.metadata.status for each in made[0].draft.others} if dry_run and made else {}

    def told(one: Written) -> Moved:
        state = states.get(one.slug)
        return {"slug": one.slug, "revision": one.revision, "status": planned.get(one.slug, state and state.status)}

    answer: Synced = {
        "board": saved.slug,
        "added": [told(one) for one in saved.others if one.outcome == "created"],
        "moved": [told(one) for one in saved.others if one.outcome == "updated"],
        "orphaned": list(gone),
        "taken": list(made[0].taken) if made else [],
        "left": made[0].left if made else 0,
        "warnings": [warning_words(warning, call.say) for warning in saved.warnings],
    }
    return {**answer, "dry_run": True} if dry_run else answer


def synced_text(data: Synced, say: Say) -> str:
    lines = ["dry run, nothing written:"] if "dry_run" in data else []
    for name in ("added", "moved"):
        cards = data["added"] if name == "added" else data["moved"]
        if cards:
            lines.append(f"{name} {counted(len(cards), 'card')}: {', '.join(map(_named, cards))}")
    if data["orphaned"]:
        lines.append(f"orphaned, what they stand for is gone: {', '.join(data['orphaned'])}")
    if data["taken"]:
        lines.append(f"left alone, no cards of this board or deleted: {', '.join(data['taken'])}")
    if data["left"]:
        lines.append(f"{data['left']:,} more: send the same call again")
    lines += [f"warning: {warning}" for warning in data["warnings"]]
    return "\n".join(lines) if lines else f"{data['board']} is up to date"


def _named(card: Moved) -> str:
    return f"{card['slug']} ({card['status']})"
