"""Every command that README and the pages tell people to type is run as it stands there, in the folder of a project."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.embedding.server import MODEL, EmbeddingServer
from tests.server.conftest import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SCRIPT = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OF_OTHERS = ("claude ", "make ", "ollama ", "pip ")
"""What begins so is another program's to keep, and what `make` does is tried by itself."""
FOR_OTHERS = "--host 0.0.0.0"
"""What is reached by other machines is not begun by a test."""
FOR_GOOD = "notewell embed --serve"
"""What serves until it is ended is tried in `cli/test_embed.py`."""
ASKING = "notewell redact sop-deploy"
"""What asks whoever types is tried where somebody answers, in `cli/test_redact.py`."""
SERVES = re.compile(r"notewell serve --http\s*(?:&\s*)?(?:#.*)?")
OF_SOMEBODY = ("NOTEWELL_", "XDG_", "CLAUDE_")
"""Settings of whoever runs the test."""
PORT = 8722
FINDS = ("notewell check ", "notewell import docs/\n", "notewell doctor\n")
"""What may end with exit status 1, for it finds something: the sample knowledge names what it has not, one page shows
how an overlap is settled, and nobody has backed this store up, nor made vectors."""


def commands(page: Path) -> list[str]:
    lines = [line for block in CONSOLE.findall(page.read_text()) for line in block.splitlines()]
    typed = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    return [line for line in typed if not line.startswith((*OF_OTHERS, ASKING, FOR_GOOD)) and FOR_OTHERS not in line]


PAGES = [page for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))) if commands(page)]


class Folder:
    """The checkout of a project in which somebody follows a page."""

    def __init__(self, path: Path) -> None:
        self.path = path / "web-app"
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("NOTEWELL_", "XDG_", "CLAUDE"))
        }
        bin_of_ours = str(Path(sys.executable).parent)
        self.environment = kept | {
            "HOME": str(path),
            "PATH": f"{bin_of_ours}{os.pathsep}{kept['PATH']}",
            "NOTEWELL_DB": str(path / "store" / "notewell.db"),
            "TERM": "dumb",
            "EDITOR": "true",  # which changes nothing
        }

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", line],
            cwd=self.path,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )

    def must(self, line: str) -> None:
        done = self.run(line)
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"

    def serve(self) -> subprocess.Popen[str]:
        """A server that listens."""
        server = subprocess.Popen(
            ["notewell", "serve", "--http"],
            cwd=self.path,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert server.stderr
        for line in server.stderr:
            if f":{PORT}" in line:
                return server
        raise AssertionError("the server ended before it listened")


def is_free(port: int) -> bool:
    with socket.socket() as taken:
        return taken.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A home with a git checkout that has pages and a remote, and a store that holds these pages, which are the sample
    knowledge; and a copy of it. An import knows its pages by their paths, so each test begins with that home anew."""
    home = tmp_path_factory.mktemp("pages") / "home"
    made = Folder(home)
    made.path.mkdir(parents=True)
    for name in ("examples", "docs"):
        shutil.copytree(ROOT / "examples", made.path / name, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (made.path / "backup.md").write_text("# Back up\n\nEvery night.\n")
    (made.path / "FOLDER").mkdir()
    (made.path / "FOLDER" / "page.md").write_text("# A page\n\nWith a text.\n")
    memory = home / ".claude" / "projects" / str(made.path).replace("/", "-") / "memory"
    memory.mkdir(parents=True)
    (memory / "MEMORY.md").write_text("# Memory\n\n- [Testing](testing.md)\n")
    (memory / "testing.md").write_text("---\nname: testing\ndescription: How we test\n---\nWith real files.\n")
    for line in (
        "git config --global user.name Ann && git config --global user.email ann@example.org",
        "git config --global init.defaultBranch main && git init --quiet --bare ../origin.git && git init --quiet .",
        "git add --all && git commit --quiet --message 'Docs: see [[sop-deploy]]'",
        "git remote add origin ../origin.git && git push --quiet --set-upstream origin main",
        "git clone --quiet . REPOSITORY",
        "notewell import docs/ && notewell projects web-app --name Web && notewell projects web --name Web",
    ):
        made.must(line)
    return home, shutil.copytree(home, home.with_name("as-it-was"))


@pytest.fixture
def folder(prepared: tuple[Path, Path]) -> Folder:
    home, as_it_was = prepared
    shutil.rmtree(home)
    shutil.copytree(as_it_was, home)
    return Folder(home)


@pytest.fixture
def embedder() -> Iterator[EmbeddingServer]:
    with EmbeddingServer() as started:
        yield started


@pytest.fixture
def servers() -> Iterator[list[subprocess.Popen[str]]]:
    """Those that a page began; ended with the test."""
    with ExitStack() as ending:
        begun: list[subprocess.Popen[str]] = []
        ending.callback(end, begun)
        yield begun


def end(servers: list[subprocess.Popen[str]]) -> None:
    for server in servers:
        server.terminate()
        server.communicate(timeout=PATIENCE)


@pytest.mark.skipif(sys.platform == "win32", reason="the pages are written for a POSIX shell")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_page_do_what_it_says(
    page: Path, folder: Folder, servers: list[subprocess.Popen[str]], embedder: EmbeddingServer
) -> None:
    if "$ notewell embed" in page.read_text():
        folder.environment |= {"NOTEWELL_EMBED": embedder.url, "NOTEWELL_EMBED_MODEL": MODEL}
    for number, script in enumerate(SCRIPT.findall(page.read_text())):
        (folder.path / ("ask.py" if number == 0 else f"script-{number}.py")).write_text(script)
    for line in commands(page):
        if SERVES.fullmatch(line):
            if not is_free(PORT):
                pytest.skip(f"port {PORT} is taken on this machine, by a server of yours perhaps")
            servers.append(folder.serve())
            continue
        done = folder.run(line)
        allowed = {0, 1} if f"{line}\n".startswith(FINDS) else {0}
        assert done.returncode in allowed, f"{line}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
