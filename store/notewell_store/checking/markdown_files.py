"""Markdown files as a check sees them: what they name one another by, before any of it is in the store."""

import posixpath
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

from notewell_store.checking.anchors import anchors_in
from notewell_store.checking.keys import MENTIONED, holding, line_rank
from notewell_store.errors import Invalid
from notewell_store.files.contents import Refused
from notewell_store.files.folder import Folder
from notewell_store.files.front_matter import split
from notewell_store.files.naming import slug_of_file, title_of_content
from notewell_store.markdown.links import BodyLink
from notewell_store.markdown.slugs import is_slug
from notewell_store.names import is_markdown
from notewell_store.regular import regular_bytes
from notewell_store.resolution import HERE, Asker, Bearer, bearers_of_file, choose
from notewell_store.tables.text_links import asked_by

LARGEST_CHECKED = 256_000_000  # bytes


@dataclass(frozen=True)
class MarkdownFile:
    """A file: `path` from the root of the folder that is checked, `/` between names."""

    root: Path
    path: str
    text: str

    @cached_property
    def slug(self) -> str:
        """As an import would call the note."""
        front, _ = split(self.text)
        return front.slug if front.slug and is_slug(front.slug) else slug_of_file(self.path)

    @cached_property
    def tags(self) -> frozenset[str]:
        front, _ = split(self.text)
        return frozenset(front.tags or ())

    @cached_property
    def aliases(self) -> tuple[str, ...]:
        front, _ = split(self.text)
        return front.aliases or ()

    @cached_property
    def title(self) -> str:
        front, body = split(self.text)
        return front.title or title_of_content(body, self.path)

    @cached_property
    def anchors(self) -> frozenset[str]:
        return anchors_in(self.text)


class MarkdownFiles:
    """The files of one folder, by path and by slug."""

    def __init__(self, root: Path, files: Iterable[MarkdownFile]) -> None:
        self.root = root
        self.by_path = {file.path: file for file in files}
        self._by_slug = {file.slug: file for file in reversed(self.by_path.values())}
        self._all = tuple(self.by_path.values())

    def __iter__(self) -> Iterator[MarkdownFile]:
        return iter(self.by_path.values())

    def named(self, slug: str) -> MarkdownFile | None:
        return self._by_slug.get(slug)

    def meant(self, file: MarkdownFile, link: BodyLink) -> list[MarkdownFile]:
        """The files that a link in `file` may mean: none, the one that it does, or several with equal right."""
        asker = Asker(HERE, file.path)
        one = asked_by(link, asker)
        if one is None:
            return []
        found = choose(one, asker, (b for key in {*one.keys, one.slug} for b in self._bearers.get(key, ())))
        return [self._all[at] for at in found.several or ([] if found.note is None else [found.note])]

    @cached_property
    def _bearers(self) -> dict[str, list[Bearer]]:
        found: dict[str, list[Bearer]] = defaultdict(list)
        for at, file in enumerate(self):
            for bearer in bearers_of_file(at, file.path, file.title, file.aliases, [file.slug]):
                found[bearer.key].append(bearer)
        return found

    def defining(self, key: str) -> MarkdownFile | None:
        """The file that defines a key, or bears it as a tag."""
        holds = holding(key)
        for file in self:
            lines = file.text.splitlines() if key in file.text.lower() else []
            if (
                any(holds.search(line) and line_rank(line, key, holds) < MENTIONED for line in lines)
                or key in file.tags
            ):
                return file
        return None

    def is_outside_or_there(self, file: MarkdownFile, target: str) -> bool:
        """Whether a path leads out of the folder, of which nothing is known, or to any file or folder in it."""
        path = posixpath.normpath(_resolved(file, target))
        return path == ".." or path.startswith("../") or (self.root / path).exists()


def _resolved(file: MarkdownFile, target: str) -> str:
    target = unquote(target)
    return target.lstrip("/") if target.startswith("/") else posixpath.join(posixpath.dirname(file.path), target)


def read_folder(location: Path, skip: Callable[[str, str], None]) -> MarkdownFiles:
    """The Markdown files below a folder; those that cannot be read are told to `skip`, with the reason."""
    folder = Folder(location)
    return MarkdownFiles(folder.path, _readable(folder, skip))


def _readable(folder: Folder, skip: Callable[[str, str], None]) -> Iterator[MarkdownFile]:
    for path, reason in folder.listing.unreadable.items():
        skip(path, reason)
    for path in filter(is_markdown, folder.listing.paths):
        try:
            text = _decoded(folder.data(path))
        except Refused as refused:
            skip(path, str(refused))
            continue
        if text is None:
            skip(path, "it is not UTF-8")
        else:
            yield MarkdownFile(folder.path, path, text)


def read_file(location: Path) -> MarkdownFiles:
    """One file, which need not be Markdown. Raises Invalid when it is no text in UTF-8."""
    try:
        text = _decoded(regular_bytes(location, LARGEST_CHECKED))
    except OSError as error:
        raise Invalid(f"{location} cannot be read: {error.strerror}", "path") from error
    if text is None:
        raise Invalid(f"{location} is not UTF-8: convert it first", "path")
    root = location.resolve().parent
    return MarkdownFiles(root, [MarkdownFile(root, location.name, text)])


def _decoded(data: bytes) -> str | None:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
