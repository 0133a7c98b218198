"""mcp-memory-service: an export in JSON, in which each memory is a text with its tags, its type and its time."""

import json
import re
from collections.abc import Iterator
from typing import Any, ClassVar

from notewell_store.clock import of_second, told_time
from notewell_store.errors import Invalid
from notewell_store.files.contents import Refused
from notewell_store.files.folder import Skip
from notewell_store.files.front_matter import FrontMatter
from notewell_store.files.readers.records import Record, RecordReader, file_name, unlike
from notewell_store.markdown.slugs import slugify
from notewell_store.names import as_title
from notewell_store.tables.labels import tag_word, type_word
from notewell_store.writing.fields import NONE

LONGEST_TITLE = 80  # of what is no heading
OF_HASH = 6  # of its digits, which tell memories of the same first line apart


class McpMemoryServiceReader(RecordReader):
    name: ClassVar[str] = "mcp-memory-service"

    def is_one(self, head: bytes) -> bool:
        return head.startswith(b"{") and b'"memories"' in head and b'"content"' in head

    def records(self, data: bytes, skip: Skip) -> Iterator[Record]:
        try:
            memories = json.loads(data.lstrip(b"\xef\xbb\xbf"))["memories"]
        except (ValueError, RecursionError, KeyError, TypeError):
            raise Refused("it is no export of memories in JSON") from None
        taken: set[str] = set()
        for number, memory in enumerate(memories if isinstance(memories, list) else (), 1):
            content = memory.get("content") if isinstance(memory, dict) else None
            if not isinstance(content, str) or not content.strip():
                skip(f"memory {number}", "it has no content")
                continue
            record = _record(memory, content.strip() + "\n", taken)
            taken.add(record.path.casefold())
            yield record


def _record(memory: dict[str, Any], content: str, taken: set[str]) -> Record:
    title = _title(content)
    digest = re.sub(r"\W", "", str(memory.get("content_hash") or ""))[:OF_HASH]
    name = "-".join(filter(None, (slugify(title, LONGEST_TITLE) or file_name(title), digest)))
    front = FrontMatter(
        title=title,
        note_type=_word(memory.get("memory_type")),
        tags=_tags(memory.get("tags")) or None,
        created=_time(memory, "created_at"),
        updated=_time(memory, "updated_at"),
        parent=NONE,
    )
    return Record(unlike(taken.__contains__, name), front, content)


def _title(content: str) -> str:
    line = re.sub(r"^[#>*\-\s]+", "", content.split("\n", 1)[0]).strip(" *_`")
    words = line if len(line) <= LONGEST_TITLE else line[:LONGEST_TITLE].rpartition(" ")[0] or line[:LONGEST_TITLE]
    return as_title(words) or "Untitled"


def _tags(given: object) -> tuple[str, ...]:
    words = given.split(",") if isinstance(given, str) else given if isinstance(given, list) else ()
    found = set()
    for word in words:
        try:
            found.add(tag_word(word))
        except (Invalid, AttributeError):
            continue
    return tuple(sorted(found))


def _word(given: object) -> str | None:
    try:
        return type_word(given) if isinstance(given, str) else None
    except Invalid:
        return None


def _time(memory: dict[str, Any], key: str) -> str | None:
    """Seconds since 1970, or the same as ISO 8601 beside them."""
    given, iso = memory.get(key), memory.get(f"{key}_iso")
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        return of_second(given)
    return next((time for text in (given, iso) if isinstance(text, str) and (time := told_time(text))), None)
