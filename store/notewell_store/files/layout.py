"""Where each note goes in an exported folder.

Notes that came from files keep their paths, so that relative links still lead where they did; several sources
get a folder each. Notes made here stand at the top under their slugs.
"""

import itertools
import re
from collections.abc import Iterator

from notewell_store.contract import Snapshot
from notewell_store.markdown.slugs import slugify
from notewell_store.names import is_markdown
from notewell_store.tables.origins import places_of_living
from notewell_store.tables.sources import living_sources

LONGEST_NAME = 240  # bytes of a file's name: file systems take 255, and a while it bears an ending of ours
LONGEST_PATH = 1_000

_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]|[. ]$')  # what some file system does not take in a name
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)


def lay_out(db: Snapshot) -> tuple[dict[str, int], set[str]]:
    """The path of every living note, relative to the exported folder; no two are equal in any case.

    Then the names of the folders that hold a source each.
    """
    tops = _tops(db)
    paths: dict[str, int] = {}
    taken: set[str] = set()
    for note_id, slug, origin, source in places_of_living(db):
        path = next(path for path in _ways(origin, tops.get(source or 0, ""), slug) if path.casefold() not in taken)
        taken.add(path.casefold())
        paths[path] = note_id
    return paths, {top.rstrip("/") for top in tops.values()}


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
        file = origin if is_markdown(origin) else f"{origin}index.md"
        path = top + "/".join(_shown(part) for part in file.split("/"))
        if _is_safe(path):
            yield path
    yield from filter(_is_safe, (f"{slug}.md", *(f"{slug}-{number}.md" for number in range(2, 10))))
    yield from (f"{slug}-{number}.md" for number in itertools.count(10))


def _shown(name: str) -> str:
    """Hidden files and folders are not read again, so they are shown: `.github` is written to `github`."""
    return name.lstrip(".") or "_"


def _is_safe(path: str) -> bool:
    parts = path.split("/")
    return len(path) <= LONGEST_PATH and all(
        part and not _UNSAFE.search(part) and not _RESERVED.fullmatch(part) and len(part.encode()) <= LONGEST_NAME
        for part in parts
    )
