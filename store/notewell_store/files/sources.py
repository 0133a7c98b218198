"""Sources: the folders and repositories that notes were imported from, and what of each is already here.

The table of origins keeps, for every path, its note and a `digest`: a JSON object of the revision that the
import made last, the mark of the bytes that it read, what the file said of itself and the parent that it was
given. By that a later import tells what changed in the file from what was changed here. Where no revision says what the
file does, because the note was merged with it, the file's text is kept too.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, NamedTuple

from notewell_store.contract import Snapshot
from notewell_store.errors import Invalid
from notewell_store.files.front_matter import NOTHING, FrontMatter
from notewell_store.models import ExplicitLink
from notewell_store.tables.origins import origins_of_note, read_origins, write_digests
from notewell_store.tables.sources import Source, move_tip

SAID = tuple(f.name for f in fields(FrontMatter))


class Offer(NamedTuple):
    """What a file says and its note does not, because it was changed here as well: the revision that holds it, and the
    mark of the file."""

    revision: int
    mark: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a note stands with its file. `mark` is empty while there is no file; `text` is what the file said last,
    where that is not what `revision` says."""

    note_id: int
    revision: int
    mark: str
    front: FrontMatter = NOTHING
    parent_id: int | None = None
    text: str | None = None
    offer: Offer | None = None


class Leg(NamedTuple):
    """A stretch of a repository's history: what `target` has since `base`, of which all up to `last` is taken.

    A source's tip is written as `target` when all is, else as `base..target@last`.
    """

    base: str | None
    target: str
    last: str | None = None

    @classmethod
    def read(cls, tip: str) -> "Leg":
        stretch, _, last = tip.partition("@")
        base, _, target = stretch.rpartition("..")
        return cls(base or None, target, last or None)

    def __str__(self) -> str:
        return self.target if self.last is None else f"{self.base or ''}..{self.target}@{self.last}"


def advance(db: Snapshot, source: Source, before: str | None, after: str | None) -> None:
    """Say how far the import has come. Raises Invalid when another import of the source has been at work since."""
    if not move_tip(db, source.id, before, after):
        raise Invalid(f"another import of {source.name} is at work: wait until it has ended, then import again", "path")


def origins_of(db: Snapshot, source_id: int) -> dict[str, Origin]:
    """By path. The path of a folder without a page ends in a slash."""
    return {path: _read(note_id, digest) for path, note_id, digest in read_origins(db, source_id)}


def keep_origins(db: Snapshot, source_id: int, origins: dict[str, Origin]) -> None:
    """Write anew what is kept of paths that are there already."""
    write_digests(db, source_id, {path: digest_of(origin) for path, origin in origins.items()})


def digest_of(origin: Origin) -> str:
    said = {name: value for name in SAID if (value := getattr(origin.front, name)) is not None}
    if "links" in said:
        said["links"] = [asdict(link) for link in said["links"]]
    kept = {"revision": origin.revision, "mark": origin.mark, "parent": origin.parent_id, "says": said}
    if origin.text is not None:
        kept["text"] = origin.text
    if origin.offer is not None:
        kept["offer"] = origin.offer
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


UNREAD = "redacted"
"""A mark that no file has: the next import reads it anew."""


def forget_file(db: Snapshot, note_id: int, is_redacted: Callable[[int, str | None], bool]) -> None:
    """Keep nothing of what the note's file said, in words or as a mark, where `is_redacted` says so of the revision
    that it became, or of its text."""
    for source_id, path, digest in origins_of_note(db, note_id):
        origin = _read(note_id, digest)
        offered = origin.offer is not None and is_redacted(origin.offer.revision, None)
        if offered or is_redacted(origin.revision, origin.text):
            unread = replace(origin, mark=UNREAD, front=NOTHING, text=None, offer=None)
            write_digests(db, source_id, {path: digest_of(unread)})


def _read(note_id: int, digest: str | None) -> Origin:
    kept = json.loads(digest or '{"revision":0,"mark":"","parent":null,"says":{}}')
    said: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in kept["says"].items()
    }
    if "links" in said:
        said["links"] = tuple(ExplicitLink(**link) for link in said["links"])
    offer = Offer(*kept["offer"]) if "offer" in kept else None
    front = FrontMatter(**said)
    return Origin(note_id, kept["revision"], kept["mark"], front, kept["parent"], kept.get("text"), offer)
