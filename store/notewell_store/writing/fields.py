"""The fields of a note as a caller sends them: read, checked, and put in the form in which they are kept.

What cannot be taken raises Invalid (or NotFound for a name), and nothing has been written by then.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from notewell_store.contract import Snapshot
from notewell_store.errors import Invalid, NextArgument, NextCall
from notewell_store.markdown.sections import title_of
from notewell_store.markdown.slugs import is_slug, slugify
from notewell_store.models import Change, Metadata, Note
from notewell_store.names import as_title, is_title, on_one_line
from notewell_store.references import parse_reference
from notewell_store.tables import labels, notes
from notewell_store.tables.project_rows import present_slug
from notewell_store.writing.limits import LARGEST_TEXT, refuse_excess, title_refusal

NONE = "none"  # what clears a field


def derived_title(slug: str, content: str) -> str:
    """The first heading, as far as it can be a title, else the slug: a note is not refused for its heading."""
    return as_title(title_of(content) or "") or slug.replace("-", " ").capitalize()


def changed_metadata(db: Snapshot, note_id: int | None, metadata: Metadata, change: Change) -> Metadata:
    changed = replace(
        metadata,
        slug=_new_slug(db, note_id, change.new_slug) if change.new_slug else metadata.slug,
        title=metadata.title if change.title is None else _title(change.title),
        note_type=_word(change.note_type, metadata.note_type, labels.type_word),
        status=_word(change.status, metadata.status, labels.status_text),
        project=_project(db, change.project, metadata.project),
        tags=_tags(metadata.tags, change),
        parent=_parent(db, note_id, change.parent, metadata.parent),
        position=metadata.position if change.position is None else change.position,
        is_public=metadata.is_public if change.is_public is None else change.is_public,
    )
    refuse_excess(changed, metadata)
    return changed


def content_of(sent: str | None, kept: str) -> str:
    if sent is None:
        return kept
    check_text(sent)
    return sent


def check_text(text: str) -> None:
    """Raise Invalid for a text that cannot be kept byte for byte, or is too large."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise Invalid(
            f"the text holds half of a surrogate pair at character {error.start}: send whole characters", "content"
        ) from None
    if size > LARGEST_TEXT:
        raise Invalid(
            f"the text has {size:,} bytes, a note at most {LARGEST_TEXT:,}: split it into child notes", "content"
        )
    if "\0" in text:
        raise Invalid(f"the text holds a NUL at character {text.index(chr(0))}: remove it", "content")


def _title(title: str) -> str:
    line = on_one_line(title)
    if not is_title(line):
        raise Invalid(title_refusal(title), "title")
    return line


def _word(sent: str | None, kept: str | None, read: Callable[[str], str]) -> str | None:
    if sent is None:
        return kept
    return None if clears(sent) else read(sent)


def clears(sent: str) -> bool:
    """Whether what was sent for a field takes away what it says."""
    return sent.strip().lower() in {"", NONE}


def _tags(kept: tuple[str, ...], change: Change) -> tuple[str, ...]:
    start = kept if change.tags is None else tuple(map(labels.tag_word, change.tags))
    wanted = {*start, *(labels.tag_word(tag, "add_tags") for tag in change.add_tags)}
    return tuple(sorted(wanted - {labels.tag_word(tag, "remove_tags") for tag in change.remove_tags}))


def _project(db: Snapshot, sent: str | None, kept: str | None) -> str | None:
    if sent is None:
        return kept
    if clears(sent):
        return None
    return present_slug(db, sent)


def _parent(db: Snapshot, note_id: int | None, sent: str | None, kept: str | None) -> str | None:
    if sent is None:
        return kept
    if clears(sent):
        return None
    parent_id = notes.find_living(db, parse_reference(sent))
    if note_id is not None and notes.is_below(db, parent_id, note_id):
        raise Invalid(f"parent={sent!r} is the note itself or stands below it: choose a note outside", "parent")
    return notes.slug_of(db, parent_id)


def check_slug(slug: str, argument: str, sent: str | None = None) -> None:
    """Raise Invalid for what is no slug, naming it as it was `sent`."""
    if is_slug(slug):
        return
    meant = slugify(slug)
    raise Invalid(
        f"{argument}={(sent or slug)[:80]!r} is no slug: a-z and 0-9 in words joined by single hyphens, at most 200 "
        f"characters, not all digits{f'; send {meant[:80]!r}' if meant else ''}",
        argument,
    )


def _new_slug(db: Snapshot, note_id: int | None, slug: str) -> str:
    check_slug(slug, "new_slug")
    taken = notes.find_slug(db, slug)
    if taken is not None and taken != note_id:
        raise Invalid(f"new_slug={slug!r} already names {notes.slug_of(db, taken)}: choose another", "new_slug")
    return slug


CUT = re.compile(r"\[cut: [\d,]+ of [\d,]+ characters;")
SHORTEST_PART = 40  # characters; less may stand in a text by chance
LONG = 10_000  # characters; what is shorter is rarely read in parts


def require_whole_text(sent: str | None, note: Note) -> None:
    """Raise Invalid for a content that is only a part of what the note says, as a cut read or a section is."""
    part = (sent or "").strip()
    if part.startswith(f"{note.metadata.slug}@{note.revision}") and " · " in part.partition("\n")[0]:
        raise Invalid(
            ("content begins with the line that ", NextCall("get_note"), " puts above the Markdown: leave it out"),
            "content",
        )
    is_part = SHORTEST_PART <= len(part) < len(note.markdown.strip()) and part in note.markdown
    if is_part or _breaks_off(part, note.markdown) or (CUT.search(part) and not CUT.search(note.markdown)):
        raise Invalid(
            (
                f"content has {len(part):,} of the {len(note.markdown):,} characters of {note.metadata.slug} and looks "
                "like a read that was cut: the rest would be gone. Change a part with ",
                NextCall("edit_note"),
                ", or, if the note is meant to end so, send ",
                NextArgument("is_whole", True),
            ),
            "content",
        )


def _breaks_off(part: str, text: str) -> bool:
    """Whether a long text ends, in the part, where it still goes on: a read that was cut, then changed."""
    end = part[-SHORTEST_PART:]
    at = text.find(end) if len(part) >= SHORTEST_PART and len(part) < len(text) and len(text) > LONG else -1
    return at >= 0 and bool(text[at + len(end) :].strip()) and end not in text[at + 1 :]
