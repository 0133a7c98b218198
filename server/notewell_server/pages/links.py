"""The HTML of a note, as a page shows it: its links lead to pages, and nothing is asked for that there is not."""

import re
from functools import lru_cache, partial
from html import escape, unescape
from typing import NamedTuple
from urllib.parse import quote, unquote

_TAG = re.compile(r'<(a|img)((?: [\w:-]+(?:="[^"]*")?)*) ?/?>')
_ATTRIBUTE = re.compile(r'(?<![\w:-])([\w:-]++)="([^"]*+)"')
_TITLE = re.compile(r'\s*<h1(?: id="([^"]*)")?(?: data-line="\d+")?>(.*?)</h1>\s*', re.DOTALL)
_TABLE = re.compile(r'<table( data-line="\d+")?>')
_CODE = re.compile(r'<pre( data-line="\d+")?>')
_DIAGRAM = re.compile(r'<pre tabindex="0"( data-line="\d+")?>(<code class="language-(?i:mermaid)">[^<]*+</code>)</pre>')
_ANY_TAG = re.compile(r"<[^<>]*+>")
MOST_PATHS = 4_000  # that are remembered: a page names each note several times
_AWAY = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


class Prose(NamedTuple):
    """`anchor` is that of the heading which says the title, and is left out of the HTML, since the page says it too."""

    html: str
    anchor: str | None
    diagrams: int


SEARCHED = "/search?q="


def prose(html: str, title: str, missing: str = SEARCHED) -> Prose:
    """What stands below the title, of HTML that the store has made clean. A link that leads nowhere leads to `missing`,
    with its name behind it. The source of a diagram gets a place where a script can draw it."""
    anchor = None
    heading = _TITLE.match(html)
    if heading and _words(heading[2]) == title:
        anchor, html = heading[1], html[heading.end() :]
    html, diagrams = _DIAGRAM.subn(
        r'<div class="diagram" data-diagram=""\1><details open=""><summary>Source of the diagram</summary>'
        r'<pre tabindex="0">\2</pre></details></div>',
        led(html, missing),
    )
    return Prose(html, anchor, diagrams)


def led(html: str, missing: str = SEARCHED) -> str:
    """The HTML with its links leading to pages, and what may be wider than the page in boxes of their own."""
    html = _TAG.sub(partial(_led, missing), html)
    html = _TABLE.sub(r'<div class="wide" role="region" aria-label="Table" tabindex="0"\1><table>', html)
    return _CODE.sub(r'<pre tabindex="0"\1>', html.replace("</table>", "</table></div>"))


@lru_cache(MOST_PATHS)
def note_path(slug: str) -> str:
    return f"/notes/{quote(slug, safe='')}"


def board_path(slug: str) -> str:
    return f"/boards/{quote(slug, safe='')}"


def _words(html: str) -> str:
    return " ".join(unescape(_ANY_TAG.sub("", html)).split())


def _led(missing: str, tag: re.Match[str]) -> str:
    given = {name: unescape(value) for name, value in _ATTRIBUTE.findall(tag[2])}
    if tag[1] == "img":
        return _image(tag[0], given)
    return _link(tag[0], given, missing)


def _image(tag: str, given: dict[str, str]) -> str:
    """Files beside the notes are not kept: a page that asked for one would get an error."""
    if "src" not in given or given["src"].startswith("data:"):
        return tag
    words = given.get("alt") or given["src"]
    return f'<span class="absent" title="an image that is not kept here: {escape(given["src"])}">{escape(words)}</span>'


def _link(tag: str, given: dict[str, str], missing: str) -> str:
    href, kind = given.get("href"), given.get("class", "").split()
    if href is None or href.startswith("#"):
        return tag
    if "note-link" not in kind:
        return tag if _AWAY.match(href) else _dead(href)
    name, mark, anchor = href.partition("#")
    if "missing" in kind or "ambiguous" in kind:
        is_several = "ambiguous" in kind
        said = "more than one note is called so" if is_several else "there is no such note yet"
        found = f"{SEARCHED if is_several else missing}{quote(unquote(name), safe='')}"
        return f'<a class="{" ".join(kind)}" href="{escape(found)}" title="{said}">'
    return f'<a class="note-link" href="{escape(note_path(unquote(name)) if name else "")}{mark}{escape(anchor)}">'


def _dead(href: str) -> str:
    """A file that is no note: a link without an address is none, for keys and for readers of screens."""
    return f'<a class="absent" title="a file that is not kept here: {escape(href)}">'
