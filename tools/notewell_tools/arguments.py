"""What a tool takes, as its signature says it, and reading what is sent as it should be.

Nothing here needs pydantic, whose import and models cost a first call more than all else and a process some 10 MB. What
is sent just as the signature has it is read here; all other values are for pydantic to read or to refuse, by a model
of the same signature (`argument_models`).
"""

import inspect
from collections.abc import Callable
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints


class Field(NamedTuple):
    """What an argument, or a field of an answer, says beside its type."""

    description: str | None = None
    ge: int | None = None
    le: int | None = None
    max_length: int | None = None

    def __get_pydantic_json_schema__(self, schema: Any, handler: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        made = handler(schema)
        return made if self.description is None else {**made, "description": self.description}


class ReadBy(NamedTuple):
    """What makes of a value, as it was sent, one of the type that it stands beside, if it can."""

    read: Callable[[object], object]

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic import BeforeValidator

        return BeforeValidator(self.read).__get_pydantic_core_schema__(source, handler)


class NotPlain(Exception):
    """A value that pydantic is to read, or to refuse."""


Reader = Callable[[Any], object]
"""Gives a value as pydantic would, or raises NotPlain."""
LARGEST = 2**63 - 1


class Argument:
    """One argument. `type` is what its annotation says without what stands beside it."""

    def __init__(self, name: str, annotation: Any, default: object) -> None:
        self.name = name
        self.type, beside = _apart(annotation)
        self.field = next((each for each in beside if isinstance(each, Field)), Field())
        self.readers = tuple(each for each in beside if isinstance(each, ReadBy))
        self.default = default
        self.read = _reader(annotation)
        """Gives the value that was sent, which is not null, as the signature has it; raises NotPlain."""

    @property
    def is_required(self) -> bool:
        return self.default is inspect.Parameter.empty


def arguments_of(run: Callable[..., Any]) -> dict[str, Argument]:
    """The arguments of a function, but for its first, by their names."""
    hints = get_type_hints(run, include_extras=True)
    (_, *parameters) = inspect.signature(run).parameters.items()
    return {name: Argument(name, hints[name], parameter.default) for name, parameter in parameters}


def _apart(annotation: Any) -> tuple[Any, tuple[object, ...]]:
    if get_origin(annotation) is Annotated:
        return annotation.__origin__, annotation.__metadata__
    return annotation, ()


def _reader(annotation: Any) -> Reader:
    kind, beside = _apart(annotation)
    read = _reader_of(kind)
    for each in beside:
        if isinstance(each, ReadBy):
            read = _after(each.read, read)
        elif isinstance(each, Field) and each[1:] != Field()[1:]:
            read = _within(each, read)
    return read


def _after(first: Callable[[object], object], then: Reader) -> Reader:
    return lambda value: then(first(value))


def _within(field: Field, read: Reader) -> Reader:
    _, least, most, longest = field

    def within(value: Any) -> object:
        found: Any = read(value)
        if (
            (least is not None and found < least)
            or (most is not None and found > most)
            or (longest is not None and len(found) > longest)
        ):
            raise NotPlain
        return found

    return within


def _reader_of(kind: Any) -> Reader:
    origin, within = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        options = [option for option in within if option is not NoneType]  # null is as good as absent
        return _reader(options[0]) if len(options) == 1 else _refuse
    if origin is Literal:
        return lambda value: _text(value) if isinstance(value, str) and value in within else _refuse(value)
    if origin is list:
        item = _reader(within[0])
        return lambda value: list(map(item, value)) if type(value) is list else _refuse(value)
    return _READERS.get(kind, _refuse)


def _refuse(value: object) -> object:
    raise NotPlain


def _text(value: object) -> object:
    if type(value) is not str:
        raise NotPlain
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:  # half of a surrogate pair
            raise NotPlain from None
    return value


def _number(value: object) -> object:
    return value if type(value) is int and abs(value) <= LARGEST else _refuse(value)


def _truth(value: object) -> object:
    return value if type(value) is bool else _refuse(value)


_READERS: dict[Any, Reader] = {str: _text, int: _number, bool: _truth}
