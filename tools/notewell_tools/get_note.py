"""get_note: one note, a section of it, or its contents, now or as it was."""

import re
from collections.abc import Sequence, Sized
from typing import Annotated, Literal, NamedTuple

from notewell_store import Invalid, parse_reference
from notewell_store.contract import Snapshot
from notewell_store.errors import NextArgument, NextCall, Open, Say
from notewell_store.markdown import Section
from notewell_store.markdown.links import find_links
from notewell_store.markdown.sections import toc
from notewell_store.models import End, Filter, Note, TocEntry
from notewell_store.references import Reference
from notewell_store.tables import history, links, notes, pages, past, revisions
from notewell_store.tables.sections import section_named, sections_of
from notewell_store.vocabulary import word_of_end
from notewell_tools import results
from notewell_tools.answers import (
    account_words,
    chars,
    end_words,
    ended,
    link_end,
    link_line,
    note_line,
    note_summary,
    part_of,
    revision_entry,
    revision_line,
)
from notewell_tools.arguments import Field, ReadBy
from notewell_tools.definition import Call, Name, number_as_text, split_words, tool
from notewell_tools.reads import note_read

MOST_NOTES = 10  # of one answer
MOST_CHARS = 20_000  # of a text, unless more are asked for
LARGEST_WHOLE = 5_700  # bytes of a page that is shown whole to who sets no bound; with its head 6 KB at most
LARGEST_CONTENTS = 2_000  # bytes of the contents of a larger one
INLINE_DATA = re.compile(r"data:[\w.+/-]+;base64,[A-Za-z0-9+/=]{1000}")
MOST_SHOWN = 50  # links in each direction, children, revisions: the rest is counted

Include = Annotated[
    list[Literal["links", "children", "history"]],
    ReadBy(split_words),
]


def _in_lines(value: object) -> object:
    """Several references that were sent as a list, as one text: a line may hold a title with commas."""
    if not isinstance(value, list):
        return value
    names = [name for each in value if isinstance(name := number_as_text(each), str)]
    return "\n".join(filter(None, names)) if len(names) == len(value) else value


class Extent(NamedTuple):
    """The part of a text that is asked for: a section or all of it."""

    section: Section | None
    start: int
    end: int


def _text(data: results.Note | results.Notes, say: Say) -> str:
    if "notes" in data:
        return "\n\n".join(_note_text(note, say) for note in data["notes"])
    return _note_text(data, say)


def _note_text(data: results.Note, say: Say) -> str:
    parts = [_header(data)]
    if "toc" in data:
        parts += [_toc_line(entry) for entry in data["toc"]] or ["(no headings)"]
    if "markdown" in data:
        parts += ["", data["markdown"]]
    elif "html" in data:
        parts += ["", data["html"]]
    if "next_offset" in data:
        parts.append(_cut(data, say))
    if "links" in data:
        parts += ["", _count("links", data["links"], data["links_total"], data.get("links_unread", 0))]
        parts += map(link_line, data["links"])
    if "children" in data:
        parts += ["", _count("children", data["children"], data["children_total"])]
        parts += map(note_line, data["children"])
    if "history" in data:
        parts += ["", _count("history", data["history"], data["history_total"])]
        parts += (revision_line(revision, with_slug=False) for revision in data["history"])
    return "\n".join(parts)


def _header(data: results.Note) -> str:
    anchor = f"#{data['anchor']}" if data.get("anchor") else ""
    name = f"{data['slug']}@{data['revision']}{anchor}"
    if anchor and "toc" not in data:
        return " · ".join(filter(None, (name, end_words(data), data["title"], data["updated_at"][:10])))
    kind = " ".join(filter(None, (data["note_type"], data["status"], data["project"])))
    by = f" by {account_words(data['revised_by'])}" if data["revised_by"] else ""
    facts = [
        name,
        data["title"],
        kind,
        f"superseded by {data['successor']}" if "successor" in data else "",
        f"tags {', '.join(data['tags'])}" if data["tags"] else "",
        f"parent {data['parent']}" if data["parent"] else "",
        "public" if data["is_public"] else "",
        f"updated {data['updated_at'][:10]}{by}",
        "" if "markdown" in data or "html" in data or "toc" in data else f"created {data['created_at'][:10]}",
    ]
    return " · ".join(filter(None, facts))


