"""The catalogue: every tool there is, in a fixed order, and the one way to call one.

A tool enters it by standing in a module of this package that bears its name; nothing lists it twice.
"""

import importlib
import json
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import notewell_tools
from notewell_store import NotFound, StoreError
from notewell_store.errors import Lost, Say
from notewell_store.safe_text import spelt_out
from notewell_tools.admission import NOBODY, admitted, as_missed_by, as_read_by
from notewell_tools.answers import as_fields
from notewell_tools.definition import TOOLS, Call, Json, Tool, short
from notewell_tools.errors import ToolError, to_tool_error
from notewell_tools.reads import reads_of


class Catalogue(Mapping[str, Tool]):
    """The tools by their names: those that read, then those that write. The module of one is imported when it is asked
    for by its name, since a process that calls one tool has no use for the others; all are when they are gone through.
    """

    def __init__(self) -> None:
        self._modules = frozenset(module.name for module in pkgutil.iter_modules(notewell_tools.__path__))
        self._loaded: set[str] = set()

    def __getitem__(self, name: str) -> Tool:
        if name not in self._modules:
            raise KeyError(name)
        if name not in self._loaded:
            importlib.import_module(f"notewell_tools.{name}")  # waits where another thread is at it
            self._loaded.add(name)
        return TOOLS[name]

    def load(self) -> None:
        """Import all now: for who serves many calls, before the first one."""
        for module in self._modules:
            importlib.import_module(f"notewell_tools.{module}")

    def __iter__(self) -> Iterator[str]:
        self.load()
        return iter(sorted(TOOLS, key=lambda name: (not TOOLS[name].hints.reads_only, name)))

    def __len__(self) -> int:
        return sum(1 for _ in self)


CATALOGUE = Catalogue()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool answered."""

    data: Mapping[str, Any]
    word: Callable[[Any, Say], str]
    say: Say

    @property
    def shown(self) -> str:
        """The data as the caller asked to read it, worded when it is: a door may need the data alone."""
        return self.word(self.data, self.say)


def call_tool(caller: Callable[[], Call], name: str, arguments: Json) -> Answer:
    """Check the arguments and the caller's rights, do what the tool does, word the answer. Raises ToolError and
    nothing else of ours.

    `caller` opens what the call runs on; it is asked once the arguments are known to be good.
    """
    tool = CATALOGUE.get(name)
    if tool is None:
        raise ToolError(f"There is no tool {short(name)}. There are: {', '.join(CATALOGUE)}.", "not-found")
    checked = tool.read(arguments)
    as_json = checked.pop("format") == "json"
    try:
        call = caller()
        data = as_read_by(call.rights, _run(tool, call, admitted(tool, call.rights, checked)))
        if call.recorder is not None:
            call.record(*reads_of(name, checked, data))
    except StoreError as error:
        raise to_tool_error(error, writing=not tool.hints.reads_only) from error
    return Answer(data, _as_json if as_json else partial(_as_text, tool), call.say)


def _run(tool: Tool, call: Call, admitted: Json) -> Mapping[str, Any]:
    try:
        return _once_again_if_lost(tool, call, admitted)
    except NotFound as error:
        raise as_missed_by(call.rights, error, to_tool_error(error, writing=not tool.hints.reads_only)) from error


def _once_again_if_lost(tool: Tool, call: Call, admitted: Json) -> Mapping[str, Any]:
    """A connection that is lost is lost once without a word to who reads; a write sees to that itself."""
    try:
        return tool.run(call, **admitted)
    except Lost:
        if not tool.hints.reads_only:
            raise
    return tool.run(call, **admitted)


def _as_json(data: Mapping[str, Any], say: Say) -> str:
    return spelt_out(json.dumps(data, ensure_ascii=False))


def _as_text(tool: Tool, data: Mapping[str, Any], say: Say) -> str:
    read = data if tool.words is None else {name: data[name] for name in tool.words}
    text = tool.text(as_fields(read, keep_tags=say is not str), say)  # `str` says calls to models
    return f"{text}\n{NOBODY}" if "reads_as" in data else text
