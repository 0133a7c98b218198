"""The built wheel: the three packages and what they need, and nothing else."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("notewell_store", "notewell_tools", "notewell_server")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    if importlib.util.find_spec("hatchling") is None:
        pytest.skip("hatchling, which builds the wheel, is not installed here")
    folder = tmp_path_factory.mktemp("wheel")
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--quiet",
    ]
    subprocess.run([*build, "--wheel-dir", str(folder), str(ROOT)], check=True, capture_output=True, timeout=120)
    (built,) = folder.glob("*.whl")
    return zipfile.ZipFile(built)


def test_the_wheel_holds_the_three_packages_and_nothing_else_at_its_top(wheel: zipfile.ZipFile) -> None:
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    (metadata,) = tops - set(PACKAGES)
    assert metadata.endswith(".dist-info")
    assert set(PACKAGES) < tops


def test_the_wheel_holds_every_module_of_the_source_tree_and_no_cache(wheel: zipfile.ZipFile) -> None:
    sources = {
        str(path.relative_to(ROOT / layer))
        for layer in ("store", "tools", "server")
        for package in (ROOT / layer).glob("notewell_*")
        for path in package.rglob("*.py")
    }
    assert sources == {name for name in wheel.namelist() if name.endswith(".py")}
    assert not [name for name in wheel.namelist() if "__pycache__" in name]


@pytest.mark.parametrize(
    "name",
    ["notewell_server/mcp/tools.json", *(f"{package}/py.typed" for package in PACKAGES)],
)
def test_the_wheel_holds_what_is_read_beside_the_modules(wheel: zipfile.ZipFile, name: str) -> None:
    assert name in wheel.namelist()


def test_the_wheel_installs_the_command_and_names_its_licence(wheel: zipfile.ZipFile) -> None:
    (entry_points,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "notewell = notewell_server.main:main" in wheel.read(entry_points).decode()
    assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())
