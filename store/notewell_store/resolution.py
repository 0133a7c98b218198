"""What a name in a text means: pure rules, the same for notes in a store and for files that are not in it yet.

A page is known by the ends of its path, its title and its further names, all folded; by its slugs too. `choose` takes
the pages that bear a name in any of these ways and says which one is meant. docs/decisions/0057 has the order.
"""

import posixpath
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

from notewell_store.markdown.slugs import is_slug, loses_letters, slugify
from notewell_store.names import is_folder_page, is_markdown, meant_paths, slug_of_path


class Way(IntEnum):
    """By what a page bears a name."""

    FILE = 0
    """The mere name of a file that so many bear that it means nothing alone. No page is looked for by it."""
    END = 1
    TITLE = 2
    WORD = 3
    """A further name that its file gives, as it is written there."""
    SLUG = 4
    ALIAS = 5
    NUMBER = 6


CALLED = frozenset({Way.SLUG, Way.ALIAS, Way.NUMBER})


class Asker(NamedTuple):
    """Whose text it is: where that came from, and who may read it. A text that is nobody's sees all."""

    source: int | None = None
    path: str | None = None
    project: int | None = None
    is_public: bool = False
    note: int | None = None


class Asked(NamedTuple):
    """A name as a text writes it."""

    key: str
    """Folded; what bears the name by its path, title or a further name is kept under it."""
    slug: str
    """The slug, alias or number that it may be; empty where it lost letters on the way to one."""
    is_slug: bool = True
    """Whether it is written as that slug, but for capitals."""
    is_exact: bool = True
    """Whether that slug is in it as it is written."""
    own: str | None = None
    """As a path from the folder of the text's own page."""
    root: str | None = None
    """As a path from the root of its source."""
    is_loose: bool = False
    """Whether a page may have another path than these, if it ends so, or bear the name as its title."""

    @property
    def keys(self) -> set[str]:
        """Those under which all pages are found that it may mean."""
        if not self.key:
            return set()
        return {self.key, fold(self.own)} if self.own and is_common(self.key) else {self.key}


class Bearer(NamedTuple):
    """A page that bears a name."""

    key: str
    way: Way
    note: int
    path: str | None = None
    source: int | None = None
    project: int | None = None
    is_public: bool = False
    deleted: bool = False


PAGE_OF_FOLDER = "index.md"
"""The file in which an export writes the note of a folder that has no page of its own."""

HERE = 1
"""The one source of files that are not in a store yet."""


def bearers_of_file(
    number: int, path: str, title: str | None, words: Iterable[str], slugs: Iterable[str]
) -> Iterator[Bearer]:
    """The names of a file among others of one source, of which each has a number."""
    ways = [*ends_of(path).items(), *((slug, Way.SLUG) for slug in slugs), *((fold(word), Way.WORD) for word in words)]
    for key, way in [*ways, *([(fold(title), Way.TITLE)] if title else [])]:
        if way is not Way.FILE:
            yield Bearer(key, way, number, path, HERE)


class Meant(NamedTuple):
    """The page that a name means; None where there is none, or where `several` bear it with equal right."""

    note: int | None = None
    way: Way | None = None
    several: tuple[int, ...] = ()


MOST_SLUGS = 4_000
LONGEST_NAME = 400
"""Names that are remembered with the slugs that they make, and their characters: pages of one source name the same
others again and again."""
NOBODY = Asker()
_NONE = Meant()


def fold(text: str) -> str:
    """The text as names are compared: in one Unicode form, without regard to capitals, spaces joined."""
    if text.isascii():
        return " ".join(text.lower().split())
    folded = unicodedata.normalize("NFD", text).casefold()
    return " ".join(unicodedata.normalize("NFC", folded).split())


def without_ending(path: str) -> str:
    return path.rpartition(".")[0] if is_markdown(path) else path


def is_common(key: str) -> bool:
    """Whether so many files may be named so that only their folder tells them apart."""
    return "/" not in key and is_folder_page(key, "any")


