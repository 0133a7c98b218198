"""What the methods answer that read the store, in the protocol's fields and their order on the wire: the SDK's handlers
and the quick door send the same."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from notewell_server.offering import is_offered
from notewell_store import StoreError
from notewell_store.safe_text import seen
from notewell_tools.errors import FAULT, ToolError, to_tool_error

if TYPE_CHECKING:
    from notewell_server.offering import Offer
    from notewell_tools.catalogue import Answer
    from notewell_tools.definition import Call, Json
    from notewell_tools.resources import Resource

MARKDOWN = "text/markdown"
LONGEST_URI = 300  # characters of one that an error repeats
INTERNAL_ERROR, INVALID_PARAMS = -32603, -32602


def called(call: "Callable[[], Answer]") -> "Json":
    """What a tool answers; what it refuses is an answer too, marked as an error, for the model to read. What nobody
    sees in a text is left out of it, and counted: it could order the model about. The JSON of the same answer spells
    it out."""
    try:
        text, failed = call().shown, False
    except ToolError as error:
        text, failed = error.message, True
    shown = seen(text)
    if len(shown) < len(text) and not failed:
        shown += f"\n[left out: {len(text) - len(shown):,} characters that cannot be seen; format='json' spells them]"
    return {"content": [_text(shown)], "isError": failed}


def check_offered(tool: str, offer: "Offer") -> None:
    """Raise ToolError for a tool that this server leaves out."""
    if not is_offered(tool, offer):
        raise ToolError(f"This server leaves the tool {tool} out: it was started with --tools core.", "not-found")


def listed_resources(call: "Call", cursor: str | None) -> "Json":
    from notewell_tools.resources import list_resources  # which a call of a tool need not wait for

    page = list_resources(call, cursor)
    following = {} if page.next_cursor is None else {"nextCursor": page.next_cursor}
    return {**following, "resources": list(map(_resource, page.items))}


def _resource(item: "Resource") -> "Json":
    return {
        **({"annotations": {"lastModified": item.modified}} if item.modified else {}),
        **({"description": item.description} if item.description else {}),
        "mimeType": MARKDOWN,
        "name": item.name,
        "title": item.title,
        "uri": item.uri,
    }


def read_resource(call: "Call", uri: str) -> "Json":
    from notewell_tools import resources

    content = resources.read_resource(call, uri)
    meta = {"_meta": {"revision": content.revision}} if content.revision else {}
    return {"contents": [{**meta, "mimeType": MARKDOWN, "text": seen(content.text), "uri": uri}]}


def made_prompt(call: "Call", name: str, arguments: dict[str, str]) -> "Json":
    from notewell_tools.prompts import make_prompt

    text = make_prompt(call, name, arguments)
    return {"messages": [{"content": _text(text), "role": "user"}]}


def completed(call: "Call", argument: str, typed: str) -> "Json":
    from notewell_tools.resources import complete

    found = complete(call, argument, typed)
    return {"completion": {"hasMore": found.more, "values": found.values}}


def _text(text: str) -> "Json":
    return {"text": text, "type": "text"}


def error_of(
    error: Exception, method: str, params: Mapping[str, Any], told: Callable[[ToolError, str], ToolError]
) -> "Json":
    """The protocol's error for what is refused, which says what to do, or for what fails, which says no more than
    that. `told` is what the client is told of a refusal."""
    if isinstance(error, StoreError):
        error = to_tool_error(error, writing=False)
    if not isinstance(error, ToolError):
        import logging

        logging.getLogger(__name__).error("%s failed", method, exc_info=error)
        return {"code": INTERNAL_ERROR, "message": FAULT}
    code = INTERNAL_ERROR if error.kind in ("busy", "unusable") else INVALID_PARAMS
    data = {"data": {"uri": str(params.get("uri"))[:LONGEST_URI]}} if method == "resources/read" else {}
    return {"code": code, "message": seen(told(error, method).message), **data}
