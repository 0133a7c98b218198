"""Headers of all kinds before Markdown: none fails, both parsers read the same, what is taken comes back the same.

Most cases split a text and join it again; one in ten goes through files: imported, exported, and imported again.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING
from unittest.mock import patch

import yaml
from tests.fuzz.hostile_values import near, text
from tests.fuzz.trials import Trial, require, require_whole
from tests.store.files.test_exports import everything

from notewell_store import open_store
from notewell_store.files import plain_yaml
from notewell_store.files.exporting import export_notes
from notewell_store.files.front_matter import NOTHING, FrontMatter, join, split, split_telling
from notewell_store.files.importing import import_folder
from notewell_store.markdown.front_matter import BLOCK

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from notewell_store import Store

KEYS = ["title", "slug", "type", "status", "tags", "project", "parent", "position", "public", "aliases", "links"]
KEYS += ["Title", "owner", "weight", "date", "draft", "'slug'", '"tags"', "? title", "a.b", "<<", "é", "title "]
VALUES = [
    "Deploying",
    "sop",
    "a, b",
    "[a, On Call]",
    "none",
    "yes",
    "TRUE",
    "3",
    "-7",
    "007",
    "1e3",
    "0x1F",
    "2026-01-01",
]
VALUES += ["[[index]]", "page.md", "../up.md", "plan-1", '"A: b"', "'it''s'", "|\n  long\n  text", ">-\n  fold\n\n  ed"]
VALUES += [
    "",
    "~",
    "null",
    "{a: b}",
    "[a, [b]]",
    "&x a",
    "*x",
    "!!str 7",
    "!!python/object:os.system x",
    "# none",
    "@at",
    "`t`",
]
VALUES += [
    "\n- a\n- b",
    "\n  - relates plan-1\n  - continues plan-2#odd: x",
    "[relates plan-1]",
    "\n  a: b",
    "a: b",
    "- a",
    "\t",
]
VALUES += [
    '"\\U0001F642 \\x07 \\ud800"',
    '"unclosed',
    "'x",
    "[a",
    "{",
    "é 中文 \u200d\u202e",
    "x" * 400,
    "1" * 5_000,
    "%",
    "title",
]
GOOD = [
    "title: Deploying",
    "title: 'A: b'",
    "slug: plan-1",
    "slug: own",
    "type: SOP",
    "status: In progress",
    "tags: [a, On Call]",
]
GOOD += [
    "tags:\n- a\n- b",
    "project: web",
    "parent: '[[index]]'",
    "parent: a/index.md",
    "position: 3",
    "public: yes",
    "aliases: old-a",
]
GOOD += [
    "links:\n  - continues plan-2#vision\n  - blocks none-such",
    "owner: ann",
    "weight: [1,\n  2]",
    "# comment",
    "",
]
OPENINGS = [
    "---\n",
    "---\r\n",
    "\ufeff---\n",
    "--- \n",
    "---\n---\n",
    "---\n%YAML 1.2\n---\n",
    "+++\n",
    "{\n",
    "----\n",
    " ---\n",
]
CLOSINGS = ["---\n", "---\r\n", "...\n", "---", "--- x\n", "+++\n", "}\n", "----\n", ""]
BODIES = [
    "",
    "# Body\n\n[[plan-1]]\n",
    "---\nowner: ann\n---\n# Own\n",
    "\n\n",
    "text",
    "\r\n# R\r\n",
    "---\n",
    "\ufeffb",
    "***\n",
]
NAMES = [
    "index.md",
    "README.md",
    "plan-1.md",
    "plan-2.md",
    "a/b/page.md",
    "a/index.md",
    "a.md",
    "Ünï cödé.md",
    "a/B.markdown",
]


class Headers(Trial):
    longest = 5.0

    def __init__(self, folder: Path, dice: Random) -> None:
        super().__init__(folder, dice)
        self.folders = 0

    def attempt(self) -> str:
        return self.through_files() if self.dice.random() < 0.1 else self.split_and_joined(self.text())

    def text(self) -> str:
        if self.dice.random() < 0.05:
            return "---\n" + text(self.dice, 200) + "\n---\n" + text(self.dice)
        lines = [self.line() for _ in range(self.dice.choice((0, 1, 2, 4, 8)))]
        opening, closing = (self.dice.choice(some[:1] * 40 + some) for some in (OPENINGS, CLOSINGS))
        made = opening + "".join(lines) + closing + self.dice.choice(BODIES)
        return near(self.dice, made) if self.dice.random() < 0.3 else made

    def line(self) -> str:
        if self.dice.random() < 0.6:
            return self.dice.choice(GOOD) + "\n"
        value = self.dice.choice(VALUES) if self.dice.random() < 0.8 else text(self.dice, 30)
        end = self.dice.choice(["\n"] * 8 + ["\r\n", "\r", "\x85", "  # why\n"])
        colon = self.dice.choice([": "] * 12 + [":", " = ", " : "])
        return self.dice.choice(KEYS) + colon + value + end

    def split_and_joined(self, made: str) -> str:
        """By either parser; they differ in tabs before values, and in escapes of what is no character."""
        self.given = made
        with patch.object(plain_yaml, "_LOADER", self.dice.choice((plain_yaml._LOADER, yaml.SafeLoader))):
            front, body = split(made)
            said = kept_of(front)
            if said == NOTHING:
                require(body == made or len(body) < len(made), "a body that has grown")
                return "nothing taken"
            again, rest = split(join(front, body))
            require((kept_of(again), rest) == (said, body), f"{said} came back as {again} and {rest!r}")
        is_whole = not split_telling(made).unread  # a list is taken as far as it can be read, and stays where it is
        require(len(body) < len(made) or not is_whole, "taken, and left there")
        return "taken, some" if BLOCK.match(body) else "taken, all"

    def through_files(self) -> str:
        self.folders += 1
        here = self.folder / str(self.folders)
        files = {name: self.text() for name in self.dice.sample(NAMES, k=self.dice.randrange(1, 6))}
        self.given = files
        for name, made in files.items():
            path = here / "in" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(made.encode("utf-8", "surrogatepass"))
        first = open_store(here / "first.db")
        try:
            import_folder(first, here / "in")
            again = import_folder(first, here / "in")
            require(again.revisions == 0, f"the second import made {again.revisions} revisions")
            self.exported(first, here)
            require_whole(first)
        finally:
            first.close()
        return "through files"

    def exported(self, first: Store, here: Path) -> None:
        export_notes(first, here / "out")
        other = open_store(here / "other.db")
        try:
            import_folder(other, here / "out")
            mine, theirs = everything(first), everything(other)
            for part in mine:
                require(mine[part] == theirs[part], f"{part}: {mine[part]} came back as {theirs[part]}")
            require_whole(other)
        finally:
            other.close()


def kept_of(front: FrontMatter) -> FrontMatter:
    """What a note keeps of it: times and author stay in the text, and an empty list says as much as none."""
    empty = {one.name: None for one in fields(front) if getattr(front, one.name) == ()}
    return replace(front, **empty, created=None, updated=None, author=None)
