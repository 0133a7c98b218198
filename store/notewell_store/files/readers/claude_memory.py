"""Claude Code: what it keeps in mind of each project, and the rules that were written down for it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import ClassVar

from notewell_store.files.contents import Content, read_content
from notewell_store.files.folder import Folder, Listing
from notewell_store.files.front_matter import FrontMatter, aliases_among
from notewell_store.files.plain_yaml import read_entries
from notewell_store.files.readers.reader import FileReader, Files
from notewell_store.markdown.front_matter import BLOCK
from notewell_store.markdown.slugs import slugify
from notewell_store.names import as_title, is_markdown, is_readable
from notewell_store.writing.fields import NONE

INDEX = "MEMORY.md"
TAG = "memory"
CONVENTION = "convention"

_RULES = frozenset({"CLAUDE.md", "CLAUDE.local.md"})
_WAYS = (
    *(INDEX, "**/*.md"),
    *("memory/**/*.md", "*/memory/**/*.md", "projects/*/memory/**/*.md"),
    *("CLAUDE.md", "CLAUDE.local.md", ".claude/CLAUDE.md", "rules/**/*.md", ".claude/rules/**/*.md"),
)
_NESTED_TYPE = re.compile(r"^metadata:[ \t]*\n(?:[ \t]+.*\n)*?[ \t]+type:[ \t]*([\w-]+)", re.MULTILINE)
_HOMES = frozenset({"home", "users"})
_WORKPLACES = frozenset({"code", "desktop", "dev", "documents", "git", "github", "projects", "repos", "src", "work"})


class ClaudeFolder(Folder):
    """Of `~/.claude`, of the folder of a project in it, of its memory or of a checkout only memory and rules."""

    @cached_property
    def listing(self) -> Listing:
        is_memory = self.holds(INDEX)
        ways = _WAYS[1:2] if is_memory else [way for way in _WAYS[2:] if way[0] != "*" or self.path.name == "projects"]
        found = {file.relative_to(self.path).as_posix() for way in ways for file in self.path.glob(way)}
        readable = tuple(sorted(path for path in found if is_readable(path)))
        return Listing(readable, dict.fromkeys(found.difference(readable), "its name is not printable UTF-8"))


class ClaudeReader(FileReader):
    name: ClassVar[str] = "claude-memory"

    def __init__(self, root: Path = Path()) -> None:
        self._root = root

    def detects(self, files: Files) -> float:
        """A folder of memory is told from other Markdown by its index and the fields of what that names."""
        if not files.holds(INDEX):
            return 0
        return 0.9 if "/.claude/projects/" in f"{files.location}/" or files.location.name == TAG else 0.2

    def of(self, files: Files) -> FileReader:
        return ClaudeReader(files.location)

    def takes(self, path: str) -> bool:
        return is_markdown(path)

    def content(self, data: bytes, path: str, mark: str) -> Content:
        pure = PurePosixPath(path)
        project = self._project(pure)
        if pure.name in _RULES or "rules" in pure.parts[:-1]:
            return _rule(
                read_content(data, path, mark, _of(project, pure.name) if pure.name in _RULES else None), pure, project
            )
        if pure.name == INDEX:
            content = read_content(data, path, mark, _of(project, "Memory"))
            front = replace(_remembered(content.front, project), parent=NONE)
            return replace(content, front=front, named=f"{project or 'claude'}-memory")
        return _topic(read_content(data, path, mark), data.decode(), pure, project)

    def _project(self, path: PurePosixPath) -> str | None:
        """The project that a file is about, which its folder names; None for what is so of all projects."""
        parts = (*self._root.parts, *path.parts[:-1])
        for before, part in pairwise(parts):
            if part.startswith("-") or (before == "projects" and ".claude" in parts[: parts.index(before)]):
                return project_of(part)
        checkout = [part for part in self._root.parts if part != TAG]
        return slugify(checkout[-1]) if checkout and checkout[-1] != ".claude" else None


def project_of(folder: str) -> str:
    """`-home-ann-src-web-app` stands for `/home/ann/src/web-app`, in which each dash may have been a slash: the folders
    that are there tell, and where none are, the names of those that people keep their work in."""
    words = folder.strip("-").split("-")
    found = _on_disk(Path("/"), words)
    if found is not None:
        return slugify(found.name) or folder
    if len(words) > 2 and words[0].lower() in _HOMES:
        words = words[2:]
    if len(words) > 1 and words[0].lower() in _WORKPLACES:
        words = words[1:]
    return slugify("-".join(words)) or "claude"


def _on_disk(start: Path, words: list[str]) -> Path | None:
    if not words:
        return start
    for length in range(len(words), 0, -1):
        for name in ("-".join(words[:length]), "_".join(words[:length]), ".".join(words[:length])):
            if (start / name).is_dir() and (found := _on_disk(start / name, words[length:])):
                return found
    return None


def _of(project: str | None, what: str) -> str:
    return f"{what} of {project}" if project else what


def _remembered(front: FrontMatter, project: str | None) -> FrontMatter:
    return replace(front, tags=tuple(sorted({*(front.tags or ()), TAG})), project=front.project or project)


def _rule(content: Content, path: PurePosixPath, project: str | None) -> Content:
    front = content.front
    front = replace(front, note_type=front.note_type or CONVENTION, project=front.project or project, parent=NONE)
    return replace(content, front=front, named=f"{project or 'claude'}-{path.stem}")


def _topic(content: Content, text: str, path: PurePosixPath, project: str | None) -> Content:
    said = dict(_said(text))
    nested = _NESTED_TYPE.search(text)
    front = replace(
        _remembered(content.front, project),
        title=as_title(said.get("description", "")) or content.front.title,
        note_type=content.front.note_type or (nested[1].lower() if nested else None),
        aliases=tuple(sorted({*(content.front.aliases or ()), *aliases_among([said.get("name", "")])})),
        parent=content.front.parent or _index_of(path),
    )
    return replace(content, front=front, named=f"{project or 'claude'}-{path.stem}")


def _said(text: str) -> Iterator[tuple[str, str]]:
    block = BLOCK.match(text)
    for entry in read_entries(block["yaml"]) if block else ():
        if entry.value and isinstance(entry.value[0], str):
            yield entry.key, entry.value[0]


def _index_of(path: PurePosixPath) -> str:
    """The index of the memory that a topic is in, as a path from the topic."""
    depth = len(path.parts) - 1 - (path.parts.index(TAG) + 1 if TAG in path.parts[:-1] else 0)
    return "../" * depth + INDEX
