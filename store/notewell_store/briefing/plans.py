"""Plans and the chain that they form: each `continues` the one before it."""

from typing import NamedTuple

from notewell_store.briefing.excerpts import section_about, steps_of, text_of, tidy
from notewell_store.contract import Snapshot
from notewell_store.markdown import Section
from notewell_store.tables.note_rows import Found, Row, linked, neighbours, notes_of, targets
from notewell_store.tables.project_rows import project_named
from notewell_store.tables.sections import read_ahead, read_sections

LONGEST_CHAIN = 20
"""Plans of a chain that are named; older ones are reached through the last of them."""
MOST_NEIGHBOURS = 200
MOST_PLANS = 200
MOST_OTHERS = 10


class Part(NamedTuple):
    """A section of a note: its reference `slug#anchor`, its heading, and its Markdown without the heading."""

    ref: str
    heading: str
    markdown: str


class PlanChain(NamedTuple):
    """Where planning stands. All of it is empty in a project without a plan.

    `plan` is the newest active plan, or, where none is active, the newest that waits or says nothing; `before` the one
    that it continues, or, where every plan is over, the newest of them: what the next plan continues. `chain` runs
    from `before` to the oldest. `decisions` were taken on the way: they are linked with `plan` or `before`, or
    stand below one of them, newest first. All are notes of the project or of none.
    """

    plan: Row | None = None
    vision: Part | None = None
    seeds: Part | None = None
    standing: Part | None = None
    steps_done: int = 0
    steps_open: tuple[str, ...] = ()
    others: tuple[Row, ...] = ()
    before: Row | None = None
    vision_before: Part | None = None
    seeds_before: Part | None = None
    chain: tuple[Row, ...] = ()
    decisions: tuple[Row, ...] = ()


def plan_chain(db: Snapshot, project: str | None) -> PlanChain:
    """The plan of a project, by its slug (None: of no project), with what the one before it left to it. Raises
    NotFound for a project that does not exist."""
    return chain_of(db, project_named(db, project).id if project is not None else None)


def chain_of(db: Snapshot, project_id: int | None, found: Found | None = None) -> PlanChain:
    """As plan_chain, by the project's id; `found` are its plans, where they are known already."""
    plans = (found or notes_of(db, ("plan",), project_id, most=MOST_PLANS)).notes
    plan = newest_plan(db, plans)
    if plan is None:
        finished = notes_of(db, ("plan",), project_id, over=True, most=MOST_PLANS).notes
        before = newest_plan(db, finished)
    else:
        before = _continued(db, plan, project_id)
    if before is not None and plan is not None and before.id == plan.id:
        before = None
    chain = chain_from(db, before, project_id) if before else ()
    if plan is not None:
        chain = tuple(row for row in chain if row.id != plan.id)
    planned = PlanChain(plan, others=_others(plans, plan), before=before, chain=chain)
    ends = [row.id for row in (plan, before) if row]
    around = neighbours(db, ends, project_id, MOST_NEIGHBOURS) if ends else ()
    taken = (row for row in around if row.kind == "decision" and row.standing != "over")
    return _with_texts(db, planned._replace(decisions=tuple(taken)))


def newest_plan(db: Snapshot, plans: tuple[Row, ...]) -> Row | None:
    """The newest of the active ones, else of all; one that another of them continues is not the newest."""
    candidates = [plan for plan in plans if plan.standing == "active"] or list(plans)
    if not candidates:
        return None
    continued = targets(db, (plan.id for plan in candidates), "continues")
    heads = [plan for plan in candidates if plan.id not in continued] or candidates
    return heads[0]


def chain_from(db: Snapshot, plan: Row, project_id: int | None) -> tuple[Row, ...]:
    """The plan and those before it, newest first. A circle ends where it closes."""
    chain = [plan]
    seen = {plan.id}
    while len(chain) < LONGEST_CHAIN:
        earlier = [row for row in linked(db, chain[-1].id, "continues", project_id) if row.id not in seen]
        if not earlier:
            break
        chain.append(earlier[0])
        seen.add(earlier[0].id)
    return tuple(chain)


def _continued(db: Snapshot, plan: Row, project_id: int | None) -> Row | None:
    return next((row for row in linked(db, plan.id, "continues", project_id) if row.id != plan.id), None)


def _others(plans: tuple[Row, ...], plan: Row | None) -> tuple[Row, ...]:
    return tuple(row for row in plans if row.standing == "active" and row != plan)[:MOST_OTHERS]


def _with_texts(db: Snapshot, chain: PlanChain) -> PlanChain:
    plan, before = chain.plan, chain.before
    read_ahead(db, [row.id for row in (plan, before) if row])
    if plan is not None:
        text, sections = text_of(db, plan.id), read_sections(db, plan.id)
        steps = steps_of(text)
        chain = chain._replace(
            vision=_part(plan, text, section_about(sections, "vision")),
            seeds=_part(plan, text, _about_seeds(sections)),
            standing=_part(plan, text, section_about(sections, "stands", "status", "progress", "standing", "state")),
            steps_done=steps.done,
            steps_open=steps.open,
        )
    if before is not None:
        text, sections = text_of(db, before.id), read_sections(db, before.id)
        chain = chain._replace(
            vision_before=_part(before, text, section_about(sections, "vision")),
            seeds_before=_part(before, text, _about_seeds(sections)),
        )
    return chain


def _about_seeds(sections: tuple[Section, ...]) -> Section | None:
    return section_about(sections, "seeds", "seed", beside=("next", "plan"))


def _part(plan: Row, text: str, section: Section | None) -> Part | None:
    if section is None:
        return None
    return Part(f"{plan.slug}#{section.anchor}", section.heading, tidy(text[section.body_start : section.end]))
