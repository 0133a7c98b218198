"""search_notes: which notes answer a question."""

from typing import Annotated

from pydantic import Field

from notewell_store import Invalid
from notewell_store.sqlite import search
from notewell_tools.answers import data_of, part_of
from notewell_tools.definition import Call, Data, tool
from notewell_tools.filters import AnyTags, Parent, Since, Tags, make_filter


def _text(data: Data) -> str:
    if not data["total"]:
        return "nothing found: try other words, or fewer filters"
    cut = " (limit= shows more)" if len(data["hits"]) < data["total"] else ""
    lines = [part_of(len(data["hits"]), data["total"], "notes, best first") + cut]
    for hit in data["hits"]:
        place = f"{hit['slug']}#{hit['anchor']}" if hit["anchor"] else hit["slug"]
        heading = f" › {hit['heading']}" if hit["heading"] and hit["heading"] != hit["title"] else ""
        lines.append(f"{place} · {hit['title']}{heading}\n  {hit['snippet']}")
    return "\n".join(lines)


@tool(_text, reads_only=True)
def search_notes(
    call: Call,
    query: Annotated[str, Field(description='any word may match; "quoted words" stand together')],
    tags: Tags = [],  # noqa: B006 - never changed; pydantic copies it
    any_tags: AnyTags = [],  # noqa: B006
    note_type: str | None = None,
    project: str | None = None,
    status: str | None = None,
    parent: Parent = None,
    updated_since: Since = None,
    limit: Annotated[int, Field(ge=1, le=200)] = 10,
) -> Data:
    """Find notes by words or a question: best first, each with the section that matched (slug#anchor) and a snippet.
    Read on with get_note(ref='slug#anchor')."""
    if not query.strip():
        raise Invalid("query is empty: send words or a question; list_notes needs none", "query")
    with call.store.reading() as db:
        wanted = make_filter(
            db,
            tags=tags,
            any_tags=any_tags,
            note_type=note_type,
            project=project,
            status=status,
            parent=parent,
            updated_since=updated_since,
            deleted=False,
        )
        page = search.search_notes(db, query, wanted, limit)
    return {"total": page.total, "hits": [data_of(hit) for hit in page.items]}
