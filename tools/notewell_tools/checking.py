"""check_refs: whether what a text names exists."""

from typing import Any

from notewell_store import Invalid, parse_reference
from notewell_store.checking.checked import Checked, Report
from notewell_store.checking.judging import Judge
from notewell_store.checking.stored import Problem, check_note, survey
from notewell_store.checking.texts import check_text
from notewell_store.sqlite import notes, projects
from notewell_tools.answers import data_of
from notewell_tools.definition import Call, Data, Name, tool

MOST_SHOWN = 200
"""References of one answer; the rest is left to the next call."""


def _text(data: Data) -> str:
    refs = data["refs"]
    scope = f"searched {data['searched']['notes']:,} notes, up to change {data['searched']['seq']:,}"
    if "notes" in data:
        scope = f"{data['total']:,} references in {data['notes']:,} notes looked through, {scope}"
        head = f"{len(refs)} to mend ({scope})"
    else:
        bad = sum(ref["state"] not in GOOD for ref in refs)
        head = f"{len(refs)} reference{'s' * (len(refs) != 1)}, {bad} not good ({scope})"
    lines = [head, *(problem_line(ref) for ref in refs if ref["state"] not in GOOD)]
    good = [_good(ref) for ref in refs if ref["state"] in GOOD]
    if good:
        lines.append(f"exist: {', '.join(good)}")
    if data["next_cursor"]:
        lines.append(f"more follows; next: cursor={data['next_cursor']}")
    return "\n".join(lines)


GOOD = {"exact", "alias"}


def problem_line(ref: Data) -> str:
    """One reference to mend: its state, where it stands, what is nearest."""
    where = f"{ref['note']}:" if "note" in ref else "line " if ref["lines"] else ""
    place = f" ({where}{', '.join(map(str, ref['lines']))})".replace(":)", ")") if where else ""
    remark = f" · {ref['remark']}" if "remark" in ref else ""
    nearest = f" · nearest: {', '.join(ref['nearest'])}" if ref["nearest"] else ""
    return f"{ref['state']}: {ref['ref']}{place}{remark}{nearest}"


def _good(ref: Data) -> str:
    """In few bytes: most references need no more than their name."""
    target = ref["slug"]
    if ref["kind"] == "change":
        target = f"{target}@{ref['revision']}"
    if ref["kind"] == "key" and "anchor" in ref:
        target = f"{target}#{ref['anchor']}"
    remark = f" ({ref['remark']})" if "remark" in ref else ""
    is_plain = ref["kind"] == "note" and ref["state"] == "exact"
    return f"{ref['ref']}{remark}" if is_plain else f"{ref['ref']} → {target}{remark}"


@tool(_text, reads_only=True)
def check_refs(
    call: Call,
    text: str | None = None,
    ref: Name | None = None,
    project: str | None = None,
    cursor: str | None = None,
) -> Data:
    """Check that what a text, a note or a project's notes refer to exists. Do so before you cite."""
    if sum(given is not None for given in (text, ref, project)) != 1:
        raise Invalid("send one of text, ref and project", "text")
    if project is not None:
        return _of_project(call, project, cursor or "")
    start = _offset(cursor)
    with call.store.reading() as db:
        if text is not None:
            return _of_text(check_text(db, text, Judge(db), start, MOST_SHOWN))
        return _of_text(check_note(db, notes.find_living(db, parse_reference(ref or "")), start, MOST_SHOWN))


def _offset(cursor: str | None) -> int:
    if cursor is not None and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 12):
        raise Invalid("that cursor is not one of ours: send the last answer's cursor, unchanged", "cursor")
    return int(cursor or 0)


def _of_text(report: Report) -> Data:
    """Problems first, each part in the order of the text."""
    refs = sorted(report.refs, key=lambda checked: checked.state in GOOD)
    cursor = None if report.next_start is None else str(report.next_start)
    return {"refs": [ref_data(checked) for checked in refs], "searched": data_of(report.searched), "next_cursor": cursor}


def _of_project(call: Call, project: str, after: str) -> Data:
    with call.store.reading() as db:
        projects.project_id(db, project)
        done = survey(db, project, after)
    return {
        "refs": [problem_data(problem) for problem in done.problems],
        "notes": done.notes,
        "total": done.refs,
        "searched": data_of(done.searched),
        "next_cursor": done.next_slug,
    }


def ref_data(checked: Checked) -> Data:
    """A reference in the fields of the answer, less those that say nothing of it."""
    always: dict[str, Any] = {name: getattr(checked, name) for name in ("ref", "kind", "state", "slug", "id", "title")}
    always |= {"created_at": checked.created_at, "nearest": list(checked.nearest), "lines": list(checked.lines)}
    told = {name: getattr(checked, name) for name in ("anchor", "revision", "remark")}
    return always | {name: value for name, value in told.items() if value is not None}


def problem_data(problem: Problem) -> Data:
    return {"note": problem.note, **ref_data(problem.checked)}
