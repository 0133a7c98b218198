"""The entries of a block of front matter, in whichever language: what can be read of it, and what cannot, by line."""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from itertools import islice, pairwise
from typing import Any, NamedTuple

from notewell_store.files.plain_yaml import MOST_ITEMS, Entry, Value, read_entries

MOST_PIECES = 1_000  # keys of a faulty block that are looked at

_KEYS = {
    "yaml": re.compile(r"(?m)^(?![#\s-])(?P<key>\"[^\"\r\n]*+\"|'[^'\r\n]*+'|[^\r\n:]++)[ \t]*+:(?=\s|\Z)"),
    "toml": re.compile(r"(?m)^[ \t]*+(?:(?P<key>\"[^\"\r\n]*+\"|'[^'\r\n]*+'|[\w-]++)[ \t]*+=|(?P<table>\[))"),
    "json": re.compile(r"(?m)^[ \t]*+(?P<key>\"[^\"\r\n]++\")[ \t]*+:"),
}
_OTHER_YAML = re.compile(r"(?m)^(?:---|%|\?)|\ufeff")  # several documents, directives
_LINE_END = re.compile(r"\r\n?|\n")
_UNSTRUCTURED = re.compile(r"[^\s\[\]{}\"'|>&*!%@`#][^\r\n#]*+")
_TITLE = re.compile(r"(?:[@`*%]|\[[^\[\]\r\n]*+\].|\"[^\"\r\n]*+\".|'[^'\r\n]*+'.)[^\r\n]*+")
"""What begins as YAML's marks do and goes on as words: `[RFC] Plan`, `"A" and "B"`."""


class Unread(NamedTuple):
    """What could not be read: the line, counted from the block's first as 0, and words that say what."""

    line: int
    words: str


class _Piece(NamedTuple):
    key: str
    text: str
    first: int
    behind: int


def read(block: str, language: str) -> list[Entry]:
    """The entries of a block without a fault; none of any other."""
    return _READ[language](block)


def read_singly(block: str, language: str) -> tuple[list[Entry], list[Unread]]:
    """The entries of a block that has a fault: each of its keys is read on its own."""
    entries: list[Entry] = []
    unread: list[Unread] = []
    for piece in () if language == "yaml" and _OTHER_YAML.search(block) else _pieces(block, language):
        found, why = _alone(piece, language, {entry.key for entry in entries})
        entries += [found] if found else []
        unread += [Unread(piece.first, f"{piece.key}: {why}")] if why else []
    return entries, unread


def _alone(piece: _Piece, language: str, seen: set[str]) -> tuple[Entry | None, str]:
    """The entry of one key, and what is to be said of it."""
    if piece.key in seen:
        return None, "said twice, the first counts"
    found = _READ[language](piece.text)
    if len(found) == 1 and found[0].key == piece.key:
        return found[0]._replace(first=piece.first, behind=piece.behind), ""
    _, _, value = piece.text.partition(":")
    is_plain = _UNSTRUCTURED.fullmatch(value.strip()) or (piece.key == "title" and _TITLE.fullmatch(value.strip()))
    if language == "yaml" and is_plain:
        return Entry(piece.key, (value.strip(),), piece.first, piece.behind), "not YAML, taken as it stands"
    return None, f"not {language.upper()}"


def _pieces(block: str, language: str) -> Iterator[_Piece]:
    keys = list(islice(_own_keys(block, language), MOST_PIECES))
    bounds = [*((match["key"], match.start()) for match in keys), ("", _end_of_top(block, language))]
    first = 0
    for (key, start), (_, end) in pairwise([("", 0), *bounds]):
        text = block[start:end]
        lines = len(_LINE_END.findall(text))
        if key:
            yield _Piece(_bare(key), text, first, first + len(_LINE_END.findall(text.rstrip())) + 1)
        first += lines


def _own_keys(block: str, language: str) -> Iterator[re.Match[str]]:
    """Those of the block itself, not of what stands inside it."""
    indent: int | None = None
    for match in _KEYS[language].finditer(block):
        if language == "toml" and match["table"]:
            return
        column = match.start("key") - match.start()
        indent = column if indent is None else indent
        if language != "json" or column == indent:
            yield match


def _end_of_top(block: str, language: str) -> int:
    table = re.search(r"(?m)^[ \t]*+\[", block) if language == "toml" else None
    return table.start() if table else len(block)


def _toml(block: str) -> list[Entry]:
    try:
        return _plain(block, "toml", tomllib.loads(_LINE_END.sub("\n", block)))
    except (ValueError, RecursionError):
        return []


def _json(block: str) -> list[Entry]:
    try:
        return _plain(block, "json", json.loads(f"{{{block.strip().removesuffix(',')}}}"))
    except (ValueError, RecursionError):
        return []


def _plain(block: str, language: str, said: Mapping[str, Any]) -> list[Entry]:
    lines = {piece.key: (piece.first, piece.behind) for piece in _pieces(block, language)}
    return [Entry(key, _value(value), *lines.get(key, (0, 1))) for key, value in said.items()]


def _bare(key: str) -> str:
    return key.strip("\"' \t")


def _value(value: Any) -> tuple[Value] | None:
    """As YAML's plain values are given: words, or lists of words."""
    if value is None:
        return (None,)
    if not isinstance(value, list):
        return None if isinstance(value, dict) else (_word(value),)
    words = tuple(_word(item) for item in value if not isinstance(item, list | dict))
    return (words,) if len(words) == len(value) <= MOST_ITEMS else None


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


_READ: Mapping[str, Callable[[str], list[Entry]]] = {"yaml": read_entries, "toml": _toml, "json": _json}
