"""Decision records as adr-tools and MADR write them: their status, their date, and what they supersede."""

import re
from collections.abc import Iterator
from dataclasses import replace

from notewell_store.clock import told_time
from notewell_store.files.contents import Content, Related
from notewell_store.vocabulary import joined_status

DECISION = "decision"
SUPERSEDES = "supersedes"
SUPERSEDED_BY = "superseded-by"
OVER = "superseded"  # the status of what was

HEAD = 4_000  # characters in which a record says its date and, where that is no section, its status

_SECTION = re.compile(
    r"^#{2,6}[ \t]+Status[ \t]*+#*+[ \t]*+\r?\n(?P<text>.*?)(?=^#{1,6}[ \t]|\Z)",
    re.MULTILINE | re.DOTALL | re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_ITEM = r"^(?:[*-][ \t]+)?\**{}\**:\**[ \t]*(?P<text>\S[^\r\n]*+)"
_STATUS = re.compile(_ITEM.format("Status"), re.MULTILINE | re.IGNORECASE)
_DATE = re.compile(_ITEM.format("Date"), re.MULTILINE | re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_RELATION = re.compile(r"\W*(super[sc]ede[sd]|amend(?:s|ed)|clarifie[sd]|replace[sd])\b(?:[ \t]+by\b)?(.*)", re.I)
_LINK = re.compile(r"\[[^\]\n]{1,300}\]\(<?([^()<>\s]{1,400})>?\)")
_NUMBER = re.compile(r"(?:\b(?:ADR|RFC)[-\s#]*|^[\s#]*)(\d{1,6})\b(?!-\d\d)", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_MOST_WORDS = 3  # of a status that is none of the known ones


def decided(content: Content) -> Content:
    """The record with what its front matter or its text says of it. Nothing is taken off the text."""
    front = content.front
    lines = [front.status] if front.status else list(_said(content.body))
    related = tuple(related for line in lines for related in _relations(line))
    words = list(filter(None, map(_status, lines)))
    status = OVER if OVER in words else next(iter(words), None)
    day = _DATE.search(content.body, 0, HEAD)
    date = _DAY.search(day["text"]) if day else None
    front = replace(
        front, status=status or front.status, created=front.created or (told_time(date[0]) if date else None)
    )
    return replace(content, front=front, related=(*content.related, *related))


def _said(body: str) -> Iterator[str]:
    section = _SECTION.search(body)
    if section:
        yield from filter(None, map(str.strip, _COMMENT.sub("", section["text"][:HEAD]).splitlines()))
    elif item := _STATUS.search(body, 0, HEAD):
        yield item["text"]


def _relations(line: str) -> Iterator[Related]:
    match = _RELATION.match(line)
    if match is None:
        return
    verb = _verb(match)
    relation = f"{verb}-by" if verb.endswith("d") else verb
    targets = _LINK.findall(match[2]) or [f"ADR-{number}" for number in _NUMBER.findall(match[2])]
    yield from (Related(relation, target) for target in targets if ":" not in target)


def _verb(match: re.Match[str]) -> str:
    """adr-tools write `superceded`."""
    return match[1].lower().replace("superc", "supers").replace("replace", "supersede")


def _status(line: str) -> str | None:
    """The words that a line of the status begins with, less what it says of other records."""
    if relation := _RELATION.match(line):
        return OVER if _verb(relation) == OVER else None
    words = _WORDS.findall(line[:200])
    known = (some for length in range(_MOST_WORDS, 0, -1) if joined_status(some := " ".join(words[:length])))
    return next(known, " ".join(words) if len(words) <= _MOST_WORDS else None)
