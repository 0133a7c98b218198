"""Notes cut into passages, and their words as an index takes them: what is searched, whoever holds it.

A passage is what stands under one heading, or a piece of it where that is long.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from notewell_store.folding import holds_foreign, lowered, plain
from notewell_store.index_query import PassageText
from notewell_store.markdown import Section

LONGEST_PASSAGE = 16_000  # characters

# Scripts written without spaces: each character becomes a word, and a query for several a phrase.
UNSPACED_SCRIPTS = "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
CAMEL = re.compile(r"\b\w*(?:[a-z0-9][A-Z]|[A-Z]{2}[a-z]{2})\w*\b")
HUMPED = re.compile("[A-Z](?:(?<=[a-z0-9][A-Z])|[A-Z][a-z]{2})")  # as HUMP, and found at a tenth of the cost
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")  # two, for `APIs` is one word


@dataclass(frozen=True, slots=True)
class Indexed:
    """What of a note is searched."""

    title: str
    names: str
    markdown: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """What is found at once; `section` is the number of its section, None before the first heading."""

    section: int | None
    start: int
    end: int
    text: PassageText
    """As it is indexed."""
    digest: bytes
    """By which equal passages are known again."""


def searchable(text: str) -> str:
    """The text as it is indexed: see worded; camelCase words are given in parts too."""
    written = plain(text)
    if not HUMPED.search(written):  # a look without the words round it, which are costly to find
        return worded(written)
    humps = [HUMP.sub(" ", word) for word in CAMEL.findall(written)]
    return worded(f"{written} {' '.join(humps)}") if humps else worded(written)


def worded(plain_text: str) -> str:
    """A plain text as an index takes it: folded, unspaced scripts cut into characters. Where all is ASCII, capitals are
    left to the index, which tells none from small letters."""
    return plain_text if plain_text.isascii() else apart(lowered(plain_text))


def apart(text: str) -> str:
    """The text with spaces round each character of a script that is written without."""
    return unspaced().sub(lambda match: f" {match[0]} ", text) if holds_foreign(text) else text


@lru_cache(maxsize=1)
def unspaced() -> re.Pattern[str]:
    """A character of such a script. It takes two milliseconds to compile, and English texts do without."""
    return re.compile(f"[{UNSPACED_SCRIPTS}]")


_searchable_of_all = lru_cache(maxsize=8)(searchable)
"""Of what all passages of a note have in common."""


@lru_cache(maxsize=4)
def passages_of(note: Indexed) -> tuple[Passage, ...]:
    """Of a long note they are cut before the lock, and found here behind it."""
    return tuple(_cut(note, _stretches(note)))


def passages_of_sections(note: Indexed, first: int, end: int) -> tuple[Passage, ...]:
    """Those of the sections from one number up to another."""
    own = enumerate(note.sections[first:end], start=first)
    return tuple(_cut(note, ((number, section.body_start, section.own_end) for number, section in own)))


def _cut(note: Indexed, stretches: Iterable[tuple[int | None, int, int]]) -> Iterator[Passage]:
    for number, start, end in stretches:
        for piece_start, piece_end in _pieces(note.markdown, start, end):
            yield passage_at(note, number, piece_start, piece_end)


def passage_at(note: Indexed, section: int | None, start: int, end: int) -> Passage:
    """Raises IndexError where the note has no such section."""
    from hashlib import blake2b  # with OpenSSL, which no search needs

    heading = "" if section is None else note.sections[section].heading
    body = searchable(note.markdown[start:end])
    text = PassageText(_searchable_of_all(note.title), searchable(heading), body, _searchable_of_all(note.names))
    told = "\0".join(text).encode(errors="surrogatepass")  # what cannot be kept is refused where it is written
    return Passage(section, start, end, text, blake2b(told, digest_size=8).digest())


def _stretches(note: Indexed) -> Iterator[tuple[int | None, int, int]]:
    first = note.sections[0].start if note.sections else len(note.markdown)
    if first or not note.sections:
        yield None, 0, first
    for number, section in enumerate(note.sections):
        yield number, section.body_start, section.own_end


def _pieces(markdown: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > LONGEST_PASSAGE:
        limit = start + LONGEST_PASSAGE
        cut = max(markdown.rfind("\n", start, limit), markdown.rfind(" ", limit - 200, limit)) + 1
        cut = cut if cut > start else limit
        yield start, cut
        start = cut
    yield start, end
