"""The parts of a brief, in their order. A note stands in the first of them that it belongs to, behind those that it
requires to be read."""

from collections.abc import Iterable, Iterator
from functools import cache, partial

from notewell_store.briefing.budget import Entry, Names, OpenSteps, Part
from notewell_store.briefing.excerpts import cut, first_section, lead, lead_of, text_of
from notewell_store.briefing.lines import LONGEST_NAME, contents_entry, counted, note_entry, part_entry, whole_text
from notewell_store.briefing.plans import MOST_PLANS, PlanChain, chain_of
from notewell_store.briefing.project_page import page_of, tops_of
from notewell_store.briefing.required import Needs, Ordered, in_reading_order, needs_of
from notewell_store.contract import Snapshot
from notewell_store.errors import ANY, NextCall, Say
from notewell_store.safe_text import one_line
from notewell_store.tables.changes import Changed, changes_since
from notewell_store.tables.note_rows import MOST, Found, Row, Wanted, children_counts, children_of, notes_of_each
from notewell_store.tables.project_rows import ProjectRow, count_projects, first_projects, project_named
from notewell_store.tables.sections import read_sections
from notewell_store.vocabulary import Kind

LONGEST_REASON = 160
LONGEST_NAMES = 500
MOST_BELOW = 60
PLAN = 8
"""The share of the plan, beside 2 or 3 of the other parts: it carries what the plan before it left to do."""
LONGEST_PLAN = 1_500
"""Characters of a plan that is told whole, where its parts would say most of it."""
MOST_PROJECTS = 200


class Session:
    """What the parts of one brief share: the snapshot, the project, how many notes of a kind are worth a look, how its
    reader is told of calls, which notes stand in a part already, and what those require that may come to stand in one.
    """

    def __init__(self, db: Snapshot, project: ProjectRow | None, most: int, say: Say) -> None:
        self.db = db
        self.project = project
        self.most = most
        self.say = say
        self.told: set[int] = set()
        self.needs: Needs = {}

    @property
    def project_id(self) -> int | None:
        return self.project.id if self.project else None

    def listing(self, **arguments: object) -> NextCall:
        """The call that lists the notes of this project which fit the arguments."""
        within = {"project": self.project.slug} if self.project else {}
        return NextCall("list_notes", {**within, **arguments})

    def entries(self, rows: Iterable[Row], *remarks: str) -> list[Entry]:
        return [
            note_entry(self.db, one.row, *remarks, *_reading(one))
            for one in in_reading_order(self.db, rows, self.told, self.project_id, self.needs)
        ]


def _reading(one: Ordered) -> Iterator[str]:
    """Whom a note is required reading of, and what it requires that stands in another project."""
    if one.needed_by:
        yield f"required reading of {one.needed_by}"
    if one.foreign:
        names = ", ".join(f"{other.slug} of project {other.foreign}" for other in one.foreign)
        yield f"requires reading {one_line(names, LONGEST_REASON)}"


def parts_of(db: Snapshot, project: ProjectRow | None, since: str | None, most: int, say: Say) -> list[Part]:
    """All parts; those without entries are part of the answer too: there is nothing, or, where `total` counts some, all
    of it stands in a part above."""
    session = Session(db, project, most, say)
    tops = tops_of(db, project)
    rules, typed, plans, work, decisions = _looked_for(session)
    page = page_of(db, project, tops, typed)
    chain = chain_of(db, session.project_id, plans)
    told = (*(row for found in (*rules, work, decisions) for row in found.notes), *chain.others, *chain.decisions)
    session.needs = needs_of(db, filter(None, (page, chain.plan, chain.before, *told)), session.project_id)
    parts = [] if project else [_projects(session)]
    parts += [_page(session, page), *_rules(session, rules), _plan(session, chain)]
    parts += [_open_work(session, work), _decisions(session, decisions), _below(session, page, tops)]
    if since is not None:
        parts.append(_changes(session, since))
    return parts


RULES: tuple[tuple[Kind, str], ...] = (("sop", "Active SOPs"), ("convention", "Conventions"))


def _looked_for(session: Session) -> tuple[list[Found], Found, Found, Found, Found]:
    """The rules, each kind's own and then those of no project, the pages by type, plans, open work, decisions."""
    own, most = session.project_id, session.most
    places = [own] if own is None else [own, None]
    rules: list[Wanted] = [((kind,), place, most) for kind, _ in RULES for place in places]
    others: list[Wanted] = [(("project",), own, MOST), (("plan",), own, MOST_PLANS)]
    others += [(("todo", "review"), own, most), (("decision",), own, most)]
    *found, typed, plans, work, decisions = notes_of_each(session.db, rules + others)
    return found, typed, plans, work, decisions


