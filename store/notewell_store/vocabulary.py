"""What words say of a note: which kind it is, and whether it holds, waits or is over.

People write `COMPLETED`, `in-progress`, `NEEDS_REFINEMENT`, `In progress`, `won't fix`, as a status or as a tag: these
are compared without case, hyphens, underscores, spaces and apostrophes. A note's type and status come before its tags,
which speak where those say nothing known. The brief, filters and checks all ask here. The session's hook does too:
this module imports next to nothing.
"""

from collections.abc import Iterable
from functools import lru_cache
from itertools import chain
from typing import Final, Literal

Standing = Literal["active", "waiting", "over", "unsaid"]
Kind = Literal["project", "sop", "convention", "plan", "todo", "review", "decision", "other"]

KINDS: Final[dict[Kind, tuple[str, ...]]] = {
    "project": ("project",),
    "sop": ("sop", "procedure", "runbook"),
    "convention": ("convention", "guideline", "standard"),
    "plan": ("plan",),
    "todo": ("todo", "task"),
    "review": ("review",),
    "decision": ("decision", "adr"),
    "other": ("template", "architecture", "note", "folder"),
}
"""Types and tags that make a note of that kind. What is `other` by type stays so, whatever its tags."""

TYPES_IN_FULL: Final = {"arch": "architecture"}
"""Types that are kept under a longer name."""
_KIND_OF_WORD: Final = {word: kind for kind, words in KINDS.items() if kind != "other" for word in words}

FOLDER_PAGES: Final = ("index", "readme", "_index")
"""How the page of a folder is named, in any case."""

ACTIVE: Final = (
    "active in-force current live accepted approved adopted in-progress ongoing started wip doing "
    "needs-refinement needs-revision needs-update under-review in-review"
)
WAITING: Final = "draft proposed planned open todo to-do new next pending waiting blocked on-hold paused backlog idea"
OVER: Final = (
    "completed complete done finished closed resolved shipped merged retired superseded replaced deprecated obsolete "
    "archived cancelled canceled rejected declined abandoned dropped wontfix wont-fix"
)
WORDS: Final[dict[str, Standing]] = {
    **dict.fromkeys(ACTIVE.split(), "active"),
    **dict.fromkeys(WAITING.split(), "waiting"),
    **dict.fromkeys(OVER.split(), "over"),
}
UNHEEDED: Final = "_-' \N{RIGHT SINGLE QUOTATION MARK}"
"""What the spellings of one status differ in, beside capitals."""
_UNHEEDED: Final = str.maketrans("", "", UNHEEDED)
_SPELT: Final = {word.translate(_UNHEEDED): word for word in reversed(WORDS)}
"""Known words, joined, and how each is spelt; of two spellings the first in its list."""


def standing(status: str | None, tags: Iterable[str]) -> Standing:
    """Where a note stands, by its status, else by the first of its tags that says so: they are looked at one by one."""
    word = _saying(status, tags)
    return WORDS[word] if word else "unsaid"


def word_of_end(status: str | None, tags: Iterable[str]) -> str | None:
    """The word by which a note is over, as it is spelt here; None for one that is not."""
    word = _saying(status, tags)
    return word if word and WORDS[word] == "over" else None


def _saying(status: str | None, tags: Iterable[str]) -> str | None:
    for word in chain((status or "",), tags):
        known = _SPELT.get(_joined(word))
        if known:
            return known
    return None


def kind_of(note_type: str | None, tags: Iterable[str]) -> Kind:
    """What a note is, by its type, else by its tags."""
    if (note_type or "").lower() in KINDS["other"]:
        return "other"
    for word in chain((note_type or "",), tags):
        kind = _KIND_OF_WORD.get(word.lower())
        if kind:
            return kind
    return "other"


def spelt(word: str) -> str:
    """A status, in lower case with hyphens, in the one spelling under which all of its spellings are found."""
    return _SPELT.get(_joined(word), word)


def joined_status(word: str) -> str | None:
    """A status that we know, less what its spellings differ in; None for any other."""
    joined = _joined(word)
    return joined if joined in _SPELT else None


def meaning(word: str) -> str:
    """The word under which a type or a tag is found as well: its kind, else how it is spelt as a status."""
    return TYPES_IN_FULL.get(word) or _KIND_OF_WORD.get(word) or spelt(word)


def types_meant(note_type: str) -> tuple[str, ...]:
    """The types that are found by this one: who asks for SOPs gets runbooks too, not the other way round."""
    full = TYPES_IN_FULL.get(note_type, note_type)
    return next((words for kind, words in KINDS.items() if kind == full != "other"), (full,))


@lru_cache(1_024)
def _joined(word: str) -> str:
    """`IN_PROGRESS`, `in-progress`, `In progress` and `inprogress` are one."""
    return word.lower().translate(_UNHEEDED)
