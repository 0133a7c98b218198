"""How much a note may hold, whichever way it is written.

A tool refuses what is over a limit, and the caller sends less. An import has nobody to ask: it takes what it may, and
its summary says what it left out. What a note holds already it may keep.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from notewell_store.errors import Invalid
from notewell_store.models import Attribution, ExplicitLink, Metadata
from notewell_store.names import LONGEST_TITLE, as_title, is_title, without_controls

LARGEST_TEXT = 1_000_000  # bytes: a larger note would hold the gate too long
LARGEST_POSITION = 1_000_000_000
LONGEST_LINE = 1_000  # characters of a reason, or of on whose account
LONGEST_ACTOR = 200
MOST_TAGS = 100
MOST_LINKS = 1_000  # set on purpose; every revision keeps them all
MOST_NAMED = 5  # of what an import left out
_CUT = " …"


class Excess(NamedTuple):
    """What of a note is over a limit: how a caller is refused, what may be taken, and what is said of the rest."""

    field: str
    argument: str
    refusal: str
    taken: Any
    left_out: str


def refuse_excess(metadata: Metadata, before: Metadata) -> None:
    """Raise Invalid where the note would hold more than it may."""
    for excess in _excesses(metadata, before):
        raise Invalid(excess.refusal, excess.argument)


def without_excess(metadata: Metadata, before: Metadata) -> tuple[Metadata, tuple[str, ...]]:
    """The metadata as far as a note may hold it, and what is to be said of the rest."""
    found = list(_excesses(metadata, before))
    return replace(metadata, **{each.field: each.taken for each in found}), tuple(each.left_out for each in found)


def title_refusal(title: str) -> str:
    return f"title={title[:80]!r}: send one line of 1 to {LONGEST_TITLE} printable characters"


def _excesses(metadata: Metadata, before: Metadata) -> Iterator[Excess]:
    title, position = metadata.title, metadata.position
    if title != before.title and not is_title(title):
        words = f"its title has {len(title):,} characters, of which {LONGEST_TITLE} are kept"
        yield Excess("title", "title", title_refusal(title), as_title(title) or before.title, words)
    if position is not None and position != before.position and abs(position) > LARGEST_POSITION:
        words = f"position={position}: send a number of at most {LARGEST_POSITION:,}"
        yield Excess("position", "position", words, before.position, f"its position {position:,} is left out")
    if len(metadata.tags) > max(MOST_TAGS, len(before.tags)):
        refusal = f"{len(metadata.tags):,} tags are too many, a note bears {MOST_TAGS}: choose those it is found by"
        taken, left = _taken(metadata.tags, before.tags, MOST_TAGS)
        yield Excess("tags", "tags", refusal, taken, _left_out("tags", len(metadata.tags), left))
    if len(metadata.links) > max(MOST_LINKS, len(before.links)):
        refusal = f"{len(metadata.links):,} links are too many, {MOST_LINKS:,} can be set: link the others in the text"
        links, left_links = _taken(metadata.links, before.links, MOST_LINKS)
        yield Excess("links", "targets", refusal, links, _left_out("links", len(metadata.links), left_links))


def _taken(wanted: tuple[Any, ...], kept: tuple[Any, ...], most: int) -> tuple[tuple[Any, ...], list[Any]]:
    """As many as may be, those that are there already first; in the order in which they were. Then the rest."""
    there = frozenset(kept)
    ranked = sorted(wanted, key=lambda each: each not in there)
    room = max(most, sum(each in there for each in wanted))
    left = frozenset(ranked[room:])
    return tuple(each for each in wanted if each not in left), ranked[room:]


def _left_out(what: str, number: int, left: list[Any]) -> str:
    named = ", ".join(each.target if isinstance(each, ExplicitLink) else str(each) for each in left[:MOST_NAMED])
    more = f" and {len(left) - MOST_NAMED:,} more" if len(left) > MOST_NAMED else ""
    return f"of its {number:,} {what} these are left out, for a note bears no more: {named}{more}"


def attributed(by: Attribution) -> Attribution:
    """Who, on whose account and why, on one line each: in a history every line is a revision of its own. Raises Invalid
    for a line that is too long."""
    for argument, line in (("revised_by", by.revised_by), ("reason", by.reason)):
        size = len(without_controls(line or ""))
        if size > LONGEST_LINE:
            words = (
                f"{argument} has {size:,} characters, at most {LONGEST_LINE:,} are kept: write the rest into the note"
            )
            raise Invalid(words, argument)
    return attributed_in_short(by)


def attributed_in_short(by: Attribution) -> Attribution:
    """As `attributed`, with lines that are too long cut, and a mark where: of commits, which keep the whole."""
    return replace(
        by,
        actor=without_controls(by.actor)[:LONGEST_ACTOR].rstrip() or "unknown",
        revised_by=_cut(by.revised_by),
        reason=_cut(by.reason),
    )


def _cut(text: str | None) -> str | None:
    line = without_controls(text or "")
    return (line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - len(_CUT)].rstrip() + _CUT) or None
