"""get_note: one note, a section of it, or its contents, now or as it was."""

from collections.abc import Sized
from typing import Annotated, Literal, NamedTuple

from pydantic import BeforeValidator, Field

from notewell_store import Invalid, parse_reference
from notewell_store.contract import Snapshot
from notewell_store.errors import NextArgument, NextCall, Say
from notewell_store.markdown import Section
from notewell_store.markdown.sections import pick_section, toc
from notewell_store.models import Filter, Note, TocEntry
from notewell_store.references import Reference
from notewell_store.tables import history, links, notes, pages, past, past_links, revisions
from notewell_store.tables.sections import sections_of
from notewell_tools import results
from notewell_tools.answers import (
    chars,
    link_end,
    link_line,
    note_line,
    note_summary,
    part_of,
    revision_entry,
    revision_line,
)
from notewell_tools.definition import Call, Name, split_words, tool

MOST_SHOWN = 50  # links in each direction, children, revisions: the rest is counted

Include = Annotated[
    list[Literal["links", "children", "history"]],
    BeforeValidator(split_words),
]


class Extent(NamedTuple):
    """The part of a text that is asked for: a section or all of it."""

    section: Section | None
    start: int
    end: int


def _text(data: results.Note, say: Say) -> str:
    parts = [_header(data)]
    if "toc" in data:
        parts += [_toc_line(entry) for entry in data["toc"]] or ["(no headings)"]
    elif "markdown" in data:
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
        return f"{name} · {data['title']} · {data['updated_at'][:10]}"
    kind = " ".join(word for word in (data["note_type"], data["status"], data["project"]) if word)
    facts = [
        name,
        data["title"],
        kind,
        f"tags {', '.join(data['tags'])}" if data["tags"] else "",
        f"parent {data['parent']}" if data["parent"] else "",
        "public" if data["is_public"] else "",
        f"updated {data['updated_at'][:10]}" + (f" by {data['revised_by']}" if data["revised_by"] else ""),
        "" if "markdown" in data or "html" in data or "toc" in data else f"created {data['created_at'][:10]}",
    ]
    return " · ".join(fact for fact in facts if fact)


def _toc_line(entry: results.TocEntry) -> str:
    indent = "  " * (entry["level"] - 1)
    return f"{indent}#{entry['anchor']} · {entry['heading']} · {chars(entry['chars'])}"


def _cut(data: results.Note, say: Say) -> str:
    shown = len(data["markdown"] if "markdown" in data else data["html"])
    following = say(NextArgument("offset", data["next_offset"]))
    contents = say(NextCall("get_note", {"ref": data["slug"], "view": "toc"}))
    size = f"{shown:,} of {data['chars']:,} characters"
    return f"[cut: {size}; next: {following}, or read one section: {contents}]"


def _count(name: str, shown: Sized, total: int, unread: int = 0) -> str:
    missed = f", and those of {unread:,} notes changed since, too many to read again" if unread else ""
    return f"{name}: {part_of(len(shown), total, '').rstrip()}{missed}"


@tool(_text, reads_only=True)
def get_note(
    call: Call,
    ref: Annotated[Name, Field(description="slug, slug#anchor (section), slug@7 (revision), alias or id")],
    view: Annotated[
        Literal["markdown", "toc", "html", "meta"], Field(description="toc: anchors and sizes")
    ] = "markdown",
    as_of: Annotated[Name | None, Field(description="a time or a seq: as it was then")] = None,
    include: Include = [],  # noqa: B006 - never changed; pydantic copies it
    max_chars: Annotated[int, Field(ge=100, le=1_000_000)] = 20_000,
    offset: Annotated[int, Field(ge=0)] = 0,
) -> results.Note:
    """Read a note, or better one section (ref='slug#anchor'); view='toc' first where it is long."""
    reference = parse_reference(ref)
    moment = None if as_of is None else past.read_moment(as_of)
    with call.store.reading() as db:
        note = _note(db, reference, moment)
        sections = sections_of(db, note) if reference.anchor or view == "toc" else ()
        extent = _extent(note, sections, reference.anchor)
        asked: results.NoteView = {}
        if view == "toc":
            asked["toc"] = list(map(_toc_entry, toc(_within(sections, extent))))
        elif view == "markdown":
            _show(asked, "markdown", note.markdown[extent.start : extent.end], offset, max_chars)
        elif view == "html":
            _show(asked, "html", pages.page_of(db, note, extent.start, extent.end), offset, max_chars)
        for name in include:
            INCLUDED[name](asked, db, note, moment)
        return {**_facts(note, extent), **asked}


def whole_note(call: Call, ref: str) -> results.WholeNote:
    """What get_note answers of a whole note, with its Markdown and its page (`html_content`) of one and the same
    moment, for doors that show both. Raises StoreError as get_note does."""
    with call.store.reading() as db:
        note = _note(db, parse_reference(ref), None)
        page = pages.page_of(db, note, 0, len(note.markdown))
        return {**_facts(note, _extent(note, (), None)), "markdown": note.markdown, "html_content": page}


def revision_of(call: Call, ref: str) -> tuple[str, int]:
    """The slug and the newest revision of the living note of that name. Raises StoreError."""
    with call.store.reading() as db:
        return notes.head_of(db, notes.find_living(db, parse_reference(ref)))


def _note(db: Snapshot, reference: Reference, moment: past.Moment | None) -> Note:
    if moment is None and reference.revision is None:
        return notes.load(db, notes.find_living(db, reference))
    note_id = notes.find(db, reference)
    slug = notes.slug_of(db, note_id)
    if moment is None:
        return revisions.load_at(db, note_id, slug, reference.revision or 1)
    if reference.revision is not None:
        raise Invalid("as_of and @revision both name a moment: send one of them", "as_of")
    return revisions.load_at(db, note_id, slug, past.revision_at(db, note_id, slug, moment))


def _extent(note: Note, sections: tuple[Section, ...], anchor: str | None) -> Extent:
    if anchor is None:
        return Extent(None, 0, len(note.markdown))
    section = pick_section(sections, anchor, note.metadata.slug)
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


def _add_links(asked: results.NoteView, db: Snapshot, note: Note, moment: past.Moment | None) -> None:
    unread = 0
    if moment is None:
        outgoing, incoming = links.outgoing(db, note.id), links.incoming(db, note.id)
    else:
        outgoing = past_links.outgoing_at(db, note, moment)
        incoming, unread = past_links.incoming_at(db, note.id, moment)
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
