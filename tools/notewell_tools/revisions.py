"""revisions: what changed, by whom and why."""

import re
from collections.abc import Sequence
from typing import Annotated

from notewell_store import Invalid, Store, parse_reference
from notewell_store.contract import Snapshot, number_of
from notewell_store.errors import NextArgument, Say
from notewell_store.models import BlameRange, Listing, Revision, RevisionFilter
from notewell_store.models import ChangedNote as StoredChangedNote
from notewell_store.references import Reference
from notewell_store.tables import changes as store_changes
from notewell_store.tables import history, notes
from notewell_store.tables.sections import section_named
from notewell_tools.answers import account_words, counted, page_of, revision_entry, revision_line
from notewell_tools.arguments import Field
from notewell_tools.definition import Call, Name, tool
from notewell_tools.results import Blame, BlameLine, ChangedNote, Changes, RevisionDiff, RevisionList, RevisionSummary

LONGEST_EXCERPT = 60
MOST_ACTORS = 5  # of a line


def _text(data: RevisionList | RevisionDiff | Blame | RevisionSummary, say: Say) -> str:
    if "notes" in data:
        head = page_of(len(data["notes"]), data["total"], "changed notes", data["next_cursor"], say)
        return "\n".join([head, *map(_summary_line, data["notes"])]) if data["total"] else "no revision fits"
    if "diff" in data:
        return data["diff"].rstrip("\n") or "no difference"
    if "blame" in data:
        head = page_of(len(data["blame"]), data["total"], "runs of lines", data["next_cursor"], say)
        is_cut = len(data["blame"]) < data["total"]
        return "\n".join([*([head] if is_cut else []), *_blame_lines(data["blame"])])
    if not data["revisions"]:
        return "no revision fits"
    of_all = "slug" not in data
    name = "revisions" if of_all else f"revisions of {data['slug']}"
    head = page_of(len(data["revisions"]), data["total"], name, data["next_cursor"], say)
    return "\n".join([head, *(revision_line(revision, with_slug=of_all) for revision in data["revisions"])])


def _summary_line(note: ChangedNote) -> str:
    others = len(note["actors"]) - MOST_ACTORS
    actors = ", ".join([*note["actors"][:MOST_ACTORS], *([f"{others:,} more"] if others > 0 else [])])
    head = f"{note['slug']}@{note['revision']} · {note['title']} · {_how_often(note)} by {actors}"
    counts = (("+", note.get("added", 0)), ("-", note.get("removed", 0)))
    signed = [f"{sign}{count:,}" for sign, count in counts if count]
    return f"{head} · {' '.join(signed)} lines" if signed else head


def _how_often(note: ChangedNote) -> str:
    """Where all its revisions are told of, the first is among them."""
    if note["revisions"] < note["revision"]:
        return counted(note["revisions"], "revision")
    return "created" if note["revisions"] == 1 else f"created, {note['revisions']:,} revisions"


def _blame_lines(entries: list[BlameLine]) -> list[str]:
    """When, why and on whose account a revision came, where it is first named."""
    told: set[int] = set()
    lines = []
    for entry in entries:
        lines.append(_blame_line(entry, is_known=entry["revision"] in told))
        told.add(entry["revision"])
    return lines


def _blame_line(entry: BlameLine, *, is_known: bool) -> str:
    if "or_before" in entry:
        return f"{entry['lines']} @{entry['revision']} or before: too many to look at, or redacted | {entry['text']}"
    if is_known:
        return f"{entry['lines']} @{entry['revision']} | {entry['text']}"
    reason = f" · {entry['reason']}" if entry["reason"] else ""
    account = f" · {account_words(entry['revised_by'])}" if entry["revised_by"] else ""
    when = entry["revised_at"][:10]
    return f"{entry['lines']} @{entry['revision']} {when} {entry['actor']}{reason}{account} | {entry['text']}"


@tool(_text, reads_only=True)
def revisions(
    call: Call,
    ref: Annotated[Name | None, Field(description="none: the whole store")] = None,
    revised_by: str | None = None,
    actor: str | None = None,
    since: Annotated[Name | None, Field(description="a time or a seq")] = None,
    diff: Annotated[Name | None, Field(description="'3..5': what changed between; '5': what 5 did")] = None,
    project: str | None = None,
    summary: Annotated[bool, Field(description="a line for each note")] = False,
    blame: Annotated[bool, Field(description="who brought each line")] = False,
    limit: Annotated[int, Field(ge=1, le=200)] = 20,
    cursor: str | None = None,
) -> RevisionList | RevisionDiff | Blame | RevisionSummary:
    """The history of a note or of all, newest first: who, when, why."""
    reference = None if ref is None else parse_reference(ref)
    with call.store.reading() as db:
        note_id = None if reference is None else notes.find(db, reference)
        if diff is not None:
            return {"diff": _diff(db, _named(note_id, "diff"), diff)}
        if blame:
            return _part_of_blame(_blame(db, _named(note_id, "blame"), reference), limit, cursor)
        wanted = RevisionFilter(revised_by, actor, since, project)
        if summary:
            return _summary(history.sum_up(db, _narrowed(note_id, wanted), wanted, limit=limit, cursor=cursor))
        page = history.list_revisions(db, note_id, wanted, limit=limit, cursor=cursor)
        slug = None if note_id is None else _slug_of(db, note_id, page.items)
    shown = list(map(revision_entry, page.items))
    answer: RevisionList = {"total": page.total, "revisions": shown, "next_cursor": page.next_cursor}
    return answer if slug is None else {"slug": slug, **answer}


