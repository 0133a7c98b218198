"""search_notes: which notes answer a question."""

from collections.abc import Iterator
from typing import Annotated, Any

from notewell_store import Invalid
from notewell_store.contract import Meaning, Snapshot
from notewell_store.errors import NextCall, Say
from notewell_store.markdown.slugs import loses_letters, slugify
from notewell_store.models import Correction as StoredCorrection
from notewell_store.models import Filter, Found
from notewell_store.models import Hit as StoredHit
from notewell_store.search import search
from notewell_store.tables.project_rows import count_projects
from notewell_tools.answers import MORE, end_words, ended
from notewell_tools.arguments import Field
from notewell_tools.definition import Call, tool
from notewell_tools.filters import AnyTags, Parent, Since, Tags, Within, make_filter
from notewell_tools.results import Correction, Hit, SearchResult


def _text(data: SearchResult, say: Say) -> str:
    lines = [f'no note has "{one["asked"]}": searched {one["searched"]}' for one in data.get("corrected", ())]
    if "meaning_not_asked" in data:
        lines.append(not_asked(data["meaning_not_asked"]))
    if not data["total"]:
        return "\n".join([*lines, "nothing found: try other words, or fewer filters"])
    lines += _left_out(len(data["hits"]), data["total"], say, is_more=data.get("more", False))
    for hit in data["hits"]:
        lines += [
            place_of(hit, with_project="of_projects" in data),
            *([f"  {hit['snippet']}"] if hit["snippet"] else []),
        ]
    return "\n".join(lines)


def _left_out(shown: int, total: int, say: Say, *, is_more: bool) -> Iterator[str]:
    """A line of what is not shown, where there is anything."""
    if is_more or shown < total:
        yield f"{shown} of {'more than ' if is_more else ''}{total:,} notes ({say(MORE)} shows more)"


def not_asked(why: str) -> str:
    return f"meaning was not asked: {why}"


def place_of(hit: Hit, *, with_project: bool = False) -> str:
    """Where a hit stands: what get_note takes; whether it is over; what it is called, as far as the reference does not
    say it already; and whose it is."""
    ref = f"{hit['slug']}#{hit['anchor']}" if hit["anchor"] else hit["slug"]
    title = "" if _is_said(hit["title"], hit["slug"]) else hit["title"]
    heading = hit["heading"] or ""
    if heading == hit["title"] or _is_said(heading, slugify(hit["anchor"] or "")):
        heading = ""
    called = " › ".join(filter(None, (title, heading)))
    said = " · ".join(filter(None, (ref, end_words(hit), called)))
    if hit.get("found") == "meaning":
        said += " ~ by meaning"
    return " · ".join(filter(None, (said, hit["project"] if with_project else None)))


def _is_said(words: str, slug: str) -> bool:
    """Whether a slug says these words, as `sop-deploy` says "Deploy"."""
    return not loses_letters(words) and f"-{slugify(words)}-" in f"-{slug}-"


@tool(_text, reads_only=True)
def search_notes(
    call: Call,
    query: Annotated[str, Field(description='any word may match; "quoted words" stand together')],
    tags: Tags = [],  # noqa: B006 - never changed: each call gets its own
    any_tags: AnyTags = [],  # noqa: B006
    note_type: str | None = None,
    project: str | None = None,
    status: str | None = None,
    parent: Parent = None,
    within: Within = None,
    updated_since: Since = None,
    limit: Annotated[int, Field(ge=1, le=200)] = 10,
) -> SearchResult:
    """Find notes by words or a question: best first, each with the section that matched (slug#anchor) and a snippet."""
    with call.store.reading() as db:
        found = found_in(
            db,
            query,
            limit,
            tags=tags,
            any_tags=any_tags,
            note_type=note_type,
            project=project,
            status=status,
            parent=parent,
            within=within,
            updated_since=updated_since,
            meaning=call.store.meaning,
        )
        of_projects = count_projects(db) if project is None and found.items else 1
    answer: SearchResult = {"total": found.total, "hits": list(map(hit_entry, found.items))}
    if found.is_more:
        answer["more"] = True
    if of_projects > 1:
        answer["of_projects"] = of_projects
    if found.corrected:
        answer["corrected"] = list(map(_correction, found.corrected))
    if found.unasked is not None:
        answer["meaning_not_asked"] = found.unasked
    return answer


def require_words(query: str) -> None:
    """Raise Invalid for a query that asks nothing."""
    if not query.strip():
        raise Invalid(("query is empty: send words or a question; ", NextCall("list_notes"), " needs none"), "query")


def found_in(
    db: Snapshot, query: str, limit: int, *, alone: bool = False, meaning: Meaning | None = None, **filters: Any
) -> Found:
    """What search_notes answers from, for whoever reads more of the same snapshot; `alone` lets no notes but those of
    the project decide which of its words are mistyped, or rare; `meaning` is the store's, where it is to be asked.
    Raises StoreError as it does."""
    require_words(query)
    wanted = make_filter(db, **filters)
    return search.search_notes(db, query, wanted, limit, Filter(project=wanted.project) if alone else None, meaning)


def hit_entry(hit: StoredHit) -> Hit:
    entry: Hit = {
        "slug": hit.slug,
        "anchor": hit.anchor,
        "title": hit.title,
        "heading": hit.heading,
        "snippet": hit.snippet,
        "score": hit.score,
        "revision": hit.revision,
        "note_type": hit.note_type,
        "status": hit.status,
        "project": hit.project,
    }
    if hit.is_by_meaning:
        entry["found"] = "meaning"
    return {**entry, **ended(hit.end)}


def _correction(one: StoredCorrection) -> Correction:
    return {"asked": one.asked, "searched": one.searched}
