"""Keeping a store: how long it takes to verify, back up beside writers, restore and salvage one of 20,000 revisions.

python bench/keeping.py [REVISIONS]
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from notewell_store import Attribution, Change, Edit, open_store, parse_reference
from notewell_store.engines.sqlite.salvage.salvage import salvage
from notewell_store.engines.sqlite.upkeep.backup import backup
from notewell_store.engines.sqlite.upkeep.restore import restore
from notewell_store.integrity.verify import verify
from notewell_store.writing import drafts, editing, pipeline
from sample_notes import body

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

BY = Attribution("bench", "pr/1", "a figure")
EACH = 10
"""Revisions of each note."""
WRITERS = 4
OVERWRITES = 20

WRITE = """
import sys, time
from functools import partial
from notewell_store import Attribution, Edit, open_store, parse_reference
from notewell_store.writing import drafts, editing, pipeline
store, longest, writes = open_store(sys.argv[1]), 0.0, 0
change = Edit("append", "- more\\n")
print("open", flush=True)
end = time.monotonic() + float(sys.argv[3])
while time.monotonic() < end:
    began = time.perf_counter()
    edit = partial(editing.edit, reference=parse_reference(sys.argv[2]), change=change, if_revision=None)
    pipeline.write(store, edit, Attribution("writer"))
    longest, writes = max(longest, time.perf_counter() - began), writes + 1
print(writes, longest)
store.close()
"""


def fill(path: Path, revisions: int) -> None:
    """Notes of some 20 sections; each is appended to again and again."""
    dice = random.Random(1)
    slugs = [f"note-{number}" for number in range(revisions // EACH)]
    store = open_store(path)
    for slug in slugs:
        create = partial(drafts.upsert, slug=slug, change=Change(content=body(slugs, dice)), if_revision=None)
        pipeline.write(store, create, BY)
    for _ in range(EACH - 1):
        for slug in slugs:
            edit = Edit("append", f"- {dice.random()} of this and that\n")
            pipeline.write(
                store, partial(editing.edit, reference=parse_reference(slug), change=edit, if_revision=None), BY
            )
    store.close()


def timed(what: str, work: Callable[[], T], revisions: int) -> T:
    began = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{what:34} {seconds:7.2f} s {revisions / seconds:9,.0f} revisions/s, {memory} MB at most")
    return result


def beside_writers(path: Path, folder: Path, revisions: int) -> None:
    arguments = [[sys.executable, "-c", WRITE, str(path), f"note-{n}", "8"] for n in range(WRITERS)]
    writers = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for words in arguments]
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.readline()
    store = open_store(path)
    timed(f"backup beside {WRITERS} writers", lambda: backup(store, folder / "busy.db"), revisions)
    store.close()
    said = [writer.communicate()[0].split() for writer in writers]
    writes, longest = sum(int(words[0]) for words in said), max(float(words[1]) for words in said)
    print(f"{'':34} meanwhile {writes / 8:,.0f} writes/s, the longest {longest * 1000:,.0f} ms")


def damaged(path: Path, target: Path) -> Path:
    dice = random.Random(2)
    data = bytearray(path.read_bytes())
    for _ in range(OVERWRITES):
        at = dice.randrange(4096, len(data) - 100)
        data[at : at + 100] = dice.randbytes(100)
    target.write_bytes(data)
    return target


def main() -> None:
    revisions = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "notewell.db"
        timed("fill", lambda: fill(path, revisions), revisions)
        print(f"{'':34} {path.stat().st_size / 1e6:,.0f} MB")
        store = open_store(path)
        timed("verify", lambda: verify(store), revisions)
        timed("backup", lambda: backup(store, folder / "backup.db"), revisions)
        store.close()
        timed("restore", lambda: restore(folder / "backup.db", path), revisions)
        beside_writers(path, folder, revisions)
        work = partial(salvage, damaged(folder / "backup.db", folder / "damaged.db"), folder / "saved.db")
        done = timed(f"salvage after {OVERWRITES} overwrites of 100 B", work, revisions)
        print(f"{'':34} {done.revisions:,} saved, {len(done.lost):,} lost")


if __name__ == "__main__":
    main()
