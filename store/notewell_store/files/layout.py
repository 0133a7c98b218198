"""Where each note goes in an exported folder.

Notes that came from files keep their paths, so that relative links still lead where they did; several sources
get a folder each. A name that some file system does not take is written as one that all take, and the marker of the
export keeps what it stands for. Notes made here stand at the top under their slugs.
"""

import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

from notewell_store.contract import Snapshot
from notewell_store.markdown.slugs import slugify
from notewell_store.names import is_markdown
from notewell_store.resolution import PAGE_OF_FOLDER, fold
from notewell_store.tables.origins import places_of_living
from notewell_store.tables.sources import living_sources

LONGEST_NAME = 240  # bytes of a file's name: file systems take 255, and a while it bears an ending of ours
LONGEST_PATH = 1_000
MOST_TWINS = 10_000  # files of a folder whose names differ in their capitals, or in what no file system takes

_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]|[. ]\Z')  # what some file system does not take in a name
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


class Layout(NamedTuple):
    """Where each note goes, relative to the exported folder, no two equal in any case; the names of the folders that
    hold a source each; and of files that could not keep their names what these were, in their source. That of
    the note of a folder without a page is the folder's, with a slash."""

    paths: dict[str, int]
    sources: set[str]
    names: dict[str, str]


def lay_out(db: Snapshot) -> Layout:
    """The place of every living note."""
    tops = _tops(db)
    paths: dict[str, int] = {}
    names: dict[str, str] = {}
    taken: set[str] = set()
    for note_id, slug, origin, source in places_of_living(db):
        top = tops.get(source or 0, "")
        path = next(path for path in _ways(origin, top, slug) if fold(path) not in taken)
        taken.add(fold(path))
        paths[path] = note_id
        if origin is not None and path != top + origin:
            names[path] = origin
    return Layout(paths, {top.rstrip("/") for top in tops.values()}, names)


def _file(origin: str) -> str:
    return origin if is_markdown(origin) else f"{origin}{PAGE_OF_FOLDER}"


def _tops(db: Snapshot) -> dict[int, str]:
    """The folder of each source: the exported folder itself where there is only one."""
    rows = living_sources(db)
    tops: dict[int, str] = {}
    for source, name, project in rows if len(rows) > 1 else []:
        wanted = project or slugify(name.rpartition("/")[2])[:60] or "source"
        tops[source] = f"{wanted}/" if f"{wanted}/" not in tops.values() else f"{wanted}-{source}/"
    return tops


def _ways(origin: str | None, top: str, slug: str) -> Iterator[str]:
    if origin is not None:
        file = _file(origin)
        path = top + "/".join(map(_safe, file.split("/")))
        start, ending = path.rpartition(".")[::2]
        yield from filter(_is_safe, (path, *(f"{start}-{number}.{ending}" for number in range(2, MOST_TWINS))))
    yield from filter(_is_safe, (f"{slug}.md", *(f"{slug}-{number}.md" for number in range(2, 10))))
    yield from (f"{slug}-{number}.md" for number in itertools.count(10))


def _safe(name: str) -> str:
    """The name as every file system takes it. Hidden files and folders are not read again, so they are shown: `.github`
    is written to `github`."""
    shown = _UNSAFE.sub("-", name.lstrip(".") or "_")
    stem, dot, rest = shown.partition(".")
    return f"{stem}-{dot}{rest}" if _RESERVED.fullmatch(shown) else shown


def _is_safe(path: str) -> bool:
    parts = path.split("/")
    return len(path) <= LONGEST_PATH and all(
        part and not _UNSAFE.search(part) and not _RESERVED.fullmatch(part) and len(part.encode()) <= LONGEST_NAME
        for part in parts
    )