def _toc_line(entry: results.TocEntry) -> str:
    indent = "  " * (entry["level"] - 1)
    return f"{indent}#{entry['anchor']} · {entry['heading']} · {chars(entry['chars'])}"


def _cut(data: results.Note, say: Say) -> str:
    shown = len(data["markdown"] if "markdown" in data else data["html"])
    following = say(NextArgument("offset", data["next_offset"]))
    contents = say(NextCall("get_note", {"ref": data["slug"], "view": "toc"}))
    if data.get("toc_total") == len(data.get("toc", ())):
        contents = say(NextArgument("ref", Open(f"{data['slug']}#…")))
    size = f"{shown:,} of {data['chars']:,} characters"
    return f"[cut: {size}; next: {following}, or read one section: {contents}]"


def _count(name: str, shown: Sized, total: int, unread: int = 0) -> str:
    missed = f", and those of {unread:,} notes changed since, too many to read again" if unread else ""
    return f"{name}: {part_of(len(shown), total, '').rstrip()}{missed}"


@tool(_text, reads_only=True)
def get_note(
    call: Call,
    ref: Annotated[
        Name, ReadBy(_in_lines), Field(description="slug, slug#anchor (section), slug@7 (revision), alias or id")
    ],
    view: Annotated[
        Literal["markdown", "toc", "html", "meta"], Field(description="toc: anchors and sizes")
    ] = "markdown",
    as_of: Annotated[Name | None, Field(description="a time or a seq")] = None,
    include: Include = [],  # noqa: B006 - never changed: each call gets its own
    max_chars: Annotated[int | None, Field(ge=100, le=1_000_000)] = None,
    offset: Annotated[int, Field(ge=0)] = 0,
) -> results.Note | results.Notes:
    """Read a note, or better one section (ref='slug#anchor'); view='toc' first where it is long."""
    moment = None if as_of is None else past.read_moment(as_of)
    with call.store.reading() as db:
        references = _named(db, ref)
        if offset and len(references) > 1:
            raise Invalid("offset is of one note: name that one alone", "offset")
        read = [_read(db, each, view, moment, include, max_chars, offset) for each in references]
    return read[0] if len(read) == 1 else {"notes": read}


def _named(db: Snapshot, ref: str) -> list[Reference]:
    """What the call names: one, or several in lines of their own or with commas between them."""
    lines = ref.splitlines() if "\n" in ref else (ref,)
    parts = [part for line in lines for part in _parted(db, line)]
    if len(parts) > MOST_NOTES:
        raise Invalid(f"{len(parts)} notes are too many for one answer: name at most {MOST_NOTES}", "ref")
    return list(map(parse_reference, parts))


def _parted(db: Snapshot, line: str) -> Sequence[str]:
    """What stands between commas, unless those belong to a title or a heading."""
    parts = [part for part in line.split(",") if part.strip()] if "," in line else ()
    return (line,) if len(parts) < 2 or _is_one(db, line, parts) else parts


def _is_one(db: Snapshot, ref: str, parts: Sequence[str]) -> bool:
    """Whether a note is called so by a name that has commas, or has a heading with them."""
    try:
        whole = parse_reference(ref)
    except Invalid:
        return False
    if not notes.is_called(db, whole):
        return False
    return "," in whole.name or not all(_is_called(db, part) for part in parts[: MOST_NOTES + 1])


def _is_called(db: Snapshot, name: str) -> bool:
    try:
        return notes.is_called(db, parse_reference(name))
    except Invalid:
        return False


