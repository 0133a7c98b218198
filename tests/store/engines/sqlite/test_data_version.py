"""A version of a file that is another after whatever anybody commits to it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from notewell_store import open_store
from notewell_store.engines.sqlite.data_version import DataVersion

if TYPE_CHECKING:
    from tests.conftest import Knowledge

WRITE = """
import sys
from functools import partial
from pathlib import Path
from notewell_store import Attribution, Change, open_store
from notewell_store.writing import drafts, pipeline
store = open_store(Path(sys.argv[1]))
compose = partial(drafts.upsert, slug="b", change=Change(content="x"), if_revision=None)
pipeline.write(store, compose, Attribution("other"))
store.close()
"""


def test_reading_changes_no_version_and_every_commit_does(knowledge: Knowledge) -> None:
    seen = [knowledge.store.version()]
    knowledge.put("a", "one")
    knowledge.store.background.finish()
    seen.append(knowledge.store.version())
    assert knowledge.note("a").markdown == "one"
    assert knowledge.store.version() == seen[-1]
    knowledge.put("a", "two", if_revision=1)
    seen.append(knowledge.store.version())
    assert None not in seen
    assert len(set(seen)) == 3


def test_a_commit_of_another_process_changes_the_version(knowledge: Knowledge) -> None:
    before = knowledge.store.version()
    subprocess.run([sys.executable, "-c", WRITE, knowledge.store.address], check=True, timeout=60)
    assert None is not before != knowledge.store.version()


def test_another_file_in_the_place_of_ours_has_another_version(knowledge: Knowledge, tmp_path: Path) -> None:
    knowledge.put("a", "one")
    before = knowledge.store.version()
    other = tmp_path / "other.db"
    open_store(other).close()
    shutil.move(other, Path(knowledge.store.address))
    assert before is not None
    assert knowledge.store.version() not in (None, before)
    assert knowledge.store.version() != knowledge.store.version()  # until the file that is there is followed


def test_a_file_that_cannot_be_asked_has_no_version(tmp_path: Path) -> None:
    missing = DataVersion(tmp_path / "missing.db")
    assert missing.read() is None
    missing.close()
