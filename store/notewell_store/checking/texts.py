"""The references of a text, each with its state, its lines and the names nearest to what is missing."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace

from notewell_store.checking.checked import Checked, Report, Searched
from notewell_store.checking.judging import Judge
from notewell_store.checking.keys import nearest_keys
from notewell_store.contract import Snapshot
from notewell_store.errors import Invalid
from notewell_store.markdown.mentions import find_mentions
from notewell_store.names import slug_of_path
from notewell_store.nearest import closest
from notewell_store.references import Reference, parse_reference
from notewell_store.tables.changes import newest_change
from notewell_store.tables.nearest import nearest_names
from notewell_store.tables.notes import count_living

AT_ONCE = 1000  # mentions that are looked up together
MOST_KEYS = 300  # that a call with a limit looks for, before it leaves the rest out; each costs a search
MOST_READ = 5_000_000  # characters of other notes that it looks for sections in, before it does so too: some 3 s
LINES_KEPT = 5  # of each reference
MOST_NEAREST = 20  # missing references of a text for which near names are looked up

_LINE_END = re.compile(r"\r\n?|\n")


def check_text(db: Snapshot, text: str, judge: Judge, limit: int | None = None) -> Report:
    """The distinct references of `text` in their order; at most `limit`, or all.

    Takes time linear in the text, and with a limit some seconds at most, whatever the text.
    """
    mentions = find_mentions(text)
    lines = _Lines(text)
    found: dict[tuple[str, str], Checked] = {}
    is_enough = False
    for first in range(0, len(mentions), AT_ONCE):
        if limit is not None and judge.keys_looked_up >= MOST_KEYS:
            return _report(db, found.values(), judge, lines.number(mentions[first].start))
        for mention, checked in judge.judge(mentions[first : first + AT_ONCE]):
            name = (checked.kind, checked.ref)
            if name not in found and (len(found) == limit or (limit is not None and is_enough)):
                return _report(db, found.values(), judge, lines.number(mention.start))
            is_enough = judge.anchors.chars_read >= MOST_READ
            found[name] = _placed(found.get(name, checked), lines.number(mention.start))
    return _report(db, found.values(), judge, None)


def searched(db: Snapshot) -> Searched:
    return Searched(count_living(db), newest_change(db))


class _Lines:
    """Lines by offsets in a text."""

    def __init__(self, text: str) -> None:
        self._ends = [match.end() for match in _LINE_END.finditer(text)]

    def number(self, offset: int) -> int:
        return bisect_right(self._ends, offset) + 1


def _placed(checked: Checked, line: int) -> Checked:
    """The reference with one more place. A link is found twice, as a link and as the word in it."""
    lines = checked.lines
    return checked if line in lines or len(lines) == LINES_KEPT else replace(checked, lines=(*lines, line))


def _report(db: Snapshot, found: Iterable[Checked], judge: Judge, next_line: int | None) -> Report:
    return Report(with_nearest(db, found, judge), searched(db), next_line)


def with_nearest(db: Snapshot, found: Iterable[Checked], judge: Judge) -> tuple[Checked, ...]:
    """The references as they were judged, the first missing ones among them with existing names that look like them;
    where the text is a project's, of notes that it heeds."""
    refs = list(found)
    for at in [at for at, checked in enumerate(refs) if checked.is_problem][:MOST_NEAREST]:
        refs[at] = replace(refs[at], nearest=_nearest(db, refs[at], judge))
    return tuple(refs)


def _named(ref: str) -> Reference:
    """The reference that was written; of a title that is none, all of it is the name."""
    try:
        return parse_reference(ref)
    except Invalid:
        return Reference(ref)


def _nearest(db: Snapshot, checked: Checked, judge: Judge) -> tuple[str, ...]:
    if checked.foreign is not None:  # what its sections are called, it is not for this project to be told
        return ()
    if checked.kind == "key":
        return nearest_keys(db, checked.ref.lower(), judge.project)
    if checked.state == "ambiguous":
        return checked.nearest
    reference = _named(checked.ref)
    if checked.id is not None and checked.state == "missing-section":
        anchors = closest((reference.anchor or "").lower(), judge.anchors.of(checked.id, reference.revision))
        return tuple(f"{checked.slug}#{anchor}" for anchor in anchors)
    if checked.slug is not None:  # what is missing is a revision, or a section of a page that is not in the store
        return checked.nearest
    name = slug_of_path(reference.name) if "/" in reference.name or "." in reference.name else reference.name
    return nearest_names(db, name, project=judge.project)
