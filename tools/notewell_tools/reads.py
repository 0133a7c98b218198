"""What counts as reading, whichever door it was asked at: a note or a section of one, a search, a brief."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple
from zlib import crc32


class Read(NamedTuple):
    """`note` is a note's id, `anchor` the section of it that was shown alone; `hits` are the notes that a search found,
    `project` is that which it or a brief was narrowed to."""

    what: Literal["note", "search", "brief"]
    note: int | None = None
    anchor: str | None = None
    query: str | None = None
    hits: int | None = None
    project: str | None = None


def number_of_section(anchor: str) -> int:
    """What is kept of a section's name: enough to know it again while it is there, and no words of a note."""
    return crc32(anchor.lower().encode()) or 1


def note_read(note: Mapping[str, Any]) -> Read:
    """Of what was answered about a note."""
    return Read("note", note=note["id"], anchor=note.get("anchor"))


def reads_of(tool: str, arguments: Mapping[str, Any], answer: Mapping[str, Any]) -> Sequence[Read]:
    """What a call read, by the tool that was called and what it answered; nothing for other tools."""
    match tool:
        case "get_note":
            return list(map(note_read, answer.get("notes", [answer])))
        case "search_notes":
            query, project = arguments["query"], arguments["project"]
            return [Read("search", query=query, hits=answer["total"], project=project)]
        case "brief":
            return [Read("brief", project=answer["project"])]
    return ()
