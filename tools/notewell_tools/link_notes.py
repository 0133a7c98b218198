"""link_notes: links that are set on purpose."""

from functools import partial
from typing import Annotated, Literal

from notewell_store import parse_reference
from notewell_store.errors import Say
from notewell_store.models import OF_TEXT
from notewell_store.tables import links, notes
from notewell_store.writing import drafts
from notewell_tools.answers import link_end, link_line
from notewell_tools.arguments import Field
from notewell_tools.definition import Call, Name, Words, tool
from notewell_tools.results import LinksSaved
from notewell_tools.saving import Key, save, warning_words


def _text(data: LinksSaved, say: Say) -> str:
    lines = [link_line(link) for link in data["links"]] or ["no links but those in its text"]
    warnings = [f"warning: {warning}" for warning in data.get("warnings", ())]
    return "\n".join([f"{data['outcome']} {data['source']}@{data['revision']}", *lines, *warnings])


@tool(_text, idempotent=True)
def link_notes(
    call: Call,
    source: Name,
    targets: Annotated[Words, Field(description="slugs or slug#anchor")],
    relation: Annotated[
        str,
        Field(description="relates, continues, supersedes, implements, requires-reading, blocks, …"),
    ] = "relates",
    mode: Annotated[Literal["add", "set", "remove"], Field(description="set: exactly these for this relation")] = "add",
    allow_missing: bool = False,
    revised_by: str | None = None,
    reason: str | None = None,
    idempotency_key: Key = None,
) -> LinksSaved:
    """Link a note to others by a relation. Links in the text ([[slug]]) need no call."""
    arguments = {name: value for name, value in locals().items() if name != "call"}
    reference = parse_reference(source)
    compose = partial(
        drafts.relink,
        source=reference,
        targets=tuple(targets),
        relation=relation,
        mode=mode,
        allow_missing=allow_missing,
    )
    saved = save(call, "link_notes", compose, arguments)
    with call.store.reading() as db:
        outgoing = links.outgoing(db, notes.find(db, reference))
    answer: LinksSaved = {
        "source": saved.slug,
        "revision": saved.revision,
        "outcome": saved.outcome,
        "links": [link_end(link) for link in outgoing if link.relation not in OF_TEXT],
    }
    if saved.warnings:
        answer["warnings"] = [warning_words(warning, call.say) for warning in saved.warnings]
    return answer
