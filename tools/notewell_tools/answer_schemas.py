"""The types of answers as JSON Schemas, made when somebody asks: no call pays for them."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema


class _Untitled(GenerateJsonSchema):
    """Without a title for each field, which says its name again."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def schema_of(answer: Any) -> dict[str, Any]:
    """One answer, whole: its parts stand in `$defs`."""
    return TypeAdapter(answer).json_schema(mode="serialization", schema_generator=_Untitled)


def schemas_of(answers: Mapping[str, Any], template: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema of each answer, and the schemas of all types by their names, to which the former refer as the
    `template` says."""
    mode: Literal["serialization"] = "serialization"
    adapters = [(name, mode, TypeAdapter(answer)) for name, answer in answers.items()]
    made, shared = TypeAdapter.json_schemas(adapters, ref_template=template, schema_generator=_Untitled)
    return {name: schema for (name, _), schema in made.items()}, shared["$defs"]
