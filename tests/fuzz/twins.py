"""Two stores, one with notes that are hidden from whoever asks, one that never had them: both must answer the same.

The stores and the comparison are those of tests/tools/test_visibility.py, which goes through its arguments in order;
here they are mixed, any number of them at once, and spoilt.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.fuzz.hostile_values import near
from tests.fuzz.trials import Trial, require, require_whole
from tests.tools.test_visibility import CANDIDATES, READING, WEB, answers, build, numbers_of, plain

from notewell_store.access.rights import ANYBODY

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

    from notewell_tools.definition import Tool

SPOILT = {"ref", "query", "text", "prefix", "project", "parent", "note_type", "status", "actor"}
"""Arguments that are spoilt too. In others a number of the whole store could come of it, which differs."""

ID = re.compile(r"(?<![\w-])\d+(?![\w-])")
"""As a reference, a number is the id of a note: it names another one in the other store."""


class Twins(Trial):
    def __init__(self, folder: Path, dice: Random) -> None:
        super().__init__(folder, dice)
        self.rights = dice.choice((ANYBODY, WEB))
        self.stores = [build(folder / f"{hidden}.db", self.rights, hidden=hidden) for hidden in (True, False)]
        for store in self.stores:
            self.open.callback(store.close)
        self.numbers = [numbers_of(store) for store in self.stores]

    def attempt(self) -> str:
        tool = self.dice.choice(READING)
        arguments = {
            name: self.candidate(name)
            for name, field in tool.arguments.model_fields.items()
            if CANDIDATES.get(name) and (field.is_required() or self.dice.random() < 0.4)
        }
        self.given = (self.rights, tool.name, arguments)
        with_hidden, without = self.told(tool, arguments)
        require(with_hidden == without, f"{with_hidden!s:.2000}\n  is not\n{without!s:.2000}")
        return f"{tool.name} the same"

    def candidate(self, name: str) -> Any:
        good = self.dice.choice(CANDIDATES[name])
        if name not in SPOILT or not isinstance(good, str) or self.dice.random() >= 0.4:
            return good
        spoilt = near(self.dice, good)
        return good if ID.search(spoilt) else spoilt

    def told(self, tool: Tool, arguments: dict[str, Any]) -> list[list[str]]:
        return [
            [plain(text, numbers) for text in answers(store, self.rights, tool, arguments)]
            for store, numbers in zip(self.stores, self.numbers, strict=True)
        ]

    def finish(self) -> None:
        for store in self.stores:
            require_whole(store)
