"""A folder of decision records, as adr-tools and MADR keep them. In other sources the names of folders tell of them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from notewell_store.files.contents import Content
from notewell_store.files.decisions import DECISION
from notewell_store.files.readers.reader import FileReader, Files
from notewell_store.names import is_markdown

FEWEST = 2  # records that make a folder one of records

_RECORD = re.compile(r"(?:adr[-_ ])?\d{3,6}[-_ ][^/]*", re.IGNORECASE)
_TEMPLATE = re.compile(r"(?:.*[-_])?template\.md", re.IGNORECASE)


class AdrReader(FileReader):
    name: ClassVar[str] = "adr"

    def detects(self, files: Files) -> float:
        pages = list(_pages_at_top(files))
        records = sum(bool(_RECORD.fullmatch(path)) for path in pages)
        return 0.6 if records >= FEWEST and records * 2 > len(pages) else 0

    def takes(self, path: str) -> bool:
        return is_markdown(path) and not _TEMPLATE.fullmatch(path.rpartition("/")[2])

    def content(self, data: bytes, path: str, mark: str) -> Content:
        content = super().content(data, path, mark)
        if content.front.note_type or not _RECORD.fullmatch(path.rpartition("/")[2]):
            return content
        return replace(content, front=replace(content.front, note_type=DECISION))


def _pages_at_top(files: Files) -> Iterator[str]:
    return (path for path in files.listing.paths if is_markdown(path) and "/" not in path)
