"""check_refs: whether what a text names exists."""

from notewell_store import Invalid, parse_reference
from notewell_store.access.rights import Scope
from notewell_store.checking.checked import Report
from notewell_store.checking.judging import Judge
from notewell_store.checking.stored import Problem, Survey, check_note, survey
from notewell_store.checking.texts import check_text
from notewell_store.errors import NextArgument, NextCommand, Say
from notewell_store.tables import notes
from notewell_store.tables.project_rows import present_slug, slug_now
from notewell_tools.answers import counted
from notewell_tools.checked_references import existing, ref_data, scope, searched_data
from notewell_tools.definition import Call, Json, Name, tool
from notewell_tools.results import CheckedProject, CheckedReference, CheckedText, NoteProblem, RestOfProject, RestOfText

LONGEST_TEXT = 500_000  # characters
MOST_REFS = 200
"""References of one answer about a text."""
MOST_PROBLEMS = 100
"""Problems of one answer about a project."""
GOOD = {"exact", "alias"}


def _text(data: CheckedText | CheckedProject, say: Say) -> str:
    bad = [ref for ref in data["refs"] if ref["state"] not in GOOD]
    good = [ref for ref in data["refs"] if ref["state"] in GOOD]
    lines = [_head(data, len(bad)), *map(problem_line, bad)]
    if good:
        lines.append(f"exist: {', '.join(map(_good_words, good))}")
    if "left_out" in data:
        lines.append(f"[{_rest(data['left_out'], say)}]")
    return "\n".join(lines)


def _rest(left_out: RestOfText | RestOfProject, say: Say) -> str:
    if "from_line" in left_out:
        again = say(NextArgument("text"))
        return f"these are the first; from line {left_out['from_line']} on send the rest as {again}"
    problems = f"{left_out['problems']:,} more problems" if left_out["problems"] else ""
    notes = f"the notes after {left_out['after']}" if "after" in left_out else ""
    name, *arguments = left_out["command"]
    shown = say(NextCommand(name, tuple(arguments)))
    return f"not shown: {' and '.join(filter(None, (problems, notes)))}; all: {shown}"


def _head(data: CheckedText | CheckedProject, bad: int) -> str:
    refs = counted(data["total"], "reference")
    if "notes" in data:
        refs, bad = f"{refs} in {counted(data['notes'], 'note')}", data["problems"]
    return f"{refs}: {existing(bad, data['total'])} ({scope(data['searched'])})"


def problem_line(ref: CheckedReference | NoteProblem) -> str:
    """One reference that does not exist: its state, where it stands, what is nearest."""
    place = _place(ref)
    where = f" ({place})" if place else ""
    remark = f" · {ref['remark']}" if "remark" in ref else ""
    shown = [near.removeprefix(str(ref["slug"])) for near in ref["nearest"]]  # of sections, the anchor says it all
    nearest = f" · nearest: {', '.join(shown)}" if shown else ""
    return f"{ref['state']}: {ref['ref']}{where}{remark}{nearest}"


def _place(ref: CheckedReference | NoteProblem) -> str:
    lines = ", ".join(map(str, ref["lines"]))
    if "note" in ref:
        return f"{ref['note']}:{lines}" if lines else ref["note"]
    return f"line {lines}" if lines else ""


def _good_words(ref: CheckedReference) -> str:
    """In few bytes: most references need no more than their name."""
    target = ref["slug"]
    if ref["kind"] == "change":
        target = f"{target}@{ref['revision']}"
    if "anchor" in ref:
        target = f"{target}#{ref['anchor']}"
    remark = f" ({ref['remark']})" if "remark" in ref else ""
    is_plain = ref["kind"] == "note" and ref["state"] == "exact"
    return f"{ref['ref']}{remark}" if is_plain else f"{ref['ref']} → {target}{remark}"


def _needs(arguments: Json) -> Scope | None:
    """A look at all notes of a project takes seconds, and is not for strangers."""
    return "read" if arguments["project"] is not None else None


@tool(_text, reads_only=True, needs=_needs)
def check_refs(
    call: Call, text: str | None = None, ref: Name | None = None, project: str | None = None
) -> CheckedText | CheckedProject:
    """Check that what a text or note cites exists."""
    if sum(given is not None for given in (text, ref, project)) != 1:
        raise Invalid("send one of text, ref (a note) and project (all its notes)", "text")
    if text is not None and len(text) > LONGEST_TEXT:
        raise Invalid(f"text has {len(text):,} characters: send it in parts of at most {LONGEST_TEXT:,}", "text")
    with call.store.reading() as db:
        if project is not None:
            project = present_slug(db, project)
            return _of_project(project, survey(db, project))
        if text is not None:
            home = slug_now(db, call.project)
            return _of_text(check_text(db, text, Judge(db, project=home), limit=MOST_REFS))
        note = notes.load_living(db, parse_reference(ref or ""))
        return _of_text(check_note(db, note, limit=MOST_REFS))


def _of_text(report: Report) -> CheckedText:
    """Problems first, each part in the order of the text."""
    refs = sorted(report.refs, key=lambda checked: checked.state in GOOD)
    data: CheckedText = {
        "total": len(refs),
        "refs": list(map(ref_data, refs)),
        "searched": searched_data(report.searched),
    }
    if report.next_line is not None:
        data["left_out"] = {"from_line": report.next_line}
    return data


def _of_project(project: str, done: Survey) -> CheckedProject:
    """The problems of a project's notes; what exists is counted."""
    shown = done.problems[:MOST_PROBLEMS]
    data: CheckedProject = {
        "total": done.refs,
        "notes": done.notes,
        "problems": len(done.problems),
        "refs": list(map(problem_data, shown)),
        "searched": searched_data(done.searched),
    }
    if len(shown) < len(done.problems) or done.next_slug is not None:
        data["left_out"] = {"problems": len(done.problems) - len(shown), "command": ["check", "--project", project]}
        if done.next_slug is not None:
            data["left_out"]["after"] = done.next_slug
    return data


def problem_data(problem: Problem) -> NoteProblem:
    """A problem of a stored note, which `note` names."""
    return {"note": problem.note, **ref_data(problem.checked)}
