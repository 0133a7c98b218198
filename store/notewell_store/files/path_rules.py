"""What the place of a file says of its note: the names of folders, the project file, `--type`.

What the page says itself comes first; tags are added to its own.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import NamedTuple

from notewell_store.errors import Invalid
from notewell_store.files.contents import Content, Refused
from notewell_store.files.decisions import DECISION, decided
from notewell_store.files.front_matter import NOTHING, FrontMatter
from notewell_store.files.project_file import NAME, Above, ProjectFile, parsed
from notewell_store.files.readers.reader import Files
from notewell_store.markdown.slugs import is_slug
from notewell_store.names import is_folder_page
from notewell_store.tables.labels import status_text, tag_word, type_word

TYPES_OF_FOLDERS = {
    **dict.fromkeys(("decision", "decisions", "adr", "adrs", "decision-records", "rfc", "rfcs"), DECISION),
    **dict.fromkeys(("architecture-decisions", "architecture-decision-records"), DECISION),
    **dict.fromkeys(("runbook", "runbooks", "playbook", "playbooks"), "runbook"),
    **dict.fromkeys(("sop", "sops"), "sop"),
    **dict.fromkeys(("plan", "plans"), "plan"),
    **dict.fromkeys(("todo", "todos"), "todo"),
}

_TEMPLATE = re.compile(r"(?:.*[-_. ])?template", re.IGNORECASE)


class _Rule(NamedTuple):
    pattern: tuple[str, ...]
    says: FrontMatter
    within: tuple[str, ...] = ()


class _Said(NamedTuple):
    """What is said of a path; `folder` is the one whose name tells the type, where it is that."""

    front: FrontMatter
    folder: str | None = None


class PathRules:
    def __init__(
        self, files: Files, types: Iterable[str] = (), *, is_export: bool = False, above: Above | None = None
    ) -> None:
        """`types` are such as `alerts/**=runbook`; they come before what the project file says, which is the source's
        own, else the one `above`. An export says all that there is to say of its notes in their front matter. Raises
        Invalid for a type that cannot be read."""
        self.warnings: list[str] = []
        self._is_export = is_export
        self._rules = [*self._configured(files, above), *map(_of_type, types)]
        self._home = files.location.name if files.kind == "folder" else ""
        self._known: dict[str, _Said] = {}
        self._typed: dict[str, tuple[str, str]] = {}

    def typed(self, paths: Container[str]) -> list[str]:
        """How many of these pages were made of which type because of the name of their folder."""
        counts = Counter(given for path, given in self._typed.items() if path in paths)
        return [f"{folder}/: {number:,} of type {name}" for (folder, name), number in sorted(counts.items())]

    def mark(self, path: str, mark: str) -> str:
        """The mark of a page, which is another one where its place says something else of it."""
        front = self._said(path).front
        return mark if front == NOTHING else f"{mark} {hashlib.sha256(repr(front).encode()).hexdigest()[:12]}"

    def placed(self, content: Content, path: str) -> Content:
        """The page with what its place says of it; of a decision also what its text says."""
        said = self._said(path)
        if said.front != NOTHING:
            content = self._with_place(content, path, said)
        return decided(content) if content.front.note_type == DECISION and not self._is_export else content

    def _with_place(self, content: Content, path: str, said: _Said) -> Content:
        own, place = content.front, said.front
        if said.folder is not None and own.note_type is None and place.note_type is not None:
            self._typed[path] = said.folder, place.note_type
        front = replace(
            own,
            note_type=own.note_type or place.note_type,
            status=own.status or place.status,
            project=own.project or place.project,
            tags=tuple(sorted({*(own.tags or ()), *(place.tags or ())})) or own.tags,
        )
        return replace(content, front=front, mark=self.mark(path, content.mark))

    def _said(self, path: str) -> _Said:
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = self._found(path)
        return known

    def _found(self, path: str) -> _Said:
        said = NOTHING
        parts = tuple(path.split("/"))
        for rule in self._rules:
            if _matches((*rule.within, *parts), rule.pattern):
                said = _with(said, rule.says)
        if said.note_type is not None:
            return _Said(said)
        folder, name = self._type_of_folder(PurePosixPath(path))
        return _Said(replace(said, note_type=name), folder) if name else _Said(said)

    def _type_of_folder(self, path: PurePosixPath) -> tuple[str | None, str | None]:
        """The nearest folder whose name says it counts. A folder's own page and templates are nothing of the kind."""
        if self._is_export or is_folder_page(path.stem, "any") or _TEMPLATE.fullmatch(path.stem):
            return None, None
        for folder in path.parents:
            name = TYPES_OF_FOLDERS.get(re.sub(r"[_ ]", "-", (folder.name or self._home).lower()))
            if name:
                return str(folder) if folder.name else self._home, name
        return None, None

    def _configured(self, files: Files, above: Above | None) -> Iterator[_Rule]:
        said, within = above or (None, ())
        if files.holds(NAME):
            try:
                said, within = parsed(files.data(NAME)), ()
            except (Refused, ValueError) as error:
                self._warn(f"nothing of it was heeded: {error}")
                return
        if said is not None:
            yield from self._rules_of(said, within)

    def _rules_of(self, said: ProjectFile, within: tuple[str, ...]) -> Iterator[_Rule]:
        for fault in said.faults:
            self._warn(fault)
        if said.project is not None and not self._is_export:
            yield _Rule(("**",), FrontMatter(project=said.project))
        for table, rows in said.tables.items():
            for pattern, value in rows.items():
                try:
                    yield _Rule(_pattern(pattern), _front(table, value), within)
                except (Invalid, ValueError) as error:
                    self._warn(f"[{table}] {pattern} is not heeded: {error}")

    def _warn(self, fault: str) -> None:
        self.warnings.append(f"{NAME}: {fault}")


def _of_type(rule: str) -> _Rule:
    pattern, _, name = rule.rpartition("=")
    if not pattern.strip() or not name.strip():
        raise Invalid(f"type={rule!r}: send a pattern and a type, such as alerts/**=runbook", "type")
    return _Rule(_pattern(pattern), FrontMatter(note_type=type_word(name, "type")))


def _pattern(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.strip().split("/") if part not in {"", "."})


def _front(table: str, value: object) -> FrontMatter:
    if table == "tags":
        words = value.split(",") if isinstance(value, str) else value
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise ValueError("a list of words is needed")
        return FrontMatter(tags=tuple(sorted({tag_word(word) for word in words})))
    if not isinstance(value, str):
        raise ValueError("a word is needed")
    if table == "projects":
        if not is_slug(value):
            raise ValueError("a project's slug is of a-z, 0-9 and single hyphens")
        return FrontMatter(project=value)
    return FrontMatter(note_type=type_word(value)) if table == "types" else FrontMatter(status=status_text(value))


def _with(said: FrontMatter, more: FrontMatter) -> FrontMatter:
    """Of two that say the same thing the later counts; their tags add up."""
    tags = tuple(sorted({*(said.tags or ()), *(more.tags or ())})) or None
    return replace(
        said,
        note_type=more.note_type or said.note_type,
        status=more.status or said.status,
        project=more.project or said.project,
        tags=tags,
    )


def _matches(path: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """`*` stands for a part of a name, `**` for any folders. The name of a folder means all that is in it."""
    reached = {0}
    for part in pattern:
        if part == "**":
            reached = set(range(min(reached), len(path) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(path) and fnmatchcase(path[at], part)}
        if not reached:
            return False
    is_folder = bool(pattern) and not any(mark in pattern[-1] for mark in "*?[")
    return is_folder or len(path) in reached
