"""update_notes: change the same of many notes at once."""

from functools import partial
from itertools import groupby

from notewell_store import Change
from notewell_store.errors import Say
from notewell_store.saved import Written as StoredWritten
from notewell_store.writing import drafts
from notewell_tools.answers import counted
from notewell_tools.definition import Call, Name, Words, tool
from notewell_tools.results import NotesSaved, Written
from notewell_tools.saving import Key, save, warning_words, written_entry


def _text(data: NotesSaved, say: Say) -> str:
    lines = ["dry run, nothing written:"] if "diff" in data else []
    for outcome, notes in groupby(sorted(data["notes"], key=_outcome), _outcome):
        names = [f"{note['slug']}@{note['revision']}" for note in notes]
        lines.append(f"{outcome} {counted(len(names), 'note')}: {', '.join(names)}")
    lines += [f"warning: {warning}" for warning in data["warnings"]]
    return "\n".join([*lines, *([data["diff"].rstrip() or "(no change)"] if "diff" in data else [])])


def _outcome(note: Written) -> str:
    return note["outcome"]


@tool(_text, idempotent=True)
def update_notes(
    call: Call,
    refs: Words,
    note_type: str | None = None,
    status: str | None = None,
    project: str | None = None,
    parent: Name | None = None,
    tags: Words | None = None,
    add_tags: Words = [],  # noqa: B006 - never changed: each call gets its own
    remove_tags: Words = [],  # noqa: B006
    revised_by: str | None = None,
    reason: str | None = None,
    idempotency_key: Key = None,
    dry_run: bool = False,
) -> NotesSaved:
    """Change up to 100 notes alike, all or none."""
    arguments = {name: value for name, value in locals().items() if name not in {"call", "dry_run"}}
    change = Change(
        note_type=note_type,
        status=status,
        project=project,
        tags=None if tags is None else tuple(tags),
        add_tags=tuple(add_tags),
        remove_tags=tuple(remove_tags),
        parent=parent,
    )
    saved = save(call, "update_notes", partial(drafts.together, refs=refs, change=change), arguments, dry_run=dry_run)
    first = StoredWritten(saved.slug, saved.revision, saved.outcome)
    answer: NotesSaved = {
        "notes": [written_entry(one) for one in (first, *saved.others)],
        "warnings": [warning_words(warning, call.say) for warning in saved.warnings],
    }
    return answer if saved.diff is None else {**answer, "diff": saved.diff}
