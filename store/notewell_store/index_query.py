"""What a full-text index is asked: a small tree, which each engine says in its own words (contract.Index)."""

from collections.abc import Iterable
from typing import Literal, NamedTuple, TypeAlias, Union

Column = Literal["title", "heading", "names"]
"""What stands over the body of a passage."""


class Together(NamedTuple):
    """Words that stand side by side, in this order; a word alone too. An index cuts and stems them as it does texts."""

    words: str


class Beginning(NamedTuple):
    """As Together, but the last of the words may go on."""

    words: str


class AnyOf(NamedTuple):
    """What one of these holds, or several."""

    queries: tuple["IndexQuery", ...]


class AllOf(NamedTuple):
    """What holds all of these, wherever in a passage each stands."""

    queries: tuple["IndexQuery", ...]


class Within(NamedTuple):
    """What is asked for, in these columns alone."""

    columns: tuple[Column, ...]
    query: "IndexQuery"


IndexQuery: TypeAlias = Union[Together, Beginning, AnyOf, AllOf, Within]  # noqa: UP007 - the names stand in quotes above


def any_of(queries: Iterable[IndexQuery]) -> IndexQuery:
    """One of these; the only one as it is, and of those that are any of others the others."""
    parts: list[IndexQuery] = []
    for query in queries:
        parts += query.queries if isinstance(query, AnyOf) else (query,)
    return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))


def all_of(queries: Iterable[IndexQuery]) -> IndexQuery:
    """All of these; the only one as it is."""
    parts = tuple(queries)
    return parts[0] if len(parts) == 1 else AllOf(parts)


class PassageText(NamedTuple):
    """What stands in a passage, and over it."""

    title: str
    heading: str
    body: str
    names: str
