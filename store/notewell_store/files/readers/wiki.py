"""Git wikis, of GitHub, GitLab, Gitea and Forgejo: pages in one folder, called as their files are."""

from dataclasses import replace
from pathlib import PurePosixPath
from typing import ClassVar
from urllib.parse import unquote

from notewell_store.files.contents import Content, read_content
from notewell_store.files.naming import stands_for
from notewell_store.files.readers.reader import FileReader, Files
from notewell_store.files.readers.text_first import page_first
from notewell_store.markdown.slugs import slugify
from notewell_store.names import as_title, is_markdown

HOME = "home"
REAL_DASHES = ".-"
"""Ends a name of Gitea's whose dashes stand for themselves."""


class WikiReader(FileReader):
    name: ClassVar[str] = "wiki"

    def detects(self, files: Files) -> float:
        if files.location.name.removesuffix(".git").endswith(".wiki"):
            return 0.85
        pages = [path for path in files.listing.paths if is_markdown(path)]
        top = {PurePosixPath(path).stem.lower() for path in pages if "/" not in path}
        if "_sidebar" in top or "_footer" in top:
            return 0.8
        return 0.5 if HOME in top and not any("/" in path or " " in path for path in pages) else 0

    def takes(self, path: str) -> bool:
        """`_Sidebar`, `_Footer` and `_Header` stand around the pages of a folder."""
        return is_markdown(path) and not path.rpartition("/")[2].startswith("_")

    def content(self, data: bytes, path: str, mark: str) -> Content:
        pure = PurePosixPath(path)
        name = unescaped(pure.stem)
        content = read_content(data, path, mark, None if stands_for(path) else as_title(name))
        return replace(content, body=page_first(content.body), named=str(pure.with_name(f"{slugify(name)}.md")))

    def as_written(self, body: str) -> str:
        """Turned twice, a link is as it was."""
        return page_first(body)


def unescaped(stem: str) -> str:
    """The name of a page, of which its file's name is made."""
    if stem.endswith(REAL_DASHES):
        return unquote(stem.removesuffix(REAL_DASHES))
    return unquote(stem.replace("-", " "))
