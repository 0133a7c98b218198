"""The arguments of a tool as a pydantic model, made of the same signature: for whatever is not sent just so, and for
their JSON Schema."""

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationInfo, create_model, field_validator
from pydantic import Field as ModelField

from notewell_tools.arguments import Argument


class Arguments(BaseModel):
    """What all tools' arguments have in common."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", protected_namespaces=())

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_for_a_number(cls, value: object, info: ValidationInfo) -> object:
        """pydantic reads True as 1: `if_revision=true` would name revision 1."""
        if isinstance(value, bool):
            annotation = cls.model_fields[info.field_name or ""].annotation
            if bool not in (annotation, *get_args(annotation)):
                raise ValueError("should not be true or false")
        return value


def model_of(name: str, arguments: Iterable[Argument]) -> type[BaseModel]:
    fields: dict[str, Any] = {
        argument.name: (_annotation(argument), ... if argument.is_required else argument.default)
        for argument in arguments
    }
    return create_model(name, __base__=Arguments, **fields)


def _annotation(argument: Argument) -> Any:
    told = {name: value for name, value in argument.field._asdict().items() if value is not None}
    annotation: Any = Annotated[argument.type, ModelField(**told)]
    for reader in argument.readers:
        annotation = Annotated[annotation, reader]
    return annotation
