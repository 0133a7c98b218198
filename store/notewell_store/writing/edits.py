"""Edits of a part of a text: exact replacement, a section, the end or the beginning."""

import re
from bisect import bisect_left, bisect_right

from notewell_store.errors import A_SECTION, Invalid, NextArgument, NoMatch
from notewell_store.markdown import Section
from notewell_store.markdown.blocks import Kind, scan
from notewell_store.markdown.sections import parse_sections, pick_section
from notewell_store.models import Edit
from notewell_store.safe_text import seen, unseen_places

LIKE = 0.5  # what a line and the longest one of a text that is not there have in common, at least
LONGEST_COMPARED = 3_000  # lines looked through for the passage nearest to a text that is not there
RULE = re.compile(r"[ \t]*+\|?+[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)*+\|?[ \t]*+")
RULE_LINE = re.compile(r"^[ ]{0,3}+\|(?=[:| \t]*+-)[-:| \t]*+\r?$", re.MULTILINE)
TABLE_ROWS = re.compile(r"(?:\r?\n[ \t]*\|[^\r\n]*)*(?:\r?\n)?")
MARKER = re.compile(r"\s*(?:[-*+] |\d+[.)] |\||>)")


def edited_text(slug: str, text: str, edit: Edit, section: Section | None = None) -> str:
    """The text after the edit; `section` is that of its anchor, where it is known. Raises NoMatch, NotFound (no such
    section) and Invalid."""
    if section is None and edit.anchor is not None:
        section = pick_section(parse_sections(text), edit.anchor, slug)
    if edit.mode == "replace":
        return _replaced(slug, text, edit, section)
    if edit.mode == "replace_section":
        if section is None:
            raise Invalid(("mode='replace_section' needs a section: send ", NextArgument("ref", A_SECTION)), "ref")
        return _section_replaced(text, section, edit.new_text)
    if not edit.new_text.strip():
        return text
    added = _ends_as(text, edit.new_text)
    if edit.mode == "append":
        start, end = (section.start, section.own_end) if section else (0, len(text))
        return _inserted_at_end(text, _end_of_table(text, start, end, added) or end, added)
    return _inserted_at_start(text, section or _title_section(text), added)


def _title_section(text: str) -> Section | None:
    """The heading that opens the text, below which an addition to its beginning goes."""
    sections = parse_sections(text)
    return sections[0] if sections and not text[_opening(text) : sections[0].start].strip() else None


def _opening(text: str) -> int:
    """Where the text begins behind what must stand first: front matter, a byte order mark."""
    first = next(scan(text), None)
    if first and first.kind is Kind.FRONT_MATTER:
        return first.end
    return 1 if text.startswith("\ufeff") else 0


def _ends_as(text: str, added: str) -> str:
    """The addition with the line ends that the text uses."""
    return re.sub(r"\r?\n", "\r\n", added) if "\r\n" in text else added


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _replaced(slug: str, text: str, edit: Edit, section: Section | None) -> str:
    if not edit.old_text:
        raise Invalid(
            ("mode='replace' needs ", NextArgument("old_text"), ": the exact text to be replaced, standing once"),
            "old_text",
        )
    start, end = (section.start, section.end) if section else (0, len(text))
    old, new = edit.old_text, edit.new_text
    if text.find(old, start, end) < 0:
        old, new = _ends_as(text, old), _ends_as(text, new)
    elif "\n" not in old:
        new = _ends_as(text, new)
    places = _places(text, old, start, end) or _places_as_seen(text, old, start, end)
    if len(places) != 1:
        raise NoMatch(
            f"{slug}#{section.anchor}" if section else slug,
            [text.count("\n", 0, first) + 1 for first, _ in places[:10]],
            None if places else _nearest(text[start:end], old, text.count("\n", 0, start)),
        )
    first, last = places[0]
    return text[:first] + new + text[last:]


def _places(text: str, old: str, start: int, end: int) -> list[tuple[int, int]]:
    places: list[tuple[int, int]] = []
    at = text.find(old, start, end)
    while at >= 0 and len(places) < 11:
        places.append((at, at + len(old)))
        at = text.find(old, at + 1, end)
    return places


