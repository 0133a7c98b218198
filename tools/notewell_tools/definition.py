"""What a tool is: a function whose signature, docstring and hints are all that any door knows of it.

MCP, HTTP and the command line are made from these definitions, so a tool reads the same behind each.
"""

import difflib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Literal, ParamSpec, Protocol, TypeVar, get_type_hints

from notewell_store import Store
from notewell_store.access.rights import OWNER, Rights, Scope
from notewell_store.errors import Say
from notewell_store.models import Door
from notewell_tools.arguments import Argument, NotPlain, ReadBy, arguments_of
from notewell_tools.errors import ToolError
from notewell_tools.reads import Read

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

P = ParamSpec("P")
A = TypeVar("A", bound=Mapping[str, object])

Json = dict[str, Any]
"""A JSON object whose fields no type of ours names: a schema, or arguments as a caller sent them."""


class Recorder(Protocol):
    """Who keeps what is read. Never raises, and takes next to no time: whoever reads waits for it."""

    def add(self, call: "Call", reads: Sequence[Read]) -> None: ...


@dataclass(frozen=True, slots=True)
class Call:
    """Who calls, and on what: the whole store, the actor whom changes are attributed to, the project of new notes
    unless the rights name another; by which door, and with which program, as far as that says. `issue_tokens` are None
    unless the caller is at the machine itself, and may have files and addresses read: `host=token` for each that wants
    one. Whoever answers the call reads `store`, which is what the caller may see of it, and names what comes next by
    `say`, as the door of the call does. `recorder` keeps what is read, where that is wanted."""

    whole: Store
    actor: str
    home: str | None = None
    rights: Rights = OWNER
    say: Say = str
    issue_tokens: str | None = None
    door: Door | None = None
    client: str | None = None
    recorder: Recorder | None = None

    @property
    def store(self) -> Store:
        return self.whole.seen_by(self.rights.visibility)

    @property
    def project(self) -> str | None:
        return self.home if self.rights.visibility is None else self.rights.project

    def record(self, *reads: Read) -> None:
        """Have it kept that this was read, where that is kept."""
        if reads and self.recorder is not None:
            self.recorder.add(self, reads)


@dataclass(frozen=True, slots=True)
class Hints:
    """What a client may know of a tool before it calls it, as MCP's annotations name it."""

    reads_only: bool = False
    destructive: bool = False
    idempotent: bool = False
    open_world: bool = False


TEXTS = frozenset({"content", "new_text", "old_text", "query", "text"})
MAY_BE_EMPTY = frozenset({"title", "content", "new_text"})
EMPTY: tuple[object, ...] = ("", [""], ["null"], [None])
NAMES_OF_A_NOTE = ("ref", "slug", "source", "note")
"""What a call may name the note that its tool is about, whichever of these the tool does."""
LONGEST = 10_000  # characters of any other argument, all items of a list together
MOST_ITEMS = LONGEST // 2  # as many as a text of that length names, with commas
DEEPEST = 5  # lists within lists: no argument has any
MOST_TOLD = 5  # faults of one call


