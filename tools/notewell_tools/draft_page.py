"""What a page for people shows of a note that is being written: what there is, what it would look like, and the places
where somebody else changed it meanwhile."""

from collections.abc import Mapping, Sequence

from typing_extensions import TypedDict

from notewell_store import NotFound, parse_reference
from notewell_store.checking.judging import Judge
from notewell_store.checking.texts import check_text
from notewell_store.contract import Snapshot
from notewell_store.errors import Invalid
from notewell_store.markdown.merging import Region, regions
from notewell_store.models import Metadata, Note
from notewell_store.tables import history, notes
from notewell_store.tables.pages import draft_page
from notewell_store.tables.project_rows import called_now, has_project
from notewell_store.tables.revisions import load_at
from notewell_store.writing.templates import missing_headings
from notewell_tools.answers import revision_entry
from notewell_tools.checked_references import ref_data
from notewell_tools.definition import Call, Json
from notewell_tools.results import CheckedReference, Revision

LONGEST_PREVIEW = 100_000
"""Characters of a draft that are looked at as one types."""
MOST_REFS = 200
MOST_CHANGES = 10
GOOD = {"exact", "alias"}

NONE = "none"
"""What a tool is sent that takes away what a field says."""

Fields = dict[str, str]
"""Of a note's metadata, as a form has them: each a text, '' for none; tags with commas, `public` or ''."""
ONE_WORD = ("note_type", "status", "project", "parent")


class Opened(TypedDict):
    slug: str
    title: str
    revision: int
    text: str
    fields: Fields


class Preview(TypedDict):
    """`html` is None of a text that is too long. `missing` are the references that name nothing, of `references`."""

    html: str | None
    references: int
    missing: list[CheckedReference]
    headings: list[str]


class Field(TypedDict):
    """One of the metadata that two changed to different words."""

    name: str
    before: str
    theirs: str
    mine: str


class Meeting(TypedDict):
    """What one who began from the revision `since`, and what others did. `changes` are theirs, newest first; `base` and
    `theirs` are what the fields were and are, `text` is what the note says now."""

    slug: str
    title: str
    since: int
    newest: int
    changes: list[Revision]
    regions: Sequence[Region]
    fields: list[Field]
    base: Fields
    theirs: Fields
    text: str


def opened(call: Call, ref: str) -> Opened:
    """The living note as it stands. Raises StoreError."""
    reference = parse_reference(ref)
    if reference.anchor is not None or reference.revision is not None:
        raise Invalid(f"{ref}: a note is edited whole and as it is now, without # and @", "slug")
    with call.store.reading() as db:
        return _opened(notes.load(db, notes.find_living(db, reference)))


def opened_at(call: Call, slug: str, revision: int) -> Opened:
    """The same as it was at a revision. Raises StoreError."""
    with call.store.reading() as db:
        return _opened(load_at(db, notes.find_living(db, parse_reference(slug)), slug, revision))


def _opened(note: Note) -> Opened:
    return {
        "slug": note.metadata.slug,
        "title": note.metadata.title,
        "revision": note.revision,
        "text": note.markdown,
        "fields": fields_of(note.metadata),
    }


def fields_of(metadata: Metadata) -> Fields:
    return {
        "title": metadata.title,
        **{name: getattr(metadata, name) or "" for name in ONE_WORD},
        "tags": ", ".join(metadata.tags),
        "is_public": "public" if metadata.is_public else "",
    }


def fields_of_nothing() -> Fields:
    """Of a note that there is not yet."""
    return fields_of(Metadata(slug="", title=""))


def arguments_of(before: Mapping[str, str], typed: Mapping[str, str]) -> Json:
    """What upsert_note is sent so that the fields become what was typed; of what stayed nothing is said."""
    changed = {name: typed[name].strip() for name in before if typed[name].strip() != before[name]}
    arguments: Json = {name: changed[name] or NONE for name in ONE_WORD if name in changed}
    if changed.get("title"):
        arguments["title"] = changed["title"]
    if "is_public" in changed:
        arguments["is_public"] = bool(changed["is_public"])
    if "tags" in changed:
        was, becomes = tags_of(before["tags"]), tags_of(changed["tags"])
        arguments["add_tags"] = [tag for tag in becomes if tag not in was]
        arguments["remove_tags"] = [tag for tag in was if tag not in becomes]
    return arguments


def tags_of(text: str) -> list[str]:
    return [tag for word in text.split(",") if (tag := word.strip())]


def preview(call: Call, slug: str, text: str, fields: Mapping[str, str]) -> Preview:
    """What a draft would look like, of the note of that slug or of one that there is not yet. Raises StoreError."""
    if len(text) > LONGEST_PREVIEW:
        return {"html": None, "references": 0, "missing": [], "headings": []}
    with call.store.reading() as db:
        project = _project(db, fields["project"])
        checked = check_text(db, text, Judge(db, project=project), limit=MOST_REFS).refs
        refs = [ref_data(one) for one in checked if one.ref.partition("#")[0] != slug]
        return {
            "html": draft_page(db, text, _note_id(db, slug)),
            "references": len(refs),
            "missing": [ref for ref in refs if ref["state"] not in GOOD],
            "headings": list(missing_headings(db, fields["note_type"].strip() or None, project, text)),
        }


def _project(db: Snapshot, name: str) -> str | None:
    return called_now(db, name.strip()) if has_project(db, name.strip()) else None


def _note_id(db: Snapshot, slug: str) -> int | None:
    try:
        return notes.find_living(db, parse_reference(slug))
    except (NotFound, Invalid):
        return None


def meeting(call: Call, slug: str, since: int, text: str, fields: Mapping[str, str], newest: int | None) -> Meeting:
    """Where what was typed meets what others did to the note since that revision, up to `newest` or until now. Raises
    StoreError."""
    with call.store.reading() as db:
        note_id = notes.find_living(db, parse_reference(slug))
        named = newest if newest and newest > since else None  # a form may say any number
        now = notes.load(db, note_id) if named is None else load_at(db, note_id, slug, named)
        base = load_at(db, note_id, slug, since)
        met = min(now.revision - since, MOST_CHANGES)
        changes = history.list_revisions(db, note_id, up_to=now.revision, limit=met).items if met else ()
    before, theirs = fields_of(base.metadata), fields_of(now.metadata)
    return {
        "slug": now.metadata.slug,
        "title": now.metadata.title,
        "since": since,
        "newest": now.revision,
        "changes": list(map(revision_entry, changes)),
        "regions": regions(base.markdown, text, now.markdown),
        "fields": _meeting_fields(before, theirs, fields),
        "base": before,
        "theirs": theirs,
        "text": now.markdown,
    }


def _meeting_fields(before: Fields, theirs: Fields, mine: Mapping[str, str]) -> list[Field]:
    """Tags are a set, in which changes do not meet."""
    return [
        {"name": name, "before": before[name], "theirs": theirs[name], "mine": mine[name].strip()}
        for name in before
        if name != "tags" and len({before[name], theirs[name], mine[name].strip()}) == 3
    ]


def merged_fields(base: Fields, theirs: Fields, mine: Mapping[str, str]) -> Fields:
    """The fields with both changes; mine where they meet."""
    merged = {name: mine[name].strip() if mine[name].strip() != base[name] else theirs[name] for name in base}
    was, others, own = (tags_of(side["tags"]) for side in (base, theirs, mine))
    kept = [tag for tag in others if tag not in was or tag in own]
    return {**merged, "tags": ", ".join([*kept, *(tag for tag in own if tag not in was and tag not in kept)])}
