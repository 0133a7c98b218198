"""How the page of a note agrees with a CommonMark parser (markdown-it-py, with the tables of GitHub), on real pages.

    python bench/commonmark.py FOLDER … [--show 20]

Holds the HTML of every Markdown file of the folders against that of the parser: headings, links, code, tables. Front
matter is left to neither, and both are sanitised alike. Addresses that stand in the text as they are, which CommonMark
calls no links, are left out, and so are links of our own kind and the list of footnotes at the end.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

from markdown_it import MarkdownIt

from notewell_store.markdown.front_matter import front_matter_end
from notewell_store.markdown.rendering import render
from notewell_store.markdown.sanitizing import Sanitizer
from notewell_store.names import is_markdown

HEADINGS = {f"h{level}" for level in range(1, 7)}
ASPECTS = ("headings", "links", "code", "tables")


@dataclass
class Seen:
    """What a page shows of each kind, in order."""

    headings: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)


class Reader(HTMLParser):
    """Reads what a page shows out of its HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen = Seen()
        self._open: list[tuple[str, str, list[str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a":
            self._open.append((tag, given.get("href") or "", []) if not given.get("class") else ("a", "", []))
        elif tag in HEADINGS or tag in ("code", "td", "th"):
            self._open.append((tag, "", []))

    def handle_data(self, data: str) -> None:
        for _, _, words in self._open:
            words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if not any(open_tag == tag for open_tag, _, _ in self._open):
            return None
        while True:
            open_tag, href, words = self._open.pop()
            if open_tag == tag:
                return self._closed(tag, href, " ".join("".join(words).split()))

    def _closed(self, tag: str, href: str, words: str) -> None:
        if tag in HEADINGS:
            self.seen.headings.append(f"{tag} {words}")
        elif tag == "code":
            self.seen.code.append(words)
        elif tag in ("td", "th"):
            self.seen.tables.append(f"{tag} {words}")
        elif href and unquote(href).removeprefix("mailto:") != unquote(words):
            self.seen.links.append(f"{unquote(href)} {words}")


class Parsers:
    def __init__(self) -> None:
        self._common = MarkdownIt("commonmark").enable(["table", "strikethrough"])
        self._sanitizer = Sanitizer()

    def seen(self, markdown: str) -> tuple[Seen, Seen]:
        """What our page shows, and what that of CommonMark does."""
        body = markdown[front_matter_end(markdown) :]
        theirs = self._sanitizer.sanitized(self._common.render(body))
        return Reader(render(body)).seen, Reader(theirs).seen


@dataclass
class Report:
    pages: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    differing: list[tuple[str, str, list[str], list[str]]] = field(default_factory=list)

    def add(self, name: str, ours: Seen, theirs: Seen) -> None:
        self.pages += 1
        for aspect in ASPECTS:
            here, there = getattr(ours, aspect), getattr(theirs, aspect)
            self.counts[aspect] += len(there)
            if here != there:
                self.differing.append((name, aspect, *without_common(here, there)))


def without_common(here: list[str], there: list[str]) -> tuple[list[str], list[str]]:
    """What only one of them has; where they differ in order alone, all of it."""
    ours, theirs = Counter(here) - Counter(there), Counter(there) - Counter(here)
    return (list(ours), list(theirs)) if ours or theirs else (here, there)


def pages(folders: Iterable[Path]) -> Iterator[tuple[str, str]]:
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and is_markdown(file.name):
                yield f"{folder.name}/{file.relative_to(folder)}", file.read_bytes().decode(errors="replace")


def written(report: Report, show: int) -> Iterator[str]:
    yield f"{report.pages} pages"
    for aspect in ASPECTS:
        found = [row for row in report.differing if row[1] == aspect]
        yield f"{aspect}: {report.counts[aspect]} there, {len(found)} pages differ"
        for name, _, ours, theirs in found[:show]:
            yield f"  {name}\n    only ours:   {ours[:4]}\n    only theirs: {theirs[:4]}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--show", type=int, default=20, help="differing pages of each kind to be shown")
    options = parser.parse_args()
    parsers, report = Parsers(), Report()
    for name, markdown in pages(options.folders):
        report.add(name, *parsers.seen(markdown))
    sys.stdout.writelines(f"{line}\n" for line in written(report, options.show))


if __name__ == "__main__":
    main()