@dataclass(frozen=True)
class Tool:
    """One tool. `run(call, **arguments)` gives its answer, of the type that it is annotated with; `text(answer, say)`
    words it for a reader, whose door says calls so; `needs(arguments)` is the scope that a call needs, None for one
    that anybody may make."""

    name: str
    description: str
    run: Callable[..., Mapping[str, Any]]
    text: Callable[[Any, Say], str]
    hints: Hints
    needs: Callable[[Json], Scope | None]
    always_needs: Scope | None
    """The scope that each call needs, whatever its arguments."""
    words: tuple[str, ...] | None = None
    """The fields that `text` reads, where these are few of many."""

    @cached_property
    def takes(self) -> Mapping[str, Argument]:
        """The arguments by their names: those of the function's signature, with `format` added."""
        return arguments_of(self.run) | {"format": Argument("format", Format, "text")}

    @cached_property
    def arguments(self) -> "type[BaseModel]":
        """The arguments as a model."""
        from notewell_tools.argument_models import model_of

        return model_of(self.name, self.takes.values())

    @cached_property
    def _required(self) -> frozenset[str]:
        return frozenset(name for name, argument in self.takes.items() if argument.is_required)

    @cached_property
    def _defaults(self) -> Json:
        return {name: argument.default for name, argument in self.takes.items()}

    @cached_property
    def _lists(self) -> tuple[str, ...]:
        """The arguments that are an empty list unless they are sent: each call has its own."""
        return tuple(name for name, default in self._defaults.items() if default == [])

    @cached_property
    def _may_be_empty(self) -> frozenset[str]:
        """The arguments of which an empty text says something."""
        return MAY_BE_EMPTY | self._required

    @cached_property
    def answer(self) -> Any:
        """The type of the answer: a TypedDict of `results`, or several."""
        return get_type_hints(self.run, include_extras=True)["return"]

    @cached_property
    def answer_schema(self) -> Json:
        """The answer as a JSON Schema, closed: no field is without a name in it."""
        from notewell_tools.answer_schemas import schema_of

        return schema_of(self.answer)

    @cached_property
    def schema(self) -> Json:
        """The arguments as a JSON Schema without what a model need not read (see UNSHOWN); no nulls either.

        Nor `additionalProperties`: hosts that speak to Gemini fail at it, and `read` refuses what is unknown anyway."""
        full = self.arguments.model_json_schema()
        shown = {name: _compact(field) for name, field in full["properties"].items()}
        required = {"required": full["required"]} if "required" in full else {}
        return {"type": "object", "properties": shown, **required}

    def read(self, arguments: Json) -> Json:
        """The arguments, checked and typed; their sizes before anything else. Raises ToolError that names the faults,
        MOST_TOLD at most."""
        arguments = self._by_own_names(arguments)
        unknown = [name for name in arguments if name not in self.takes]
        if unknown:
            raise ToolError(self._unknown(unknown), "invalid")
        given = {name: value for name, value in arguments.items() if not self._is_absent(name, value)}
        for name, value in given.items():
            if fault := excess_of(value, LONGEST if name not in TEXTS else None):
                raise ToolError(f"{self.name}: {name} {fault}.{self._unwritten}", "invalid")
        try:
            return self.read_plain(given)
        except NotPlain:
            return self._validated(given)

    def read_plain(self, given: Json) -> Json:
        """What was sent as the signature has it, in the order of that. Raises NotPlain."""
        if not self._required <= given.keys():
            raise NotPlain
        read = self._defaults | {name: [] for name in self._lists}
        for name, value in given.items():
            read[name] = self.takes[name].read(value)
        return read

    def _validated(self, given: Json) -> Json:
        from pydantic import ValidationError  # 0.1 s, which few processes pay

        try:
            model = self.arguments.model_validate(given)
        except ValidationError as error:
            raise ToolError(self._wrong(error), "invalid") from None
        return dict(vars(model))

    def _by_own_names(self, arguments: Json) -> Json:
        """The arguments, with the note that the tool is about under the name that it has here."""
        known = self.takes
        if arguments.keys() <= known.keys():
            return arguments
        own = next((name for name in NAMES_OF_A_NOTE if name in known), None)
        other = next((name for name in NAMES_OF_A_NOTE if name in arguments and name not in known), None)
        if own is None or other is None or own in arguments:
            return arguments
        return {own if name == other else name: value for name, value in arguments.items()}

    def _is_absent(self, name: str, value: object) -> bool:
        """Whether that is as good as nothing: hosts send every argument that there is, those not meant as null, as an
        empty text or as a list that holds either. A text that may be empty says something."""
        return value is None or (value in EMPTY and name not in self._may_be_empty)

    def _unknown(self, names: Sequence[str]) -> str:
        known = list(self.takes)
        words = []
        for name in names[:MOST_TOLD]:
            close = difflib.get_close_matches(name[:MOST_SHOWN], known, n=1, cutoff=0.5)
            meant = f"; did you mean {close[0]!r}?" if close else "."
            words.append(f"{self.name} has no argument {short(name)}{meant}")
        if len(names) > MOST_TOLD:
            words.append(f"Nor {len(names) - MOST_TOLD:,} others.")
        return f"{' '.join(words)} It takes: {', '.join(known)}.{self._unwritten}"

    def _wrong(self, error: "ValidationError") -> str:
        words: dict[str, None] = {}
        for fault in error.errors(include_url=False, include_context=False):
            name = str(fault["loc"][0]) if fault["loc"] else "arguments"
            if fault["type"] == "missing":
                words[f"{name} is required"] = None
            else:
                words[f"{name}={short(fault['input'])}: {_lowered(fault['msg'])}"] = None
            if len(words) > MOST_TOLD:
                break
        told = [*list(words)[:MOST_TOLD], *(["and more"] if len(words) > MOST_TOLD else [])]
        return f"{self.name}: {'; '.join(told)}.{self._unwritten}"

    @property
    def _unwritten(self) -> str:
        return "" if self.hints.reads_only else " Nothing was written."


