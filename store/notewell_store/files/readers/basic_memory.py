"""basic-memory: Markdown with a permalink, in which items of lists are relations: `- implements [[Search]]`."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import ClassVar

from notewell_store.files.contents import Content, Refused, Related, read_content, words_of
from notewell_store.files.readers.reader import FileReader, Files
from notewell_store.markdown.blocks import Kind, scan
from notewell_store.markdown.slugs import slugify
from notewell_store.names import is_markdown

PERMALINK = "permalink"
MOST_LOOKED_AT = 8  # pages by which a folder is known

_BULLETS = frozenset("-*+")
_RELATION = re.compile(r"([^\[\]\r\n.:;,!?()`*_]{1,60}?)[ \t]*\[\[([^\[\]|\r\n]{1,400}+)(?:\|[^\[\]\r\n]*+)?\]\]")


class BasicMemoryReader(FileReader):
    name: ClassVar[str] = "basic-memory"

    def detects(self, files: Files) -> float:
        """Most of its pages say their permalink."""
        pages = list(islice(filter(is_markdown, files.listing.paths), MOST_LOOKED_AT))
        told = sum(_has_permalink(files, path) for path in pages) if files.kind != "file" else 0
        return 0.7 if told and told * 2 > len(pages) else 0

    def content(self, data: bytes, path: str, mark: str) -> Content:
        content = read_content(data, path, mark)
        permalink = slugify(words_of(data).get(PERMALINK, ""))
        aliases = tuple(sorted({*(content.front.aliases or ()), *([permalink] if permalink else [])})) or None
        return replace(
            content,
            front=replace(content.front, aliases=aliases),
            related=tuple(dict.fromkeys(relations(content.body))),
        )


def relations(markdown: str) -> Iterator[Related]:
    """The items of lists that are a relation and a link. Others that hold a link are prose, and mention what they
    name."""
    if "[[" not in markdown:
        return
    for line in scan(markdown):
        is_item = line.kind is Kind.TEXT and line.markers and line.markers[-1].strip() in _BULLETS
        if is_item and (match := _RELATION.match(markdown, line.content, line.stop)):
            yield Related(match[1].strip().strip("\"'"), match[2].partition("#")[0].strip())


def _has_permalink(files: Files, path: str) -> bool:
    try:
        return PERMALINK in words_of(files.data(path))
    except Refused:
        return False
