"""What holds in the place of a note that is over: the note that was linked to it by `supersedes`, else the one that its
own text says."""

import re
from collections.abc import Mapping

from notewell_store.contract import Snapshot
from notewell_store.markdown.links import find_links
from notewell_store.models import End, Note
from notewell_store.tables import links, text_links, texts
from notewell_store.tables.bearers import asker_of, meant
from notewell_store.tables.notes import find_slugs, slugs_by_id

MOST_READ = 20_000  # characters of a text in which it is looked for
_SAID = re.compile(r"\b(?:super[sc]eded|replaced|obsoleted)(?:[ \t]|[*_])+by\b([^\r\n]{1,300})", re.IGNORECASE)
_SAYS = re.compile(rb"ed(?:(?<=super[sc]eded)|(?<=replaced)|(?<=obsoleted))(?:[ \t]|[*_])+by")
"""Found wherever `_SAID` is, in small letters: to look for this first costs a hundredth. It begins with what is looked
for at once, and of bytes only the letters of ASCII are made small, in a third of the time."""
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
    """The slug of the living note that the text names as its successor; the first, where it names several."""
    beginning = text[:MOST_READ]
    if not _SAYS.search(beginning.encode().lower()):
        return None
    said = (match[1] for match in _SAID.finditer(beginning))
    named = next(filter(None, (_named(db, note_id, words) for words in said)), None)
    return slugs_by_id(db, (named,)).get(named) if named else None


def _named(db: Snapshot, note_id: int, words: str) -> int | None:
    asker = asker_of(db, note_id)
    asked = [one for link in find_links(words) if (one := text_links.asked_by(link, asker))]
    found = meant(db, asker, asked)
    slugs = _NAME.findall(words.lower())
    called = find_slugs(db, slugs)
    every = (*(found[one].note for one in asked), *(called.get(slug) for slug in slugs))
    return next((note for note in every if note not in (None, note_id)), None)
