"""What may be a title or a word, and which files are the page of their folder. Slugs have a module of their own."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

from notewell_store.markdown.slugs import slugify
from notewell_store.vocabulary import FOLDER_PAGES

LONGEST_TITLE = 300

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_UNREADABLE = re.compile(f"{_CONTROLS.pattern}|[\ud800-\udfff]")


def is_readable(text: str) -> bool:
    """Whether a title, a word or a path can be shown on a line. Joiners and marks of direction, which scripts need, are
    taken; `isprintable` would refuse them, and whatever is newer than Python's Unicode tables."""
    return not _UNREADABLE.search(text) and any(unicodedata.category(char) != "Cf" for char in text)


def is_title(text: str) -> bool:
    return len(text) <= LONGEST_TITLE and text == on_one_line(text) and is_readable(text)


def on_one_line(text: str) -> str:
    return " ".join(text.split())


def without_controls(text: str) -> str:
    """The text on one line, with a space for every control character."""
    return on_one_line(_CONTROLS.sub(" ", text))


def readable(text: str) -> str | None:
    """The text on one line, with a space for what cannot be shown; None when nothing is left of it."""
    line = on_one_line(_UNREADABLE.sub(" ", text))
    return line if is_readable(line) else None


def as_title(text: str) -> str | None:
    """The text as a title, cut where it is too long; None when nothing is left of it."""
    line = readable(text)
    return readable(line[:LONGEST_TITLE]) if line else None


MARKDOWN_ENDINGS = (".md", ".mdx", ".markdown")
_SPELLINGS = ("index", "Index", "INDEX", "README", "readme", "Readme", "ReadMe", "_index")
"""How FOLDER_PAGES are written, the most telling first."""


def is_markdown(path: str) -> bool:
    return path.lower().endswith(MARKDOWN_ENDINGS)


def is_folder_page(stem: str, folder: str) -> bool:
    """Whether a file named so is the page of the folder that it stands in. At the root, ``, a README is the
    repository's, not a page above all others."""
    name = stem.lower()
    return name in FOLDER_PAGES and not (name == "readme" and not folder)


def folder_pages(folder: str) -> list[str]:
    """The paths that a folder's own page may have, the most telling first."""
    return _pages(folder, [stem for stem in _SPELLINGS if is_folder_page(stem, folder)])


def meant_paths(path: str) -> list[str]:
    """The paths that a link to `path` may mean, the path itself first: a file without its ending, a folder's page, a
    folder without one. Who links to the root means its README too."""
    named = [path, *(path + ending for ending in MARKDOWN_ENDINGS)]
    return [*named, *_pages(path, _SPELLINGS), *folder_notes(path), f"{path}/"]


def folder_notes(folder: str) -> list[str]:
    """The paths of a page in a folder that is called as the folder: it speaks for that, where no other page does."""
    return _pages(folder, [folder.rpartition("/")[2]]) if folder else []


def _pages(folder: str, stems: Iterable[str]) -> list[str]:
    start = f"{folder}/" if folder else ""
    return [f"{start}{stem}{ending}" for stem in stems for ending in MARKDOWN_ENDINGS]


def slug_of_path(path: str) -> str:
    """The slug of a note that comes from this path: `a/b/Page one.md` is `a-b-page-one`, `a/b/index.md` is `a-b`."""
    pure = PurePosixPath(path)
    parts = list(pure.parts)
    if is_markdown(path):
        parts[-1] = pure.stem
    if len(parts) > 1 and is_folder_page(parts[-1], "/".join(parts[:-1])):
        parts.pop()
    return slugify("-".join(parts))
