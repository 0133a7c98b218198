"""What to show of a text that is too long: its lead, its first section, the section of a heading, its steps."""

import re
from typing import NamedTuple

from notewell_store.contract import Snapshot
from notewell_store.errors import NextCommand
from notewell_store.markdown import Section
from notewell_store.tables.checksums import kept_text

LONGEST_LEAD = 200  # characters
LOOKED_AT = 3_000  # characters of a text in which its lead is looked for
DAMAGED = f"The text of this note is damaged and not shown: {NextCommand('verify')} tells more."
CUT = " …"
NO_PROSE = ("#", "|", "![", "[![", "<", "```", "~~~")
"""What begins a line that no lead begins with."""

_WORD = re.compile("[a-z]+")


class Steps(NamedTuple):
    """The tick boxes of a text, but for those in its code."""

    done: int
    open: tuple[str, ...]


def text_of(db: Snapshot, note_id: int, start: int = 0, length: int = 1_000_000) -> str:
    """The Markdown, or so many characters of it; where it is not what was written, a sentence that says so."""
    markdown, is_whole = kept_text(db, note_id)
    return markdown[start : start + length] if is_whole() else DAMAGED


def lead_of(db: Snapshot, note_id: int) -> str:
    """The first paragraph of prose, on one line, cut at a word."""
    return lead(text_of(db, note_id, 0, LOOKED_AT))


def lead(markdown: str) -> str:
    paragraph: list[str] = []
    for line in tidy(markdown).splitlines():
        stripped = line.strip()
        if paragraph and (not stripped or stripped[0] == "#"):
            break
        if paragraph or not (not stripped or stripped.startswith(NO_PROSE) or set(stripped) <= set("-*_= ")):
            paragraph.append(stripped)
    return cut(" ".join(paragraph), LONGEST_LEAD)


def cut(text: str, length: int) -> str:
    """The text, at most `length` characters of it, cut between words where it has any."""
    if len(text) <= length:
        return text
    kept = text[: length - len(CUT)]
    space = kept.rfind(" ", length // 2)
    return (kept[:space] if space > 0 else kept).rstrip(" ,;:") + CUT


def cut_lines(text: str, length: int) -> str:
    """The first lines of a text, at most `length` characters; empty where not even its first line fits."""
    if len(text) <= length:
        return text
    end = text.rfind("\n", 0, max(0, length - len(CUT)))
    return "" if end <= 0 else f"{text[:end].rstrip()}\n{CUT.strip()}"


def first_section(markdown: str, sections: tuple[Section, ...]) -> str:
    """What stands before the second heading, without the first: what a page says before it goes into detail. Where
    that is nothing, the section after it."""
    begin = len(markdown) - len(without_front_matter(markdown))
    headed = [section for section in sections if section.start >= begin]
    first = headed[0].start if headed else len(markdown)
    own = [(begin, first), *((section.body_start, section.own_end) for section in headed)]
    return next((text for start, end in own if (text := tidy(markdown[start:end]))), "")


def without_title(markdown: str, title: str, sections: tuple[Section, ...]) -> str:
    """The whole text, less a first heading that repeats the title."""
    if sections and not markdown[: sections[0].start].strip() and sections[0].heading == title:
        return tidy(markdown[sections[0].body_start :])
    return tidy(markdown)


def section_about(sections: tuple[Section, ...], *words: str, beside: tuple[str, ...] = ()) -> Section | None:
    """The section whose heading holds one of these words; of several, the one that holds more of those that
    may stand `beside` them, then the shortest, then the first. `3. 🌅 Vision (v2)` is about `vision`.
    """
    found = []
    for number, section in enumerate(sections):
        named = _WORD.findall(section.heading.lower())
        if not set(named).isdisjoint(words):
            found.append((-len(set(named) & set(beside)), len(named), number))
    return sections[min(found)[2]] if found else None


def steps_of(markdown: str) -> Steps:
    if "[ ]" not in markdown and "[x]" not in markdown and "[X]" not in markdown:
        return Steps(0, ())
    from notewell_store.markdown.outside_code import tick_boxes  # patterns, which few texts are looked at with

    boxes = tick_boxes(markdown)
    return Steps(sum(box.is_ticked for box in boxes), tuple(box.words for box in boxes if not box.is_ticked))


def tidy(markdown: str) -> str:
    """The text without front matter, raw HTML and blank lines at its ends."""
    return without_html(without_front_matter(markdown)).strip()


def without_front_matter(markdown: str) -> str:
    if not markdown.startswith(("---", "+++", "{", "\ufeff")):
        return markdown
    from notewell_store.markdown.front_matter import front_matter_end  # a pattern, which few texts are looked at with

    return markdown[front_matter_end(markdown) :]


def without_html(markdown: str) -> str:
    """The text without its blocks of raw HTML, which run from a tag at a line's start to the next blank line."""
    lines = markdown.splitlines()
    if "<" not in markdown:
        return "\n".join(lines)
    kept: list[str] = []
    fence = ""
    inside = False
    for line in lines:
        stripped = line.strip()
        if fence:
            fence = "" if stripped.startswith(fence) else fence
        elif stripped.startswith(("```", "~~~")):
            fence, inside = stripped[:3], False
        elif not stripped:
            inside = False
        elif inside or (len(stripped) > 2 and stripped[0] == "<" and (stripped[1].isalpha() or stripped[1] in "/!")):
            inside = "://" not in stripped.partition(">")[0] or inside  # an autolink is no tag
            if inside:
                continue
        kept.append(line)
    return "\n".join(kept)
