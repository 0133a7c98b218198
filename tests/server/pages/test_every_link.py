"""Every link of the demonstration leads somewhere."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin

if TYPE_CHECKING:
    from tests.server.pages.conftest import Pages

HREF = re.compile(r'<(?:a|link)\b[^>]*?\shref="([^"]*)"')
SOURCE = re.compile(r'<(?:script|img)\b[^>]*?\ssrc="([^"]*)"')
OURS = re.compile(r"/(?!/)")
MOST = 600  # pages: a list leads to lists without end


def test_every_link_of_the_demonstration_leads_to_a_page_and_every_anchor_is_on_it(demonstration: Pages) -> None:
    reader = demonstration.owner()
    waiting, pages, anchors = ["/"], dict[str, str](), set[tuple[str, str, str]]()
    while waiting and len(pages) < MOST:
        path = waiting.pop()
        if path in pages:
            continue
        answer = reader.get(path)
        if answer.status in (301, 303):
            pages[path] = ""
            waiting.append(answer.headers["location"])
            continue
        assert answer.status == 200, path
        page = pages[path] = answer.body.decode() if "html" in answer.headers["content-type"] else ""
        for found in HREF.findall(page) + SOURCE.findall(page):
            target, anchor = urldefrag(urljoin(path, html.unescape(found)))
            if not OURS.match(target) or "cursor=" in target or "whole=" in target:
                continue
            anchors |= {(path, target, anchor)} if anchor else set()
            waiting.append(target)
    read = [path for path in pages if re.fullmatch(r"/notes/[\w-]+", path)]
    assert len(read) == 36
    dead = {
        (path, f"{target}#{anchor}")
        for path, target, anchor in anchors
        if target in pages and f'id="{html.escape(anchor)}"' not in pages[target]
    }
    assert dead == set()
