"""The Open Knowledge Format: bundles are read, and written so that they are read as they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.conftest import Knowledge, place_of

from notewell_store import Attribution, open_store
from notewell_store.files.exporting import export_notes
from notewell_store.files.importing import import_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.store.files.conftest import Files

CONCEPT = """---
type: Playbook
title: Revenue review
description: How we look at revenue
tags: [finance, weekly]
status: active
generated: {by: enrichment-agent/1.2, at: 2024-05-01T10:00:00Z}
verified:
  - {by: ann, at: 2024-06-01}
stale_after: 2025-01-01
---
See [customers](/tables/customers.md).
"""


@pytest.fixture
def bundle(files: Files) -> Files:
    files.write("index.md", '---\nokf_version: "0.2"\n---\n\n- [Review](playbooks/review.md)\n')
    files.write("log.md", "## 2024-05-01\n\n- made\n")
    files.write("playbooks/index.md", "- [Review](review.md)\n")
    files.write("playbooks/review.md", CONCEPT)
    files.write("tables/customers.md", "---\ntype: Table\ntimestamp: 2024-07-01T00:00:00Z\n---\n# Customers\n")
    return files


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Knowledge]:
    store = open_store(place_of(tmp_path / "other.db"))
    yield Knowledge(store)
    store.close()


def test_a_concept_is_a_note_of_its_type_whose_maker_and_time_are_known(knowledge: Knowledge, bundle: Files) -> None:
    assert bundle.reader() == "okf"
    done = bundle.into(knowledge.store)
    note = knowledge.note("playbooks-review")
    said = note.metadata
    assert (said.title, said.note_type, said.tags, said.status) == (
        "Revenue review",
        "playbook",
        ("finance", "weekly"),
        "active",
    )
    (first,) = knowledge.history("playbooks-review")
    assert (first.actor, first.revised_at) == ("enrichment-agent/1.2", "2024-05-01T10:00:00.000Z")
    assert "verified:" in note.markdown and "generated:" not in note.markdown
    assert knowledge.note("tables-customers").created_at == "2024-07-01T00:00:00.000Z"
    assert done.dangling == 0


def test_indexes_and_logs_that_are_no_concepts_are_no_notes(knowledge: Knowledge, bundle: Files) -> None:
    done = bundle.into(knowledge.store)
    assert sum(int(kind.split()[0]) for kind in done.passed_over.items) == 3
    assert knowledge.listed(note_type="playbook") == ["playbooks-review"]


def test_a_bundle_whose_index_names_no_version_is_known_by_its_concepts(files: Files) -> None:
    files.write("index.md", "# Tables\n\n- [A](a.md)\n")
    files.write(
        "a.md", "---\ntype: Table\ngenerated:\n  by: agent\n  at: '2026-07-10T22:59:00+00:00'\ntags:\n- x\n---\nA\n"
    )
    files.write("b.md", "---\ntype: Table\n---\nB\n")
    assert files.reader() == "okf"
    files.write("c.md", "no type\n")
    assert files.reader() == "markdown"


@pytest.mark.parametrize(
    "generated", ["yesterday", "{by: [a, b], at: {x: y}}", "&a [*a]", "{at: 2024-13-99}", "{by: 'x', at: }"]
)
def test_what_cannot_be_read_of_its_making_costs_nothing_else(
    knowledge: Knowledge, files: Files, generated: str
) -> None:
    files.write("index.md", "---\nokf_version: 0.2\n---\n")
    files.write("a.md", f"---\ntype: Metric\ngenerated: {generated}\ntitle: Alpha\n---\nA\n")
    files.into(knowledge.store)
    assert (knowledge.note("a").metadata.title, knowledge.note("a").metadata.note_type) == ("Alpha", "metric")


def everything(knowledge: Knowledge) -> dict[str, tuple[object, ...]]:
    every = {slug: knowledge.note(slug) for slug in knowledge.listed()}
    return {
        slug: (
            note.metadata,
            note.markdown,
            note.created_at,
            note.updated_at,
            knowledge.aliases(slug),
            knowledge.outgoing(slug),
        )
        for slug, note in every.items()
    }


def test_an_exported_bundle_is_read_as_the_same_notes(
    knowledge: Knowledge, other: Knowledge, bundle: Files, tmp_path: Path
) -> None:
    bundle.into(knowledge.store)
    odd = Attribution('An "odd" name: 🙂', at="2024-01-01T00:00:00.000Z")
    knowledge.put("plain", "Says [[playbooks-review]].\n", by=odd)
    knowledge.rewrite("plain", "---\nmine: {a: b}\n---\r\nSays [[playbooks-review]] again.\n", is_public=True)
    knowledge.rename("plain", "plainer")
    export_notes(knowledge.store, tmp_path / "out", okf=True)
    done = import_folder(other.store, tmp_path / "out")
    assert everything(other) == everything(knowledge)
    assert done.passed_over.items == ("1 index.md",)
    assert [note.actor for note in map(other.note, other.listed())] == [
        note.actor for note in map(knowledge.note, knowledge.listed())
    ]


def test_every_file_of_an_exported_bundle_has_a_type_and_the_index_names_it(
    knowledge: Knowledge, tmp_path: Path
) -> None:
    knowledge.put("a", "A", title="The [first]")
    export_notes(knowledge.store, tmp_path, okf=True, overwrite=True)
    assert "\ntype: note\n" in (tmp_path / "a.md").read_text()
    index = (tmp_path / "index.md").read_text()
    assert index.startswith("---\nokf_version: '0.2'\n---\n") and "- [The \\[first\\]](<a.md>)" in index


def test_notes_whose_names_are_reserved_are_written_beside_them_and_read_as_they_were(
    knowledge: Knowledge, other: Knowledge, files: Files, tmp_path: Path
) -> None:
    files.write("index.md", "# Start here\n\n[b](b.md)\n")
    files.write("guide/index.md", "# Guide\n\n[log](log.md) [home](../index.md) [readme](README.md)\n")
    files.write("guide/README.md", "# Read me\n")
    files.write("guide/log.md", "# Log\n")
    files.write("b.md", "[home](index.md)\n")
    files.into(knowledge.store)
    export_notes(knowledge.store, tmp_path / "out", okf=True)
    import_folder(other.store, tmp_path / "out")
    assert everything(other) == everything(knowledge)
    assert {path.name for path in (tmp_path / "out" / "guide").iterdir()} == {"README.md", "_index.md", "_log.md"}


def test_a_bundle_is_exported_again_into_its_folder(knowledge: Knowledge, tmp_path: Path) -> None:
    knowledge.put("a", "A")
    export_notes(knowledge.store, tmp_path / "out", okf=True)
    knowledge.put("b", "B")
    done = export_notes(knowledge.store, tmp_path / "out", okf=True)
    assert (done.notes, done.removed) == (2, 0)
    back = export_notes(knowledge.store, tmp_path / "out")
    assert (back.removed, (tmp_path / "out" / "index.md").exists()) == (1, False)
