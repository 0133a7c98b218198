"""The HTML of a note, by the `markdown` library. Importing it costs 50 ms; no other module here does."""

import re
import secrets
import threading
from bisect import bisect_right
from collections.abc import Callable
from html import escape, unescape
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from markdown.extensions.footnotes import FootnoteExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension
from markdown.inlinepatterns import (
    AutomailInlineProcessor,
    InlineProcessor,
    Pattern,
    SimpleTagInlineProcessor,
    SubstituteTagInlineProcessor,
)
from markdown.treeprocessors import Treeprocessor
from markdown.util import HTML_PLACEHOLDER_RE, INLINE_PLACEHOLDER_RE, AtomicString

from . import inline_links
from .canonical import HEADING, SOFT_BREAK, STAND_IN, STRONG, Canonical
from .effort import MARKED, is_too_long
from .links import WIKI_LINK, Target, wiki_target
from .sanitizing import Sanitizer

_AFTER_URLS = ".,:;!?'\"*_~`]"
_HARD_BREAK = rf"(?:(?<! ) {{2,}}+|(?<!\\)\\){SOFT_BREAK}"
_LEFT = re.compile("[\x02\x03]")
"""Of stand-ins that the library has cut in two, as it does in emphasis like `*a**`b`*`c``."""
_MAIL = r"<([^<> !\x00-\x1f]+@[^@<> \x00-\x1f]+)>"
"""As the library has it, but without stand-ins for escapes and line ends, which it would spell as entities."""
_NOTE_HREF = re.compile(r'(<a )(href=")note://')
_LINE_FEED = re.compile("\n")
_BEGINNING = r'<[a-z][a-z0-9]*(?: [\w:-]+="[^"]*")*'
_OF_TABLE = r"<table>\s*<thead>\s*<tr>\s*<th[^<>]*>"


def render(markdown_text: str) -> str:
    """The HTML of a note, safe to put into a page. Any text has one: this never raises.

    Headings have the anchors of `parse_sections` as ids. Wiki links and `note://slug#anchor` become relative
    links `name#anchor` of class `note-link`, which `tables.pages` lets lead to the notes that are meant. Images
    from other sites become links to them. Scripts, styles, event handlers and whatever else `sanitizing` does not
    name is dropped. Footnotes follow at the end; comments are not shown, blocks that bear an id (`^id`) can be linked
    to, and a callout begins with its title.

    A note that would take the library more than a second or two (see the limits in `effort`), or on which it
    fails, is shown as it was written, in a `<pre>`.
    """
    text = markdown_text.encode("utf-8", "replace").decode()
    try:
        html = None if is_too_long(text) else _thread.renderer.rendered(text)
    except Exception:  # whatever goes wrong in a renderer, the note must stay readable
        _thread.renderer = _Renderer()
        html = None
    return f"<pre>{escape(text, quote=False)}</pre>" if html is None else html


def render_with_lines(markdown_text: str) -> str:
    """The same, where each block bears the number of its first line in the text as `data-line`: a paragraph, a heading,
    an item of a list, a block of code, the whole of a table or of raw HTML. No text can bring such a number along."""
    text = markdown_text.encode("utf-8", "replace").decode()
    said = secrets.token_hex(12)  # what a text cannot know, it cannot say
    starts = [0, *(end.end() for end in _LINE_FEED.finditer(text))]

    def mark(offset: int) -> str:
        return f"\x0e{said}:{bisect_right(starts, offset)}\x0f"

    try:
        html = None if is_too_long(text) else _thread.renderer.rendered(text, mark)
    except Exception:  # as in render
        _thread.renderer = _Renderer()
        html = None
    return render(text) if html is None else _with_lines(html, said)


def _with_lines(html: str, said: str) -> str:
    """Marks as attributes of the element that begins right before, or else right behind."""
    mark = rf"\x0e{said}:(\d+)\x0f"
    html = re.sub(f"({_OF_TABLE}){mark}", lambda found: f"\x0e{said}:{found[2]}\x0f{found[1]}", html)
    html = re.sub(f"({_BEGINNING})>{mark}", r'\1 data-line="\2">', html)
    html = re.sub(f"{mark}({_BEGINNING})>", r'\2 data-line="\1">', html)
    return re.sub(mark, "", html)


class _Renderer:
    def __init__(self) -> None:
        self.library = Markdown(
            extensions=[
                TableExtension(use_align_attribute=True),
                SaneListExtension(),
                FootnoteExtension(),
                _Notewell(),
            ],
            output_format="html",
        )
        # The library looks up patterns by index, each time for each text, which its own registry is slow at.
        self.patterns = list(self.library.inlinePatterns)
        emphasis = self.library.inlinePatterns["em_strong"]
        self.without_emphasis = [pattern for pattern in self.patterns if pattern is not emphasis]
        self.sanitizer = Sanitizer()

    def rendered(self, markdown: str, mark: Callable[[int], str] = lambda _: "") -> str | None:
        note = Canonical(markdown, mark)
        if note.effort.is_too_much():
            return None
        html = self._converted(note, self.patterns)
        if _LEFT.search(html):
            html = self._converted(note, self.without_emphasis)
        return None if _LEFT.search(html) else self.sanitizer.sanitized(html)

    def _converted(self, note: Canonical, patterns: list[Pattern]) -> str:
        self.library.treeprocessors["inline"].__dict__["inlinePatterns"] = patterns
        html = self.library.reset().convert(note.text)
        html = STAND_IN.sub(lambda match: note.pieces[int(match.group(1) or match.group(2))], html)
        for placeholder, tag in STRONG.items():
            html = html.replace(placeholder, tag)
        html = html.replace(SOFT_BREAK, "\n")
        return _NOTE_HREF.sub(r'\1class="note-link" \2', html)


