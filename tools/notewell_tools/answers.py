"""Words shared by the tools' text answers: short lines, no JSON, nothing that a reader does not need."""

import re
from collections.abc import Collection
from typing import Any, Protocol

from notewell_store.errors import NextArgument, Open, Say

Data = dict[str, Any]


class Slotted(Protocol):
    """A dataclass with slots, as all of the store's models are."""

    __slots__: tuple[str, ...]


def data_of(item: Slotted) -> Data:
    """The fields of one of the store's models; `dataclasses.asdict` copies deeply, and takes most of a list's time."""
    return {name: getattr(item, name) for name in item.__slots__}


MORE = NextArgument("limit", Open(""))
"""What shows more of a list that has no cursor."""


def part_of(shown: int, total: int, things: str) -> str:
    """`12 of 340 notes`: what was shown of what there is."""
    named = re.sub(r"s\b", "", things, count=1) if total == 1 else things
    return f"{total:,} {named}" if shown == total else f"{shown} of {total:,} {named}"


def page_of(shown: int, total: int, things: str, next_cursor: str | None, say: Say) -> str:
    """As part_of, with how to get what follows: `12 of 340 notes; next: cursor=…`."""
    next_page = f"; next: {say(NextArgument('cursor', next_cursor))}" if next_cursor else ""
    return f"{part_of(shown, total, things)}{next_page}"


def note_line(note: Data, said: Collection[str] = ()) -> str:
    """One note of a list: slug, title, what it is, how new and how large; without the words that were `said` of all."""
    words = [word for word in _kind(note) if word not in said]
    left = [tag for tag in note["tags"] if tag not in said and tag not in words]
    tags = f" [{', '.join(left)}]" if left else ""
    kind = f" · {' '.join(words)}" if words else ""
    size = f"r{note['revision']} {note['updated_at'][:10]} {chars(note['chars'])}"
    return f"{note['slug']} · {note['title']}{kind}{tags} · {size}"


def said_of_all(notes: list[Data]) -> list[str]:
    """The types, statuses, projects and tags that several notes have in common, to be said once."""
    if len(notes) < 2:
        return []
    first, *others = ([*_kind(note), *note["tags"]] for note in notes)
    return [word for word in dict.fromkeys(first) if all(word in words for words in others)]


def _kind(note: Data) -> list[str]:
    return [word for word in (note["note_type"], note["status"], note["project"]) if word]


def chars(count: int) -> str:
    """A size in characters, short: `840`, `3.4k`."""
    return str(count) if count < 1000 else f"{count / 1000:.1f}k"


def revision_line(revision: Data, *, with_slug: bool) -> str:
    name = f"{revision['slug']}@{revision['revision']}" if with_slug else f"@{revision['revision']}"
    reason = f" · {revision['reason']}" if revision["reason"] else ""
    account = f" · {revision['revised_by']}" if revision["revised_by"] else ""
    when = revision["revised_at"][:16].replace("T", " ")
    changed = ", ".join(revision["changed"])
    return f"{name} {when} {revision['actor']}: {changed}{reason}{account} · seq {revision['seq']}"


def link_line(link: Data) -> str:
    """One link, its arrow telling the direction: `→ implements plan-x`."""
    arrow = "→" if link["direction"] == "out" else "←"
    missing = "" if link["exists"] else " (does not exist)"
    title = f" · {link['title']}" if link.get("title") else ""
    place = f" (to #{link['anchor']})" if link.get("anchor") else ""
    return f"{arrow} {link['relation']} {link['target']}{place}{missing}{title}"


def saved_text(data: Data, say: Say) -> str:
    """What a write did."""
    if data.get("diff") is not None:
        head = f"dry run, nothing written: would be {data['outcome']}: {data['slug']}"
        return f"{head}\n{data['diff'].rstrip() or '(no change)'}{_notices(data)}"
    reason = ": it already reads so" if data["outcome"] == "unchanged" else ""
    if data.get("merged_with"):
        reason = f" with {', '.join(f'@{revision}' for revision in data['merged_with'])}, which you had not read"
    return f"{data['outcome']} {data['slug']}@{data['revision']}{reason}{_notices(data)}"


def _notices(data: Data) -> str:
    """Of the dangling links only those that the write brought: the others were told when they came."""
    lines = [f"\nwarning: {warning}" for warning in data["warnings"]]
    brought = data["dangling"][: len(data["dangling"]) - data.get("dangling_before", 0)]
    for dangling in brought[:20]:
        nearest = f" (nearest: {', '.join(dangling['nearest'])})" if dangling["nearest"] else ""
        lines.append(f"\ndangling link: {dangling['ref']}{nearest}")
    if len(brought) > 20:
        lines.append(f"\nand {len(brought) - 20} more dangling links")
    return "".join(lines)
