"""What a file holds, read once: its metadata, its text, its title."""

import re
from dataclasses import dataclass, replace
from typing import NamedTuple

from notewell_store.clock import now
from notewell_store.files.front_matter import LARGEST_BLOCK, FrontMatter, split_telling
from notewell_store.files.naming import title_of_content
from notewell_store.files.plain_yaml import read_entries
from notewell_store.markdown.front_matter import BLOCK
from notewell_store.models import Attribution, Note
from notewell_store.writing.limits import LARGEST_TEXT, attributed_in_short

LARGEST_FILE = LARGEST_TEXT + LARGEST_BLOCK  # bytes; the note without its front matter holds LARGEST_TEXT at most
TOO_LARGE = f"larger than {LARGEST_TEXT:,} bytes"


LFS = "a Git LFS pointer: `git lfs pull` in the checkout brings the page, then import the folder"
ANNEX = "a git-annex pointer: `git annex get` in the checkout brings the page, then import the folder"
HOLLOW = "nothing but NUL characters: a sparse file, or one whose text a cloud keeps"
_LFS_START = b"version https://git-lfs.github.com/spec/v"
_ANNEX_FILE = re.compile(rb"[/\\]annex[/\\]objects[/\\][^\n]{1,4000}\n?")


class Refused(Exception):
    """The file cannot become a note; the message says why."""


class Related(NamedTuple):
    """A relation of the page to another one of its source, named by its path from this one, its number (`ADR-5`), its
    alias or its title."""

    relation: str
    name: str


@dataclass(frozen=True, slots=True)
class Content:
    """A file's text without its front matter, and what the file says of itself, its title included.

    `mark` tells the file's bytes from others: their SHA-256, or git's name for them. `changed` is when the file
    was, which counts where the page tells no time. `named` is the path that the note is named by where the file's own
    name will not do. `unread` tells what of the front matter could not be taken, by line.
    """

    front: FrontMatter
    body: str
    mark: str
    changed: str | None = None
    named: str | None = None
    unread: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()


def read_content(data: bytes, path: str, mark: str, title: str | None = None) -> Content:
    """`title` is for a page whose front matter has none. Raises Refused for bytes that no note may hold."""
    if len(data) > LARGEST_FILE:
        raise Refused(TOO_LARGE)
    if stand_in := _stand_in(data):
        raise Refused(stand_in)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise Refused(f"not UTF-8 (byte {error.start:,})") from None
    if "\0" in text:
        raise Refused("holds a NUL character")
    front, body, unread, untold = split_telling(text)
    if len(body.encode()) > LARGEST_TEXT:
        raise Refused(TOO_LARGE)
    title = front.title or title or title_of_content(body, path)
    return Content(replace(front, title=title), body, mark, unread=(*unread, *untold))


def _stand_in(data: bytes) -> str | None:
    """What the file is, where it only stands for one that is elsewhere."""
    if data.startswith(_LFS_START):
        return LFS
    if _ANNEX_FILE.fullmatch(data):
        return ANNEX
    return HOLLOW if data and not data.strip(b"\0") else None


def words_of(data: bytes) -> dict[str, str]:
    """The words that the front matter of a page gives, by their keys, known or not."""
    block = BLOCK.match(data[: 4 * LARGEST_BLOCK].decode("utf-8", "replace"))
    entries = read_entries(block["yaml"]) if block and len(block["yaml"]) <= LARGEST_BLOCK else []
    return {entry.key: entry.value[0] for entry in entries if entry.value and isinstance(entry.value[0], str)}


def told_by(by: Attribution, content: Content) -> tuple[Attribution, Attribution | None]:
    """Who made the page and when, as far as that is told; and the same of its last change, where that is told too.

    Nothing is later than now. A history tells it all by itself.
    """
    if by.at is not None:
        return by, None
    who, created, updated = (
        replace(by, actor=content.front.author or by.actor),
        content.front.created,
        content.front.updated,
    )
    first = _not_later(created or updated or content.changed)
    last = _not_later(updated)
    again = attributed_in_short(replace(who, at=last)) if first and last and last > first else None
    return attributed_in_short(replace(who, at=first)), again


def told_again(by: Attribution, content: Content, note: Note) -> Attribution:
    """Who changed the page and when, where that is told and behind the note's newest revision."""
    at = _not_later(content.front.updated or content.changed)
    if by.at is not None or at is None or at <= note.updated_at:
        return by
    return attributed_in_short(replace(by, actor=content.front.author or by.actor, at=at))


def _not_later(time: str | None) -> str | None:
    return min(time, now()) if time else None