def excess_of(value: object, longest: int | None = LONGEST) -> str:
    """What is too much of a value as it was sent, of whatever kind; '' where nothing is. A text alone may be without a
    largest length here. Looks no further than the bounds."""
    if isinstance(value, str):
        size = len(value)
        return f"has {size:,} characters, and may have {longest:,}" if longest is not None and size > longest else ""
    if not isinstance(value, (list, dict)):
        return ""
    items = size = depth = 0
    level: list[object] = [value]
    while level:
        below: list[object] = []
        for each in level:
            held = each if isinstance(each, list) else [*each, *each.values()] if isinstance(each, dict) else ()
            items += len(held)
            if items > MOST_ITEMS:
                return f"has more than {MOST_ITEMS:,} items"
            below += held
            size += len(each) if isinstance(each, str) else 0
        level, depth = below, depth + 1
        if depth > DEEPEST:
            return f"has lists in lists, more than {DEEPEST} deep"
    return f"has {size:,} characters, and may have {LONGEST:,}" if size > LONGEST else ""


UNSHOWN = {"title", "default", "minimum", "maximum", "maxLength"}


def _compact(field: Json) -> Json:
    """A property's schema, less what a model need not be told: a value out of bounds is refused with the bounds."""
    chosen: Json = next((option for option in field.get("anyOf", ()) if option.get("type") != "null"), {})
    merged = {**{key: value for key, value in field.items() if key != "anyOf"}, **chosen}
    return {key: value for key, value in merged.items() if key not in UNSHOWN}


MOST_SHOWN = 80  # characters of what was sent


def short(value: object) -> str:
    """What was sent, as an error shows it."""
    text = repr(value[:MOST_SHOWN] if isinstance(value, str) else value)
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 3]}..."


def _lowered(message: str) -> str:
    return message.removeprefix("Value error, ").removeprefix("Input ").strip()


def split_words(value: object) -> object:
    """A list as a list, also one written as JSON in a string; a comma-separated string as its parts."""
    if isinstance(value, str):
        words = _json_words(value)
        return [part.strip() for part in value.split(",") if part.strip()] if words is None else words
    return value


def _json_words(text: str) -> list[str] | None:
    try:
        words = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return words if isinstance(words, list) and all(isinstance(word, str) for word in words) else None


def number_as_text(value: object) -> object:
    """An id or a revision sent as the number that it is."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Name = Annotated[str, ReadBy(number_as_text)]
"""A string that may be all digits, such as a reference: an id is one."""

Format = Literal["text", "json"]
Words = Annotated[list[str], ReadBy(split_words)]

TOOLS: dict[str, Tool] = {}
"""Those whose modules are imported, by their names; see catalogue."""


def tool(
    text: Callable[[A, Say], str],
    *,
    reads_only: bool = False,
    destructive: bool = False,
    idempotent: bool = False,
    open_world: bool = False,
    needs: Callable[[Json], Scope | None] | None = None,
    words: tuple[str, ...] | None = None,
) -> Callable[[Callable[P, A]], Callable[P, A]]:
    """Enter a function in the catalogue. Its docstring is what a model reads; `text` words its answer,
    by the fields that `words` names or by all.

    Without `needs`, a tool that only reads needs no scope, and any other the scope `write`.
    """

    def enter(run: Callable[P, A]) -> Callable[P, A]:
        description = " ".join((run.__doc__ or "").split())
        hints = Hints(reads_only, destructive, reads_only or idempotent, open_world)
        scope: Scope | None = None if reads_only or needs else "write"
        name, needed = run.__name__, needs or (lambda arguments: scope)
        TOOLS[name] = Tool(name, description, run, text, hints, needed, scope, words)
        return run

    return enter
