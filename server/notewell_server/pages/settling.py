"""A conflict, place by place: what a page shows of it, and the text that comes of what was chosen."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from notewell_server.pages.forms import with_ends_of, with_line_feeds
from notewell_server.pages.marks import Piece
from notewell_store.markdown.diffs import opcodes
from notewell_store.markdown.merging import Region, settled
from notewell_tools.draft_page import Field, Fields, Meeting, merged_fields

CHOICES = ("theirs", "mine", "both", "own")
_WORD = re.compile(r"\w+|\s+|[^\w\s]")
LONGEST_MARKED = 20_000
"""Characters of two sides of a place whose words are compared."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person wrote of a note: the text with line feeds, the fields, why, and the revision it was begun from."""

    text: str
    fields: Fields
    reason: str
    revision: int


class Place(NamedTuple):
    """Where two changes meet: by its number, with what was chosen so far and what was written of one's own."""

    number: int
    before: str
    theirs: list[Piece]
    mine: list[Piece]
    chosen: str
    own: str


class Stretch(NamedTuple):
    """What needs no choice: `same`, `mine`, `theirs` or `alike`."""

    kind: str
    text: str
    lines: int


class FieldPlace(NamedTuple):
    field: Field
    chosen: str


class Settling(NamedTuple):
    """What was chosen, as far as it was; `is_whole` where nothing is left to choose."""

    parts: list[Place | Stretch]
    fields: list[FieldPlace]
    is_whole: bool

    @property
    def places(self) -> int:
        return sum(isinstance(part, Place) for part in self.parts) + len(self.fields)

    @property
    def merged(self) -> int:
        """Changes that fit together by themselves."""
        return sum(isinstance(part, Stretch) and part.kind != "same" for part in self.parts)


def settling(meeting: Meeting, form: Mapping[str, str]) -> Settling:
    """What the page shows, with the choices that a form of it has."""
    parts = list(_parts(meeting["regions"], form))
    fields = [FieldPlace(field, form.get(f"field-{field['name']}", "")) for field in meeting["fields"]]
    chosen = [part.chosen for part in parts if isinstance(part, Place)] + [place.chosen for place in fields]
    return Settling(parts, fields, all(choice in CHOICES for choice in chosen))


def _parts(regions: Sequence[Region], form: Mapping[str, str]) -> Iterator[Place | Stretch]:
    number = 0
    for region in regions:
        if region.kind != "both":
            yield Stretch(region.kind, "".join(region.merged), len(region.merged or region.base))
            continue
        before, theirs, mine = ("".join(side) for side in (region.base, region.theirs, region.mine))
        own = with_line_feeds(form.get(f"own-{number}", mine))
        chosen = form.get(f"place-{number}", "")
        yield Place(number, before, _marked(before, theirs), _marked(before, mine), chosen, own)
        number += 1


def _marked(before: str, after: str) -> list[Piece]:
    """What stands there, with the words marked that did not before."""
    if len(before) + len(after) > LONGEST_MARKED:
        return [Piece(after, is_marked=False)]
    old, new = _WORD.findall(before), _WORD.findall(after)
    return [Piece("".join(new[c:d]), tag != "equal") for tag, _, _, c, d in opcodes(old, new) if c < d]


def outcome(meeting: Meeting, found: Settling, typed: Typed) -> Typed:
    """What was settled, as if it had been typed from the revision that the others made."""
    places = [region for region in meeting["regions"] if region.kind == "both"]
    chosen = [part for part in found.parts if isinstance(part, Place)]
    texts = [_chosen(region, place) for region, place in zip(places, chosen, strict=True)]
    fields = merged_fields(meeting["base"], meeting["theirs"], typed.fields)
    fields |= {place.field["name"]: place.field["theirs"] for place in found.fields if place.chosen == "theirs"}
    return Typed(settled(meeting["regions"], texts), fields, typed.reason, meeting["newest"])


def _chosen(region: Region, place: Place) -> str:
    theirs, mine = "".join(region.theirs), "".join(region.mine)
    if place.chosen == "own":
        return _ended(with_ends_of(theirs or mine, place.own), theirs + mine)
    if place.chosen == "both":
        return _ended(theirs, mine) + mine
    return theirs if place.chosen == "theirs" else mine


def _ended(text: str, beside: str) -> str:
    """A text without an end of its last line gets one where what stands beside it has one."""
    return f"{text}\n" if text and not text.endswith("\n") and beside.endswith("\n") else text
