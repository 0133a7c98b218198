"""HTML cleaned down to harmless elements: nothing that runs, nothing that is fetched from another site."""

import re
from html import escape, unescape

import nh3

REL = "noopener noreferrer nofollow"

_TAGS = {
    *(
        "a",
        "abbr",
        "b",
        "blockquote",
        "br",
        "caption",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "dfn",
    ),
    *(
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
    ),
    *("kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strike", "strong", "sub"),
    *("summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var"),
}
_ATTRIBUTES = {
    "a": {"class", "href", "title"},
    "abbr": {"title"},
    "code": {"class"},
    "details": {"open"},
    "img": {"alt", "height", "src", "title", "width"},
    "ol": {"start"},
    **{heading: {"id"} for heading in ("h1", "h2", "h3", "h4", "h5", "h6")},
    **{placed: {"id"} for placed in ("li", "span", "sup")},
    **{cell: {"colspan", "rowspan"} for cell in ("td", "th")},
}
_ALIGNED = {"align": {"left", "center", "right"}}
_WITHOUT_CONTENT = {"iframe", "noscript", "object", "script", "style", "template", "textarea", "title"}
_CLASSES = {"a": re.compile(r"note-link|footnote-(?:back)?ref"), "code": re.compile(r"language-[\w+#.-]+")}
_IDS = {"li": re.compile(r"fn:.+"), "sup": re.compile(r"fnref\d*:.+"), "span": re.compile(r"\^[A-Za-z0-9-]+")}
_IGNORED_IN_URLS = re.compile(r"[\x00-\x20]+")
_SCHEME_OR_HOST = re.compile(r"[a-z][a-z0-9+.-]*:|[/\\]{2}", re.IGNORECASE)
_IMAGE_DATA = re.compile(r"data:image/(?:png|gif|jpeg|webp);base64,", re.IGNORECASE)
_IMAGE_OR_LINK = re.compile(r"<(?:(img)\b([^<>]*+)|(/)?a\b[^<>]*+)>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(?:^|[\s"'])(src|alt)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'<>]++))""", re.IGNORECASE)


class Sanitizer:
    """Not to be shared between threads."""

    def __init__(self) -> None:
        self._cleaner = nh3.Cleaner(
            tags=_TAGS,
            clean_content_tags=_WITHOUT_CONTENT,
            attributes=_ATTRIBUTES,
            tag_attribute_values={"td": _ALIGNED, "th": _ALIGNED, "p": _ALIGNED, "div": _ALIGNED},
            attribute_filter=_filtered,
            url_schemes={"http", "https", "mailto", "data"},
            link_rel=REL,
        )

    def sanitized(self, html: str) -> str:
        if "<img" in html or "<IMG" in html:
            html = _Images().linked(html)
        return self._cleaner.clean(html)


def _filtered(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "class":
        return value if tag in _CLASSES and _CLASSES[tag].fullmatch(value) else None
    if attribute == "id" and tag in _IDS:
        return value if _IDS[tag].fullmatch(value) else None
    if attribute == "src":
        return None if is_remote(value) else value
    if attribute == "href":
        return None if _IGNORED_IN_URLS.sub("", value)[:5].lower() == "data:" else value
    return value


def is_remote(url: str) -> bool:
    """Whether a browser that shows an image of this address would have to ask another site."""
    url = _IGNORED_IN_URLS.sub("", url)
    return _SCHEME_OR_HOST.match(url) is not None and _IMAGE_DATA.match(url) is None


class _Images:
    """Replaces images from other sites: by a link to them, inside a link by their description."""

    def __init__(self) -> None:
        self.in_link = False

    def linked(self, html: str) -> str:
        return _IMAGE_OR_LINK.sub(self._replaced, html)

    def _replaced(self, match: re.Match[str]) -> str:
        if not match.group(1):
            self.in_link = not match.group(3)
            return match.group()
        values = {
            name.lower(): double or single or bare for name, double, single, bare in _ATTRIBUTE.findall(match.group(2))
        }
        source = unescape(values.get("src", ""))
        if not is_remote(source):
            return match.group()
        words = escape(unescape(values.get("alt", "")).strip() or source)
        return words if self.in_link else f'<a href="{escape(source)}">{words}</a>'
