"""What every template keeps to."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import pytest
from jinja2 import StrictUndefined, UndefinedError

from notewell_server.pages import static_files, templates
from notewell_server.pages.static_files import FOLDER as STATIC
from notewell_server.pages.static_files import StaticFiles
from notewell_server.pages.templates import FOLDER, Templates

ALL = sorted(FOLDER.glob("*.html"))
VENDORED = STATIC / "vendor"
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("template", ALL, ids=lambda path: path.name)
def test_a_template_holds_nothing_that_the_policy_forbids_or_that_would_be_evaluated(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"hx-on|hx-vals=.js:|hx-headers=.js:|hx-trigger=\"[^\"]*\[|\bjs:", text)
    assert not re.search(r"\|\s*safe\b|autoescape false|https?://(?!www\.w3\.org)", text)


@pytest.mark.parametrize("template", ALL, ids=lambda path: path.name)
def test_ids_of_pages_are_none_that_a_heading_can_have(template: Path) -> None:
    ids = re.findall(r'\bid="([^"{]+)"', template.read_text(encoding="utf-8"))
    assert all("/" in name for name in ids)


def test_a_name_that_is_not_given_is_a_fault_and_files_are_looked_at_once() -> None:
    made = Templates(StaticFiles().address)
    assert made.environment.undefined is StrictUndefined
    assert made.environment.auto_reload is False
    with pytest.raises(UndefinedError):
        made.render("error.html", {})


def test_what_is_vendored_is_as_it_was_released() -> None:
    told = tomllib.loads((VENDORED / "vendor.toml").read_text(encoding="utf-8"))["library"]
    for library in told:
        content = (VENDORED / library["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == library["sha256"]
        assert library["integrity"].startswith("sha512-")
        assert all((VENDORED / name).stat().st_size > 100 for name in library["licence_files"])
    kept = {file for library in told for file in (library["file"], *library["licence_files"])}
    assert {path.name for path in VENDORED.iterdir()} == kept | {"vendor.toml"}


def test_the_wheel_names_the_licences_of_what_is_vendored() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    told = tomllib.loads((VENDORED / "vendor.toml").read_text(encoding="utf-8"))["library"]
    assert {name for library in told for name in library["licences"]} | {"MIT"} == set(
        project["license"].split(" AND ")
    )
    files = {VENDORED / name for library in told for name in library["licence_files"]} | {ROOT / "LICENSE"}
    assert {path for pattern in project["license-files"] for path in ROOT.glob(pattern)} == files


def test_every_address_of_a_static_file_changes_with_it() -> None:
    files = StaticFiles()
    content = (STATIC / "pages.css").read_bytes()
    assert files.address("pages.css") == f"/static/{hashlib.sha256(content).hexdigest()[:16]}/pages.css"
    assert {static_files.FOLDER, templates.FOLDER} == {STATIC, FOLDER}


def test_colours_are_named_once() -> None:
    sheet = (STATIC / "pages.css").read_text(encoding="utf-8")
    named, _, parts = sheet.partition("[data-theme")
    used = set(re.findall(r"var\((--[\w-]+)\)", sheet))
    assert used <= set(re.findall(r"(--[\w-]+):", named))
    assert not re.findall(r"#[0-9a-f]{6}\b", parts)
