"""Clean HTML as a tree, for who works on pages that the store has made clean. What it writes is no more than it read:
text and attributes stay as they stand, and what is no tag of a clean page is text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TypeAlias, Union

VOID = frozenset({"br", "col", "hr", "img"})
BLOCKS = frozenset(
    {
        *("blockquote", "caption", "colgroup", "dd", "details", "div", "dl", "dt", "figcaption", "figure", "hr", "li"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "summary"),
        *("table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    }
)
DEEPEST = 100
"""Elements inside one another; more are for who wants to see what breaks."""

DIGEST = 16
"""Bytes by which long names are told apart."""

_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?: [\w:-]+="[^"]*")*) ?/?>')
_ID = re.compile(r' id="[^"]*"')


class TooDeep(ValueError):
    """More elements inside one another than DEEPEST."""


@dataclass(eq=False, slots=True)
class Element:
    """`attributes` as they are written, with a space before each. One without a tag is not written. `key` is its name
    in few characters, by which it is told from others."""

    tag: str
    attributes: str = ""
    children: list["Node"] = field(default_factory=list)
    key: str = field(init=False)

    def __post_init__(self) -> None:
        self.key = in_short(self.name)

    @property
    def begin(self) -> str:
        return f"<{self.tag}{self.attributes}>" if self.tag else ""

    @property
    def name(self) -> str:
        """The tag with its attributes, but for the id."""
        return f"<{self.tag}{_ID.sub('', self.attributes)}>" if self.tag else ""

    @property
    def end(self) -> str:
        return "" if self.tag in VOID or not self.tag else f"</{self.tag}>"


def in_short(name: str) -> str:
    """A name, or its digest where that is shorter: who compares by names has one for each word."""
    return name if len(name) <= 2 * DIGEST else blake2b(name.encode(), digest_size=DIGEST).hexdigest()


Node: TypeAlias = Union[Element, str]  # noqa: UP007 (a name in quotes cannot stand beside a bar)


def parsed(html: str) -> list[Node]:
    """What stands in a clean page. Raises TooDeep."""
    root = Element("")
    open_ = [root]
    at = 0
    for tag in _TAG.finditer(html):
        _add_text(open_[-1], html[at : tag.start()])
        at = tag.end()
        closes, name, attributes = tag.groups()
        if not closes:
            element = Element(name, attributes)
            open_[-1].children.append(element)
            if name not in VOID:
                open_.append(element)
            if len(open_) > DEEPEST:
                raise TooDeep
        elif any(element.tag == name for element in open_):
            while open_.pop().tag != name:
                pass
    _add_text(open_[-1], html[at:])
    return root.children


def _add_text(element: Element, text: str) -> None:
    if text:
        element.children.append(text.replace("<", "&lt;"))


def written(nodes: Iterable[Node]) -> str:
    return "".join(
        node if isinstance(node, str) else f"{node.begin}{written(node.children)}{node.end}" for node in nodes
    )
