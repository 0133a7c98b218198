"""Pages in one folder that make a tree by their names: `a.b.md` stands below `a.md`."""

from pathlib import PurePosixPath
from typing import ClassVar

from notewell_store.files.readers.reader import FileReader, Files
from notewell_store.writing.fields import NONE


class NamespaceReader(FileReader):
    separator: ClassVar[str]

    def __init__(self, pages: frozenset[str] = frozenset()) -> None:
        """`pages` are the paths of all pages of the source."""
        self._pages = pages

    def of(self, files: Files) -> FileReader:
        return type(self)(frozenset(filter(self.takes, files.listing.paths)))

    def parent_of(self, path: str) -> str:
        """The nearest page above, as a path from the page; one that is not there is passed over."""
        pure = PurePosixPath(path)
        parts = pure.stem.split(self.separator)
        above = (self.separator.join(parts[:length]) + pure.suffix for length in range(len(parts) - 1, 0, -1))
        return next((name for name in above if str(pure.with_name(name)) in self._pages), NONE)
