"""Outline: a zip of collections, whose pages have their subpages in a folder of the same name."""

import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any, ClassVar

from notewell_store.clock import told_time
from notewell_store.files.archive import Archive
from notewell_store.files.contents import Content
from notewell_store.files.readers.reader import FileReader, Files
from notewell_store.names import is_markdown

MOST_LOOKED_AT = 50  # pages by which an export is known


class OutlineReader(FileReader):
    """Of each page of the zip its times are known, `createdAt` and `updatedAt` in the entry's comment."""

    name: ClassVar[str] = "outline"

    def __init__(self, times: Mapping[str, Mapping[str, str]] = MappingProxyType({})) -> None:
        self._times = times

    def detects(self, files: Files) -> float:
        if not isinstance(files, Archive):
            return 0
        pages = islice(filter(is_markdown, files.listing.paths), MOST_LOOKED_AT)
        return 0.9 if any(_times(files.comment(path)) for path in pages) else 0

    def of(self, files: Files) -> FileReader:
        if not isinstance(files, Archive):
            return OutlineReader({path: {} for path in files.listing.paths})
        return OutlineReader({path: _times(files.comment(path)) for path in files.listing.paths})

    def content(self, data: bytes, path: str, mark: str) -> Content:
        content = super().content(data, path, mark)
        times = self._times.get(path, {})
        front = replace(
            content.front,
            created=content.front.created or times.get("createdAt"),
            updated=content.front.updated or times.get("updatedAt"),
            parent=content.front.parent or self._parent(path),
        )
        return replace(content, front=front)

    def _parent(self, path: str) -> str | None:
        """The page whose subpages the folder holds stands beside it."""
        folder = PurePosixPath(path).parent
        return f"../{folder.name}.md" if f"{folder}.md" in self._times else None


def _times(comment: str) -> dict[str, str]:
    try:
        said: Any = json.loads(comment)
    except (ValueError, RecursionError):
        return {}
    given = said if isinstance(said, dict) else {}
    times = {key: told_time(given[key]) for key in ("createdAt", "updatedAt") if isinstance(given.get(key), str)}
    return {key: time for key, time in times.items() if time}
