"""What the pages promise exists: commands, options, settings, targets, files."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from notewell_server.cli.commands import cli

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")


def console_lines() -> list[str]:
    """What the pages tell people to type, comments taken off."""
    blocks = [block for page in PAGES for block in CONSOLE.findall(page.read_text())]
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def notewell_lines() -> list[list[str]]:
    """The words behind `notewell` in each line that calls it, first or behind `--` or a pipe."""
    lines = []
    for line in console_lines():
        words = shlex.split(line, comments=True)
        for at, word in enumerate(words):
            if word == "notewell" and (at == 0 or words[at - 1] in {"--", "|", "&&"}):
                ends = [end for end, later in enumerate(words) if end > at and later in {"|", ">", "&&"}]
                lines.append(words[at + 1 : ends[0] if ends else None])
    return lines


@pytest.mark.parametrize("words", notewell_lines(), ids=" ".join)
def test_a_command_on_a_page_exists_with_its_options(words: list[str]) -> None:
    asked = CliRunner().invoke(cli, [*words, "--help"])  # unknown options are refused before
    assert asked.exit_code == 0, asked.output


def test_pages_show_commands() -> None:
    assert len(notewell_lines()) >= 5


def test_targets_of_make_on_a_page_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {word for page in PAGES for word in re.findall(r"(?:\$ |`)make ([a-z]+)", page.read_text())}
    assert {"demo", "test"} <= named <= targets


def test_every_setting_that_is_read_stands_in_the_readme_and_no_other() -> None:
    sources = [
        source
        for layer in ("server", "tools", "store")
        for source in (ROOT / layer).rglob("*.py")
        # Of these docs/serving.md, docs/security.md and docs/pages.md tell.
        if not any(word in source.relative_to(ROOT).as_posix() for word in ("http", "/pages/"))
    ]
    reads = {
        name for source in sources for name in re.findall(r"environ[^\n]*?[\"'](NOTEWELL_\w+)", source.read_text())
    }
    rows = dict(
        re.findall(r"^\| `(NOTEWELL_\w+)` \| (?:`(--[a-z-]+)` )?\|", (ROOT / "README.md").read_text(), re.MULTILINE)
    )
    assert set(rows) == reads
    flags = {
        flag for command in (cli, cli.commands["serve"]) for parameter in command.params for flag in parameter.opts
    }
    # A secret is no flag, nor is what is to hold for every process of a store.
    assert {name for name, flag in rows.items() if not flag} == {
        "NOTEWELL_ISSUES_TOKEN",
        "NOTEWELL_READS",
        *(f"NOTEWELL_EMBED{of}" for of in ("", "_MODEL", "_DIMENSIONS", "_KEY", "_KEY_FILE", "_REMOTE")),
    }
    assert {flag for flag in rows.values() if flag} <= flags


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_of_a_page_lead_to_files(page: Path) -> None:
    for target in LINK.findall(FENCED.sub("", page.read_text())):
        if not target.startswith(("http:", "https:")):
            assert (page.parent / target).exists(), target


def test_the_index_of_the_pages_leads_to_every_page() -> None:
    targets = set(LINK.findall((ROOT / "docs" / "README.md").read_text()))
    assert {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"} <= targets


def test_the_index_of_decisions_has_each_with_its_title() -> None:
    folder = ROOT / "docs" / "decisions"
    titles = {page.name: page.read_text().partition("\n")[0] for page in folder.glob("0*.md")}
    rows = re.findall(
        r"^\| \[(\d{4})\]\(([^)]+)\) \| (.+) \| \d{4}-\d\d-\d\d \|", (folder / "README.md").read_text(), re.M
    )
    assert {name: f"# {number} {title}" for number, name, title in rows} == titles


def test_every_room_on_the_page_of_the_architecture_is_there() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    cells = re.findall(r"^\| (`[^|]+`) \| ", page, re.MULTILINE)
    rooms = [room for cell in cells for room in re.findall(r"`([\w/]+)`", cell)]
    packages = [ROOT / "store/notewell_store", ROOT / "tools/notewell_tools", ROOT / "server/notewell_server"]
    there = [
        room
        for room in rooms
        if any((package / room).exists() or (package / f"{room}.py").exists() for package in packages)
    ]
    assert len(rooms) > 25
    assert there == rooms
