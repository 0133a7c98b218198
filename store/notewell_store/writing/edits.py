"""Edits of a part of a text: exact replacement, a section, the end or the beginning."""

import re
from bisect import bisect_left, bisect_right

from notewell_store.errors import A_SECTION, Invalid, Near, NextArgument, NoMatch
from notewell_store.markdown import Section
from notewell_store.markdown.blocks import Kind, scan
from notewell_store.markdown.sections import parse_sections, pick_section
from notewell_store.models import Edit
from notewell_store.safe_text import seen, unseen_places

RULE = re.compile(r"[ \t]*+\|?+[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+)*+\|?[ \t]*+")
RULE_LINE = re.compile(r"^[ ]{0,3}+\|(?=[:| \t]*+-)[-:| \t]*+\r?$", re.MULTILINE)
TABLE_ROWS = re.compile(r"(?:\r?\n[ \t]*\|[^\r\n]*)*(?:\r?\n)?")
MARKER = re.compile(r"\s*(?:[-*+] |\d+[.)] |\||>)")


def edited_text(slug: str, text: str, edit: Edit, section: Section | None = None) -> str:
    """The text after the edit; `section` is that of its anchor, where it is known. Raises NoMatch, NotFound (no such
    section) and Invalid."""
    if section is None and edit.anchor is not None:
        section = pick_section(parse_sections(text), edit.anchor, slug)
    if edit.mode in {"replace", "replace_all"}:
        return _replaced(slug, text, edit, section)
    if edit.mode in {"replace_section", "delete_section"}:
        if section is None:
            raise Invalid((f"mode={edit.mode!r} needs a section: send ", NextArgument("ref", A_SECTION)), "ref")
        if edit.mode == "delete_section":
            return without(text, section)
        return _section_replaced(text, section, edit.new_text)
    if not edit.new_text.strip():
        return text
    added = _ends_as(text, edit.new_text)
    if edit.mode in {"insert_before", "insert_after"}:
        start, end = _lines_meant(slug, text, edit, section)
        return (
            inserted_before(text, start, added) if edit.mode == "insert_before" else inserted_behind(text, end, added)
        )
    if edit.mode == "append":
        start, end = (section.start, section.own_end) if section else (0, len(text))
        return inserted_behind(text, _end_of_table(text, start, end, added) or end, added)
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
    old, new = edit.old_text or "", edit.new_text
    start, end = (section.start, section.end) if section else (0, len(text))
    if text.find(old, start, end) < 0 or "\n" not in old:
        new = _ends_as(text, new)
    if edit.mode == "replace_all" and (found := as_it_ends(text, old, start, end)):
        return text[:start] + text[start:end].replace(found, new) + text[end:]
    first, last = _place(slug, text, edit, section)
    return text[:first] + new + text[last:]


def as_it_ends(text: str, old: str, start: int, end: int) -> str:
    """What is looked for, with the line ends by which it stands there; '' where it does not."""
    return next((way for way in (old, _ends_as(text, old)) if way and text.find(way, start, end) >= 0), "")


def _place(slug: str, text: str, edit: Edit, section: Section | None) -> tuple[int, int]:
    """Where the old text stands, which it does once. Raises NoMatch and Invalid."""
    if not edit.old_text:
        raise Invalid(
            (f"mode={edit.mode!r} needs ", NextArgument("old_text"), ": the exact text that is meant, standing once"),
            "old_text",
        )
    start, end = (section.start, section.end) if section else (0, len(text))
    old = as_it_ends(text, edit.old_text, start, end) or _ends_as(text, edit.old_text)
    places = _places(text, old, start, end) or _places_as_seen(text, old, start, end)
    if len(places) != 1:
        raise NoMatch(
            f"{slug}#{section.anchor}" if section else slug,
            [text.count("\n", 0, first) + 1 for first, _ in places[:10]],
            None if places else _nearest(text, old, start, end),
        )
    return places[0]


def _lines_meant(slug: str, text: str, edit: Edit, section: Section | None) -> tuple[int, int]:
    """Before and behind what an insertion goes: the lines of the old text, else the section with its subsections."""
    if edit.old_text:
        first, last = _place(slug, text, edit, section)
        end = text.find("\n", max(first, last - 1))
        return text.rfind("\n", 0, first) + 1, len(text) if end < 0 else end + 1
    if section is None:
        raise Invalid(
            (f"mode={edit.mode!r} needs ", NextArgument("old_text"), " or a section: ", NextArgument("ref", A_SECTION)),
            "old_text",
        )
    return section.start, section.end


def without(text: str, section: Section) -> str:
    """The text less a section with its heading and subsections; the blank lines before it separate what is left."""
    before, behind = text[: section.start], text[section.end :]
    if behind.strip():
        return before + behind
    return before.rstrip("\r\n") + _newline(text) if before.strip() else before


def inserted_before(text: str, at: int, added: str) -> str:
    """The addition before the line that begins there: a block of its own, or a row or item of the same one."""
    before, body, own, newline = text[:at], text[at:], added.strip("\r\n"), _newline(text)
    last = before.removesuffix("\n").removesuffix("\r")
    lead = _joint(last, own, newline)[len(newline) :] if last and not last.endswith(("\n", "\r")) else ""
    return before + lead + own + (_joint(own, body, newline) if body else newline) + body


def _nearest(text: str, old: str, start: int, end: int) -> Near | None:
    from notewell_store.writing.near_text import nearest  # only a refusal needs it

    near = nearest(text[start:end], old)
    return near and near._replace(line=near.line + text.count("\n", 0, start))


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


def inserted_behind(text: str, end: int, added: str) -> str:
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
