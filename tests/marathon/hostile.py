"""Hostile text through a real server: random queries, huge and twisted notes, characters that are none.

Each call is answered, with what was asked or with a clear error, within two seconds, and the process stays small.
A busy machine takes longer for the same work, so a call counts as slow only if the server itself computed that long.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from checking import check_store
from figures import Times, times_of
from pace import slowness
from servers import Answer, BrokenPromise, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

LONGEST = 2.0
MOST_MEMORY = 400.0
"""Megabytes that a server may ever have held. An idle one holds sixty; a note of 1 MB has many forms."""
LARGEST = 1_000_000

ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz ",
    "\"'()*:^-+{}[]<>|&~\\/%_.,;!?#@`$= ab",
    "".join(map(chr, range(1, 32))) + "\x7f\x85\u2028\u2029\ufeff ",
    "äßéñ中文日本語한국어עבריתالعربية🙂👩‍👩‍👧🏳️‍🌈 ",
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200fab ",
    "\0\ud800\udfff\uffff\U0010ffffx ",
)
OPERATORS = (
    "AND",
    "OR",
    "NOT",
    "NEAR(",
    "NEAR/3",
    '"',
    '""',
    "*",
    "title:",
    "^",
    "rowid",
    "--",
    "';",
    "%00",
    "[[",
    "]]",
)


@dataclass(frozen=True, slots=True)
class HostileFigures:
    queries: Times
    queries_refused: int
    slowest_query_cpu: float
    texts: int
    texts_refused: int
    slowest_call_on_a_text: str
    slowest_call_on_a_text_cpu: float
    most_memory_in_megabytes: float
    small_writes_beside: Times


def random_query(dice: Random) -> str:
    alphabet = dice.choice(ALPHABETS)
    length = dice.choice((1, 3, 10, 50, 300)) if dice.random() < 0.99 else dice.choice((10_000, 100_000))
    text = "".join(dice.choices(alphabet, k=length))
    return " ".join([dice.choice(OPERATORS), text, dice.choice(OPERATORS)]) if dice.random() < 0.3 else text


def texts(dice: Random) -> dict[str, str]:
    """Notes that are hard on parsers, renderers and indexes, all within the size of a note."""
    fill = "".join(dice.choices("abcdefghij klmnopqrst uvwxyz\n", k=LARGEST - 100))
    return {
        "a-megabyte-of-words": f"# Words\n\n{fill}",
        "a-megabyte-in-one-line": "x" * (LARGEST - 10),
        "a-megabyte-of-one-paragraph": "word " * (LARGEST // 5 - 10),
        "a-megabyte-of-newlines": "\n" * (LARGEST - 10),
        "ten-thousand-headings": "".join(
            f"## Heading {dice.randrange(300)}\n\ntext {one}\n\n" for one in range(10_000)
        ),
        "ten-thousand-equal-headings": "# Same\n" * 10_000,
        "fifty-thousand-links": " ".join(f"[[n{one}]]" for one in range(50_000)),
        "fifty-thousand-lines-of-links": "\n".join(f"[x](n{one % 9_000}.md#a)" for one in range(50_000)),
        "a-word-four-hundred-thousand-times": "ab " * 330_000 + "ab",
        "nested-lists": "".join(f"{'  ' * (depth % 60)}- item {depth}\n" for depth in range(10_000)),
        "nested-lists-ever-deeper": "".join(f"{' ' * depth}- a\n" for depth in range(1_350)),
        "list-markers-in-a-row": "- " * 10_000 + "x",
        "nested-quotes": "> " * 10_000 + "deep",
        "nested-quotes-growing": "\n".join("> " * (depth % 700) for depth in range(1_400)),
        "brackets": "[" * 100_000 + "x" + "]" * 100_000,
        "brackets-with-targets": "[a](" * 60_000,
        "emphasis": "*a **b _c " * 90_000,
        "underscores": "_" * 300_000 + "a",
        "backticks": "".join("`" * (one % 400) + "a " for one in range(4_000)),
        "unclosed-fence": "```mermaid\n" + "graph TD; A-->B;\n" * 50_000,
        "tables": "|a|b|c|\n|-|-|-|\n" + "|x|y|z|\n" * 100_000,
        "a-wide-table": "|" + "a|" * 30_000 + "\n|" + "-|" * 30_000 + "\n|" + "b|" * 30_000,
        "html-unclosed": "<div><b><a href='x'>" * 40_000,
        "html-comments": "<!--" * 200_000,
        "angle-brackets": "<" * 500_000,
        "entities": "&amp;&#0;&#xD800;&nosuch;" * 30_000,
        "reference-definitions": "\n".join(f"[{one}]: http://x.example/{one}" for one in range(30_000)),
        "bidirectional-controls": "\u202eevil\u202c \u2066a\u2069 \u200f" * 40_000,
        "line-separators": "a\u2028b\u2029c\x85d\r\ne\rf\n" * 50_000,
        "joined-emoji": "👩‍👩‍👧‍👦🏳️‍🌈" * 15_000,
        "combining": "a" + "\u0301" * 400_000,
        "camel-case": "aB" * 400_000,
        "cjk": "漢字" * 160_000,
    }


REFUSED = {
    "nul": "a\0b",
    "lone-surrogate": "a\ud800b",
    "reversed-surrogates": "\udc00\ud800",
    "too-large": "x" * (LARGEST + 1),
    "too-large-in-bytes": "é" * (LARGEST // 2 + 1),
}


@dataclass(slots=True)
class Judge:
    """Calls a server and holds it to its promises; keeps the slowest."""

    server: Server
    slowest_cpu: float = 0.0
    slowest: str = ""
    refused: int = 0

    def call(self, what: str, tool: str, **arguments: Any) -> Answer:
        before = cpu_of(self.server.pid)
        answer = self.server.call(tool, **arguments)
        cpu = cpu_of(self.server.pid) - before
        if cpu > self.slowest_cpu:
            self.slowest_cpu, self.slowest = cpu, f"{tool} {what}"
        if min(cpu, answer.seconds) > LONGEST * slowness():
            raise BrokenPromise(f"{tool} of {what} took {answer.seconds:.2f} s, {cpu:.2f} s of them at work")
        self.refused += answer.failed
        if answer.failed and (not answer.text.strip() or "Traceback" in answer.text or "Internal" in answer.text):
            raise BrokenPromise(f"{tool} of {what} fails without saying what is wrong: {answer.text[:300]!r}")
        return answer


def cpu_of(pid: int) -> float:
    """Seconds that a process has computed, all its threads together, those that have ended too (see proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def most_memory(pid: int) -> float:
    """Megabytes that a process has held at most."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def attack(folder: Path, *, seed: int, queries: int = 20_000, only: Iterable[str] = ()) -> HostileFigures:
    """Send the texts (or only some of them), then the queries. Raises BrokenPromise."""
    database, dice = folder / "notewell.db", Random(seed)
    chosen = {name: text for name, text in texts(dice).items() if not only or name in only}
    with Server(database) as server, Server(database, "beside") as beside:
        for number in range(50):
            content = "".join(dice.choices(ALPHABETS[0] + ALPHABETS[3], k=500))
            _ = server.call("upsert_note", slug=f"usual-{number}", content=f"# Usual\n\n{content}", format="json").data
        judge = Judge(server)
        beside_waits = Beside(beside).during(lambda: send_texts(judge, chosen))
        on_texts = judge.slowest, judge.slowest_cpu, judge.refused
        asked = Judge(server)
        times = times_of([ask(asked, random_query(dice)) for _ in range(queries)])
        memory = most_memory(server.pid)
        if memory > MOST_MEMORY:
            raise BrokenPromise(f"the server held {memory:.0f} MB")
        if beside_waits.longest > LONGEST * slowness():
            raise BrokenPromise(f"a small write waited {beside_waits.longest:.2f} s behind a hostile one")
    check_store(database)
    return HostileFigures(
        queries=times,
        queries_refused=asked.refused,
        slowest_query_cpu=asked.slowest_cpu,
        texts=len(chosen) + len(REFUSED),
        slowest_call_on_a_text=on_texts[0],
        slowest_call_on_a_text_cpu=on_texts[1],
        texts_refused=on_texts[2],
        most_memory_in_megabytes=memory,
        small_writes_beside=beside_waits,
    )


def ask(judge: Judge, query: str) -> float:
    return judge.call(f"query {query[:60]!r}", "search_notes", query=query).seconds


def send_texts(judge: Judge, chosen: dict[str, str]) -> None:
    for name, text in REFUSED.items():
        if not judge.call(name, "upsert_note", slug=name, content=text).failed:
            raise BrokenPromise(f"{name} was taken for a note")
    for name, text in chosen.items():
        send_text(judge, name, text)


def send_text(judge: Judge, name: str, text: str) -> None:
    """Write the note, read it in every form, change it in every way, and delete it."""
    written = judge.call(name, "upsert_note", slug=name, content=text, format="json")
    if written.failed:
        raise BrokenPromise(f"{name} is no note: {written.text[:300]}")
    whole = judge.call(name, "get_note", ref=name, max_chars=1_000_000, format="json").data["markdown"]
    if whole != text:
        raise BrokenPromise(f"{name} is not kept as it was written")
    for view in ("html", "toc", "meta"):
        judge.call(f"{name}, {view}", "get_note", ref=name, view=view, include="links,history")
    judge.call(f"{name}, append", "edit_note", ref=name, mode="append", new_text="\n\nadded\n")
    judge.call(f"{name}, replace", "edit_note", ref=name, mode="replace", old_text="not there at all", new_text="x")
    judge.call(f"{name}, stale", "upsert_note", slug=name, content=text[: len(text) // 2] + "\n", if_revision=1)
    judge.call(f"{name}, dry", "edit_note", ref=name, mode="prepend", new_text="first\n\n", dry_run=True)
    for arguments in ({"diff": "1..2"}, {"blame": True}):
        judge.call(f"{name}, {json.dumps(arguments)}", "revisions", ref=name, **arguments)
    judge.call(name, "search_notes", query=f"{name} added ab word heading")
    judge.call(name, "delete_note", ref=name)


@dataclass(slots=True)
class Beside:
    """Another agent, who writes small notes all the while: nothing that takes long may hold the gate."""

    server: Server
    done: bool = False

    def during(self, work: Callable[[], None]) -> Times:
        with ThreadPoolExecutor(1) as thread:
            waits = thread.submit(self.write)
            try:
                work()
            finally:
                self.done = True
            return times_of(waits.result())

    def write(self) -> list[float]:
        waits: list[float] = []
        while not self.done:
            answer = self.server.call("upsert_note", slug=f"small-{len(waits)}", content="small", format="json")
            _ = answer.data
            waits.append(answer.seconds)
            self.server.has_spoken(0.02)  # nothing comes: this is a pause
        return waits
