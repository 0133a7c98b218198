"""What a text calls without linking it: notes by their titles, or by the words with which notes like it link to them.

A name counts where it alone is called so, of the notes that are seen, and the text does not say it as its own title,
in a heading or in code.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from notewell_store.contract import Snapshot
from notewell_store.markdown.prose import is_in_table, prose_of
from notewell_store.resolution import fold
from notewell_store.search.question import STOP_WORDS
from notewell_store.suggesting.neighbours import Passage, Sought
from notewell_store.tables import near_notes

SURE = 3  # telling words of a name, from which on three of four are links to whoever knows the notes
BEGINNING = 3  # words by which the names that begin so are looked up

_SILENT = STOP_WORDS.union("abcdefghijklmnopqrstuvwxyz0123456789")
_SAID = re.compile(r"\w+(?:[.@]\w+)*+")
"""A word as it is counted: a host's name is one."""
_BEGINNINGS = {
    length: re.compile(r"\b(?=(" + r"[^\w\0]++".join([r"(\w++)"] * length) + r"))\w++")
    for length in range(1, BEGINNING + 1)
}
"""So many words in sequence, at each word anew."""
_CHUNK = re.compile(r"[^\s\0]+|\0+")
_LINK = re.compile(
    r"\[(?<![!\[]\[)([^\[\]\r\n]{1,200}+)\]\(<?([^()\s<>]{1,400}+)|\[\[([^\[\]|\r\n]{1,200}+)\|([^\[\]|\r\n]{1,200}+)\]\]"
)


class Mention(NamedTuple):
    """That a text calls a note by these words, which begin and end there; `telling` are how many of them tell."""

    note_id: int
    words: str
    telling: int
    start: int
    end: int


class Text:
    """The prose of a text as names are looked for in it: folded, its words parted by one space each."""

    def __init__(self, markdown: str) -> None:
        self._markdown = markdown
        self._prose = prose_of(markdown)
        self.flat = " ".join(map(_folded, _CHUNK.findall(self._prose)))

    def beginnings(self, shortest: int) -> set[str]:
        """What names that stand in it may begin with: so many words or more, up to BEGINNING, one of which tells."""
        return {
            beginning
            for length in range(shortest, BEGINNING + 1)
            for beginning, *words in _BEGINNINGS[length].findall(self.flat)
            if not _SILENT.issuperset(words)
        }

    def place(self, name: str) -> tuple[int, int] | None:
        """Where a folded name first stands in the text as whole words."""
        at = self.flat.find(name)
        while at >= 0:
            end = at + len(name)
            if not (self._is_word(at - 1) or self._is_word(end)):
                return self._back(at), self._back(end - 1) + 1
            at = self.flat.find(name, at + 1)
        return None

    def words(self, place: tuple[int, int]) -> str:
        return " ".join(self._markdown[slice(*place)].split())

    def _is_word(self, at: int) -> bool:
        return 0 <= at < len(self.flat) and (self.flat[at].isalnum() or self.flat[at] in "-_")

    def _back(self, at: int) -> int:
        number = bisect_right(self._places, at) - 1
        start, end = self._chunks[number]
        return min(start + at - self._places[number], end)

    @cached_property
    def _chunks(self) -> list[tuple[int, int]]:
        """Where each chunk of the prose begins and ends; most texts call nothing, and are not asked."""
        return [chunk.span() for chunk in _CHUNK.finditer(self._prose)]

    @cached_property
    def _places(self) -> list[int]:
        """Where each of them begins in what is folded, in which it is as long."""
        return list(accumulate((end - start + 1 for start, end in self._chunks), initial=0))


def _folded(chunk: str) -> str:
    """As names are, where each letter stays one: else a place in it would be another in the text."""
    if chunk.isascii():
        return chunk.lower()
    folded = fold(chunk)
    return folded if len(folded) == len(chunk) else "\0" * len(chunk)


def telling_words(name: str) -> int:
    """How many words of a name say something by themselves."""
    return sum(map(says, _SAID.findall(name)))


def says(word: str) -> bool:
    return len(word) > 1 and word not in STOP_WORDS


def mentions(
    db: Snapshot, text: Text, sought: Sought, passages: Iterable[Passage], linked: frozenset[int], least: int = SURE
) -> list[Mention]:
    """The notes that the text calls by names of at least so many telling words, in the order in which they stand, each
    once. Those that are `linked` already are left out."""
    called: dict[str, set[int]] = defaultdict(set)
    for key, note_id, *_ in near_notes.titled(db, text.beginnings(min(least, BEGINNING)), sought.project):
        called[key].add(note_id)
    for words, note_id in _linked_words(db, text, passages, least):
        called[words].add(note_id)
    found = [] if not called else [*_standing(text, sought, called, least)]
    heeded = near_notes.facts(db, {one.note_id for one in found}, sought.project) if found else {}
    first: dict[int, Mention] = {}
    for one in sorted(found, key=lambda one: (-one.telling, one.start)):
        if one.note_id in heeded and one.note_id not in linked and one.note_id != sought.note_id:
            first.setdefault(one.note_id, one)
    return sorted(first.values(), key=lambda one: one.start)


def with_link(markdown: str, words: str, slug: str) -> str | None:
    """The text in which these words, where they first stand in its prose, are a link to the note; None where they do
    not stand there."""
    place = Text(markdown).place(fold(words))
    if place is None:
        return None
    start, end = place
    said = " ".join(markdown[start:end].split())
    parts_cells = "|" in said or is_in_table(markdown, start)
    link = f"[{said}](note://{slug})" if parts_cells else f"[[{slug}|{said}]]"
    return f"{markdown[:start]}{link}{markdown[end:]}"


def _standing(text: Text, sought: Sought, called: Mapping[str, set[int]], least: int) -> Iterator[Mention]:
    own = fold(sought.title)
    for name, notes in called.items():
        telling = telling_words(name)
        place = text.place(name) if telling >= least and len(notes) == 1 and name not in own else None
        if place is not None:
            yield Mention(next(iter(notes)), text.words(place), telling, *place)


def _linked_words(db: Snapshot, text: Text, passages: Iterable[Passage], least: int) -> Iterator[tuple[str, int]]:
    """The words that stand in the text and by which one of the passages links to a note, with that note's id."""
    written: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for passage in passages:
        for words, name in _links(passage.found.text.body):
            if words in text.flat and telling_words(words) >= least:
                written[passage.found.note_id][name].add(words)
    for link in near_notes.led_by(db, written) if written else ():
        for words in written[link.source].get(link.name or "", ()):
            yield words, link.target


def _links(body: str) -> Iterator[tuple[str, str]]:
    """The words of each link and what they name, as the text writes it, less a section."""
    for match in _LINK.finditer(body):
        words, target = (match[1], match[2]) if match[1] else (match[4], match[3])
        yield fold(words), target.partition("#")[0].strip()
