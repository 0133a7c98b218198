"""What the tools that write have in common: attribution, idempotency keys, and the answer, with what it warns of."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Annotated

from notewell_store import Attribution, Once
from notewell_store import Saved as StoredSaved
from notewell_store.contract import Snapshot
from notewell_store.errors import ANY, OTHERS, Busy, NextArgument, NextCall, NextCommand, Say, Text, Unusable
from notewell_store.models import Dangling as StoredDangling
from notewell_store.saved import (
    KeptSentence,
    LinksLeftOut,
    LostSection,
    MissingHeadings,
    MissingSection,
    MovedSection,
    SeemingSecret,
    StrayedLinks,
    UnusableParent,
    UsedKey,
    Warned,
)
from notewell_store.saved import Written as StoredWritten
from notewell_store.tables import notes
from notewell_store.tables.nearest import nearest_names
from notewell_store.writing import drafts, pipeline
from notewell_tools.arguments import Field
from notewell_tools.definition import Call, Json
from notewell_tools.errors import missing_headings, said
from notewell_tools.results import Dangling, Saved, Written

IfRevision = Annotated[int | None, Field(ge=0)]
Key = Annotated[str | None, Field(max_length=200)]

MOST_NEAREST = 5  # new dangling links for which near names are looked up
MOST_TOLD_APART = 200


def save(
    call: Call,
    tool_name: str,
    compose: Callable[[Snapshot], drafts.Draft],
    arguments: Json,
    *,
    dry_run: bool = False,
    suggest: pipeline.Suggest | None = None,
) -> StoredSaved:
    """Write a draft for a caller: attributed, once for each idempotency key. Of a note that is made the answer has what
    `suggest` finds."""
    account, reason = arguments.get("revised_by"), arguments.get("reason")
    by = Attribution(call.actor, account, reason, door=call.door, client=call.client)
    once = once_of(tool_name, arguments)
    return pipeline.write(call.store, compose, by, once=once, dry_run=dry_run, suggest=suggest)


ADDED = {
    "edit_note": frozenset({"to"}),
    "projects": frozenset({"delete", "new_slug"}),
    "upsert_note": frozenset({"confirm", "supersedes"}),
}
"""Arguments that tools got later: a call without them is the one that a key may have stood for before they came."""


def once_of(tool_name: str, arguments: Json) -> Once | None:
    """The idempotency key among the arguments, with a digest of the call that it stands for."""
    key = arguments.pop("idempotency_key", None)
    if not key:
        return None
    added = ADDED.get(tool_name, frozenset())
    told = {name: value for name, value in arguments.items() if value or name not in added}
    kept = json.dumps([tool_name, told], sort_keys=True, ensure_ascii=False)
    return Once(key, hashlib.sha256(kept.encode(errors="surrogatepass")).hexdigest())


def saved_data(call: Call, saved: StoredSaved) -> Saved:
    dangling, before = _dangling(call, saved)
    answer: Saved = {
        "slug": saved.slug,
        "revision": saved.revision,
        "outcome": saved.outcome,
        "dangling": list(map(_dangling_data, dangling)),
        "warnings": [warning_words(warning, call.say) for warning in saved.warnings],
    }
    if saved.outcome == "created" and saved.project != "":
        answer["project"] = saved.project
    if saved.diff is not None:
        answer["diff"] = saved.diff
    if saved.merged_with:
        answer["merged_with"] = list(saved.merged_with)
    if before:
        answer["dangling_before"] = before
    if saved.replaced is not None:
        answer["replaced"] = saved.replaced
    if saved.others:
        answer["others"] = list(map(written_entry, saved.others))
    if saved.suggested is None:
        return answer
    from notewell_tools.suggested import suggested_data  # which is for notes that are made

    return {**answer, **suggested_data(saved.suggested)}


def written_entry(one: StoredWritten) -> Written:
    entry: Written = {"slug": one.slug, "revision": one.revision, "outcome": one.outcome}
    return entry if one.anchor is None else {**entry, "anchor": one.anchor}


def _dangling(call: Call, saved: StoredSaved) -> tuple[Sequence[StoredDangling], int]:
    """The links that dangle, first those that this write brought; how many of them dangled before it. Of very many
    it is not told apart, for that would mean to read the former text as well."""
    if not saved.dangling or len(saved.dangling) > MOST_TOLD_APART:
        return saved.dangling, 0
    with suppress(Busy, Unusable):  # what was written is written, and who heard of an error here might write it again
        return _told_apart(call, saved)
    return saved.dangling, 0


def _told_apart(call: Call, saved: StoredSaved) -> tuple[Sequence[StoredDangling], int]:
    from notewell_store.tables.past_links import refs_at  # which reads former texts; most writes leave nothing dangling

    with call.store.reading() as db:
        note_id = notes.find_slug(db, saved.slug)
        before = saved.revision - (saved.outcome != "unchanged")
        known = refs_at(db, note_id, before) if note_id is not None and before else frozenset()
        brought = [link for link in saved.dangling if link.ref not in known]
        told = [_with_nearest(db, link) for link in brought[:MOST_NEAREST]]
    others = [link for link in saved.dangling if link.ref in known]
    return [*told, *brought[MOST_NEAREST:], *others], len(others)


def _dangling_data(link: StoredDangling) -> Dangling:
    data: Dangling = {"ref": link.ref, "nearest": list(link.nearest)}
    if link.is_ambiguous:
        data["ambiguous"] = True
    return data


def _with_nearest(db: Snapshot, link: StoredDangling) -> StoredDangling:
    return link if link.nearest else StoredDangling(link.ref, nearest_names(db, link.ref.partition("#")[0]))


def saved_text(data: Saved, say: Say) -> str:
    """What a write did."""
    place = f" in {data['project'] or 'no project'}" if "project" in data else ""
    if "diff" in data:
        head = f"dry run, nothing written: would be {data['outcome']}: {data['slug']}{place}"
        return f"{head}{_counted(data)}\n{data['diff'].rstrip() or '(no change)'}{_notices(data)}"
    reason = ": it already reads so" if data["outcome"] == "unchanged" else ""
    if data.get("merged_with"):
        reason = f" with {', '.join(f'@{revision}' for revision in data['merged_with'])}, which you had not read"
    head = f"{data['outcome']} {data['slug']}@{data['revision']}{place}{reason}{_counted(data)}"
    return "\n".join([head, *map(written_line, data.get("others", ()))]) + _notices(data)


def _counted(data: Saved) -> str:
    return f": {data['replaced']:,} replaced" if "replaced" in data else ""


def written_line(one: Written) -> str:
    place = f"#{one['anchor']}" if "anchor" in one else ""
    return f"{one['outcome']} {one['slug']}@{one['revision']}{place}"


def _notices(data: Saved) -> str:
    """Of the dangling links only those that the write brought: the others were told when they came."""
    lines = [f"\nwarning: {warning}" for warning in data["warnings"]]
    brought = data["dangling"][: len(data["dangling"]) - data.get("dangling_before", 0)]
    for dangling in brought[:20]:
        word = "may be any of" if dangling.get("ambiguous") else "nearest"
        nearest = f" ({word}: {', '.join(dangling['nearest'])})" if dangling["nearest"] else ""
        lines.append(f"\ndangling link: {dangling['ref']}{nearest}")
    if len(brought) > 20:
        lines.append(f"\nand {len(brought) - 20} more dangling links")
    return "".join([*lines, *_suggested(data)])


def _suggested(data: Saved) -> Iterator[str]:
    if "nearest" in data or "proposed" in data or "unlinked" in data:
        from notewell_tools.suggested import suggested_lines

        yield from (f"\n{line}" for line in suggested_lines(data))


def warning_words(warning: Warned, say: Say) -> str:
    """The warning as one line, without a stop at its end."""
    return said(_warned(warning), say)


def _warned(warning: Warned) -> Text:
    match warning:
        case LostSection(slug, anchor, links, now):
            link = "1 note links" if links == 1 else f"{links:,} notes link"
            linking = NextCall("get_note", {"ref": slug, "view": "meta", "include": ["links"]})
            gone = f"is #{now} now" if now else "is gone"
            return f"#{anchor} {gone}, and {link} to {slug}#{anchor}; its links: ", linking
        case MovedSection(slug, anchor, now, sources):
            named = f"; what it named is {slug}#{now}" if now else ""
            moved = f"#{anchor} is another section now{named}"
            return (f"{moved}, and links to {slug}#{anchor} lead elsewhere in {', '.join(sources)}",)
        case StrayedLinks(slug, links, count):
            lead = "1 link of the section leads" if count == 1 else f"{count:,} links of the section lead"
            more = f" and {count - len(links):,} more" if count > len(links) else ""
            return (f"{lead} elsewhere or nowhere in {slug}: {', '.join(links)}{more}",)
        case MissingSection(slug, anchor, nearest):
            missing = f"{slug} has no section #{anchor}"
            if nearest:
                return (f"{missing} (nearest: {', '.join(nearest)})",)
            return f"{missing}; all anchors: ", NextCall("get_note", {"ref": slug, "view": "toc"})
        case MissingHeadings(slug):
            return f"{missing_headings(warning)}; add them: ", NextCall(
                "edit_note", {"ref": slug, "mode": "append", OTHERS: ANY}
            )
        case UnusableParent(slug, parent):
            lost = f"its parent then, {parent}, cannot be its parent now: parent left as it is; set one: "
            return lost, NextCall("upsert_note", {"slug": slug, "parent": ANY})
        case SeemingSecret(slug, kind, lines):
            return (
                f"line {', '.join(map(str, lines))} seems to hold {kind}: the history keeps it until ",
                NextCommand("redact"),
                " takes it out, and readers can use it. Revoke it where it was made, and say in the note where the new "
                "one is kept: ",
                NextCall("edit_note", {"ref": slug, OTHERS: ANY}),
            )
        case UsedKey() | LinksLeftOut() | KeptSentence():
            return _warned_of_call(warning)


def _warned_of_call(warning: UsedKey | LinksLeftOut | KeptSentence) -> Text:
    match warning:
        case UsedKey(slug, revision, outcome):
            first = f"{outcome} {slug}@{revision}"
            key = NextArgument("idempotency_key")
            return "this ", key, f" was used: the call would write nothing, and be answered again: {first}"
        case LinksLeftOut(_, kept, left_out):
            return (f"the first {kept:,} different links of the text are kept, {left_out:,} more are not: split it",)
        case KeptSentence(text):
            return (text,)
