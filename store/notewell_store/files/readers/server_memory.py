"""The knowledge graph of MCP's reference server for memory: entities with observations, and relations, line by line."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from notewell_store.errors import Invalid
from notewell_store.files.contents import Refused, Related
from notewell_store.files.folder import Skip
from notewell_store.files.front_matter import FrontMatter
from notewell_store.files.readers.records import Record, RecordReader, file_name, unlike
from notewell_store.names import as_title
from notewell_store.tables.labels import type_word
from notewell_store.writing.fields import NONE


@dataclass(slots=True)
class _Entity:
    type: str | None
    path: str
    observations: dict[str, None] = field(default_factory=dict)
    relations: list[tuple[str, str]] = field(default_factory=list)


class ServerMemoryReader(RecordReader):
    name: ClassVar[str] = "server-memory"

    def is_one(self, head: bytes) -> bool:
        row = _row(head.split(b"\n", 1)[0])
        return row is not None and _kind(row) is not None

    def records(self, data: bytes, skip: Skip) -> Iterator[Record]:
        entities = _entities(data, skip)
        for name, entity in entities.items():
            related = tuple(
                Related(relation, entities[target].path if target in entities else target)
                for relation, target in entity.relations
            )
            body = "".join(f"- {_item(text)}\n" for text in entity.observations)
            front = FrontMatter(title=as_title(name) or "Untitled", note_type=entity.type, parent=NONE)
            yield Record(entity.path, front, body, related)


def _entities(data: bytes, skip: Skip) -> dict[str, _Entity]:
    """An entity that stands there twice is one with all its observations."""
    entities: dict[str, _Entity] = {}
    taken: set[str] = set()
    rows = list(_rows(data, skip))
    for row in rows:
        if _kind(row) == "entity":
            _add_entity(entities, taken, row)
    for number, row in enumerate(rows, 1):
        if _kind(row) == "relation":
            source = entities.get(row["from"])
            if source is None:
                skip(f"relation {number} of {len(rows)}", f"there is no entity {row['from']}")
            else:
                source.relations.append((row["relationType"], row["to"]))
    return entities


def _add_entity(entities: dict[str, _Entity], taken: set[str], row: dict[str, Any]) -> None:
    name = row["name"]
    if name not in entities:
        path = unlike(taken.__contains__, file_name(name))
        taken.add(path.casefold())
        entities[name] = _Entity(_type(row.get("entityType")), path)
    given = row.get("observations")
    for observation in given if isinstance(given, list) else ():
        text = observation.get("content") if isinstance(observation, dict) else observation
        if isinstance(text, str) and text.strip():
            entities[name].observations[text.strip()] = None


def _rows(data: bytes, skip: Skip) -> Iterator[dict[str, Any]]:
    if not data.strip():
        raise Refused("it is empty")
    for number, line in enumerate(data.lstrip(b"\xef\xbb\xbf").splitlines(), 1):
        if not line.strip():
            continue
        row = _row(line)
        if row is not None and _kind(row) is not None:
            yield row
        else:
            skip(f"line {number}", "neither an entity nor a relation in JSON")


def _row(line: bytes) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _kind(row: dict[str, Any]) -> str | None:
    fields = {"entity": ("name",), "relation": ("from", "to", "relationType")}.get(str(row.get("type")))
    return (
        row["type"] if fields and all(isinstance(row.get(each), str) and row[each].strip() for each in fields) else None
    )


def _type(given: object) -> str | None:
    try:
        return type_word(given) if isinstance(given, str) else None
    except Invalid:
        return None


def _item(text: str) -> str:
    """The text as one item of a list."""
    return "\n".join(line if not number else f"  {line}".rstrip() for number, line in enumerate(text.splitlines()))
