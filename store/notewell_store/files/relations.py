"""The relations that pages of one source say to have to one another, as links between their notes.

A page may come before the one that it names: what is not there yet is settled when all are in.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import unquote

from notewell_store.contract import Snapshot
from notewell_store.errors import Invalid
from notewell_store.files.contents import Content, Related
from notewell_store.files.decisions import SUPERSEDED_BY, SUPERSEDES
from notewell_store.files.front_matter import FrontMatter
from notewell_store.files.ledger import Ledger
from notewell_store.files.naming import folder_of, slug_of_file
from notewell_store.markdown.slugs import is_slug, slugify
from notewell_store.models import ExplicitLink
from notewell_store.names import is_markdown, slug_of_path
from notewell_store.resolution import HERE, Asker, Bearer, asked, bearers_of_file, choose, resolve_path
from notewell_store.tables import notes
from notewell_store.tables.labels import tag_word

_RECORD = re.compile(r"ADR-(\d+)")
_NUMBERED = re.compile(r"(\d+)\D")


class Settled(NamedTuple):
    """The links that a note's page says to have."""

    path: str
    links: tuple[ExplicitLink, ...]


class Relations:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._said: dict[str, tuple[tuple[Related, ...], FrontMatter]] = {}
        self._numbers: dict[str, int] = {}  # of the pages, by their paths

    def links(self, db: Snapshot, path: str, content: Content, before: FrontMatter) -> tuple[ExplicitLink, ...] | None:
        """The links that the page says to have, as far as can be told now; None where it says nothing of links."""
        self._said.pop(path, None)
        if content.related or "_names" in self.__dict__:  # few sources relate their pages so
            self._add_names(self._names, path, content.front)
        kept = [link for link in before.links or () if link.relation == SUPERSEDES]
        if not content.related and not kept:
            return content.front.links
        self._said[path] = content.related, content.front
        own = [*(content.front.links or ()), *filter(None, (self._link(db, path, each) for each in content.related))]
        return _in_order([*own, *kept])

    def wanted(self, db: Snapshot) -> Iterator[Settled]:
        """The notes whose links are others than was said so far, now that all pages are in."""
        self.__dict__.pop("_names", None)
        reverse = self._reverse(db)
        for path in sorted(self._said.keys() | reverse.keys()):
            origin = self._ledger.origins.get(path)
            if origin is None or not self._ledger.is_living(db, origin.note_id):
                continue
            if path in self._said:
                related, front = self._said[path]
                own = [*(front.links or ()), *filter(None, (self._link(db, path, each) for each in related))]
            else:
                own = list(origin.front.links or ())
            links = _in_order([*own, *reverse.get(path, ())])
            if links != (origin.front.links or ()):
                yield Settled(path, links)

    def _reverse(self, db: Snapshot) -> dict[str, list[ExplicitLink]]:
        """By the path of each page that replaced others: the links to these, which only they may tell of."""
        found: dict[str, list[ExplicitLink]] = {}
        for path, origin in self._ledger.origins.items():
            said = self._said.get(path)
            named = [each for each in said[0] if each.relation == SUPERSEDED_BY] if said else []
            targets = [self._at(path, each.name) for each in named] if said else self._kept(db, origin.front)
            for target in filter(None, targets):
                slug = self._ledger.note(db, origin.note_id).metadata.slug
                found.setdefault(target, []).append(ExplicitLink(SUPERSEDES, slug))
        return found

    def _kept(self, db: Snapshot, front: FrontMatter) -> list[str | None]:
        ids = (notes.find_slug(db, link.target) for link in front.links or () if link.relation == SUPERSEDED_BY)
        return [self._ledger.path_of(note_id) for note_id in ids if note_id is not None]

    def _link(self, db: Snapshot, path: str, related: Related) -> ExplicitLink | None:
        target = self._at(path, related.name)
        if target is not None:
            slug = self._ledger.note(db, self._ledger.origins[target].note_id).metadata.slug
        else:
            slug = self._to_be(db, path, related.name)
        try:
            return ExplicitLink(tag_word(related.relation, "relation"), slug) if slug else None
        except Invalid:
            return None

    def _to_be(self, db: Snapshot, path: str, name: str) -> str:
        """The slug that the page will have, or dangles under; nothing where that is the name of another note."""
        target = resolve_path(path, unquote(name)) if is_markdown(name) else None
        slug = slug_of_path(target) if target else "" if _RECORD.fullmatch(name) else slugify(name)
        return slug if slug and notes.find_slug(db, slug) is None else ""

    def _at(self, path: str, name: str) -> str | None:
        """The path of the page of this source that another means by a record's number, or as a link in it would."""
        if record := _RECORD.fullmatch(name):
            return _only(self._numbered(folder_of(path), int(record[1])))
        one = asked(unquote(name).strip(), path, is_path=is_markdown(name))
        if one is None:
            return None
        bearers = [bearer for key in {*one.keys, one.slug} for bearer in self._names.get(key, ())]
        meant = choose(one, Asker(HERE, path), bearers).note
        return next((b.path for b in bearers if b.note == meant and b.path in self._ledger.origins), None)

    def _numbered(self, folder: str, number: int) -> Iterable[str]:
        for path in self._ledger.origins:
            match = _NUMBERED.match(PurePosixPath(path).name)
            if match and int(match[1]) == number and folder_of(path) == folder:
                yield path

    @cached_property
    def _names(self) -> dict[str, set[Bearer]]:
        names: dict[str, set[Bearer]] = defaultdict(set)
        for path, origin in self._ledger.origins.items():
            self._add_names(names, path, origin.front)
        return names

    def _add_names(self, names: dict[str, set[Bearer]], path: str, front: FrontMatter) -> None:
        words = front.aliases or ()
        slugs = front.slug or slug_of_file(path), *filter(is_slug, words)
        number = self._numbers.setdefault(path, len(self._numbers))
        for bearer in bearers_of_file(number, path, front.title, words, slugs):
            names[bearer.key].add(bearer)


def _in_order(links: Iterable[ExplicitLink]) -> tuple[ExplicitLink, ...]:
    return tuple(sorted(set(links), key=lambda link: (link.relation, link.target)))


def _only(paths: Iterable[str]) -> str | None:
    found = list(paths)
    return found[0] if len(found) == 1 else None
