"""How notes made from files are called: titles and slugs."""

import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from notewell_store.contract import Snapshot
from notewell_store.markdown.sections import title_of_page
from notewell_store.markdown.slugs import slugify
from notewell_store.names import as_title, folder_notes, is_folder_page, is_markdown, slug_of_path
from notewell_store.resolution import without_ending
from notewell_store.tables.notes import find_slug


def folder_of(path: str) -> str:
    """The folder that a file stands in, or that a folder (`a/b/`) is in: `a/b`, or `` for the root."""
    return path.rstrip("/").rpartition("/")[0]


def folder_path(folder: str) -> str:
    """The path of a note that stands for a folder without a page."""
    return f"{folder}/"


def stands_for(path: str) -> str | None:
    """The folder whose page this is, or None for an ordinary page."""
    if path.endswith("/"):
        return path[:-1]
    folder, _, name = path.rpartition("/")
    return folder if is_folder_page(name.rpartition(".")[0], folder) else None


def may_stand_for_folder(path: str) -> bool:
    """Whether it is the page of the folder that it stands in, or is it where that has no other."""
    return stands_for(path) is not None or path in folder_notes(folder_of(path))


def title_of_content(markdown: str, path: str) -> str:
    """The title of a page whose front matter has none: its heading, where it speaks for all of it, else its name."""
    return as_title(title_of_page(markdown) or "") or title_of_path(path)


def title_of_path(path: str) -> str:
    """A title made from a file's or a folder's name: `content_guidelines/index.md` is `Content guidelines`."""
    pure = PurePosixPath(path)
    name = pure.stem if is_markdown(path) else pure.name
    if pure.parent.name and is_folder_page(name, pure.parent.name):
        name = pure.parent.name
    title = as_title(re.sub(r"[-_\s]+", " ", name)) or "Untitled"
    return title[:1].title() + title[1:]


class Names:
    """Free slugs for the files of one source. `home`, its project or name, tells equal names of sources apart."""

    def __init__(self, home: str, shown: Callable[[str], str]) -> None:
        """`shown` gives a path of the source as people know it."""
        self.shown = shown
        self._home = home
        self._last: dict[str, int] = {}  # of each slug that was taken so often that its notes are numbered
        self._given: set[str] = set()  # a file has its slug before its folders, made on the way, ask for theirs

    def free(self, db: Snapshot, wanted: str, path: str, owner: int | None = None) -> str:
        """`wanted`, or the nearest to it that no other note than `owner` has or had."""
        start = wanted or slugify(title_of_path(self.shown(path))) or "page"
        for slug in self._ways(start, path):
            taken_by = find_slug(db, slug)
            if (taken_by is None and slug not in self._given) or (taken_by is not None and taken_by == owner):
                self._given.add(slug)
                return slug
        raise AssertionError("the numbers have no end")

    def given(self) -> frozenset[str]:
        return frozenset(self._given)

    def go_back(self, given: frozenset[str]) -> None:
        """Only these were given: what came after was undone."""
        self._given = set(given)

    def _ways(self, wanted: str, path: str) -> Iterator[str]:
        yield wanted
        if stands_for(path) and is_markdown(path):  # the second page of its folder: `a-b-readme`
            yield slugify(str(PurePosixPath(path).with_suffix("")))
        far = slugify(f"{self._home}-{wanted}", 190)
        yield far
        while True:
            self._last[far] = self._last.get(far, 1) + 1
            yield f"{far}-{self._last[far]}"


def slug_of_file(path: str) -> str:
    """The slug that a note from this file should have. Where its name has no letter that a slug can hold, it is `page`
    in its folder."""
    folder, _, name = path.rpartition("/")
    return slug_of_path(path if slugify(without_ending(name)) else f"{folder}/page.md")


def slug_of_folder(folder: str) -> str:
    return slug_of_path(f"{folder}/index.md")
