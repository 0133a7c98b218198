"""How hosts of other makers turn our tools into what their model is shown, and what they send of what it answers.

After their published rules, in code of our own:

- OpenAI, strict: platform.openai.com/docs/guides/function-calling (strict mode) and …/structured-outputs (supported
  schemas). Every object closed, every property required, what is optional made nullable, keywords of a known set only.
- Gemini: ai.google.dev/api/caching#Schema, as google-genai's `Schema.from_json_schema` fills it: a subset of OpenAPI's
  schema, types in capitals. At `additionalProperties` the API answers 400, and google-genai fails where it is a boolean
  (github.com/googleapis/python-genai/issues/2393). Arguments come as a protobuf `Struct`, whose numbers are doubles.
- LangChain: where a tool's schema becomes a pydantic model, its optional fields are None, and the model's dump is sent.
  (langchain-mcp-adapters 0.3 keeps the schema, and sends what the model wrote: those are the plain calls.)
"""

from __future__ import annotations

import json
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, create_model

Json = dict[str, Any]

STRICT_KEYWORDS = {"type", "description", "enum", "properties", "required", "additionalProperties", "items", "anyOf"}
MOST_PROPERTIES, MOST_CHOICES = 5_000, 1_000
"""Of a strict schema: properties and enum values in all."""
GEMINI_KEYWORDS = {"type", "description", "enum", "properties", "required", "items", "nullable", "format"}
GEMINI_TYPES = {"STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT"}
LONGEST_NAME, LONGEST_DESCRIPTION = 64, 1_024


class Host(Protocol):
    """What a host does with a tool's schema, and with the arguments that its model means."""

    def __call__(self, schema: Json, meant: Json) -> Json: ...


def strict(schema: Json) -> Json:
    """The schema as OpenAI's strict mode takes it."""
    required = set(schema.get("required", ()))
    properties = {
        name: _strict_value(field) if name in required else _nullable(_strict_value(field))
        for name, field in schema["properties"].items()
    }
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _strict_value(field: Json) -> Json:
    kept = {key: value for key, value in field.items() if key in STRICT_KEYWORDS}
    return kept | ({"items": _strict_value(field["items"])} if "items" in field else {})


def _nullable(field: Json) -> Json:
    choices = {"enum": [*field["enum"], None]} if "enum" in field else {}
    return {**field, "type": [field["type"], "null"], **choices}


def sent_strictly(schema: Json, meant: Json) -> Json:
    """Every argument that there is; null where none is meant."""
    return {name: meant.get(name) for name in schema["properties"]}


def sent_with_empty_texts(schema: Json, meant: Json) -> Json:
    """As models do that fill each argument of a strict schema without nulls: an empty text where none is meant."""
    kept_apart = {"title", "content", "new_text"}  # an empty one says something
    absent = {name: None if name in kept_apart else "" for name in schema["properties"]}
    return absent | meant


def sent_with_listed_nulls(schema: Json, meant: Json) -> Json:
    """Every list that is not meant holds the word null; all else is left out."""
    lists = {name: ["null"] for name, field in schema["properties"].items() if field["type"] == "array"}
    return {name: value for name, value in lists.items() if name not in schema.get("required", ())} | meant


def gemini(schema: Json) -> Json:
    """The schema as Gemini's function declarations take it."""
    converted: Json = {"type": schema["type"].upper()}
    for key in ("description", "enum", "required"):
        if key in schema:
            converted[key] = schema[key]
    if "items" in schema:
        converted["items"] = gemini(schema["items"])
    if "properties" in schema:
        converted["properties"] = {name: gemini(field) for name, field in schema["properties"].items()}
    return converted


def sent_by_gemini(schema: Json, meant: Json) -> Json:
    """What a `Struct` makes of the arguments: each number a double."""
    sent: Json = json.loads(json.dumps(meant), parse_int=float)
    return sent


def sent_by_langchain(schema: Json, meant: Json) -> Json:
    """The arguments through a pydantic model made of the schema, with its defaults."""
    model = model_of(schema)
    return model(**meant).model_dump(mode="json")


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", protected_namespaces=())


PYTHON_TYPES: dict[str, Any] = {"string": str, "integer": int, "boolean": bool}


def model_of(schema: Json) -> type[BaseModel]:
    required = schema.get("required", ())
    fields: dict[str, Any] = {
        name: (_type_of(field), ...) if name in required else (_type_of(field) | None, None)
        for name, field in schema["properties"].items()
    }
    return create_model("Arguments", __base__=_Closed, **fields)


def _type_of(field: Json) -> Any:
    if "enum" in field:
        return Literal[tuple(field["enum"])]
    if field["type"] == "array":
        return list[_type_of(field["items"])]  # type: ignore[misc]
    return PYTHON_TYPES[field["type"]]


def levels(schema: Json) -> list[Json]:
    """The schema, and all that stand in it."""
    inner = [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]
    return [schema, *(level for field in inner for level in levels(field))]