def _read(
    db: Snapshot,
    reference: Reference,
    view: str,
    moment: past.Moment | None,
    include: Sequence[str],
    max_chars: int | None,
    offset: int,
) -> results.Note:
    note = _note(db, reference, moment)
    is_whole = reference.anchor is None and not offset and max_chars is None
    is_begun = view == "markdown" and is_whole and len(note.markdown.encode()) > LARGEST_WHOLE
    extent = _extent(db, note, reference.anchor)
    asked: results.NoteView = {}
    if view == "toc":
        asked["toc"] = list(map(_toc_entry, toc(_within(sections_of(db, note), extent))))
    elif is_begun:
        _begin(asked, note.markdown, sections_of(db, note))
    elif view == "markdown":
        _show(asked, "markdown", note.markdown[extent.start : extent.end], offset, max_chars or MOST_CHARS)
    elif view == "html":
        _show(asked, "html", pages.page_of(db, note, extent.start, extent.end), offset, max_chars or MOST_CHARS)
    for name in dict.fromkeys(include):  # however often it is asked for
        if name == "links" and extent.section is not None:
            _add_section_links(asked, db, note, extent.section)
        else:
            INCLUDED[name](asked, db, note, moment)
    return {**_facts(note, extent), **ended(_end(db, note)), **asked}


def _end(db: Snapshot, note: Note) -> End | None:
    word = word_of_end(note.metadata.status, note.metadata.tags)
    if word is None:
        return None
    from notewell_store.succession import end_of  # which reads links of texts

    return end_of(db, note, word)


def one_note(call: Call, ref: str, max_chars: int) -> results.Note:
    """What get_note answers of one note, for doors that know no other. Raises StoreError."""
    with call.store.reading() as db:
        found = _read(db, parse_reference(ref), "markdown", None, (), max_chars, 0)
    call.record(note_read(found))
    return found


def whole_note(call: Call, ref: str) -> results.WholeNote:
    """What get_note answers of a whole note, with its Markdown and its page (`html_content`) of one and the same
    moment, for doors that show both. Raises StoreError as get_note does."""
    with call.store.reading() as db:
        found = shown_whole(db, note_named(db, ref))
    call.record(note_read(found))
    return found


def note_named(db: Snapshot, ref: str, moment: past.Moment | None = None) -> Note:
    """The note, at the revision that the reference names if it names one, or as it was then. Raises StoreError."""
    return _note(db, parse_reference(ref), moment)


def shown_whole(db: Snapshot, note: Note, then: past.Moment | None = None) -> results.WholeNote:
    """See whole_note, and pages.page_of."""
    page = pages.page_of(db, note, 0, len(note.markdown), then=then)
    facts: results.NoteFacts = {**_facts(note, _extent(db, note, None)), **ended(_end(db, note))}
    return {**facts, "markdown": note.markdown, "html_content": page}


def revision_of(call: Call, ref: str) -> tuple[str, int]:
    """The slug and the newest revision of the living note of that name. Raises StoreError."""
    with call.store.reading() as db:
        return notes.head_of(db, notes.find_living(db, parse_reference(ref)))


def _note(db: Snapshot, reference: Reference, moment: past.Moment | None) -> Note:
    if moment is None and reference.revision is None:
        return notes.load_living(db, reference)
    note_id = notes.find(db, reference)
    slug = notes.slug_of(db, note_id)
    if moment is None:
        return revisions.load_at(db, note_id, slug, reference.revision or 1)
    if reference.revision is not None:
        raise Invalid("as_of and @revision both name a moment: send one of them", "as_of")
    return revisions.load_at(db, note_id, slug, past.revision_at(db, note_id, slug, moment))


def _extent(db: Snapshot, note: Note, anchor: str | None) -> Extent:
    if anchor is None:
        return Extent(None, 0, len(note.markdown))
    section = section_named(db, note, anchor)
    return Extent(section, section.start, section.end)


def _within(sections: tuple[Section, ...], extent: Extent) -> tuple[Section, ...]:
    return tuple(s for s in sections if extent.start <= s.start < max(extent.end, 1))


def _facts(note: Note, extent: Extent) -> results.NoteFacts:
    kept = note.metadata
    facts: results.NoteFacts = {
        "id": note.id,
        "slug": kept.slug,
        "title": kept.title,
        "note_type": kept.note_type,
        "status": kept.status,
        "project": kept.project,
        "tags": list(kept.tags),
        "parent": kept.parent,
        "is_public": kept.is_public,
        "revision": note.revision,
        "revised_by": note.revised_by,
        "updated_at": note.updated_at,
        "created_at": note.created_at,
    }
    if extent.section:
        facts["anchor"], facts["heading"] = extent.section.anchor, extent.section.heading
    if kept.deleted:
        facts["deleted"] = True
    return facts


