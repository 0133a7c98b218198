"""Who wrote what of a note: beside each block of its page."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

from notewell_server.pages import marks
from notewell_server.pages.links import note_path, prose
from notewell_store.markdown.diffs import lines_of
from notewell_store.markdown.html_tree import BLOCKS, VOID, Element, Node, TooDeep, parsed, written
from notewell_store.models import BlameRange
from notewell_tools.definition import Call
from notewell_tools.note_history import blamed

HERE = "here"
"""What the address says where the margin is to be on the page itself, and not loaded after it."""
HEAT = ((7, 4), (30, 3), (180, 2), (730, 1))
"""Days up to which what was written is so warm."""
_LINE = re.compile(r' data-line="(\d+)"')


def margin(call: Call, slug: str, title: str, missing: str) -> dict[str, Any]:
    """The text of the note with its margin, as its page shows it; without, where it is nested too deeply. Raises
    StoreError."""
    found = blamed(call, slug)
    text = prose(found.html, title, missing)
    try:
        nodes = parsed(text.html)
    except TooDeep:
        return {"prose": text._replace(html=_LINE.sub("", text.html))}
    return {"prose": text._replace(html=written(_Margin(slug, nodes, found.ranges).nodes))}


class _Margin:
    """A block is told by the newest revision that brought a line of it; neighbours of one revision are told once."""

    def __init__(self, slug: str, nodes: Sequence[Node], ranges: Sequence[BlameRange]) -> None:
        self._slug = slug
        self._starts = sorted(set(_lines(nodes)))
        self._by_line = [brought if line.strip() else None for brought in ranges for line in lines_of(brought.text)]
        self._told: int | None = None
        self.nodes = [changed for node in nodes for changed in self._changed(node)]

    def _changed(self, node: Node) -> Iterator[Node]:
        if isinstance(node, str):
            yield node
            return
        line = _LINE.search(node.attributes)
        brought = self._brought(int(line[1])) if line and node.tag in BLOCKS else None
        label = self._label(brought) if brought else []
        attributes = _LINE.sub("", node.attributes)
        children = [changed for child in node.children for changed in self._changed(child)]
        if brought is None:
            yield Element(node.tag, attributes, children)
        elif node.tag == "li":
            yield Element("li", f'{attributes} class="{_heat(brought)}"', [*label, *children])
        else:
            block = Element(node.tag, attributes, [] if node.tag in VOID else children)
            yield Element("div", f' class="{_heat(brought)}"', [*label, block])

    def _brought(self, start: int) -> BlameRange | None:
        following = bisect_left(self._starts, start + 1)
        end = self._starts[following] - 1 if following < len(self._starts) else len(self._by_line)
        return max(filter(None, self._by_line[start - 1 : end]), key=lambda one: one.revision, default=None)

    def _label(self, brought: BlameRange) -> list[Node]:
        if brought.revision == self._told:
            return []
        self._told = brought.revision
        who = marks.who(brought.actor, brought.door)
        reason = escape(brought.reason or "no reason was given")
        words = (
            f'<span class="who {who.kind}"><span aria-hidden="true">{who.sign}</span>'
            f'<span class="sr">{who.words} </span><bdi>{escape(brought.actor)}</bdi></span> '
            f"r{brought.revision}{' or before' if brought.or_before else ''} "
            f'<time datetime="{brought.revised_at}">{brought.revised_at[:10]}</time>'
            f'<span class="why">{reason}</span>'
        )
        href = escape(f"{note_path(self._slug)}/diff?to={brought.revision}")
        return [Element("a", f' class="by" href="{href}" title="{reason}" dir="ltr"', [words])]


def _lines(nodes: Sequence[Node]) -> Iterator[int]:
    for node in nodes:
        if isinstance(node, Element):
            line = _LINE.search(node.attributes)
            if line:
                yield int(line[1])
            yield from _lines(node.children)


def _heat(brought: BlameRange) -> str:
    days = (datetime.now(UTC) - datetime.fromisoformat(brought.revised_at)).days
    return f"of heat-{next((heat for most, heat in HEAT if days < most), 0)}"
