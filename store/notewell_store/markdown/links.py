"""The links to other notes that stand in a Markdown body: wiki links, `note://` and relative paths.

Code, HTML comments, front matter and images are passed over. What may be mere prose is no link:
`[x](service.Service{})`, `[link to advisory](link to advisory)`.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, NamedTuple
from urllib.parse import unquote

from notewell_store.models import EMBEDS, MENTIONS

from .blocks import Kind, Line, scan
from .inline import blanked, code_spans, comment_spans, plain_text
from .sections import anchor_of
from .slugs import SLUG, is_slug, loses_letters, slugify

__all__ = ["SLUG", "BodyLink", "find_links", "is_slug", "slugify"]

MOST_PARSED = 4_000
LONGEST_PARSED = 400
"""Addresses in rendered pages that are remembered with the links that they were made from, and their characters."""
MARKS = "[", "://"
"""What each link has."""
_PROSE = frozenset({Kind.TEXT, Kind.TABLE, Kind.HEADING, Kind.HTML})
_TOKEN = re.compile(r"\\[!-/:-@\[-`{-~]|!?\[|\]|\b(?:note|memory)://")
WIKI_LINK = re.compile(r"\[\[([^\[\]\r\n]{1,400}+)\]\](?![(\[])")
_NOTE_URL = re.compile(
    r"note://([A-Za-z0-9]++(?:-[A-Za-z0-9]++)*+)(?:@\d++)?+/?+(?:#((?:[\w-]|%[0-9A-Fa-f]{2})++))?+(?![/@-]*+\w)"
)
_MEMORY_URL = re.compile(r"memory://([\w-]++(?:[./]++[\w-]++)*+)(?!/?\*)")
_ANGLED = r"<([^<>\r\n]*+)>"
_BARE = r"((?:[^\s()<>\\]|\\.)++(?:\((?:[^\s()<>\\]|\\.)*+\)(?:[^\s()<>\\]|\\.)*+)*+)"
_TITLE = r"""(?:[ \t\r\n]++(?:"[^"]*+"|'[^']*+'|\([^()]*+\)))?+"""
_INLINE = re.compile(rf"\([ \t\r\n]*+(?:{_ANGLED}|{_BARE}){_TITLE}[ \t\r\n]*+\)")
_INLINE_OR_EMPTY = re.compile(rf"""\(\s*+(?:{_ANGLED}|{_BARE})?+(?:\s++("[^"]*+"|'[^']*+'|\([^()]*+\)))?+\s*+\)""")
_DEFINITION = re.compile(
    rf"\[(?!\^)(?:[^\[\]\\]|\\.){{1,999}}+\]:[ \t]*+(?:(?:\r\n?|\n)[ \t]*+)?+(?:{_ANGLED}|(\S++)){_TITLE}[ \t\r\n]*+\Z"
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+:|[/\\]{2}|#")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_PAGE = re.compile(r"[^\x00-\x1f\x7f<>{}\"$*|\\^`=;]+\.(?:md|markdown|mdx)", re.IGNORECASE)
_FOLDER = re.compile(r"[\w. /-]*+")
_FILE_KINDS = (
    " 3gp avif base bmp canvas css csv doc docx flac gif heic htm html jpeg jpg json m4a mkv mov mp3 mp4 ogg ogv pdf"
    " png ppt pptx svg toml txt wav webm webp xls xlsx yaml yml zip "
)
_NO_WIKI_NAME = re.compile(
    r"""(?:\.{0,2}/)*+[-:!,.?&+)='%/]|(?=\d*+[\s,.])[\d\s,.]*+\Z"""
    r"""|[^"$*<>\\^{}=;~`\x00-\x1f\x7f]*+["$*<>\\^{}=;~`\x00-\x1f\x7f]"""
)
_WORDS = re.compile(r"[^\W_]|[^\x00-\x7f]")
_PLAIN_ANCHOR = re.compile(r"[\w.:-]*+")
_WIKI_PATH = re.compile(r"[./][^ ]*|[^ A-Z]*/[^ A-Z]*|.*\.(?i:md|markdown|mdx)")
_REVISION = re.compile(r"@\d++\Z")
_HIDDEN_END = {
    "": re.compile("-->"),
    **{name: re.compile(f"</{name}\\b", re.IGNORECASE) for name in ("pre", "script", "style", "textarea", "code")},
}
_HIDDEN = re.compile(r"<!--|<(pre|script|style|textarea|code)\b", re.IGNORECASE)


Form = Literal["name", "wiki", "bare", "path", "file"]
"""`note://x`; `[[x]]`, `memory://x`; `[t](x)`; `[t](x/y.md)`; `[t](x/y)`, which may be a file that is no page too."""


@dataclass(frozen=True, slots=True)
class BodyLink:
    target: str
    """A slug, the number of a note, or a path, URL-decoded. A name in a wiki link is given as its slug, unless that
    would say less than it does."""
    anchor: str | None
    is_path: bool
    """Whether `target` is to be resolved against the note's own path."""
    start: int
    """Where the link begins, in characters."""
    name: str = field(default="", compare=False)
    """The target as it is written, without section and revision; empty where it can be a slug or a number only."""
    form: "Form" = field(default="name", compare=False)
    relation: str = MENTIONS


def find_links(markdown: str, lines: Iterable[Line] | None = None) -> tuple[BodyLink, ...]:
    """The links in the order in which they stand. `lines` are those of the text, where it has been scanned already."""
    if not any(mark in markdown for mark in MARKS):
        return ()
    found: list[BodyLink] = []
    for start, end in _paragraphs(scan(markdown) if lines is None else lines):
        if any(markdown.find(mark, start, end) >= 0 for mark in MARKS):
            text = _without_hidden(markdown[start:end])
            links = _links(text, markdown[start:end])
            found += (BodyLink(*target[:3], start + offset, *target[3:]) for offset, target in links)
    return tuple(found)


class Target(NamedTuple):
    name: str
    anchor: str | None
    is_path: bool
    written: str = ""
    form: Form = "name"
    relation: str = MENTIONS


def _paragraphs(lines: Iterable[Line]) -> Iterator[tuple[int, int]]:
    """The stretches of prose that may hold links: each paragraph, heading, table row or block of HTML."""
    start = end = 0
    for line in lines:
        if not _continues(line):
            if end > start:
                yield start, end
            start = line.content
        end = line.end if line.kind in _PROSE else start
    if end > start:
        yield start, end


def _continues(line: Line) -> bool:
    return line.kind in (Kind.TEXT, Kind.HTML) and not line.first and not line.markers


def _without_hidden(text: str) -> str:
    """The text with NULs in the place of code and comments."""
    text = blanked(text, comment_spans(text)) if "%%" in text else text
    if text.startswith("<"):
        return blanked(blanked(text, _hidden_html(text)), _code(text))
    text = blanked(text, _code(text)) if "`" in text else text
    return blanked(text, _hidden_html(text)) if "<" in text else text


def _code(text: str) -> Iterator[tuple[int, int]]:
    return ((span.start, span.end) for span in code_spans(text))


def _hidden_html(text: str) -> Iterator[tuple[int, int]]:
    """Comments and elements that hold code. One that begins the text but is never closed hides all."""
    unclosed: set[str] = set()
    position = 0
    while opening := _HIDDEN.search(text, position):
        position = opening.end()
        element = (opening.group(1) or "").lower()
        closing = None if element in unclosed else _HIDDEN_END[element].search(text, position)
        if closing or opening.start() == 0:
            position = closing.end() if closing else len(text)
            yield opening.start(), position
        else:
            unclosed.add(element)


def _links(text: str, written: str) -> Iterator[tuple[int, Target]]:
    if definition := _DEFINITION.match(text):
        target = _defined(definition.group(1) or definition.group(2) or "")
        return iter([(0, target)] if target else [])
    return _Paragraph(text, written).links()


class _Paragraph:
    def __init__(self, text: str, written: str) -> None:
        self.text = text
        self.written = written  # with its code, of which the section of a wiki link may have some
        self.position = 0
        self.openings: list[tuple[int, bool]] = []  # brackets not yet closed, and whether a link may begin there
        self.enclosing = 0  # a link holds no other link: so many of the openings lie around one already found

    def links(self) -> Iterator[tuple[int, Target]]:
        while token := _TOKEN.search(self.text, self.position):
            start, self.position = token.span()
            mark = token.group()
            if mark == "]":
                found = self._closed()
            elif mark == "note://":
                found = self._url(start, _NOTE_URL, _note)
            elif mark == "memory://":
                found = self._url(start, _MEMORY_URL, _memory)
            else:
                found = self._opened(start, mark) if mark in ("[", "![") else None
            if found:
                yield found

    def _url(
        self, start: int, pattern: re.Pattern[str], read: Callable[[re.Match[str]], Target]
    ) -> tuple[int, Target] | None:
        match = pattern.match(self.text, start)
        if match is None:
            return None
        self.position = match.end()
        return start, read(match)

    def _opened(self, start: int, mark: str) -> tuple[int, Target] | None:
        wiki = WIKI_LINK.match(self.text, self.position - 1)
        target = wiki_target(self.written[slice(*wiki.span(1))]) if wiki else None
        if wiki and target:
            self.position = wiki.end()
            return start, target._replace(relation=EMBEDS) if mark == "![" else target
        self.openings.append((start, mark == "["))
        return None

    def _closed(self) -> tuple[int, Target] | None:
        if not self.openings:
            return None
        start, may_link = self.openings.pop()
        may_link = may_link and len(self.openings) >= self.enclosing
        self.enclosing = min(self.enclosing, len(self.openings))
        match = _INLINE.match(self.text, self.position) if may_link else None
        if match is None:
            return None
        self.position = match.end()
        self.enclosing = len(self.openings)
        target = _page(match.group(1) or match.group(2) or "")
        if target is None or (_is_bare_name(target) and self._follows_word(start)):
            return None
        return start, target

    def _follows_word(self, start: int) -> bool:
        """As in `Map[T](items)`, which is code that nobody marked as such."""
        return start > 0 and (self.text[start - 1].isalnum() or self.text[start - 1] in "_)]")


def destination_at(text: str, start: int) -> tuple[str, str | None, int] | None:
    """The address of an inline link in the brackets that begin at `start` (or just before it), its title, its end."""
    match = _INLINE_OR_EMPTY.match(text, start)
    if match is None:
        return None
    title = match.group(3)
    return match.group(1) or match.group(2) or "", title[1:-1] if title else None, match.end()


def _is_bare_name(target: Target) -> bool:
    return "/" not in target.name and "." not in target.name


def _note(match: re.Match[str]) -> Target:
    return Target(match.group(1).lower(), unquote(match.group(2) or "") or None, False)


def _memory(match: re.Match[str]) -> Target:
    path = match.group(1)
    return Target(path, None, True, path, "wiki")


def wiki_target(inner: str) -> Target | None:
    """What `[[inner]]` leads to."""
    if inner[0].isspace():  # a shell's `[[ -f x ]]`
        return None
    name, _, anchor = inner.partition("|")[0].rstrip("\\ ").partition("#")
    name = _REVISION.sub("", name.strip())
    if not _WORDS.search(name) or _NO_WIKI_NAME.match(name) or "::" in name or _is_file(name):
        return None
    section = wiki_anchor(anchor) or None
    if _WIKI_PATH.fullmatch(name):
        return Target(name, section, True, name, "wiki")
    is_kept = (name.isascii() and name.isdigit()) or loses_letters(name)
    slug = "" if is_kept else slugify(name)
    return Target(slug or name, section, False, name, "wiki")


def wiki_anchor(written: str) -> str:
    """The anchor that `#written` in a wiki link names: of nested headings the last, of a block its id with `^`."""
    last = written.rpartition("#")[2].strip()
    is_anchor = last.startswith("^") or _PLAIN_ANCHOR.fullmatch(last)
    return last if is_anchor else anchor_of(plain_text(last))


def link_of_page(href: str, *, is_wiki: bool) -> BodyLink | None:
    """The link that an address in a rendered page was made from, which is a wiki link where it is marked so."""
    return (_link_of_page if len(href) <= LONGEST_PARSED else _link_of_page.__wrapped__)(href, is_wiki)


@lru_cache(MOST_PARSED)
def _link_of_page(href: str, is_wiki: bool) -> BodyLink | None:
    name, _, anchor = href.partition("#")
    target = wiki_target(f"{unquote(name)}#{unquote(anchor)}") if is_wiki and name else _page(href)
    return BodyLink(*target[:3], 0, *target[3:]) if target else None


def _is_file(name: str) -> bool:
    return "." in name and f" {name.rpartition('.')[2].lower()} " in _FILE_KINDS


def _page(destination: str) -> Target | None:
    """What an inline link leads to, unless that is another site, a file that is no page, or this page."""
    destination = _ESCAPED.sub(r"\1", destination)
    if destination.startswith("note://"):
        url = _NOTE_URL.fullmatch(destination)
        return _note(url) if url else None
    if destination.startswith("memory://"):
        memory = _MEMORY_URL.fullmatch(destination)
        return _memory(memory) if memory else None
    if _SCHEME.match(destination):
        return None
    path, _, anchor = destination.partition("#")
    path, section = unquote(path.partition("?")[0]), None if "\0" in anchor else unquote(anchor) or None
    if is_slug(path):
        return Target(path, section, False, path, "bare")
    form: Form = "path" if _PAGE.fullmatch(path) else "file"
    return Target(path, section, True, path, form) if _may_be_page(path) else None


def _may_be_page(path: str) -> bool:
    if _PAGE.fullmatch(path):
        return True
    last = path.rpartition("/")[2]
    if not _FOLDER.fullmatch(path) or ("." in last and last not in (".", "..")):
        return False
    return bool(path) and (path.strip("./") == "" or any(map(str.isalpha, path)))


def _defined(destination: str) -> Target | None:
    """What a reference definition leads to. `[note]: done` is prose: a bare word defines nothing."""
    target = _page(destination)
    return target if target and (target.is_path or "-" in target.name) and not destination.isalpha() else None
