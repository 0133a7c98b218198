"""What agents ask of a store, in the shares in which they ask it; drawn from what the store holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from notewell_store import open_store
from notewell_tools.catalogue import CATALOGUE
from prose import asked, paragraph, words

SAMPLE = 3_000  # notes that the calls are about
REFERENCES = 20  # in one reference check

SHARES = {
    "section": 20,
    "contents": 15,
    "list, three tags": 10,
    "list, type and project": 10,
    "get": 15,
    "search": 10,
    "check_refs": 8,
    "brief": 5,
    "edit of a section": 5,
    "new note": 1,
    "new status": 1,
}
ASIDE = ("history", "history of all")
"""Asked for seldom; measured beside the mix."""


class Asked(NamedTuple):
    """One call: which operation it counts as, the tool, its arguments."""

    operation: str
    tool: str
    arguments: dict[str, Any]


class Known(NamedTuple):
    slug: str
    labels: tuple[str, ...]
    note_type: str
    project: str | None
    anchors: tuple[str, ...]


class Mix:
    """Draws calls, the same for the same store and seed."""

    def __init__(self, database: Path | str, seed: int) -> None:
        self._dice = Random(seed)
        self._known = _sample(database, Random(seed))
        self._new = 0

    def calls(self, count: int) -> Iterator[Asked]:
        """So many calls in the shares of an agent's day, without those that no tool of the catalogue answers."""
        shares = {name: share for name, share in SHARES.items() if _tool_of(name) in CATALOGUE}
        for name in self._dice.choices(list(shares), list(shares.values()), k=count):
            yield self.call(name)

    def call(self, operation: str) -> Asked:
        return Asked(operation, _tool_of(operation), self._arguments(operation))

    def _arguments(self, operation: str) -> dict[str, Any]:  # noqa: C901 - one case for each operation
        dice, note = self._dice, self._dice.choice(self._known)
        match operation:
            case "section":
                return {"ref": f"{note.slug}#{dice.choice(note.anchors)}"}
            case "contents":
                return {"ref": note.slug, "view": "toc"}
            case "list, three tags":
                return {"tags": dice.sample(note.labels, min(3, len(note.labels)))}
            case "list, type and project":
                return {"note_type": note.note_type, "project": note.project or "project-0"}
            case "get":
                return {"ref": note.slug}
            case "search":
                return {"query": self._query()}
            case "check_refs":
                return {"text": self._text_with_references()}
            case "brief":
                return {"project": f"project-{int(28 * dice.random() ** 2)}"}
            case "edit of a section":
                return {
                    "ref": f"{note.slug}#{dice.choice(note.anchors)}",
                    "mode": "append",
                    "new_text": paragraph(dice),
                }
            case "new status":
                return {"slug": note.slug, "status": dice.choice(["active", "completed"]), "reason": words(5, dice)}
            case "new note":
                self._new += 1
                text = f"# {asked(4, dice)}\n\n{paragraph(dice)}\nSee [[{note.slug}]].\n"
                return {"slug": f"new-{dice.getrandbits(40):x}-{self._new}", "content": text, "tags": note.labels[:3]}
            case "history":
                return {"ref": note.slug}
            case _:
                return {}

    def _query(self) -> str:
        """Half of them names and words, half of them sentences with words of every commonness."""
        dice = self._dice
        return asked(dice.randint(2, 4), dice) if dice.random() < 0.5 else f"how {words(6, dice)} {asked(2, dice)}?"

    def _text_with_references(self) -> str:
        notes = self._dice.choices(self._known, k=REFERENCES)
        named = [f"{note.slug}#{note.anchors[-1]}" if place % 4 == 0 else note.slug for place, note in enumerate(notes)]
        named[0] += "-gone"
        return "\n".join(f"- as [[{name}]] says" for name in named)


def _tool_of(operation: str) -> str:
    named = {
        "search": "search_notes",
        "edit of a section": "edit_note",
        "new note": "upsert_note",
        "new status": "upsert_note",
        "check_refs": "check_refs",
        "brief": "brief",
    }
    if operation.startswith("history"):
        return "revisions"
    return named.get(operation) or ("list_notes" if operation.startswith("list") else "get_note")


def _sample(database: Path | str, dice: Random) -> list[Known]:
    store = open_store(database)
    with store.reading() as db:
        ids = [note_id for (note_id,) in db.execute("SELECT id FROM notes WHERE NOT deleted ORDER BY id")]
        known = []
        for note_id in sorted(dice.sample(ids, min(SAMPLE, len(ids)))):
            slug, note_type, project = db.execute(
                """SELECT n.slug, n.note_type, p.slug FROM notes n LEFT JOIN projects p ON p.id = n.project_id
                   WHERE n.id = ?""",
                (note_id,),
            ).fetchone()
            labels = db.execute("SELECT label FROM labels WHERE note_id = ? ORDER BY label", (note_id,)).fetchall()
            anchors = db.execute("SELECT anchor FROM sections WHERE note_id = ? ORDER BY number", (note_id,)).fetchall()
            if note_type and anchors:
                known.append(
                    Known(
                        slug,
                        tuple(w for (w,) in labels),
                        note_type,
                        project,
                        tuple(a for (a,) in anchors[1:] or anchors),
                    )
                )
    store.close()
    return known
