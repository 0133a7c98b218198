"""What may be done about a note that is there: what stands near it, what it may say in empty fields, what it may link
to. A question of people: models are told what is near a note when they make it."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from typing import Literal, get_args

from notewell_store.contract import Progress
from notewell_store.errors import Deleted, NextCall, NotFound, Say
from notewell_store.references import parse_reference
from notewell_store.suggesting import of_note
from notewell_store.suggesting.copies import Copy
from notewell_store.suggesting.linking import Linkable as StoredLinkable
from notewell_store.suggesting.neighbours import Neighbour
from notewell_store.tables import notes
from notewell_store.tables.near_notes import Facts
from notewell_store.tables.projects import list_projects
from notewell_tools.definition import Call
from notewell_tools.results import Copied, Like, Linkable, Proposed, Suggestions
from notewell_tools.suggested import proposed_data, proposed_words, share_words

MOST_SHARED = 6  # words that are named

Kind = Literal["copies", "proposed", "unlinked", "links", "nearest"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SURE: tuple[Kind, ...] = ("copies", "proposed", "unlinked")
"""The fields of an answer that hold suggestions, and those that hold what is sure."""


def suggestions(call: Call, ref: str) -> Suggestions:
    """Of the living note of that name. Raises StoreError as get_note does."""
    with call.store.reading() as db:
        note = notes.load_living(db, parse_reference(ref))
        found = of_note.suggestions(db, note)
    return {
        "slug": note.metadata.slug,
        "title": note.metadata.title,
        "revision": note.revision,
        "copies": [_copied(found.facts[copy.note_id], copy) for copy in found.copies if copy.note_id in found.facts],
        "proposed": list(map(proposed_data, found.proposed)),
        "unlinked": [{"slug": found.facts[one.note_id].slug, "words": one.words} for one in found.mentions],
        "links": list(map(_linkable, found.links)),
        "nearest": list(map(_like, found.near)),
    }


def every_suggestion(
    call: Call, project: str | None, kinds: Collection[Kind], progress: Progress
) -> Iterator[Suggestions]:
    """What is sure, of these kinds, of every note of a project or of all, in the order of their slugs. Each note is
    looked at in a moment of its own, so that nobody who writes is held up; one that is gone by then is left out. Raises
    NotFound for a project that there is not."""
    with call.store.reading() as db:
        if project is not None:
            (known,) = list_projects(db, project)
            project = known.slug
        slugs = [slug for _, slug, _ in notes.living_by_slug(db, project, "")]
    wanted = [kind for kind in SURE if kind in kinds]
    for done, slug in enumerate(slugs, start=1):
        with suppress(NotFound, Deleted):
            data = narrowed(suggestions(call, slug), wanted)
            if any(_held(data, kind) for kind in wanted):
                yield data
        progress(done, len(slugs))


def narrowed(data: Suggestions, kinds: Collection[Kind]) -> Suggestions:
    """The same with nothing but suggestions of these kinds."""
    kept: Suggestions = data.copy()
    for kind in KINDS:
        if kind not in kinds:
            kept[kind] = []
    return kept


def _held(data: Suggestions, kind: Kind) -> Sequence[object]:
    return data[kind]


def _copied(facts: Facts, copy: Copy) -> Copied:
    entry: Copied = {"slug": facts.slug, "title": facts.title}
    if copy.anchor is not None:
        entry["anchor"] = copy.anchor
    if copy.share is not None:
        entry["share"] = copy.share
    return entry


def _linkable(one: StoredLinkable) -> Linkable:
    entry: Linkable = {
        "slug": one.facts.slug,
        "title": one.facts.title,
        "worth": one.worth,
        "likeness": one.likeness,
        "linked_by": one.linked_by,
    }
    return entry if one.words is None else {**entry, "words": one.words}


def _like(one: Neighbour) -> Like:
    shared = list(one.shared[:MOST_SHARED])
    return {"slug": one.facts.slug, "title": one.facts.title, "likeness": round(one.likeness, 2), "shared": shared}


def suggestions_text(data: Suggestions, say: Say) -> str:
    """All of it, with why; the data is fit for lines."""
    lines = [f"{data['slug']} · {data['title']}", *_lines(data, say)]
    return "\n".join(lines if len(lines) > 1 else [*lines, "nothing to suggest"])


def sure_lines(data: Suggestions, say: Say) -> Iterator[str]:
    """What is sure of it: copies, empty fields, mentions."""
    for copy in data["copies"]:
        place = f"{copy['slug']}#{copy['anchor']}" if "anchor" in copy else copy["slug"]
        why = share_words(copy["share"]) if "share" in copy else "equal titles"
        yield f"copy? {place} · {copy['title']} · {why}"
    for one in data["proposed"]:
        yield f"others like it have {proposed_words(one)}: {say(_setting(data['slug'], one))}"
    for mention in data["unlinked"]:
        yield f"mentions without a link: {mention['slug']} · {mention['words']}"


def _setting(slug: str, one: Proposed) -> NextCall:
    name = "add_tags" if one["field"] == "tags" else one["field"]
    return NextCall("upsert_note", {"slug": slug, name: [one["value"]] if name == "add_tags" else one["value"]})


def _lines(data: Suggestions, say: Say) -> Iterator[str]:
    yield from sure_lines(data, say)
    for link in data["links"]:
        yield f"may link to {link['slug']} · {link['title']} · {', '.join(_reasons(link))}"
    for like in data["nearest"]:
        yield f"near: {like['slug']} · {like['title']} · {like['likeness']:.2f}: {', '.join(like['shared'])}"


def _reasons(link: Linkable) -> Iterator[str]:
    if "words" in link:
        yield f'calls it "{link["words"]}"'
    if link["linked_by"]:
        yield f"{link['linked_by']} of the notes like it link there"
    if link["likeness"]:
        yield f"like it {link['likeness']:.2f}"
