"""What words say of a note: which kind it is, and whether it holds, waits or is over.

People write `COMPLETED`, `in-progress`, `NEEDS_REFINEMENT`, `In progress`, as a status or as a tag: words are compared
in lower case with hyphens. A note's type and status come before its tags, which speak where those say nothing known.
"""

from collections.abc import Iterable
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
_JOINED: Final[dict[str, Standing]] = {word.replace("-", ""): standing for word, standing in WORDS.items()}


def standing(status: str | None, tags: Iterable[str]) -> Standing:
    """Where a note stands, by its status, else by the first of its tags that says so."""
    for word in (status or "", *tags):
        found = _JOINED.get(_joined(word))
        if found:
            return found
    return "unsaid"


def kind_of(note_type: str | None, tags: Iterable[str]) -> Kind:
    """What a note is, by its type, else by its tags."""
    for word in (note_type or "", *tags):
        for kind, words in KINDS.items():
            if word.lower() in words and (kind != "other" or word == note_type):
                return kind
    return "other"


def _joined(word: str) -> str:
    """`IN_PROGRESS`, `in-progress`, `In progress` and `inprogress` are one."""
    return word.lower().replace("_", "").replace("-", "").replace(" ", "")
