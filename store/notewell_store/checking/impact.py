"""Which notes a change touches: those that came from a changed file, or speak of it or of what it defines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from notewell_store.checking.patches import Patch
from notewell_store.contract import Snapshot
from notewell_store.index_query import Together
from notewell_store.names import is_markdown
from notewell_store.search.question import searchable_term
from notewell_store.tables.found_passages import passages_holding
from notewell_store.tables.origins import notes_from_paths

MOST_LOOKED_AT = 200  # passages that hold a path
TOO_COMMON = 50  # passages that hold a file's name or a symbol: then it tells nothing
MOST_SEARCHED = 300  # paths, and as many symbols, of one change
ORDINARY = frozenset(
    """__init__ __main__ app base cli config conftest constants dockerfile errors exceptions helpers index init lib
    license main makefile mod models package package-lock pyproject readme requirements routes schema server settings
    setup test tests types urls util utils views""".split()  # noqa: SIM905 - as a list it is not readable
)
"""Names of files, without ending, that stand in every repository."""


@dataclass(frozen=True, slots=True)
class Touched:
    """A note that speaks of what was changed, in the section `anchor`. `why` says how it names `what`; `rank` orders
    the reasons, the most specific 0, and `others` counts further ones."""

    slug: str
    anchor: str | None
    title: str
    why: str
    what: str
    rank: int
    others: int = 0


def touched_notes(db: Snapshot, patch: Patch) -> tuple[Touched, ...]:
    """The notes that a change touches, one entry for each, the most specific reason first, then by slug.

    Of a change that touches more than MOST_SEARCHED files or symbols, the first are looked for.
    """
    reasons: dict[str, dict[str, Touched]] = {}
    for found in _reasons(db, patch):
        of_note = reasons.setdefault(found.slug, {})
        if found.what not in of_note or found.rank < of_note[found.what].rank:
            of_note[found.what] = found
    best = [min(of_note.values(), key=lambda found: found.rank) for of_note in reasons.values()]
    counted = [replace(found, others=len(reasons[found.slug]) - 1) for found in best]
    return tuple(sorted(counted, key=lambda found: (found.rank, -found.others, found.slug)))


def _reasons(db: Snapshot, patch: Patch) -> Iterator[Touched]:
    for path in [*patch.paths][:MOST_SEARCHED]:
        yield from _imported(db, path)
        yield from _naming_file(db, path)
    for symbol in [*patch.symbols][:MOST_SEARCHED]:
        yield from _naming_symbol(db, symbol)


def _imported(db: Snapshot, path: str) -> Iterator[Touched]:
    """Notes that came from the file, be it by its path in the repository or in a folder of it."""
    parts = PurePosixPath(path).parts
    if not is_markdown(path):
        return
    ways = [path, *("/".join(parts[at:]) for at in range(1, len(parts) - 1))]
    for slug, title in notes_from_paths(db, ways):
        yield Touched(slug, None, title, "imported from", path, 0)


def _naming_file(db: Snapshot, path: str) -> Iterator[Touched]:
    parts = PurePosixPath(path).parts
    stem = parts[-1].partition(".")[0].lower() if parts else ""
    if len(parts) > 1:
        yield from _naming(db, path, path, "names", 1)
    if len(parts) > 2:
        end = "/".join(parts[-2:])
        yield from _naming(db, path, end, f"names {end}:", 2)
    if len(stem) > 3 and stem not in ORDINARY:
        yield from _naming(db, path, parts[-1], "names" if len(parts) == 1 else f"names {parts[-1]}:", 3, TOO_COMMON)


def _naming_symbol(db: Snapshot, symbol: str) -> Iterator[Touched]:
    """An ordinary word names a symbol only where it is marked as code."""
    is_telling = "_" in symbol.strip("_") or re.search("[a-z0-9][A-Z]", symbol)
    pattern = None if is_telling else rf"`[^`\n]*(?<!\w){re.escape(symbol)}(?!\w)|(?<!\w){re.escape(symbol)}\("
    yield from _naming(db, symbol, symbol, "names", 4, TOO_COMMON, pattern)


def _naming(
    db: Snapshot,
    what: str,
    text: str,
    why: str,
    rank: int,
    most: int | None = None,
    pattern: str | None = None,
) -> Iterator[Touched]:
    """Notes with passages that hold `text` as it stands, or `pattern`; none where more than `most` passages do."""
    phrase = searchable_term(text)
    if not any(map(str.isalnum, phrase)):
        return
    holds = re.compile(pattern or rf"(?<![\w-]){re.escape(text)}(?![\w-])")
    found = [
        Touched(held.slug, held.anchor, held.title, why, what, rank)
        for held in passages_holding(db, Together(phrase), MOST_LOOKED_AT)
        if holds.search(f"{held.heading or ''}\n{held.body}")
    ]
    if most is None or len(found) <= most:
        yield from found