class _PerThread(threading.local):
    def __init__(self) -> None:
        self.renderer = _Renderer()


class _Notewell(Extension):
    """Our headings and links, in the place of what `Canonical` has already dealt with."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (the library calls it so)
        for preprocessor in ("normalize_whitespace", "html_block"):
            md.preprocessors.deregister(preprocessor)
        for block in ("code", "hashheader", "setextheader", "hr"):
            md.parser.blockprocessors.deregister(block)
        md.inlinePatterns.deregister("linebreak")
        inline_links.register(md)
        md.treeprocessors.register(_PlainTexts(md), "plain_texts", 21)
        md.parser.blockprocessors.register(_Headings(md.parser), "headings", 95)
        md.inlinePatterns.register(SubstituteTagInlineProcessor(_HARD_BREAK, "br"), "hard_break", 100)
        md.treeprocessors.register(_Attributes(md), "attributes", 15)
        md.inlinePatterns.register(AutomailInlineProcessor(_MAIL, md), "automail", 110)
        md.inlinePatterns.register(_WikiLinks(rf"(?<!\\)!?{WIKI_LINK.pattern}", md), "wiki", 185)
        md.inlinePatterns.register(_BareUrls(r"(?<![\w/])(?:https?|note)://[^\s<>\x02\x03]++", md), "bare_url", 85)
        md.inlinePatterns.register(SimpleTagInlineProcessor(r"(~~)([^~]+)~~", "del"), "struck", 55)


class _PlainTexts(Treeprocessor):
    """Spares texts without any mark the search for each kind of mark."""

    def run(self, root: Element) -> None:
        for element in root.iter():
            if element.text and not MARKED.search(element.text):
                element.text = AtomicString(element.text)


class _Attributes(Treeprocessor):
    """Puts words in the place of stand-ins within stand-ins, which the library leaves in titles and addresses; raw HTML
    has no place there."""

    def run(self, root: Element) -> None:
        for element in root.iter():
            for name, value in element.items():
                if "\x02" in value:
                    element.set(name, self._worded(value))

    def _worded(self, value: str) -> str:
        while INLINE_PLACEHOLDER_RE.search(value):
            value = INLINE_PLACEHOLDER_RE.sub(self._stashed, value)
        return HTML_PLACEHOLDER_RE.sub("", value)

    def _stashed(self, stand_in: re.Match[str]) -> str:
        inline: Any = self.md.treeprocessors["inline"]
        kept = inline.stashed_nodes.get(stand_in[1], "")
        return kept if isinstance(kept, str) else "".join(kept.itertext())


class _Headings(BlockProcessor):
    def test(self, parent: Element, block: str) -> bool:
        return HEADING.match(block) is not None

    def run(self, parent: Element, blocks: list[str]) -> None:
        line, _, rest = blocks.pop(0).partition("\n")
        heading = HEADING.match(line)
        assert heading is not None
        element = SubElement(parent, f"h{heading.group(1)}")
        element.text = heading.group(3)
        if heading.group(2):
            element.set("id", heading.group(2))
        if rest:
            blocks.insert(0, rest)


_Match = tuple[Element | None, int | None, int | None]


class _WikiLinks(InlineProcessor):
    ANCESTOR_EXCLUDES = ("a",)

    def handleMatch(self, m: re.Match[str], data: str) -> _Match:  # type: ignore[override]  # noqa: N802
        inner = unescape(self.unescape(m.group(1))) if "\x02" in m.group(1) else m.group(1)  # code that stands in it
        target = None if SOFT_BREAK in inner or not inner else wiki_target(inner)
        if target is None:
            return None, None, None
        name, _, text = inner.partition("|")
        link = Element("a", {"class": "note-link", "href": _reference(_shown_name(target), target.anchor)})
        link.text = text.strip() or name.rstrip("\\ ")
        return link, m.start(), m.end()


def _shown_name(target: Target) -> str:
    """What a page has for a wiki link: the slug that the name is but for capitals and spaces, else the name."""
    is_same = target.name == target.written.lower().replace(" ", "-")
    return target.name if is_same else target.written


def _reference(name: str, anchor: str | None) -> str:
    return quote(name) + (f"#{quote(anchor)}" if anchor else "")


class _BareUrls(InlineProcessor):
    ANCESTOR_EXCLUDES = ("a",)

    def handleMatch(self, m: re.Match[str], data: str) -> _Match:  # type: ignore[override]  # noqa: N802
        url = m.group().rstrip(_AFTER_URLS)
        if url.endswith(")") and "(" not in url:
            url = url.rstrip(_AFTER_URLS + ")")
        link = Element("a", {"href": url})
        link.text = url
        return link, m.start(), m.start() + len(url)


_thread = _PerThread()
