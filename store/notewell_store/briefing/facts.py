"""What an entry of a brief tells, as data: beside a note's row, a section of a plan and a change of a note."""

from typing import Literal, NamedTuple

from notewell_store.briefing.plans import Part as Section
from notewell_store.errors import NextCall
from notewell_store.tables.changes import Changed
from notewell_store.tables.note_rows import Row
from notewell_store.tables.project_rows import CountedProject


class Contents(NamedTuple):
    """The anchors of a note's upper sections, each with its size."""

    slug: str
    anchors: list[str]


class OpenSteps(NamedTuple):
    """How many steps of a plan are not done."""

    slug: str
    steps: int


class Names(NamedTuple):
    """Notes that are only named: those that do not hold yet, or the plans before the one before."""

    what: Literal["waiting", "earlier"]
    slugs: list[str]


Facts = Row | Section | Changed | CountedProject | Contents | OpenSteps | Names


class PartFacts(NamedTuple):
    """What is shown of a part. `total` counts what there is, `more` says that it is not all that there is; `rest` is
    the call that shows all."""

    name: str
    total: int
    more: bool
    entries: list[Facts]
    rest: NextCall
