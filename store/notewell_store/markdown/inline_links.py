"""Links and tags inside a line as CommonMark reads them, in the place of the `markdown` library's own."""

import re
from typing import Any
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.inlinepatterns import (
    HtmlInlineProcessor,
    ImageInlineProcessor,
    ImageReferenceInlineProcessor,
    InlineProcessor,
    LinkInlineProcessor,
    ReferenceInlineProcessor,
    ShortImageReferenceInlineProcessor,
    ShortReferenceInlineProcessor,
)
from markdown.util import INLINE_PLACEHOLDER_RE

from .links import destination_at

PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
_ATTRIBUTE = r"""\s+[A-Za-z_:][\w.:-]*+(?:\s*+=\s*+(?:[^\s"'=<>`]++|'[^']*+'|"[^"]*+"))?+"""
_LABEL = re.compile(r"\[([^\[\]]*)\]")
_ESCAPED = re.compile("\x02(\\d+)\x03")
_TAG = (
    rf"(<[A-Za-z][A-Za-z0-9-]*+(?:{_ATTRIBUTE})*+\s*+/?>|</[A-Za-z][A-Za-z0-9-]*+\s*+>"
    r"|<!--(?:(?!<!--|-->).)*+-->)"
)


def register(md: Markdown) -> None:
    """Of several definitions of a label the first counts; any punctuation can be escaped."""
    md.references = _FirstKept()
    md.ESCAPED_CHARS = [*PUNCTUATION]
    patterns = md.inlinePatterns
    for name, place, kind in _LINKS:
        patterns.register(kind(patterns[name].pattern, md), name, place)
    patterns.register(HtmlInlineProcessor(_TAG, md), "html", 90)


class _FirstKept(dict[str, tuple[str, str]]):
    def __setitem__(self, label: str, to: tuple[str, str]) -> None:
        self.setdefault(_folded(label), to)


def _folded(label: str) -> str:
    return " ".join(label.split()).casefold()


class _Inline(InlineProcessor):
    """A link or an image whose address follows in brackets."""

    def getLink(self, data: str, index: int) -> tuple[str, str | None, int, bool]:  # noqa: N802 (the library's)
        found = destination_at(data, index)
        if found is None:
            return "", None, index, False
        href, title, end = found
        return self.unescape(href), self.unescape(title) if title else None, end, True


class _Link(_Inline, LinkInlineProcessor):
    pass


class _Image(_Inline, ImageInlineProcessor):
    pass


class _Labelled(InlineProcessor):
    """A link whose address is defined elsewhere, under a label in which code and escapes stand as they were written."""

    def evalId(self, data: str, index: int, text: str) -> tuple[str | None, int, bool]:  # noqa: N802 (the library's)
        label = _LABEL.match(data, index)
        return (self.label(label.group(1) or text), label.end(), True) if label else (None, index, False)

    def label(self, text: str) -> str:
        return _folded(INLINE_PLACEHOLDER_RE.sub(self._written, text))

    def _written(self, placeholder: re.Match[str]) -> str:
        inline: Any = self.md.treeprocessors["inline"]
        node: str | Element = inline.stashed_nodes.get(placeholder.group(1), "")
        if isinstance(node, Element):
            return f"`{''.join(node.itertext())}`" if node.tag == "code" else "".join(node.itertext())
        return _ESCAPED.sub(lambda code: f"\\{chr(int(code.group(1)))}", node)


class _ShortLabelled(_Labelled):
    def evalId(self, data: str, index: int, text: str) -> tuple[str | None, int, bool]:  # noqa: N802 (the library's)
        is_other = (full := _LABEL.match(data, index)) is not None and full.group(
            1
        ).strip() != ""  # `[text][undefined]`
        return (None, index, False) if is_other else (self.label(text), index, True)


class _Reference(_Labelled, ReferenceInlineProcessor):
    pass


class _ShortReference(_ShortLabelled, ShortReferenceInlineProcessor):
    pass


class _ImageReference(_Labelled, ImageReferenceInlineProcessor):
    pass


class _ShortImageReference(_ShortLabelled, ShortImageReferenceInlineProcessor):
    pass


_LINKS = (
    ("reference", 170, _Reference),
    ("link", 160, _Link),
    ("image_link", 150, _Image),
    ("image_reference", 140, _ImageReference),
    ("short_reference", 130, _ShortReference),
    ("short_image_ref", 125, _ShortImageReference),
)