def ends_of(path: str) -> dict[str, Way]:
    """The keys of a page that comes from this path: each end of it, and of its folder's where it is that one's page. A
    folder without a page has the one that an export gives it."""
    file = fold(without_ending(f"{path}{PAGE_OF_FOLDER}" if path.endswith("/") else path))
    folder, _, name = file.rpartition("/")
    if not folder or not is_folder_page(name, folder):
        return dict.fromkeys(_ends(file), Way.END)
    return dict.fromkeys((*_ends(file), *_ends(folder)), Way.END) | {name: Way.FILE}


def _ends(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[at:]) for at in range(len(parts))]


def resolve_path(own_path: str | None, target: str) -> str | None:
    """A link's target as a path from the root of its source, or None when it leads out of it.

    A note that was not imported has no path of its own: its relative links start at the root.
    """
    folder = posixpath.dirname(own_path) if own_path else ""
    if not folder and "/" not in target and target not in {"", ".", ".."}:
        return target
    path = posixpath.normpath(target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target))
    return None if path in {".", ".."} or path.startswith("../") else path


def asked_by_slug(name: str) -> Asked:
    """As `note://name` asks: for a slug, an alias or a number, and nothing else."""
    return Asked("", name)


def asked(name: str, own_path: str | None, *, is_path: bool) -> Asked | None:
    """What a wiki link, or a link by path, asks for; None where it leads out of its source."""
    own = resolve_path(own_path, name)
    is_relative = name.startswith(("./", "../")) or name in (".", "..")
    root = None if is_relative else resolve_path(None, name)
    if own is None and (is_path or root is None):
        return None
    path = posixpath.normpath(name).lstrip("/") if root is None else root
    clean = fold(without_ending(path)).rstrip("/")
    key = clean
    while key.startswith("../"):
        key = key[3:]
    if key in ("", ".", ".."):
        key = fold(own or "")
    plain = clean if is_path and is_slug(name) else fold(name)
    as_slug = plain.isdigit() or is_slug(plain)
    slug = plain if as_slug else slug_meant(own or name if is_path else name, is_path=is_path)
    is_exact = bool(slug) and slug in name
    return Asked(key, slug, as_slug, is_exact, own, root, not is_relative)


def slug_meant(name: str, *, is_path: bool) -> str:
    """The slug that a name or path makes; empty where letters are lost on the way."""
    return (_slug_meant if len(name) <= LONGEST_NAME else _slug_meant.__wrapped__)(name, is_path)


@lru_cache(MOST_SLUGS)
def _slug_meant(name: str, is_path: bool) -> str:
    if loses_letters(without_ending(name)):
        return ""
    return slug_of_path(name) if is_path else slugify(name)


def choose(wanted: Asked, asker: Asker, bearers: Iterable[Bearer]) -> Meant:
    """The page that is meant.

    Nothing that some reader of the text may not see takes part in the choice among what all its readers see: else what
    a link leads to would tell of it.
    """
    every = tuple(bearers)
    if len(every) == 1 and every[0].way in CALLED:  # as nearly all are: no other takes part, and whoever reads sees it
        return _NONE if _rank_of_slug(wanted, asker, every[0]) is None else Meant(every[0].note, every[0].way)
    ranked = [(rank, bearer) for bearer in every if (rank := _rank(wanted, asker, bearer)) is not None]
    if not ranked:
        return _NONE
    itself = [bearer for _, bearer in ranked if bearer.note == asker.note and bearer.way in CALLED]
    if itself:
        return Meant(asker.note, itself[0].way)
    for seen in _scopes(asker):
        for deleted in (False, True):
            some = [(rank, b) for rank, b in ranked if seen(b) and (bool(b.deleted) is deleted or b.way in CALLED)]
            if some:
                return _best(asker, some)
    return _NONE


Rank = tuple[int, int, int]
_OWN, _ROOT, _CALLED, _END, _TITLE, _WORD, _MADE = range(7)