def _places_as_seen(text: str, old: str, start: int, end: int) -> list[tuple[int, int]]:
    """The places for whoever read the text without the characters that nobody sees, as models are shown it."""
    part, wanted = text[start:end], seen(old)
    unseen = unseen_places(part)
    if not wanted or not (unseen or wanted != old):
        return []
    shown = seen(part)
    left_out = [at - number for number, at in enumerate(unseen)]  # where in what is shown each of them would stand
    return [
        (start + first + bisect_right(left_out, first), start + last + bisect_left(left_out, last))
        for first, last in _places(shown, wanted, 0, len(shown))
    ]


def _nearest(text: str, old: str, lines_before: int) -> tuple[int, str] | None:
    """The passage most like `old`: its line number and text, when it is like it at all."""
    lines, wanted = _lines(text)[:LONGEST_COMPARED], _lines(old.rstrip("\r\n"))
    longest = max(wanted, key=len)
    if not longest.strip():
        return None
    from notewell_store.nearest import closest  # only a refusal needs it

    close = closest(longest, lines, 1, LIKE)
    if not close:
        return None
    found = lines.index(close[0])
    first = max(0, found - wanted.index(longest))
    return lines_before + first + 1, "\n".join(lines[first : first + len(wanted)])


def _lines(text: str) -> list[str]:
    return [line.removesuffix("\r") for line in text.split("\n")]


def _section_replaced(text: str, section: Section, new_text: str) -> str:
    """A new text that begins with a heading replaces the heading too; the blank lines behind stay."""
    new = _ends_as(text, new_text)
    own = parse_sections(new)
    with_heading = bool(own) and not new[: own[0].start].strip()
    start = section.start if with_heading else section.body_start
    tail = _blank_tail(text[start : section.end])
    lead = "" if with_heading or not new.strip() else _lead(text[start : section.end], new)
    before = text[:start]
    if before and not before.endswith(("\n", "\r")):
        before += _newline(text)
    return before + lead + new.rstrip("\r\n") + (tail or _newline(text)) + text[section.end :]


def _lead(old_body: str, new: str) -> str:
    """The blank lines between heading and body, kept unless the new text brings its own."""
    if new[:1] in "\r\n":
        return ""
    return old_body[: len(old_body) - len(old_body.lstrip("\r\n"))]


def _blank_tail(text: str) -> str:
    return text[len(text.rstrip("\r\n \t")) :]


def _inserted_at_end(text: str, end: int, added: str) -> str:
    """The addition behind the last line that is not blank: a new block, or the next row or item of the last one."""
    tail = _blank_tail(text[:end])
    body_end = end - len(tail)
    newline = _newline(text)
    alone = body_end == 0 or added[0] in "\r\n"
    joint = "" if alone else _joint(text[:body_end], added, newline)
    behind = tail if tail else ("" if end == len(text) else newline)
    kept = added.rstrip("\r\n") if behind else added
    return text[:body_end] + joint + kept + behind + text[end:]


def _end_of_table(text: str, start: int, end: int, added: str) -> int | None:
    """Where the last table of a stretch ends, when what is added is rows for one: they would be no table elsewhere."""
    rows = added.strip().splitlines()
    if not rows or not all(row.lstrip().startswith("|") for row in rows) or any(map(RULE.fullmatch, rows)):
        return None
    behind = [rule.end() for rule in RULE_LINE.finditer(text, start, end)]  # step by step: others get their turn
    last = TABLE_ROWS.match(text, behind[-1], end) if behind else None
    return last.end() if last else None


def _joint(before: str, added: str, newline: str) -> str:
    last_line = before[before.rfind("\n") + 1 :]
    last, first = MARKER.match(last_line), MARKER.match(added)
    same_block = bool(last and first) and _kind(last_line) == _kind(added)
    return newline if same_block else newline * 2


def _kind(line: str) -> str:
    first = line.strip()[:1]
    return "list" if first in "-*+0123456789" else first


def _inserted_at_start(text: str, section: Section | None, added: str) -> str:
    newline = _newline(text)
    start = section.body_start if section else _opening(text)
    before, body = text[:start], text[start:].lstrip("\r\n")
    lead = text[start : len(text) - len(body)]
    if len(before) > 1 and not before.endswith(("\n", "\r")):
        before += newline
    own = added.strip("\r\n")
    between = _joint(own, body, newline) if body else newline
    if section is None:
        return before + lead + (own + between + body if body else added)
    return before + (lead or newline) + own + between + body
