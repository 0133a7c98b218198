"""What the file holds of history: chains, sizes, and that damage is seen."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from notewell_store import Attribution, Damaged
from notewell_store.models import ExplicitLink, Metadata
from notewell_store.tables import deltas
from notewell_store.tables.history import blame_note
from notewell_store.tables.revisions import LONGEST_CHAIN, Packed, next_of, read_metadata, write_metadata

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Knowledge

    from notewell_store import Store

WORDS = [f"word{number}" for number in range(5000)]


def prose(rng: random.Random, size: int) -> list[str]:
    """Lines of words that do not repeat as a whole."""
    lines: list[str] = []
    while sum(map(len, lines)) < size:
        lines.append(" ".join(rng.choices(WORDS, k=12)) + "\n")
    return lines


def size_of_history(knowledge: Knowledge) -> int:
    with knowledge.store.reading() as db:
        (size,) = db.execute("SELECT sum(length(text)) + sum(coalesce(length(metadata), 0)) FROM revisions").fetchone()
    return int(size)


def test_two_hundred_small_edits_of_a_long_note_cost_little_more_than_the_note(knowledge: Knowledge) -> None:
    rng = random.Random(7)
    lines = ["```\n", *prose(rng, 60_000), "```\n"]  # code, which is soonest rendered
    knowledge.put("long", "".join(lines))
    first = size_of_history(knowledge)
    texts = ["".join(lines)]
    for number in range(200):
        lines[rng.randrange(1, len(lines) - 1)] = f"edit {number} {rng.choice(WORDS)}\n"
        texts.append("".join(lines))
        knowledge.rewrite("long", texts[-1])
    for revision in (1, 2, LONGEST_CHAIN, LONGEST_CHAIN + 1, LONGEST_CHAIN + 2, 130, 200, 201):
        assert knowledge.note(f"long@{revision}").markdown == texts[revision - 1]
    assert size_of_history(knowledge) < 5 * first
    assert size_of_history(knowledge) < sum(map(len, texts)) / 80


def test_no_chain_of_differences_is_longer_than_its_bound(knowledge: Knowledge) -> None:
    knowledge.put("a", "start\n" * 200)
    for number in range(3 * LONGEST_CHAIN):
        if number % 3:
            knowledge.edit("a", "append", f"line {number}")
        else:
            knowledge.put("a", status=f"s{number}")
    with knowledge.store.reading() as db:
        rows = db.execute("SELECT revision, base, text IS NOT NULL FROM revisions ORDER BY revision").fetchall()
    for revision, base, _ in rows:
        assert base <= revision
        assert sum(holds for other, _, holds in rows if base < other <= revision) <= LONGEST_CHAIN


def test_a_change_of_metadata_alone_keeps_no_second_text(knowledge: Knowledge) -> None:
    knowledge.put("a", "text\n" * 1000)
    knowledge.put("a", status="active")
    knowledge.rewrite("a", "other\n" * 1000)
    with knowledge.store.reading() as db:
        rows = db.execute("SELECT text IS NULL, metadata IS NULL FROM revisions ORDER BY revision").fetchall()
    assert rows == [(0, 0), (1, 0), (0, 1)]


def test_texts_that_have_nothing_in_common_are_kept_and_found_again(knowledge: Knowledge) -> None:
    rng = random.Random(3)
    texts = ["".join(prose(rng, rng.choice((0, 10, 2_000)))) for _ in range(40)]
    knowledge.put("a", texts[0])
    revisions = [1] + [knowledge.rewrite("a", text).revision for text in texts[1:]]
    for revision, text in zip(revisions, texts, strict=True):
        assert knowledge.note(f"a@{revision}").markdown == text


@pytest.mark.parametrize(
    "metadata",
    [
        Metadata("a", "A"),
        Metadata("a", 'q"\\ 日本 🏴', "plan", "In Progress", "web", ("x", "é"), "top", 0, True, True),
        Metadata("a", "A", position=-3, links=(ExplicitLink("blocks", "b#c"), ExplicitLink("relates", "d"))),
    ],
)
def test_metadata_is_written_in_one_way_and_read_back(metadata: Metadata) -> None:
    text = write_metadata(metadata)
    assert read_metadata(text) == metadata
    assert write_metadata(read_metadata(text)) == text


# The history of a note `a` of six revisions is damaged in each column in turn.
DAMAGES: list[tuple[str, Callable[[Any], str | bytes]]] = [
    ("text", lambda text: bytes(text)[:-1]),
    ("text", lambda text: bytes(text) + b"\0"),
    ("text", lambda _: b"W"),
    ("text", lambda _: b""),
    ("text", lambda _: b"D\xff\xff\xff\xff\xff"),
    ("metadata", lambda metadata: str(metadata).replace("Title", "Other")),
    ("actor", lambda _: "someone else"),
    ("revised_by", lambda _: "pr/9"),
    ("reason", lambda _: "another"),
    ("revised_at", lambda _: "2020-01-01T00:00:00.000Z"),
    ("changed", lambda _: "title"),
    ("sha256", lambda _: bytes(32)),
]


def forge(store: Store, revision: int, column: str, value: Callable[[Any], str | bytes]) -> None:
    """Change what is kept, as nobody may."""
    with store.writing() as db:
        (kept,) = db.execute(f"SELECT {column} FROM revisions WHERE revision = ?", (revision,)).fetchone()
        with db.rewriting(()):
            db.execute(f"UPDATE revisions SET {column} = ? WHERE revision = ?", (value(kept), revision))


@pytest.mark.parametrize(("column", "value"), DAMAGES)
def test_damage_of_any_part_of_a_revision_is_seen_when_it_is_read(
    knowledge: Knowledge, column: str, value: Callable[[Any], str | bytes]
) -> None:
    by = Attribution("ann", "pr/1", "because")
    knowledge.put("a", "text one\n" * 50, title="Title", by=by)
    for number in range(2, 7):
        knowledge.rewrite("a", f"text {number}\n" * 50, by)
    target = 1 if column == "metadata" else 3
    forge(knowledge.store, target, column, value)
    with pytest.raises(Damaged):
        knowledge.note(f"a@{target}")


def test_damage_in_a_chain_is_seen_by_blame_too(knowledge: Knowledge) -> None:
    knowledge.put("a", "text one\n" * 50)
    for number in range(2, 7):
        knowledge.rewrite("a", f"text {number}\n" * 50)
    forge(knowledge.store, 3, "text", lambda _: b"D\xff\xff\xff\xff\xff")
    with knowledge.store.reading() as db, pytest.raises(Damaged):
        blame_note(db, knowledge.id_of("a"))


@pytest.mark.parametrize("packed", [None, Packed(None, "One."), Packed(None, "Two."), Packed("One.", "Two.")])
def test_what_was_packed_before_is_kept_of_the_very_text_only(knowledge: Knowledge, packed: Packed | None) -> None:
    with knowledge.store.reading() as db:
        blob = next_of(db, None, "Two.", packed).blob
    assert blob is not None
    assert deltas.decode(b"", blob) == b"Two."
