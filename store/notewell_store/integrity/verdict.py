"""What `verify` found, as data."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["file", "kept", "lost", "derived"]
"""`file`: SQLite finds its own order broken. `kept`: text or metadata are not what was written. `lost`: a change
was committed here and is not in the file. `derived`: what is made from the text (search, links, sections)
disagrees with it, and can be made again."""


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
    """`unfinished` names notes that an import has yet to make ready for search: no damage."""

    notes: int
    revisions: int
    last_seq: int
    findings: tuple[Finding, ...] = ()
    unfinished: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        return not self.findings

    @property
    def damaged_notes(self) -> tuple[str, ...]:
        """Every note that a finding names, in the order of the findings."""
        return tuple(dict.fromkeys(finding.note for finding in self.findings if finding.note is not None))
