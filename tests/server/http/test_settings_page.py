"""The pages on serving and on threats tell the truth."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from notewell_server.http.guards import settings
from notewell_server.http.guards.settings import GuardSettings

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/serving.md").read_text(encoding="utf-8")


def test_every_setting_is_in_the_table_and_nothing_else() -> None:
    read = set(re.findall(r'"(NOTEWELL_[A-Z_]+)"', Path(settings.__file__).read_text(encoding="utf-8")))
    assert set(re.findall(r"^\| `(NOTEWELL_[A-Z_]+)`", PAGE, re.MULTILINE)) == read
    assert len(read) == len(fields(GuardSettings))


def test_the_defaults_in_the_table_are_those_that_hold() -> None:
    table = dict(re.findall(r"^\| `NOTEWELL_([A-Z_]+)` \|.*\| `([0-9]+)` \|$", PAGE, re.MULTILINE))
    usual = GuardSettings()
    assert {name.lower(): int(number) for name, number in table.items()} == {
        field.name: int(getattr(usual, field.name)) for field in fields(usual) if isinstance(field.default, int)
    }


def test_every_test_that_the_page_on_threats_names_is_there() -> None:
    text = (ROOT / "docs/security.md").read_text(encoding="utf-8")
    named = set(re.findall(r"tests/[\w/]+\.py", text))
    assert len(named) > 15
    assert [name for name in named if not (ROOT / name).is_file()] == []
