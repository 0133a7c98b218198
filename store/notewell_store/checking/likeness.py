"""Whether a word that names nothing was meant to: only where it looks like the names of this store's own notes.

A false `missing` costs more trust than a missed one, so that ordinary hyphenated English, file names, flags and
packages have to pass here without a word. docs/checking.md states the rules.
"""

from collections.abc import Iterable

from notewell_store.contract import Snapshot
from notewell_store.markdown.mentions import Mention
from notewell_store.search.question import STOP_WORDS
from notewell_store.tables.labels import labels_in_use
from notewell_store.tables.names import NUMBERED, common_beginnings, is_beginning_of_type, is_numbering
from notewell_store.vocabulary import types_meant

ACRONYMS = frozenset({"adr", "arch", "sop"})
"""Beginnings that English makes no other words with."""
COMPOUNDS = frozenset(
    """able approved aware based centric compliant defined driven facing first free friendly heavy led less level like
    made making maker only oriented owned ready related side specific style wide""".split()  # noqa: SIM905 - as a list it is not readable
)
"""Second halves of ordinary compounds, such as `sop-driven`."""
ENOUGH = 3
"""Notes whose names begin alike before that beginning counts as the store's own."""
LOOKED_AT = 50  # notes that begin with the name of a type


def meant(db: Snapshot, unknown: Iterable[Mention], project: str | None = None) -> set[str]:
    """The names among these, all of which name nothing, that were meant to name notes; where a project is named, by
    the look of those notes that it heeds."""
    likely = [mention for mention in unknown if _may_be_meant(mention)]
    beginnings = {beginning for mention in likely for beginning in _beginnings(mention)}
    common = common_beginnings(db, sorted(beginnings), ENOUGH, project)
    types = _type_beginnings(db, {mention.name.partition("-")[0] for mention in likely}, project)
    numbered = {word for word in types if is_numbering(db, word, project)}
    return {mention.name for mention in likely if _is_meant(mention, common, types, numbered)}


def is_numbered(mention: Mention) -> bool:
    """Whether it looks like the beginning of a numbered note's name, such as decision-0007."""
    return NUMBERED.fullmatch(mention.name) is not None and mention.anchor is None


def _may_be_meant(mention: Mention) -> bool:
    words = mention.name.split("-")
    return (
        not mention.is_quiet
        and len(words) > 1
        and mention.written.islower()
        and not words[-1].endswith(("ing", "ed"))
        and words[-1] not in COMPOUNDS
    )


def _is_meant(mention: Mention, common: set[str], types: set[str], numbered: set[str]) -> bool:
    words = mention.name.split("-")
    if mention.anchor is not None and not mention.anchor.isdigit():
        return True
    if words[0] in types and words[0] in ACRONYMS:
        return True
    if words[0] in types and is_numbered(mention):
        return words[0] in numbered
    if words[0] in types and len(words) > 2:
        return mention.is_marked or any(map(str.isdigit, words))
    return any(beginning in common for beginning in _beginnings(mention))


def _beginnings(mention: Mention) -> list[str]:
    """How names of notes made from paths begin: three words of four or more, two words of three in a code span."""
    words = mention.name.split("-")
    count = 3 if len(words) > 3 else 2 if mention.is_marked and len(words) == 3 else 0
    return ["-".join(words[:count])] if count and not STOP_WORDS.intersection(words[:count]) else []


def _type_beginnings(db: Snapshot, words: set[str], project: str | None) -> set[str]:
    """The words with which names of notes of that very type begin, as `sop-` those of SOPs."""
    types = {word: types_meant(word) for word in words}
    used = labels_in_use(db, sorted({first for first, *_ in types.values()}), project)
    return {
        word
        for word, meant in types.items()
        if meant[0] in used and is_beginning_of_type(db, word, meant, LOOKED_AT, project)
    }
