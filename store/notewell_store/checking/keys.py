"""Keys such as `story:superuser-deploy`: where the store defines them.

A definition is, the best first: a heading that holds the key, a table row whose first cell is the key, a line that
begins with it, the note called `story-superuser-deploy`, a heading of the key's words in a note that bears or holds
the key, a note that bears it as a tag. A mere mention is the last resort.
"""

import re
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from notewell_store.contract import Snapshot
from notewell_store.index_query import Together, Within
from notewell_store.markdown.sections import anchor_of
from notewell_store.markdown.slugs import slugify
from notewell_store.nearest import closest
from notewell_store.search.question import searchable_term
from notewell_store.tables import labels, names
from notewell_store.tables.found_passages import Held, passages_holding, passages_of_bearers
from notewell_store.vocabulary import types_meant

ALWAYS = frozenset({"story", "arch"})
"""Namespaces that are keys in any store."""
PASSAGES = 100  # that hold the key, the oldest first, and are read for its definition
ENOUGH = 3  # tags of a namespace before an unknown key in it counts as missing
COMPARED = 500  # tags of a namespace that an unknown key is compared with
MENTIONED = 9
SURE = 3  # a heading or the first cell of a row: what defines a key in a namespace that no tag has

_MARKS = " \t`*_[]<>"


class Definition(NamedTuple):
    """Where a key is defined; `rank` tells how well, MENTIONED for a mere mention."""

    rank: int
    note_id: int
    slug: str
    title: str
    created_at: str
    anchor: str | None


def used_namespaces(db: Snapshot, keys: Collection[str], project: str | None = None) -> dict[str, int]:
    """How many tags there are in each namespace of these keys, counted up to ENOUGH; here and below, where a project is
    named, of notes that it heeds."""
    namespaces = sorted({key.partition(":")[0] for key in keys})
    return labels.count_namespaces(db, namespaces, ENOUGH, project)


def define(db: Snapshot, key: str, besides: int | None = None, project: str | None = None) -> Definition | None:
    """The best definition of a key in lower case, or None when no note holds it. What the note `besides` merely
    mentions does not count."""
    best: Definition | None = None
    for look in (_in_passages, _in_notes, _in_headings):
        for found in look(db, key, project):
            if (found.rank < MENTIONED or found.note_id != besides) and (best is None or found.rank < best.rank):
                best = found
        if best is not None and best.rank <= _BEST_OF_LATER[look]:
            break
    return best


def nearest_keys(db: Snapshot, key: str, project: str | None = None, limit: int = 3) -> tuple[str, ...]:
    """Tags of the same namespace that look like it, best first."""
    namespace, _, name = key.partition(":")
    known = [label.partition(":")[2] for label in labels.labels_in_namespace(db, namespace, COMPARED, project)]
    return tuple(f"{namespace}:{near}" for near in closest(name, known, limit))


def _in_passages(db: Snapshot, key: str, project: str | None) -> Iterator[Definition]:
    holds = holding(key)
    for held in passages_holding(db, Together(searchable_term(key)), PASSAGES, project):
        if held.heading and holds.search(held.heading):
            yield _in(held, 1)
        ranks = [line_rank(line, key, holds) for line in held.body.splitlines() if holds.search(line)]
        if ranks:
            yield _in(held, min(ranks))


def holding(key: str) -> re.Pattern[str]:
    """What finds a key as a whole word."""
    return re.compile(rf"(?<![\w:-]){re.escape(key)}(?![:-]?\w)", re.IGNORECASE)


def line_rank(line: str, key: str, holds: re.Pattern[str]) -> int:
    """How well a line that holds a key defines it, in the terms of `Definition`."""
    text = line.strip()
    if text.startswith("#"):
        return 1
    if text.startswith("|"):
        cells = [cell.strip(_MARKS).lower() for cell in text.strip("|").split("|")]
        if cells[0] == key:
            return 2
        return 3 if holds.search(cells[0]) else 4 if len(cells) > 1 and cells[1] == key else MENTIONED
    return 5 if holds.match(text.lstrip("-+>" + _MARKS)) else MENTIONED


def _in_headings(db: Snapshot, key: str, project: str | None) -> Iterator[Definition]:
    """Headings of the key's words, in notes that bear the key, or that its type names."""
    namespace, _, name = key.partition(":")
    asked = Within(("heading",), Together(searchable_term(name)))
    types = (namespace, *types_meant(namespace))
    for held in passages_of_bearers(db, asked, key, types, PASSAGES, project):
        if held.heading and anchor_of(held.heading) == anchor_of(name.replace("-", " ")):
            yield _in(held, 7)


def _in_notes(db: Snapshot, key: str, project: str | None) -> Iterator[Definition]:
    namespace, _, name = key.partition(":")
    named = {slugify(f"{start}-{name}") for start in (namespace, *types_meant(namespace))}
    for is_named, *place in names.called_or_labelled(db, sorted(named), key, project):
        yield _definition(6 if is_named else 8, [*place, None])


def _in(held: Held, rank: int) -> Definition:
    return Definition(rank, held.note_id, held.slug, held.title, held.created_at, held.anchor)


def _definition(rank: int, place: list[Any]) -> Definition:
    return Definition(rank, *place)


_BEST_OF_LATER = {_in_passages: 6, _in_notes: 7, _in_headings: MENTIONED}
"""The best rank that the looks behind this one can give."""
