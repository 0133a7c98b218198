"""The clock is set back and forth under running servers, and the time zone is another for each of them.

What is newer is told by `seq`, so nothing that is ordered may care; times are kept in UTC, as the clock said them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, Any

from checking import Written, check_store
from servers import BrokenPromise, Server
from shims import preload

if TYPE_CHECKING:
    from pathlib import Path

ZONES = ("UTC", "America/St_Johns", "Pacific/Kiritimati", "Asia/Kathmandu")
LONGEST_SHIFT = 400 * 86_400


@dataclass(frozen=True, slots=True)
class ClockFigures:
    writes: int
    times_that_the_clock_was_set: int
    steps_back_in_the_history: int
    earliest: str
    latest: str


class Clock:
    """The wall clock of the servers that run with the shim, which reads how far it is off from a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.changes = -1
        self.set(0)

    def set(self, seconds: int) -> None:
        with self.path.open("r+b" if self.path.exists() else "wb") as file:
            file.write(struct.pack("=q", seconds))
        self.shift = timedelta(seconds=seconds)
        self.changes += 1

    def agrees_with(self, kept: str) -> bool:
        return abs(datetime.now(UTC) + self.shift - datetime.fromisoformat(kept)) < timedelta(minutes=1)


def attack(folder: Path, *, seed: int, writes: int = 400) -> ClockFigures:
    """Write while the clock jumps; then ask all that has to do with time. Raises BrokenPromise, Missing."""
    database, dice = folder / "notewell.db", Random(seed)
    clock = Clock(folder / "shift")
    added = preload("clock", folder) | {"MARATHON_CLOCK": str(clock.path)}
    servers = [Server(database, zone, added={**added, "TZ": zone}) for zone in ZONES]
    try:
        for server in servers:
            server.shake_hands()
        written = [write(dice.choice(servers), clock, dice, number) for number in range(writes)]
        clock.set(-LONGEST_SHIFT)
        for server in servers:
            ask_all(server, writes)
    finally:
        for server in servers:
            server.dispose()
    check_store(database, written)
    with Server(database) as server:
        times = [one["revised_at"] for one in reversed(history(server, writes))]
    return ClockFigures(
        writes=writes,
        times_that_the_clock_was_set=clock.changes,
        steps_back_in_the_history=sum(later < earlier for earlier, later in pairwise(times)),
        earliest=min(times),
        latest=max(times),
    )


def write(server: Server, clock: Clock, dice: Random, number: int) -> Written:
    """One edit of one of three notes, now and then after a jump of the clock; the time kept is the clock's, in UTC."""
    if number == 0 or dice.random() < 0.3:
        shift = dice.choice((0, -1, -3600, dice.randint(-LONGEST_SHIFT, LONGEST_SHIFT)))
        clock.set(shift)
    slug, words = f"note-{number % 3}", f"write {number}."
    if number < 3:
        answer = server.call("upsert_note", slug=slug, content=f"# {slug}\n\n{words}\n", format="json")
    else:
        answer = server.call("edit_note", ref=slug, mode="append", new_text=words, format="json")
    shown = server.call("revisions", ref=slug, limit=1, format="json").data["revisions"][0]
    if shown["revision"] != answer.data["revision"]:
        raise BrokenPromise(f"the newest revision of {slug} is shown as {shown['revision']}, not {answer.data}")
    if not clock.agrees_with(shown["revised_at"]):
        raise BrokenPromise(f"a write is kept as of {shown['revised_at']}, the clock is off by {clock.shift}")
    return Written(slug, answer.data["revision"], words)


def history(server: Server, writes: int) -> list[dict[str, Any]]:
    """All revisions, newest first, read in pages."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = server.call("revisions", limit=50, format="json", **cursor).data
        found += page["revisions"]
        if not page["next_cursor"]:
            break
        cursor = {"cursor": page["next_cursor"]}
    if [one["seq"] for one in found] != list(range(writes, 0, -1)):
        raise BrokenPromise(f"the history is not in the order of seq: {[one['seq'] for one in found][:20]}")
    return found


def ask_all(server: Server, writes: int) -> None:
    """Lists, history, `as_of` and `since` answer, whatever the clock says."""
    revised = history(server, writes)
    newest: dict[str, int] = {}
    for one in revised:
        newest.setdefault(one["slug"], one["seq"])
    listed = [note["slug"] for note in server.call("list_notes", format="json").data["notes"]]
    if listed != sorted(newest, key=lambda slug: -newest[slug]):
        raise BrokenPromise(f"notes are listed as {listed}, by seq they are {newest}")
    since = server.call("revisions", since=str(writes - 7), limit=200, format="json").data["revisions"]
    if len(since) != 7:
        raise BrokenPromise(f"7 changes since {writes - 7}, not {len(since)}")
    for one in (revised[0], revised[len(revised) // 2], revised[-1]):
        ask_for_the_past(server, one)


def ask_for_the_past(server: Server, one: dict[str, Any]) -> None:
    moment = one["revised_at"]
    read = server.call("get_note", ref=one["slug"], as_of=moment, format="json")
    if not read.failed and read.data["updated_at"] > moment:
        raise BrokenPromise(f"{one['slug']} as of {moment} is of {read.data['updated_at']}")
    exact = server.call("get_note", ref=f"{one['slug']}@{one['revision']}", format="json").data
    if exact["updated_at"] != moment:
        raise BrokenPromise(f"{one['slug']}@{one['revision']} was written at {moment}, shown {exact['updated_at']}")
    for tool, argument in (("list_notes", "updated_since"), ("revisions", "since")):
        _ = server.call(tool, **{argument: moment}, format="json").data
