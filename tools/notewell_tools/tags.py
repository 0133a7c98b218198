"""tags: which labels are in use."""

from typing import Annotated

from notewell_store.errors import Say
from notewell_store.tables import labels
from notewell_store.tables.project_rows import present_slug
from notewell_tools.answers import MORE, part_of
from notewell_tools.arguments import Field
from notewell_tools.definition import Call, tool
from notewell_tools.results import TagCount, TagList


def _text(data: TagList, say: Say) -> str:
    if not data["total"]:
        return "no tag in use fits"
    cut = f" ({say(MORE)} shows more)" if len(data["tags"]) < data["total"] else ""
    head = part_of(len(data["tags"]), data["total"], "tags, most used first") + cut
    return "\n".join([head, ", ".join(f"{entry['tag']} {entry['notes']}" for entry in data["tags"])]).rstrip()


@tool(_text, reads_only=True)
def tags(
    call: Call,
    prefix: str = "",
    project: str | None = None,
    limit: Annotated[int, Field(ge=1, le=1000)] = 100,
) -> TagList:
    """Tags in use, with types, statuses and projects, and how many notes bear each."""
    with call.store.reading() as db:
        if project is not None:
            project = present_slug(db, project)
        total, counted = labels.count_labels(db, prefix.lower(), project, limit)
    shown: list[TagCount] = [{"tag": entry.tag, "notes": entry.notes} for entry in counted]
    return {"total": total, "tags": shown}
