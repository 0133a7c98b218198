"""What stands inside a paragraph: code spans, comments, and the plain text under the marks of a heading."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_TICKS = re.compile(r"`++")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_LINK = re.compile(r"!?\[([^\[\]]*+)\](?:\([^()]*+(?:\([^()]*+\)[^()]*+)*+\)|\[[^\[\]]*+\])")
_WIKI_LINK = re.compile(r"\[\[(?:[^\[\]|]*+\|)?([^\[\]|]*+)\]\]")
_AUTOLINK = re.compile(r"<([A-Za-z][\w+.-]*+:[^\s<>]*+)>")
_TAG = re.compile(r"</?[A-Za-z][^<>]*+>|<!--[^<>]*+-->")
_STARS = re.compile(r"(\*{1,3}+)([^*\s](?:[^*]*[^*\s])?)\1")
_UNDERSCORES = re.compile(r"(?<!\w)(_{1,3}+)((?:[^_]|(?<=[^\W_])_(?=[^\W_]))++)\1(?!\w)")
_STRUCK = re.compile(r"~~([^~]++)~~")
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&nbsp;": " "}
_ENTITY = re.compile("|".join(map(re.escape, _ENTITIES)))
_MARKED = re.compile(r"[\\`*_\[<~&\0]")
_KEPT = "\0"


_COMMENT_START = re.compile(r"(?<![^\s(>*_])%%")
_COMMENT_END = re.compile(r"%%(?![\w%])")


class CodeSpan(NamedTuple):
    start: int
    content: int
    content_end: int
    end: int


def code_spans(text: str, start: int = 0, end: int | None = None) -> Iterator[CodeSpan]:
    """The code spans of a paragraph, in order: a run of backticks up to the next run of the same length."""
    runs = [match.span() for match in _TICKS.finditer(text, start, len(text) if end is None else end)]
    later: dict[int, list[int]] = {}
    for index in range(len(runs) - 1, -1, -1):
        later.setdefault(runs[index][1] - runs[index][0], []).append(index)
    index = 0
    while index < len(runs):
        opening = runs[index][0] + _is_escaped(text, runs[index][0], start)
        content = runs[index][1]
        closing = _next_after(index, later.get(content - opening, []))
        if closing:
            yield CodeSpan(opening, content, *runs[closing])
        index = (closing or index) + 1


def comment_spans(text: str) -> Iterator[tuple[int, int]]:
    """The comments `%%…%%` of a paragraph; `100%%` and what stands in code begin none."""
    if text.count("%%") < 2:
        return
    text = blanked(text, ((span.start, span.end) for span in code_spans(text)))
    position = 0
    while (opening := _COMMENT_START.search(text, position)) and (end := _COMMENT_END.search(text, opening.end())):
        position = end.end()
        yield opening.start(), position


def blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with NULs in the place of these."""
    pieces: list[str] = []
    position = 0
    for start, end in spans:
        pieces += (text[position:start], "\0" * (end - start))
        position = end
    return "".join(pieces) + text[position:]


def without_comments(text: str) -> str:
    pieces: list[str] = []
    position = 0
    for start, end in comment_spans(text):
        pieces.append(text[position:start])
        position = end
    return "".join(pieces) + text[position:]


def _next_after(index: int, later: list[int]) -> int | None:
    while later and later[-1] <= index:
        later.pop()
    return later[-1] if later else None


def _is_escaped(text: str, position: int, start: int) -> bool:
    first = position
    while first > start and text[first - 1] == "\\":
        first -= 1
    return (position - first) % 2 == 1


def plain_text(markdown: str) -> str:
    """The words of a heading without the marks for emphasis, code, links, images and tags."""
    text = markdown.strip()
    return _without_marks(text.replace(_KEPT, "\ufffd")) if _MARKED.search(text) else text


def _without_marks(text: str) -> str:
    text, kept = _with_literals_kept(text)
    if "[" in text:
        text = _WIKI_LINK.sub(r"\1", text)
        text = _LINK.sub(r"\1", _LINK.sub(r"\1", text))  # twice: an image may stand in a link
    if "<" in text:
        text = _TAG.sub("", _AUTOLINK.sub(r"\1", text))
    for _ in range(3):  # emphasis nests
        text = _STRUCK.sub(r"\1", _UNDERSCORES.sub(r"\2", _STARS.sub(r"\2", text)))
    text = _ENTITY.sub(lambda match: _ENTITIES[match.group()], text)
    literals = iter(kept)
    return re.sub(_KEPT, lambda _: next(literals, ""), text).strip()


def _with_literals_kept(text: str) -> tuple[str, list[str]]:
    """Put a stand-in for each code span and each escaped character, and tell what stood there."""
    kept: list[str] = []
    pieces: list[str] = []
    position = 0

    def keep_escaped(match: re.Match[str]) -> str:
        kept.append(match.group(1))
        return _KEPT

    for span in code_spans(text):
        pieces.append(_ESCAPE.sub(keep_escaped, text[position : span.start]))
        pieces.append(_KEPT)
        kept.append(text[span.content : span.content_end].strip() or " ")
        position = span.end
    pieces.append(_ESCAPE.sub(keep_escaped, text[position:]))
    return "".join(pieces), kept