def _toc_entry(entry: TocEntry) -> results.TocEntry:
    return {"anchor": entry.anchor, "heading": entry.heading, "level": entry.level, "chars": entry.chars}


def _show(asked: results.NoteView, name: Literal["markdown", "html"], text: str, offset: int, max_chars: int) -> None:
    """At most `max_chars` of the text from `offset`, cut at a line's end where there is one."""
    if offset > len(text):
        raise Invalid(f"offset={offset} is past the end: there are {len(text)} characters", "offset")
    end = offset + max_chars
    if end >= len(text):
        asked[name] = text[offset:]
        return
    line_end = text.rfind("\n", offset + max_chars // 2, end) + 1
    end = line_end or end
    asked[name] = text[offset:end]
    asked["chars"], asked["truncated"], asked["next_offset"] = len(text), True, end


def _begin(asked: results.NoteView, markdown: str, sections: tuple[Section, ...]) -> None:
    """The contents, down to the depth that there is room for, and the beginning, up to data that nobody reads."""
    entries = list(map(_toc_entry, toc(sections)))
    depths = ([entry for entry in entries if entry["level"] <= depth] for depth in range(6, 0, -1))
    shown = next((some for some in depths if _size(some) <= LARGEST_CONTENTS), [])
    room = LARGEST_WHOLE - _size(shown)
    beginning = markdown.encode()[:room].decode(errors="ignore")
    if data := INLINE_DATA.search(beginning):
        beginning = beginning[: data.start()] or beginning
    asked["toc"], asked["toc_total"] = shown, len(entries)
    _show(asked, "markdown", markdown, 0, len(beginning))


def _size(entries: list[results.TocEntry]) -> int:
    """Bytes of contents as they are shown."""
    return sum(len(_toc_line(entry).encode()) + 1 for entry in entries)


def _add_section_links(asked: results.NoteView, db: Snapshot, note: Note, section: Section) -> None:
    """The links that stand in the section, and those that lead to it."""
    outgoing = links.of_text(db, note.id, find_links(note.markdown[section.start : section.end]))
    incoming = [link for link in links.incoming(db, note.id) if (link.anchor or "").lower() == section.anchor.lower()]
    asked["links"] = list(map(link_end, [*outgoing[:MOST_SHOWN], *incoming[:MOST_SHOWN]]))
    asked["links_total"] = len(outgoing) + len(incoming)


def _add_links(asked: results.NoteView, db: Snapshot, note: Note, moment: past.Moment | None) -> None:
    unread = 0
    if moment is None:
        outgoing, incoming = links.outgoing(db, note.id), links.incoming(db, note.id)
    else:
        from notewell_store.tables.past_links import incoming_at, outgoing_at  # which reads former texts

        outgoing = outgoing_at(db, note, moment)
        incoming, unread = incoming_at(db, note.id, moment)
    asked["links"] = list(map(link_end, [*outgoing[:MOST_SHOWN], *incoming[:MOST_SHOWN]]))
    asked["links_total"] = len(outgoing) + len(incoming)
    if unread:
        asked["links_unread"] = unread


def _add_children(asked: results.NoteView, db: Snapshot, note: Note, moment: past.Moment | None) -> None:
    if moment is None:
        total, items = notes.children(db, note.id, MOST_SHOWN)
    else:
        then = past.list_notes_at(db, Filter(parent=note.id), "position", MOST_SHOWN, None, moment)
        total, items = then.total, then.items
    asked["children"], asked["children_total"] = list(map(note_summary, items)), total


def _add_history(asked: results.NoteView, db: Snapshot, note: Note, moment: past.Moment | None) -> None:
    page = history.list_revisions(db, note.id, up_to=None if moment is None else note.revision, limit=MOST_SHOWN)
    asked["history"], asked["history_total"] = list(map(revision_entry, page.items)), page.total


INCLUDED = {"links": _add_links, "children": _add_children, "history": _add_history}
