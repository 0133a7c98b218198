"""Obsidian: a vault of notes that are called as their files are, with tags in the text and a note for each day."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import PurePosixPath
from typing import Any, ClassVar

from notewell_store.clock import told_time
from notewell_store.files.contents import Content, Refused, read_content
from notewell_store.files.naming import stands_for
from notewell_store.files.readers.reader import FileReader, Files
from notewell_store.markdown.blocks import Kind, scan
from notewell_store.markdown.inline import code_spans
from notewell_store.names import as_title, is_markdown, is_readable
from notewell_store.tables.labels import LONGEST_WORD, tag_word

SETTINGS = ".obsidian"
MOST_LOOKED_AT = 30  # pages by which a vault is known
OFTEN = 3
JOURNAL = "journal"  # the type of a daily note

_PUBLISHED = ("publish.css", "publish.js")
_PROSE = frozenset({Kind.TEXT, Kind.TABLE, Kind.HEADING})
_TAG = re.compile(
    r"(?<![^\s(>*_~,;])#([^\s\x00-,.:-@\[-^`{-\xbf\u2000-\u206f\u3000-\u3004\u3008-\u301f\uff00-\uff0f\uff1a-\uff20]++)"
)
_HIDDEN = re.compile(
    r"%%.*?(?:%%|\Z)|<!--.*?(?:-->|\Z)|https?://\S+|\]\([^)\n]{0,1000}+\)|\[\[[^\]\n]{0,400}+\]\]", re.DOTALL
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class ObsidianReader(FileReader):
    """`templates` are the folders of templates, `daily` the one of daily notes, as the vault's settings say."""

    name: ClassVar[str] = "obsidian"
    templates: tuple[str, ...] = ()
    daily: str = ""

    def detects(self, files: Files) -> float:
        """By the settings; where those were left out, by what Obsidian publishes with, or by notes in notes."""
        if files.holds(SETTINGS):
            return 0.9
        return 0.8 if any(map(files.holds, _PUBLISHED)) else 0.6 * _embeds_often(files)

    def of(self, files: Files) -> FileReader:
        core = _setting(files, "templates.json", "folder")
        templater = _setting(files, "plugins/templater-obsidian/data.json", "templates_folder")
        return ObsidianReader(tuple(filter(None, (core, templater))), _setting(files, "daily-notes.json", "folder"))

    def takes(self, path: str) -> bool:
        """Templates are no notes, and drawings are kept as Markdown only in name."""
        is_template = any(path.startswith(f"{folder}/") for folder in self.templates)
        return is_markdown(path) and not is_template and not path.lower().endswith(".excalidraw.md")

    def content(self, data: bytes, path: str, mark: str) -> Content:
        stem = PurePosixPath(path).stem
        content = read_content(data, path, mark, None if stands_for(path) else as_title(stem))
        front = content.front
        tags = tuple(sorted({*(front.tags or ()), *inline_tags(content.body)}))
        if self._is_daily(path):
            day = told_time(stem)
            front = replace(front, note_type=front.note_type or JOURNAL, created=front.created or day)
        return replace(content, front=replace(front, tags=tags or front.tags))

    def _is_daily(self, path: str) -> bool:
        pure = PurePosixPath(path)
        is_there = not self.daily or str(pure).startswith(f"{self.daily}/")
        return is_there and bool(_DAY.fullmatch(pure.stem)) and told_time(pure.stem) is not None


def _embeds_often(files: Files) -> bool:
    """Whether several of the first pages show notes or pictures in the way that only Obsidian's kind does."""
    pages = islice(filter(is_markdown, files.listing.paths), MOST_LOOKED_AT)
    return len(list(islice(filter(partial(_embeds, files), pages), OFTEN))) == OFTEN


def _embeds(files: Files, path: str) -> bool:
    try:
        return b"![[" in files.data(path)
    except Refused:
        return False


def inline_tags(markdown: str) -> Iterator[str]:
    """The tags in the prose of a text: `#a/b`, not `#123`, nor what stands in code, comments, links or addresses."""
    if "#" not in markdown:
        return
    for match in _TAG.finditer(_prose(markdown)):
        word = match[1].strip("/")
        if not word.isdecimal() and len(word) <= LONGEST_WORD and is_readable(word):
            yield tag_word(word)


def _prose(markdown: str) -> str:
    """The text without what holds no tags."""
    return _HIDDEN.sub(" ", "\n\n".join(_without_code(paragraph) for paragraph in _paragraphs(markdown)))


def _paragraphs(markdown: str) -> Iterator[str]:
    held: list[str] = []
    for line in scan(markdown):
        if held and (line.first or line.markers or line.kind not in _PROSE):
            yield "".join(held)
            held.clear()
        if line.kind in _PROSE:
            held.append(markdown[line.content : line.end])
    yield "".join(held)


def _without_code(paragraph: str) -> str:
    position, pieces = 0, []
    for span in code_spans(paragraph):
        pieces.append(paragraph[position : span.start])
        position = span.end
    return " ".join([*pieces, paragraph[position:]])


def _setting(files: Files, name: str, key: str) -> str:
    """A folder that the settings of the vault name, or nothing."""
    try:
        said: Any = json.loads(files.data(f"{SETTINGS}/{name}"))
    except (Refused, ValueError, KeyError):
        return ""
    value = said.get(key) if isinstance(said, dict) else None
    return value.strip("/ ") if isinstance(value, str) else ""
