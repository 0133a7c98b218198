"""Dendron: a tree of notes whose files are called `a.b.c.md`, with the text of a link before the page."""

import re
from dataclasses import replace
from pathlib import PurePosixPath
from typing import ClassVar

from notewell_store.files.contents import Content, read_content, words_of
from notewell_store.files.readers.namespaces import NamespaceReader
from notewell_store.files.readers.reader import Files
from notewell_store.files.readers.text_first import in_prose, page_first
from notewell_store.markdown.slugs import is_slug, slugify
from notewell_store.names import as_title
from notewell_store.writing.fields import NONE

SETTINGS = "dendron.yml"
SCHEMA = ".schema.yml"
ROOT = "root.md"

_ACROSS = re.compile(r"\[\[dendron://[^/\[\]|\s]{1,200}/")
"""Begins a link to a page of a vault, which is named: here they are all of one source."""


class DendronReader(NamespaceReader):
    name: ClassVar[str] = "dendron"
    separator: ClassVar[str] = "."

    def detects(self, files: Files) -> float:
        if files.holds(SETTINGS):
            return 0.9
        paths = files.listing.paths
        has_root = any(path.rpartition("/")[2] == ROOT for path in paths)
        return 0.8 if has_root and any(path.endswith(SCHEMA) for path in paths) else 0

    def content(self, data: bytes, path: str, mark: str) -> Content:
        pure = PurePosixPath(path)
        content = read_content(data, path, mark, as_title(pure.stem.rpartition(self.separator)[2]))
        known = words_of(data).get("id", "").lower()
        aliases = (*(content.front.aliases or ()), *([known] if is_slug(known) else []))
        front = replace(content.front, aliases=aliases or None, parent=content.front.parent or self.parent_of(path))
        named = f"{slugify(pure.stem) or 'page'}.md"
        body = in_prose(_ACROSS, "[[", page_first(content.body))
        return replace(content, front=front, body=body, named=named)

    def as_written(self, body: str) -> str:
        """Turned twice, a link is as it was."""
        return page_first(body)

    def parent_of(self, path: str) -> str:
        """What stands at the top of a vault stands below its root."""
        parent, pure = super().parent_of(path), PurePosixPath(path)
        is_top = parent == NONE and pure.name != ROOT and str(pure.with_name(ROOT)) in self._pages
        return ROOT if is_top else parent
