"""What holds in the place of a note that is over: the note that was linked to it by `supersedes`, else the one that its
own text says."""

import re
from collections.abc import Mapping
from itertools import chain

from notewell_store.contract import Snapshot
from notewell_store.markdown.links import find_links
from notewell_store.models import End, Note
from notewell_store.tables import links, text_links, texts
from notewell_store.tables.bearers import asker_of, meant
from notewell_store.tables.notes import find_slugs, slugs_by_id

MOST_READ = 20_000  # characters of a text in which it is looked for
_WHEN = r"(?:[ \t,(]+(?:on|in|since|as of)[ \t]+[\w ,./-]{1,30}?\)?)?"
_SAID = re.compile(
    rf"\b(?:super[sc]eded|replaced|obsoleted){_WHEN}(?:[ \t,]|[*_])+by\b([^\r\n]{{1,300}})", re.IGNORECASE
)
_SAID_BEFORE = re.compile(r"\b(?:super[sc]edes|replaces|obsoletes)[ \t]+(?:it|this)\b", re.IGNORECASE)
"""Before which the sentence names what holds now: `sop-deploy supersedes it`."""
_SAYS = (
    re.compile(rb"ed(?:(?<=super[sc]eded)|(?<=replaced)|(?<=obsoleted))[ \t,(*_]"),
    re.compile(rb"es(?:(?<=super[sc]edes)|(?<=replaces)|(?<=obsoletes))[ \t]+(?:it|this)"),
)
"""One is found wherever `_SAID` is, the other wherever `_SAID_BEFORE` is, in small letters: to look for these first
costs a hundredth. They begin with what is looked for at once, and of bytes only the letters of ASCII are made small,
in a third of the time."""
_NAME = re.compile(r"(?<![a-z0-9-])[a-z0-9]++(?:-[a-z0-9]++)++")


def end_of(db: Snapshot, note: Note, word: str) -> End:
    """How a note ended that is at hand; the word that says so is known."""
    linked = links.superseding(db, (note.id,))
    return End(word, linked.get(note.id) or _said(db, note.id, note.markdown))


def ends_of(db: Snapshot, over: Mapping[int, str]) -> dict[int, End]:
    """How notes ended that are over, by their ids; of each the word that says so is known."""
    linked = links.superseding(db, over)
    ends = ((note, linked.get(note) or _said(db, note, texts.read_text(db, note) or "")) for note in over)
    return {note: End(over[note], successor) for note, successor in ends}


def _said(db: Snapshot, note_id: int, text: str) -> str | None:
    """The slug of the living note that the text names as its successor; of several the nearest to what says so."""
    beginning = text[:MOST_READ]
    lowered = beginning.encode().lower()
    if not any(says.search(lowered) for says in _SAYS):
        return None
    behind = (_named(db, note_id, match[1]) for match in _SAID.finditer(beginning))
    sentences = (_sentence_before(beginning, match.start()) for match in _SAID_BEFORE.finditer(beginning))
    before = (_named(db, note_id, words, is_last=True) for words in sentences)
    named = next(filter(None, chain(behind, before)), None)
    return slugs_by_id(db, (named,)).get(named) if named else None


def _sentence_before(text: str, place: int) -> str:
    line = text[max(text.rfind("\n", 0, place), place - 300, 0) : place]
    return line.rpartition(". ")[2]


def _named(db: Snapshot, note_id: int, words: str, *, is_last: bool = False) -> int | None:
    asker = asker_of(db, note_id)
    asked = [one for link in find_links(words) if (one := text_links.asked_by(link, asker))]
    found = meant(db, asker, asked)
    slugs = _NAME.findall(words.lower())
    called = find_slugs(db, slugs)
    step = -1 if is_last else 1
    every = (*(found[one].note for one in asked[::step]), *(called.get(slug) for slug in slugs[::step]))
    return next((note for note in every if note not in (None, note_id)), None)