def _rank(wanted: Asked, asker: Asker, bearer: Bearer) -> Rank | None:
    """The less the better; None where the page does not bear the name in a way that counts."""
    if bearer.way in CALLED:
        return _rank_of_slug(wanted, asker, bearer)
    if bearer.key not in wanted.keys:
        return None
    if bearer.way is not Way.END:
        is_name = wanted.is_loose and bearer.key == wanted.key
        return (_TITLE if bearer.way is Way.TITLE else _WORD, 0, 0) if is_name else None
    if asker.source is not None and bearer.source == asker.source and bearer.path is not None:
        for place, path in ((_OWN, wanted.own), (_ROOT, wanted.root)):
            found = None if path is None else _place(path, bearer.path)
            if found is not None:
                return place, *found
    if not wanted.is_loose or bearer.key != wanted.key or bearer.path is None:
        return None
    return _END, _distance(wanted.key, bearer.path), 0


def _rank_of_slug(wanted: Asked, asker: Asker, bearer: Bearer) -> Rank | None:
    if bearer.key != wanted.slug:
        return None
    if not wanted.key:
        return _CALLED, 0, 0
    if bearer.way is Way.NUMBER:
        return (_CALLED, 0, 0) if asker.source is None else None
    if asker.source is not None and bearer.path is not None and _lost_letters(bearer.key, bearer.path):
        return (_MADE, 0, 0) if wanted.is_exact else None  # `API` is no name of `API 設計`, be its slug `api`
    if wanted.is_slug:
        return _CALLED, 0, 0
    is_foreign = "/" in (wanted.own or "") and None not in (asker.source, bearer.source)
    return None if is_foreign and asker.source != bearer.source else (_MADE, 0, 0)


def _lost_letters(slug: str, path: str) -> bool:
    """Whether the slug is what was left of the path's letters."""
    return loses_letters(path) and (slug_of_path(path) or "page") in slug


def _distance(key: str, path: str) -> int:
    """A file of that name comes before the page of a folder, and that before a folder without one."""
    if path.endswith("/"):
        return 2
    return 0 if f"/{fold(without_ending(path))}".endswith(f"/{key}") else 1


def _place(wanted: str, path: str) -> tuple[int, int] | None:
    """How well a page's path is the wanted one: as it is written, with an ending, as a folder's page; then whether it
    differs in its capitals or its Unicode form."""
    ways = meant_paths(wanted)
    own = (path, f"{path}{PAGE_OF_FOLDER}") if path.endswith("/") else (path,)
    places = [(ways.index(one), 0) for one in own if one in ways]
    if not places:
        folded = [fold(way) for way in ways]
        places = [(folded.index(fold(one)), 1) for one in own if fold(one) in folded]
    return min(places, default=None)


def _scopes(asker: Asker) -> Sequence[Callable[[Bearer], bool]]:
    """What is looked among, one after the other: first what every reader of the text sees, then what fewer do."""

    def is_public(bearer: Bearer) -> bool:
        return bool(bearer.is_public)

    def is_near(bearer: Bearer) -> bool:
        return bool(bearer.is_public) or (asker.project is not None and bearer.project == asker.project)

    def is_called(bearer: Bearer) -> bool:
        return bearer.way in CALLED

    if asker.is_public:
        return is_public, is_near, is_called
    return (is_near, lambda bearer: True) if asker.project is not None else (lambda bearer: True,)


def _best(asker: Asker, ranked: list[tuple[Rank, Bearer]]) -> Meant:
    best = min(rank for rank, _ in ranked)
    found = [bearer for rank, bearer in ranked if rank == best]
    for is_preferred in (
        lambda b: asker.source is not None and b.source == asker.source,
        lambda b: asker.project is not None and b.project == asker.project,
    ):
        found = list(filter(is_preferred, found)) or found
    notes = sorted({bearer.note for bearer in found})
    return Meant(notes[0], found[0].way) if len(notes) == 1 else Meant(several=tuple(notes))