def _slug_of(db: Snapshot, note_id: int, shown: Sequence[Revision]) -> str:
    """Each of its revisions that is shown names it."""
    return shown[0].slug if shown else notes.slug_of(db, note_id)


def _narrowed(note_id: int | None, wanted: RevisionFilter) -> int | None:
    """Raise Invalid where all history there is would be summed up."""
    if note_id is None and not any(wanted):
        raise Invalid(("summary needs to know of what: send ", NextArgument("since", "7d"), " or a project"), "since")
    return note_id


def _summary(page: Listing[StoredChangedNote]) -> RevisionSummary:
    notes = list(map(_changed_note, page.items))
    return {"total": page.total, "notes": notes, "next_cursor": page.next_cursor}


def _changed_note(one: StoredChangedNote) -> ChangedNote:
    told: ChangedNote = {
        "slug": one.slug,
        "title": one.title,
        "revisions": one.revisions,
        "revision": one.revision,
        "actors": list(one.actors),
    }
    return told if one.lines is None else {**told, "added": one.lines[0], "removed": one.lines[1]}


def newest_change(store: Store) -> int:
    """The number of the newest change, for who follows the store; 0 where nothing was written yet."""
    with store.reading() as db:
        return store_changes.newest_change(db)


def changes(call: Call, since: int, limit: int) -> Changes:
    """What came after the change number `since`, oldest first, for who follows the store: at most `limit` revisions,
    `next` to go on from, and whether there is `more` by now."""
    with call.store.reading() as db:
        found = history.changes_after(db, since, limit + 1)
    shown = found[:limit]
    return {
        "changes": list(map(revision_entry, shown)),
        "next": shown[-1].seq if shown else since,
        "more": len(found) > limit,
    }


def _named(note_id: int | None, argument: str) -> int:
    if note_id is None:
        raise Invalid(f"{argument} needs ref: the note whose history is meant", "ref")
    return note_id


def _diff(db: Snapshot, note_id: int, wanted: str) -> str:
    match = re.fullmatch(r"@?(\d{1,9})(?:\s*(?:\.\.\.?|-|:)\s*@?(\d{1,9}))?", wanted.strip())
    if not match:
        raise Invalid(f"diff={wanted!r}: send two revision numbers such as 3..5", "diff")
    new = int(match[2] or match[1])
    old = int(match[1]) if match[2] else new - 1
    return history.diff_revisions(db, note_id, notes.slug_of(db, note_id), old, new)


def _blame(db: Snapshot, note_id: int, reference: Reference | None) -> list[BlameLine]:
    if reference and reference.revision:
        raise Invalid(f"blame tells of the newest text: send ref without @{reference.revision}", "ref")
    ranges = history.blame_note(db, note_id)
    first, last = _lines(db, note_id, reference.anchor if reference else None)
    return [_shown(entry, first, last) for entry in ranges if entry.first <= last and entry.last >= first]


def _part_of_blame(entries: list[BlameLine], limit: int, cursor: str | None) -> Blame:
    start = 0 if cursor is None else number_of(cursor)
    if start is None or start > len(entries):
        raise Invalid(f"cursor={cursor!r} is none of this list: begin anew without it", "cursor")
    end = start + limit
    following = str(end) if end < len(entries) else None
    return {"total": len(entries), "blame": entries[start:end], "next_cursor": following}


def _lines(db: Snapshot, note_id: int, anchor: str | None) -> tuple[int, int]:
    """The lines that are asked about: those of a section, or all."""
    if anchor is None:
        return 1, 1 << 30
    note = notes.load(db, note_id)
    section = section_named(db, note, anchor)
    before, inside = note.markdown[: section.start], note.markdown[section.start : section.end]
    first = len(before.splitlines()) + 1
    return first, first + len(inside.splitlines()) - 1


def _shown(entry: BlameRange, first: int, last: int) -> BlameLine:
    lines = entry.text.splitlines()[max(0, first - entry.first) : last - entry.first + 1]
    start = max(entry.first, first)
    text = next((line.strip() for line in lines if line.strip()), "")
    shown: BlameLine = {
        "revision": entry.revision,
        "revised_at": entry.revised_at,
        "revised_by": entry.revised_by,
        "actor": entry.actor,
        "reason": entry.reason,
        "lines": f"{start}-{start + len(lines) - 1}" if len(lines) > 1 else str(start),
        "text": text if len(text) <= LONGEST_EXCERPT else f"{text[:LONGEST_EXCERPT]}…",
    }
    return {**shown, "or_before": True} if entry.or_before else shown