def _projects(session: Session) -> Part:
    total = count_projects(session.db)
    entries = [
        Entry(
            " · ".join(
                fact
                for fact in (
                    f"- {project.slug}",
                    "" if project.name == project.slug else one_line(project.name, LONGEST_NAME),
                    one_line(project.repo_url or "", 200),
                    counted(project.notes, "note"),
                )
                if fact
            ),
            project,
            partial(_lead_of_project, session.db, project.slug),
        )
        for project in first_projects(session.db, MOST_PROJECTS)
    ]
    heading = f"Projects: {session.say(NextCall('brief', {'project': ANY}))} tells of one"
    return Part("projects", heading, entries, 2, total, NextCall("projects", {}))


def _lead_of_project(db: Snapshot, slug: str) -> str:
    page = page_of(db, project_named(db, slug))
    return lead(first_section(text_of(db, page.id), read_sections(db, page.id))) if page else ""


def _page(session: Session, page: Row | None) -> Part:
    heading = "Project page" if session.project else "The store's page"
    if page is None:
        return Part("page", heading, (), 3, 0, session.listing(parent="none", sort="position"))
    sections = read_sections(session.db, page.id)
    entries = session.entries([page])
    own = note_entry(session.db, page, short=lambda: first_section(text_of(session.db, page.id), sections))
    contents = contents_entry(page, sections, session.say)
    shown = [*entries[:-1], own, *([contents] if contents else [])]
    return Part("page", heading, shown, 3, len(shown), NextCall("get_note", {"ref": page.slug}))


def _rules(session: Session, rules: list[Found]) -> Iterator[Part]:
    """SOPs and conventions in force: the project's, then those of no project, which hold for all."""
    places = len(rules) // len(RULES)
    for number, (kind, heading) in enumerate(RULES):
        found = rules[number * places : (number + 1) * places]
        rows = [row for one in found for row in _newest_first(one.notes)]
        in_force = [row for row in rows if row.standing != "waiting"]
        entries = [*session.entries(in_force), *_not_yet([row for row in rows if row.standing == "waiting"])]
        more = any(one.more for one in found)
        rest = session.listing(tags=[kind, "active"] if kind == "sop" else [kind])
        yield Part(f"{kind}s", heading, entries, 3 if kind == "sop" else 2, len(entries) or len(rows), rest, more)


def _not_yet(rows: list[Row]) -> list[Entry]:
    """One line for those that do not hold yet, such as drafts."""
    names = ", ".join(f"{row.slug} ({one_line(row.status or 'waiting', LONGEST_NAME)})" for row in rows)
    line = f"- not in force yet: {one_line(names, LONGEST_NAMES)}"
    return [Entry(line, Names("waiting", [row.slug for row in rows]))] if rows else []


def _newest_first(rows: Iterable[Row]) -> list[Row]:
    return sorted(sorted(rows, key=lambda row: row.slug), key=lambda row: row.updated_at, reverse=True)


def _plan(session: Session, chain: PlanChain) -> Part:
    if chain.plan is None and chain.before is None:
        return Part("plan", "Active plan", (), PLAN, 0, session.listing(tags=["plan"]))
    entries: list[Entry] = []
    if chain.plan is not None:
        steps = chain.steps_done + len(chain.steps_open)
        done = [f"{chain.steps_done} of {steps} steps done"] if steps else []
        own = [part_entry(part) for part in (chain.standing, chain.vision) if part]
        own[1:1] = [_open_steps(chain.plan, chain.steps_open)] if chain.steps_open else []
        entries += _whole_or_parts(session, chain.plan, session.entries([chain.plan], *done), own)
    if chain.before is not None:
        left = [part_entry(part) for part in (chain.seeds_before, chain.vision_before) if part]
        named = session.entries([chain.before], "the plan before" if chain.plan else "the last plan")
        entries += _whole_or_parts(session, chain.before, named, left)
    entries += session.entries(chain.decisions, "decided on the way")
    entries += session.entries(chain.others, "active too")
    if len(chain.chain) > 1:
        earlier = ", ".join(row.slug for row in chain.chain[1:])
        entries.append(
            Entry(f"- earlier plans: {one_line(earlier, 400)}", Names("earlier", [row.slug for row in chain.chain[1:]]))
        )
    heading = "Active plan" if chain.plan and chain.plan.standing == "active" else "Plan (none is active)"
    newest = chain.plan or chain.before
    assert newest is not None
    rest = NextCall("get_note", {"ref": newest.slug, "include": ["links"]})
    return Part("plan", heading, entries, PLAN, len(entries), rest)


