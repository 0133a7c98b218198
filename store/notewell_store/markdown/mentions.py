"""What in a text may name a note, a key or a change: links, bare words with hyphens, `story:x`, pull requests, commits.

This finds candidates in any text. Whether a mere word is a reference, only the store can tell: `read-only` is one
where a note is called so, and English where none is.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from .blocks import Kind, scan
from .links import BodyLink, find_links, wiki_target
from .slugs import MAX_SLUG

_BEFORE = r"(?<![\w/.$@#%&=+~\\:-])(?<!=[\"'])"
_BEHIND = r"(?![\w/@=(~+\\-]|[.:][\w/])"
_ANCHOR = r"\#(?P<{}>(?:[\w-]|\.(?=\w))++)"
_WORD = r"[A-Za-z0-9]++"
_TOKEN = re.compile(
    rf"""
    (?<![A-Za-z0-9])(?P<url>[A-Za-z][A-Za-z0-9+.-]{{1,20}}+://[^\s<>\[\]"'`|(){{}}]++)
  | \[\[(?P<wiki>[^\[\]\r\n]{{1,400}}+)\]\]
  | {_BEFORE}(?:[Nn]ote\ id\ )(?P<number>\d{{1,18}}+)(?![\w.-])
  | {_BEFORE}(?P<key>[A-Za-z][A-Za-z0-9_]{{0,29}}+:{_WORD}(?:[-_./]{_WORD})*+){_BEHIND}
  | {_BEFORE}(?P<name>{_WORD}(?:-{_WORD})++)(?:@(?P<revision>\d{{1,9}}+))?(?:{_ANCHOR.format("anchor")})?{_BEHIND}
  | {_BEFORE}(?P<single>{_WORD})(?:@(?P<at>\d{{1,9}}+))?+(?:{_ANCHOR.format("in_single")}){_BEHIND}
  | {_BEFORE}(?P<sha>[0-9a-f]{{7,64}}+){_BEHIND}
    """,
    re.VERBOSE,
)
PULL_REQUEST = re.compile(r"(https?://[^/?#]+/[^?#]+?)/(?:-/)?(?:pull|pulls|merge_requests|pull-requests)/\d+(?![\w-])")
_COMMIT = re.compile(r"/commits?/([0-9a-f]{7,64})(?![\w-])")
_NOTE_URL = re.compile(r"note://([A-Za-z0-9-]+)(?:@(\d{1,9}))?/?(?:#((?:[\w-]|\.(?=\w))+))?")
WINDOW = 50_000  # characters that are searched at once
BEYOND = 2_000  # characters behind them that are read: more than any token that counts has, but for a URL
_QUIET = frozenset({Kind.CODE, Kind.FENCE, Kind.INDENTED, Kind.FRONT_MATTER, Kind.HTML})


class Form(Enum):
    NAME = "name"
    PATH = "path"
    KEY = "key"
    PULL = "pull request"
    COMMIT = "commit"


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a text that may name something. `name` is a slug or an id in lower case, a path, a key, a URL or a
    commit's SHA, as `form` says."""

    form: Form
    name: str
    start: int
    revision: int | None = None
    anchor: str | None = None
    is_link: bool = False
    """Whether its form alone makes it a reference, as `[[…]]` does."""
    is_quiet: bool = False
    """Whether it stands in code or front matter, where a word that names nothing is no fault."""
    is_marked: bool = False
    """Whether it is all of a code span."""
    link: BodyLink | None = None
    """The link that it is."""
    written: str = ""
    """The name as it stands in the text, where case may tell it from `name`."""

    @property
    def ref(self) -> str:
        """The reference as it was written, less what stands round it."""
        name = self.written or self.name
        revision = "" if self.revision is None else f"@{self.revision}"
        return f"{name}{revision}" if self.anchor is None else f"{name}{revision}#{self.anchor}"


def find_mentions(text: str) -> list[Mention]:
    """All candidates in the order in which they stand. Takes time linear in the text, whatever the text."""
    linked = [_linked(text, link) for link in find_links(text)]
    return sorted([*linked, *_tokens(text)], key=lambda mention: mention.start)


def _linked(text: str, link: BodyLink) -> Mention:
    form = Form.PATH if link.is_path else Form.NAME
    return Mention(form, link.target, link.start, _revision_of(text, link), link.anchor, is_link=True, link=link)


def _revision_of(text: str, link: BodyLink) -> int | None:
    """The revision that a link names: links themselves lead to the note as it is now."""
    if text.startswith("[[", link.start) or text.startswith("![[", link.start):
        inner = text[link.start : text.find("]]", link.start)].partition("|")[0]
        found = re.search(r"@(\d{1,9})(?=#|\s*\\?\Z)", inner)
        return int(found[1]) if found else None
    url = _NOTE_URL.search(text, link.start, link.start + 1000)
    return int(url[2]) if url and url[2] and url[1].lower() == link.target else None


def _tokens(text: str) -> Iterator[Mention]:
    quiet = _quiet_stretches(text)
    start, end = next(quiet, (len(text), len(text)))
    for match in _found(text):
        while match.start() >= end:
            start, end = next(quiet, (len(text) + 1, len(text) + 1))
        mention = _mention(text, match, in_code=match.start() >= start)
        if mention is not None and len(mention.name) <= MAX_SLUG:
            yield mention


def _found(text: str) -> Iterator[re.Match[str]]:
    """The tokens, looked for in one window after the other: a search through all of a text in which there are none
    would hold every other thread for as long."""
    at = 0
    for end in range(WINDOW, len(text) + WINDOW, WINDOW):
        for match in _TOKEN.finditer(text, at, end + BEYOND):
            if match.start() >= end:
                break
            whole = match if match.end() < end + BEYOND else _TOKEN.match(text, match.start())
            if whole is not None:
                yield whole
                at = whole.end()
                if at >= end:
                    break
        at = max(at, end)


def _quiet_stretches(text: str) -> Iterator[tuple[int, int]]:
    return ((line.start, line.end) for line in scan(text) if line.kind in _QUIET and line.end > line.start)


def _mention(text: str, match: re.Match[str], *, in_code: bool) -> Mention | None:
    start, end = match.span()
    if match["url"] is not None:
        return _of_url(match["url"], start, in_code=in_code)
    if match["wiki"] is not None:  # in prose it is a link and found as such: here it may stand in code
        return _of_wiki(match["wiki"], start)
    if match["sha"] is not None:
        return Mention(Form.COMMIT, match["sha"], start) if _is_hash(match["sha"]) else None
    if match["number"] is not None:
        return Mention(Form.NAME, match["number"], start, is_link=not in_code)
    marked = text[start - 1 : start] == "`" == text[end : end + 1]
    quiet = in_code or (not marked and _is_in_code_span(text, start))
    if match["key"] is not None:
        return Mention(Form.KEY, match["key"].lower(), start, is_quiet=quiet, is_marked=marked, written=match["key"])
    name, revision, anchor = (
        (match["name"], match["revision"], match["anchor"])
        if match["name"] is not None
        else (match["single"], match["at"], match["in_single"])
    )
    number = int(revision) if revision else None
    return Mention(Form.NAME, name.lower(), start, number, anchor, is_quiet=quiet, is_marked=marked, written=name)


def _of_url(url: str, start: int, *, in_code: bool) -> Mention | None:
    if note := _NOTE_URL.match(url):
        revision = int(note[2]) if note[2] else None
        return Mention(Form.NAME, note[1].lower(), start, revision, note[3], is_quiet=True)
    if pull := PULL_REQUEST.match(url):
        return Mention(Form.PULL, pull[0], start, is_quiet=in_code)
    if commit := _COMMIT.search(url):
        return Mention(Form.COMMIT, commit[1], start)
    return None


def _of_wiki(inner: str, start: int) -> Mention | None:
    target = wiki_target(inner)
    if target is None or target.is_path:
        return None
    found = re.search(r"@(\d{1,9})(?=#|\s*\Z)", inner.partition("|")[0])
    return Mention(Form.NAME, target.name, start, int(found[1]) if found else None, target.anchor, is_quiet=True)


def _is_hash(word: str) -> bool:
    return not word.isdigit() and not word.isalpha()


def _is_in_code_span(text: str, position: int) -> bool:
    """Whether an odd number of backticks stands before it on its line, of which 2,000 characters are looked at."""
    line = max(text.rfind("\n", 0, position) + 1, position - 2000)
    return text.count("`", line, position) % 2 == 1
