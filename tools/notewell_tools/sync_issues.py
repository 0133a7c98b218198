"""sync_issues: the issues of a forge as cards."""

from functools import partial
from typing import Annotated

from notewell_store import Forbidden
from notewell_store.errors import ANY, NextCommand
from notewell_store.syncing import issues
from notewell_tools.arguments import Field
from notewell_tools.definition import Call, Name, tool
from notewell_tools.results import Synced
from notewell_tools.synced import save_synced, synced_text


@tool(synced_text, idempotent=True, open_world=True)
def sync_issues(
    call: Call,
    ref: Name,
    source: Annotated[str, Field(description="API URL or file; not by HTTP")],
    revised_by: str | None = None,
    reason: str | None = None,
    dry_run: bool = False,
) -> Synced:
    """Bring a forge's issues to a board; their cards follow their state."""
    if call.issue_tokens is None:
        raise Forbidden(
            "files and addresses are read for who works at the store's own machine only: there ",
            NextCommand("sync-issues", (str(ANY), "--source", str(ANY))),
            " does it",
        )
    from notewell_tools.fetching import read_parts  # which loads a client of HTTP

    arguments = {
        "ref": ref,
        "source": source,
        "revised_by": revised_by,
        "reason": reason,
    }
    found = issues.read_issues(read_parts(source, call.issue_tokens))
    compose = partial(issues.sync_issues, ref=ref, issues=found.issues)
    orphans = partial(issues.issue_orphans, ref=ref, issues=found.issues)
    answer = save_synced(call, "sync_issues", compose, orphans, arguments, dry_run=dry_run)
    if found.unread:
        answer["warnings"].append(f"{found.unread:,} entries are no issues that can be read, and were left out")
    return answer
