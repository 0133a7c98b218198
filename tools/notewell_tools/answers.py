"""Parts that several answers share, as data and as lines of text: short, with nothing that a reader does not need."""

import re
from collections.abc import Collection
from itertools import repeat
from typing import Any

from notewell_store.errors import NextArgument, Open, Say
from notewell_store.models import End, Link
from notewell_store.models import NoteSummary as StoredSummary
from notewell_store.models import Revision as StoredRevision
from notewell_store.safe_text import as_field, is_plain, spelt_out, without_tags
from notewell_tools.results import Ended, LinkEnd, NoteSummary, Revision

TEXTS = frozenset({"markdown", "html", "diff"})
"""What answers hold of a text as it is, in lines of its own."""
QUOTED = frozenset({"snippet", "text"})
"""What they quote of one, last in its line."""
NUMBERS = frozenset({int, float, bool, type(None)})


def as_fields(answer: Any, *, keep_tags: bool = False) -> Any:
    """An answer's data, fit for the lines of an answer: what people and agents wrote can neither end a field of ours
    nor hide, nor turn the line, nor, unless no model reads it, open a tag. Most answers are plain as they are."""
    texts: list[str] = []
    _add_texts(answer, texts)
    return answer if is_plain("".join(texts)) else _fit(answer, "", keep_tags)


def _add_texts(value: Any, texts: list[str]) -> None:
    """Add all that stands in the lines of an answer."""
    named = value.items() if type(value) is dict else zip(repeat(""), value)
    for name, item in named:
        kind = type(item)
        if kind is str:
            if name not in TEXTS:
                texts.append(item)
        elif kind is dict or kind is list:
            _add_texts(item, texts)


def _fit(value: Any, name: str, keep_tags: bool) -> Any:
    if isinstance(value, dict):
        return {  # of a long list most values are plain: for those nothing is called
            name: item
            if type(item) in NUMBERS or (type(item) is str and (name in TEXTS or is_plain(item)))
            else _fit(item, name, keep_tags)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [item if type(item) is str and is_plain(item) else _fit(item, name, keep_tags) for item in value]
    if isinstance(value, str):
        return value if name in TEXTS or is_plain(value) else _shown(value, name, keep_tags=keep_tags)
    return value


def note_summary(note: StoredSummary) -> NoteSummary:
    return {
        "id": note.id,
        "slug": note.slug,
        "title": note.title,
        "note_type": note.note_type,
        "status": note.status,
        "project": note.project,
        "tags": list(note.tags),
        "revision": note.revision,
        "updated_at": note.updated_at,
        "chars": note.chars,
    }


def ended(end: End | None) -> Ended:
    """How a note ended, in the fields of an answer about it; none where it holds."""
    if end is None:
        return {}
    return {"over": end.word} if end.successor is None else {"over": end.word, "successor": end.successor}


def end_words(facts: Ended) -> str:
    """`superseded by decision-4`, `retired, superseded by sop-new`, `retired`; '' of a note that holds."""
    word, successor = facts.get("over", ""), facts.get("successor")
    if successor is None:
        return word
    return f"{word} by {successor}" if word in BY else f"{word}, superseded by {successor}"


BY = ("superseded", "replaced")


def revision_entry(revision: StoredRevision) -> Revision:
    entry: Revision = {
        "slug": revision.slug,
        "revision": revision.revision,
        "seq": revision.seq,
        "revised_at": revision.revised_at,
        "actor": revision.actor,
        "revised_by": revision.revised_by,
        "reason": revision.reason,
        "changed": list(revision.changed),
    }
    if revision.door is not None:
        entry["door"] = revision.door
    if revision.client is not None:
        entry["client"] = revision.client
    return entry


def link_end(link: Link) -> LinkEnd:
    """`target` is the note at the other end, `anchor` the place here that it names."""
    target = link.note if link.anchor is None or link.direction == "in" else f"{link.note}#{link.anchor}"
    shown: LinkEnd = {
        "target": target,
        "relation": link.relation,
        "direction": link.direction,
        "exists": link.exists,
    }
    if link.direction == "in" and link.anchor:
        shown["anchor"] = link.anchor
    if link.written:
        shown["written"] = link.written
    if link.title:
        shown["title"] = link.title
    if link.foreign:
        shown["project"] = link.foreign
    return shown


def _shown(text: str, name: str, *, keep_tags: bool) -> str:
    shown = spelt_out(text) if name in QUOTED else as_field(text)
    return shown if keep_tags else without_tags(shown)


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


def counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


UNITS = ("bytes", "kB", "MB", "GB", "TB")


def byte_size(number: int) -> str:
    """`840 bytes`, `3.4 kB`."""
    size, unit = float(number), 0
    while size >= 1000 and unit < len(UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{number} bytes" if unit == 0 else f"{size:.1f} {UNITS[unit]}"


def note_line(note: NoteSummary, said: Collection[str] = ()) -> str:
    """One note of a list: slug, title, what it is, how new and how large; without the words that were `said` of all."""
    words = [word for word in _kind(note) if word not in said]
    left = [tag for tag in note["tags"] if tag not in said and tag not in words]
    tags = f" [{', '.join(left)}]" if left else ""
    kind = f" · {' '.join(words)}" if words else ""
    size = f"r{note['revision']} {note['updated_at'][:10]} {chars(note['chars'])}"
    return f"{note['slug']} · {note['title']}{kind}{tags} · {size}"


def said_of_all(notes: list[NoteSummary]) -> list[str]:
    """The types, statuses, projects and tags that several notes have in common, to be said once."""
    if len(notes) < 2:
        return []
    first, *others = ([*_kind(note), *note["tags"]] for note in notes)
    return [word for word in dict.fromkeys(first) if all(word in words for words in others)]


def _kind(note: NoteSummary) -> list[str]:
    return [word for word in (note["note_type"], note["status"], note["project"]) if word]


def chars(count: int) -> str:
    """A size in characters, short: `840`, `3.4k`."""
    return str(count) if count < 1000 else f"{count / 1000:.1f}k"


def account_words(account: str) -> str:
    """On whose account a change is; of a commit as many digits as tell it apart from all others."""
    return account[:SHORT_SHA] if _SHA.fullmatch(account) else account


SHORT_SHA = 12
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def revision_line(revision: Revision, *, with_slug: bool) -> str:
    name = f"{revision['slug']}@{revision['revision']}" if with_slug else f"@{revision['revision']}"
    reason = f" · {revision['reason']}" if revision["reason"] else ""
    account = f" · {account_words(revision['revised_by'])}" if revision["revised_by"] else ""
    when = revision["revised_at"][:16].replace("T", " ")
    changed = ", ".join(revision["changed"])
    return f"{name} {when} {revision['actor']}: {changed}{reason}{account} · seq {revision['seq']}"


def link_line(link: LinkEnd) -> str:
    """One link, its arrow telling the direction: `→ implements plan-x`."""
    arrow = "→" if link["direction"] == "out" else "←"
    missing = "" if link["exists"] else " (does not exist)"
    foreign = f" (of project {link['project']})" if link.get("project") else ""
    title = f" · {link['title']}" if link.get("title") else ""
    written = f" ({link['written']})" if link.get("written") else ""
    place = f" (to #{link['anchor']})" if link.get("anchor") else ""
    return f"{arrow} {link['relation']} {link['target']}{written}{place}{foreign}{missing}{title}"
