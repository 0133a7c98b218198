"""Who may make which call: asked once, where the catalogue is called, whatever door the caller came through."""

from collections.abc import Mapping
from typing import Any

from notewell_store.access.rights import Rights, Scope
from notewell_store.errors import NextCommand, NotFound, Text
from notewell_tools.definition import Json, Tool
from notewell_tools.errors import ToolError


def admitted(tool: Tool, rights: Rights, arguments: Json) -> Json:
    """The arguments as the caller may send them: who does not see everything has idempotency keys apart from others'.
    Theirs begin with their project and a slash, and no other's do. Raises as check_scope.
    """
    check_scope(tool, rights, arguments)
    key = arguments.get("idempotency_key")
    if not key or (rights.visibility is None and "/" not in key):
        return arguments
    whose = "" if rights.visibility is None else rights.project
    return arguments | {"idempotency_key": f"{whose}/{key}"}


NOBODY = "You read as nobody, who sees what is public: a token shows more."


def as_read_by(rights: Rights, answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer; an empty one tells who is not known that there may be more."""
    return {**answer, "reads_as": "nobody"} if rights.scope is None and _is_empty(answer) else answer


def as_missed_by(rights: Rights, missing: NotFound, refusal: ToolError) -> ToolError:
    """The refusal of what is not there; who is not known is told that it may be there for others."""
    if rights.scope is not None or missing.kind not in ("note", "project"):
        return refusal
    return ToolError((*refusal.text, f" {NOBODY}"), refusal.kind, missing)


def _is_empty(answer: Mapping[str, Any]) -> bool:
    """Whether a list holds nothing, or there was nothing to look through."""
    if "total" in answer:
        return not answer["total"] or answer.get("searched", {"notes": 1})["notes"] == 0
    return answer.get("projects") == [] or answer.get("notes") == 0


def check_scope(tool: Tool, rights: Rights, arguments: Json) -> None:
    """Raise ToolError for a call that the caller may not make: `unauthorized` to one who is not known, and `forbidden`
    to one who is."""
    _check(tool, rights, tool.needs(arguments))


def check_always(tool: Tool, rights: Rights) -> None:
    """The same before the arguments are looked at, for a tool that needs a scope whatever they are."""
    _check(tool, rights, tool.always_needs)


def check_admin(rights: Rights) -> None:
    """The same for what no tool does, and only administrators may: of the whole store, or of a project."""
    if not rights.allow("admin"):
        yours = f"yours is {rights.scope}" if rights.scope else "nobody knows who you are"
        raise ToolError(
            f"This needs the scope admin; {yours}. Nothing was done.", "forbidden" if rights.scope else "unauthorized"
        )


def check_admin_of_all(rights: Rights) -> None:
    """The same for what concerns the whole store."""
    check_admin(rights)
    if rights.project is not None:
        raise ToolError(
            f"This needs the scope admin of all projects; yours is of {rights.project}. Nothing was done.",
            "forbidden",
        )


def _check(tool: Tool, rights: Rights, needed: Scope | None) -> None:
    if needed is not None and not rights.allow(needed):
        raise ToolError(_refusal(tool.name, rights, needed), "forbidden" if rights.scope else "unauthorized")


def _refusal(tool: str, rights: Rights, needed: Scope) -> Text:
    if rights.scope is None:
        return (
            f"This call of {tool} needs a token with the scope {needed}: send `Authorization: Bearer …`; who keeps the "
            "store makes one with ",
            NextCommand("token create"),
            ". Nothing was written.",
        )
    return (f"This call of {tool} needs the scope {needed}; yours is {rights.scope}. Nothing was written.",)
