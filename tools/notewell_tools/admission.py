"""Who may make which call: asked once, where the catalogue is called, whatever door the caller came through."""

from dataclasses import replace

from notewell_store.access.rights import Rights, Scope
from notewell_tools.definition import Call, Data, Tool
from notewell_tools.errors import ToolError


def admitted(tool: Tool, call: Call, arguments: Data) -> tuple[Call, Data]:
    """The call and its arguments as the caller may have them: with a store that shows what the caller may read.

    Raises ToolError, `unauthorized` for a caller who is not known and `forbidden` for one who is.
    """
    rights, needed = call.rights, tool.needs(arguments)
    if needed is not None and not rights.allow(needed):
        raise ToolError(_refusal(tool.name, rights, needed), "forbidden" if rights.scope else "unauthorized")
    visibility = rights.visibility
    if visibility is None:
        return call, arguments
    if arguments.get("idempotency_key"):  # what others sent under the same key is not to be seen
        arguments = arguments | {"idempotency_key": f"{rights.project}/{arguments['idempotency_key']}"}
    return replace(call, store=call.store.seen_by(visibility), project=rights.project), arguments


def _refusal(tool: str, rights: Rights, needed: Scope) -> str:
    if rights.scope is None:
        return (
            f"{tool} so called needs a token with the scope {needed}: send `Authorization: Bearer …`; who keeps the "
            "store makes one with `notewell token create`. Nothing was written."
        )
    return f"{tool} so called needs the scope {needed}, yours is {rights.scope}. Nothing was written."