def _whole_or_parts(session: Session, plan: Row, named: list[Entry], parts: list[Entry]) -> list[Entry]:
    """A short plan whole, a long one by its parts: nothing of it twice. `named` ends with the plan itself, unless that
    was told before."""
    if not named or not parts:
        return [*named, *parts]
    *before, own = named
    if plan.chars > LONGEST_PLAN:
        return [*before, own._replace(short=None, whole=None), *parts]
    return [*before, own._replace(short=lambda: whole_text(session.db, plan), whole=None, cuts=True, is_whole=None)]


def _open_steps(plan: Row, steps: tuple[str, ...]) -> Entry:
    text = "\n".join(f"- [ ] {step}" for step in steps)
    return Entry(
        f"- open steps of {plan.slug} · {len(steps)}", OpenSteps(plan.slug, len(steps)), lambda: text, cuts=True
    )


def _open_work(session: Session, found: Found) -> Part:
    """Todos that are not over, and reviews that say they are open."""
    rows = [row for row in found.notes if row.kind == "todo" or row.standing == "waiting"]
    entries = session.entries(rows)
    rest = session.listing(tags=["todo"])
    return Part("open", "Open work", entries, 2, len(entries) or len(rows), rest, found.more)


def _decisions(session: Session, found: Found) -> Part:
    entries = session.entries(found.notes)
    rest = session.listing(tags=["decision"], sort="created")
    return Part("decisions", "Latest decisions", entries, 2, len(entries) or len(found.notes), rest, found.more)


def _below(session: Session, page: Row | None, tops: list[Row]) -> Part:
    """Where the rest is: what stands below the page, and the other top notes, with how many notes each has below it."""
    rows = children_of(session.db, page, session.project_id, MOST_BELOW) if page else []
    for top in (row for row in tops if row.note_type != "template"):
        rows += (
            [top]
            if top.chars or top.id in session.told
            else children_of(session.db, top, session.project_id, MOST_BELOW)
        )
    untold = [row for row in dict.fromkeys(rows) if row.id not in session.told and row.kind == "other"]
    session.told.update(row.id for row in untold)
    counts = children_counts(session.db, [row.id for row in untold], session.project_id)
    entries = [_place(session, row, counts[row.id]) for row in untold]
    parent = page.slug if page and any(row.parent_id == page.id for row in untold) else "none"
    rest = session.listing(parent=parent, sort="position")
    return Part("below", "Where else to look", entries, 2, len(entries), rest)


def _place(session: Session, row: Row, count: int) -> Entry:
    entry = note_entry(session.db, row, row.note_type or "", f"{count} below it" if count else "")
    if not count:
        return entry._replace(whole=None)
    whole = cache(partial(_with_children, session.db, row, session.project_id))  # tried again where it does not fit
    return entry._replace(whole=whole, chars=0)


def _with_children(db: Snapshot, row: Row, project_id: int | None) -> str:
    """The lead, and the slugs below it, less what they share with the note's own."""
    slugs = [child.slug for child in children_of(db, row, project_id, MOST_BELOW)]
    prefix = f"{row.slug}-"
    if all(slug.startswith(prefix) for slug in slugs):
        names = f"{prefix}…: {', '.join(slug.removeprefix(prefix) for slug in slugs)}"
    else:
        names = ", ".join(slugs)
    return f"{lead_of(db, row.id)}\nBelow it: {cut(names, LONGEST_NAMES)}".strip()


def _changes(session: Session, since: str) -> Part:
    found = changes_since(session.db, since, session.project_id)
    entries = [_change(one) for one in found.notes]
    rest = NextCall("revisions", {"since": since, "summary": True})
    moment = f"change {since}" if since.strip().isdigit() else since.strip()
    return Part(
        "changes", f"Changed since {one_line(moment, LONGEST_NAME)}", entries, 3, len(entries), rest, found.more
    )


def _change(one: Changed) -> Entry:
    times = f" ({one.changes} changes)" if one.changes > 1 else ""
    when, who = one.revised_at[:16].replace("T", " "), one_line(one.actor, LONGEST_NAME)
    facts = [
        f"- {one.slug}@{one.revision}{times}",
        "deleted" if one.deleted else one_line(one.title, LONGEST_REASON),
        f"{when} {who}: {one.changed.replace(',', ', ')}",
        one_line(one.reason or "", LONGEST_REASON),
        one_line(one.revised_by or "", LONGEST_REASON),
    ]
    return Entry(" · ".join(fact for fact in facts if fact), one)
