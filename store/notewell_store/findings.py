"""What the upkeep of a store answers, as data: checks of the doctor, verdicts of verify, backups, and what was saved.

Imports nothing of ours: the contract names these.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

State = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, and how it is. `advice` says what to do; it is empty where nothing needs doing."""

    name: str
    state: State
    found: str
    advice: str = ""


def ok(name: str, found: str) -> Check:
    return Check(name, "ok", found)


def warning(name: str, found: str, advice: str) -> Check:
    return Check(name, "warning", found, advice)


def problem(name: str, found: str, advice: str) -> Check:
    return Check(name, "problem", found, advice)


def worst(checks: Iterable[Check]) -> State:
    states = {check.state for check in checks}
    return "problem" if "problem" in states else "warning" if "warning" in states else "ok"


Kind = Literal["file", "kept", "lost", "derived", "circle"]
"""`file`: the engine finds its own order broken. `kept`: text or metadata are not what was written. `lost`: a change
was committed here and is not in the store. `derived`: what is made from the text (search, links, sections)
disagrees with it, and can be made again. `circle`: notes are each other's parents, so that none of them stands at
the top; all that was written is there."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `note` is a slug, or `note 17` where not even that can be read."""

    kind: Kind
    what: str
    note: str | None = None
    revision: int | None = None

    def __str__(self) -> str:
        where = self.note or "the file"
        return f"{where}{f'@{self.revision}' if self.revision else ''}: {self.what}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verify found. `unfinished` names notes that an import has yet to make ready for search: no damage."""

    notes: int
    revisions: int
    last_seq: int
    findings: tuple[Finding, ...] = ()
    unfinished: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        return not self.findings

    @property
    def damage(self) -> tuple[Finding, ...]:
        """The findings of which a copy of the store would be worth less than the store was: all but circles, which a
        write mends."""
        return tuple(finding for finding in self.findings if finding.kind != "circle")

    @property
    def damaged_notes(self) -> tuple[str, ...]:
        """Every note that a finding names, in the order of the findings."""
        return tuple(dict.fromkeys(finding.note for finding in self.findings if finding.note is not None))


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes in bytes. `backup_age` is the seconds since the last backup that is known of, None where there is none."""

    database_bytes: int
    wal_bytes: int
    backup_age: float | None


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup; `verdict` is of the copy. `removed` are the older ones that had to make room."""

    path: Path
    bytes: int
    verdict: Verdict
    removed: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Copied:
    """A store that was copied into another place. `verdict` is of the copy. `tokens` are those that were copied too;
    `found` are the rows that were there already, of a copy that was cut off."""

    source: str
    target: str
    verdict: Verdict
    tokens: int = 0
    found: int = 0


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put in place, and where what had been there is kept (None: nothing was there). `unknown` are the names
    of tokens of which nothing tells whether they were revoked since; `unredacted` are revisions that were redacted
    here, as `sop-deploy@3..5`, and are back as they were."""

    database: Path | str
    kept: Path | None
    verdict: Verdict
    unknown: tuple[str, ...] = ()
    unredacted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OldCopy:
    """A copy of a store that holds `revisions`, each as `note id, revision`, as they were before they were redacted.
    Where it is not `is_readable`, nobody can tell: it holds none or all of them."""

    path: Path
    revisions: tuple[tuple[int, int], ...] = ()
    is_readable: bool = True


@dataclass(frozen=True, slots=True)
class Lost:
    """A revision that could not be saved; None stands for a whole note. `note` is a slug where one is known."""

    note: str
    revision: int | None


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What was saved, and what was not.

    `unproved` are files with newest texts that can be read but do not match their SHA-256, for people to judge.
    `tables` could not be read whole; `verdict` is of the new store.
    """

    path: Path
    notes: int
    revisions: int
    lost: tuple[Lost, ...]
    unproved: tuple[Path, ...]
    tables: tuple[str, ...]
    verdict: Verdict

    @property
    def complete(self) -> bool:
        return not (self.lost or self.unproved or self.tables)


class Numbers(NamedTuple):
    """Whole numbers that were read as far as that goes, and what went wrong between."""

    found: set[int]
    fault: str | None
