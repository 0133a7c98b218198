"""A plan as cards: its phases are sections, its todos the tick boxes outside of them."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import partial
from itertools import islice

from notewell_store.boards.cards import Board, find_board
from notewell_store.briefing.plans import plan_chain
from notewell_store.contract import Snapshot
from notewell_store.errors import Invalid, NextArgument, NextCall
from notewell_store.markdown import Section
from notewell_store.markdown.inline import plain_text
from notewell_store.markdown.outside_code import Box, tick_boxes
from notewell_store.markdown.sections import parse_sections
from notewell_store.markdown.slugs import MAX_SLUG, slugify
from notewell_store.models import ExplicitLink, Note
from notewell_store.names import as_title
from notewell_store.references import parse_reference
from notewell_store.syncing.cards import Source, State, Synced, orphans, own_cards, sync
from notewell_store.tables import boards, notes
from notewell_store.tables.aliases import aliases_of
from notewell_store.writing import drafts

CARD_OF = "card-of"
"""The relation of a card to the section of the plan that it stands for."""
MOST_SOURCES = 1_000
_PHASE = re.compile(r"(?:\d+[.)]?\s+)?(?:phase|stage|milestone)\b", re.IGNORECASE)
_PHASES = re.compile(r"(?:\d+[.)]?\s+)?(?:phases|stages|milestones)\s*", re.IGNORECASE)


def sync_plan(db: Snapshot, ref: str, plan: str | None) -> Synced:
    """Bring a plan's phases and todos to a board. Raises Invalid where there is no plan, NotFound."""
    board = find_board(db, ref)
    return sync(db, board, sources_of(db, _plan(db, board, plan)))


def plan_orphans(db: Snapshot, ref: str, plan: str | None) -> tuple[str, ...]:
    """The cards of the board whose phase or todo the plan has no more."""
    board = find_board(db, ref)
    note = _plan(db, board, plan)
    slugs = {state.slug for state in boards.states_of(db, [each.slug for each in sources_of(db, note)]).values()}
    return tuple(orphans(boards.linked_cards(db, note.id, CARD_OF), own_cards(db, board), slugs))


def _plan(db: Snapshot, board: Board, plan: str | None) -> Note:
    if plan is not None:
        return drafts.living(db, notes.find_living(db, parse_reference(plan)))
    found = plan_chain(db, board.project).plan
    if found is None:
        whose = f"project {board.project}" if board.project else "no project"
        raise Invalid((f"there is no plan of {whose}: send ", NextArgument("plan"), ", from ", PLANS), "plan")
    return drafts.living(db, found.id)


PLANS = NextCall("list_notes", {"note_type": "plan"})


def sources_of(db: Snapshot, plan: Note) -> list[Source]:
    """The phases and todos in the order in which they stand, by slugs that begin with the plan's; a plan that was
    renamed keeps the cards that it has."""
    names = (plan.metadata.slug, *aliases_of(db, plan.id))
    found = list(islice(_sources(plan), MOST_SOURCES))
    known = boards.states_of(db, [_slug(name, key) for key, _ in found for name in names]) if len(names) > 1 else {}

    def slug(key: str) -> str:
        return next((_slug(name, key) for name in names if _slug(name, key) in known), _slug(names[0], key))

    return [source._replace(slug=slug(key)) for key, source in found]


def _slug(plan: str, key: str) -> str:
    return f"{plan[: MAX_SLUG - 80]}-{key[:79]}".strip("-")


def _sources(plan: Note) -> Iterator[tuple[str, Source]]:
    sections = parse_sections(plan.markdown)
    phases = _phases(sections)
    boxes = tick_boxes(plan.markdown)
    places = [box.start for box in boxes]
    taken: dict[str, int] = {}
    made = partial(_source, plan, taken)
    outside: list[Box] = []
    behind = 0
    for section in phases:
        first, last = (bisect_left(places, end) for end in (section.start, section.end))
        outside += boxes[behind:first]
        behind = last
        state = _state([box.is_ticked for box in boxes[first:last]])
        yield made(section.anchor, section.heading, "phase", state, section.anchor)
    starts = [section.start for section in sections]
    for box in (*outside, *boxes[behind:]):
        words = plain_text(box.words)
        above = bisect_right(starts, box.start)
        under = sections[above - 1].anchor if above else None
        yield made(words, words, "todo", "done" if box.is_ticked else "waiting", under)


def _phases(sections: tuple[Section, ...]) -> list[Section]:
    """Sections that are called a phase, and those below one that is called phases; none that stands in another."""
    found: list[Section] = []
    above: Section | None = None
    for section in sections:
        if found and section.start < found[-1].end:
            continue
        if _PHASES.fullmatch(section.heading):
            above = section
        elif (section.level > 1 and _PHASE.match(section.heading)) or (above and section.start < above.end):
            found.append(section)
    return found


def _state(boxes: list[bool]) -> State:
    if boxes and all(boxes):
        return "done"
    return "in work" if any(boxes) else "waiting"


def _source(
    plan: Note, taken: dict[str, int], named: str, words: str, kind: str, state: State, anchor: str | None
) -> tuple[str, Source]:
    """What has the same words as one before it gets a number; `taken` has that which comes next for each."""
    base = slugify(named)[:70].strip("-") or kind
    key, number = base, taken.get(base, 1)
    while key in taken:
        key, number = f"{base}-{number}", number + 1
    taken[base] = max(number, 2)
    taken.setdefault(key, 2)
    slug = plan.metadata.slug
    place = f"{slug}#{anchor}" if anchor else slug
    title = as_title(plain_text(words)) or key
    content = f"Of [[{place}]].\n"
    return key, Source("", title, content, kind, state, (), ExplicitLink(CARD_OF, place), slug)
