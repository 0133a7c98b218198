"""sync_board: a plan's phases and todos as cards."""

from functools import partial

from notewell_store.syncing.plans import plan_orphans, sync_plan
from notewell_tools.definition import Call, Name, tool
from notewell_tools.results import Synced
from notewell_tools.synced import save_synced, synced_text


@tool(synced_text, idempotent=True)
def sync_board(
    call: Call,
    ref: Name,
    plan: Name | None = None,
    revised_by: str | None = None,
    reason: str | None = None,
    dry_run: bool = False,
) -> Synced:
    """Bring a plan's phases and todos to a board as cards; what is ticked is done."""
    arguments = {name: value for name, value in locals().items() if name not in {"call", "dry_run"}}
    compose, orphans = partial(sync_plan, ref=ref, plan=plan), partial(plan_orphans, ref=ref, plan=plan)
    return save_synced(call, "sync_board", compose, orphans, arguments, dry_run=dry_run)
