"""The memories of other servers become notes: entities and memories in JSON, Markdown with permalinks."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from notewell_store.files.folder import SingleFile
from notewell_store.files.readers import reader_of
from notewell_store.models import ExplicitLink

if TYPE_CHECKING:
    from tests.conftest import Knowledge
    from tests.store.files.conftest import Files

GRAPH: list[Any] = [
    {"type": "relation", "from": "Ada Lovelace", "to": "Engine/1", "relationType": "works on"},
    {"type": "relation", "from": "Ada Lovelace", "to": "Nobody", "relationType": "knows"},
    {"type": "relation", "from": "Ghost", "to": "Ada Lovelace", "relationType": "haunts"},
    {"type": "entity", "name": "Ada Lovelace", "entityType": "Person", "observations": ["writes notes", "two\nlines"]},
    {"type": "entity", "name": "Engine/1", "entityType": "machine", "observations": []},
    {"type": "entity", "name": "日本", "entityType": "place", "observations": ["far away"]},
    {"type": "entity", "name": "Ada Lovelace", "entityType": "Person", "observations": ["writes notes", "lived"]},
]


def graph(files: Files, rows: list[Any]) -> None:
    files.write("memory.jsonl", "\n".join(json.dumps(row) for row in rows) + "\nnot JSON\n")


def test_a_graph_of_entities_is_a_note_each_with_its_relations(knowledge: Knowledge, files: Files) -> None:
    graph(files, GRAPH)
    os.utime(files.path / "memory.jsonl", (1_700_000_000, 1_700_000_000))
    assert reader_of(SingleFile(files.path / "memory.jsonl")).name == "server-memory"
    done = files.only("memory.jsonl", knowledge.store)
    ada = knowledge.note("ada-lovelace")
    assert (ada.metadata.title, ada.metadata.note_type) == ("Ada Lovelace", "person")
    assert ada.markdown == "- writes notes\n- two\n  lines\n- lived\n"
    assert ada.metadata.links == (ExplicitLink("knows", "nobody"), ExplicitLink("works-on", "engine-1"))
    assert ada.created_at == "2023-11-14T22:13:20.000Z"
    titles = {knowledge.note(slug).metadata.title for slug in knowledge.listed()}
    assert titles == {"Ada Lovelace", "Engine/1", "日本"}
    told = {item.path: item.reason for item in done.skipped.items}
    assert told == {
        "relation 3 of 7": "there is no entity Ghost",
        "line 8": "neither an entity nor a relation in JSON",
    }
    assert done.passed_over.items == ()


def test_of_a_graph_that_grew_only_what_is_new_is_taken(knowledge: Knowledge, files: Files) -> None:
    graph(files, GRAPH)
    files.only("memory.jsonl", knowledge.store)
    assert files.only("memory.jsonl", knowledge.store).revisions == 0
    graph(files, [*GRAPH, {"type": "entity", "name": "Nobody", "entityType": "person", "observations": ["is here"]}])
    done = files.only("memory.jsonl", knowledge.store)
    assert (done.created, done.revisions) == (1, 1)
    assert knowledge.dangling("ada-lovelace") == []


@pytest.mark.parametrize(
    "row",
    [
        {"type": "entity", "name": "a\x00b", "entityType": "x" * 200, "observations": "none"},
        {"type": "entity", "name": "../../up", "entityType": 3, "observations": [{"content": "kept"}, 4, ""]},
        {"type": "entity", "name": "\ud800", "entityType": "x", "observations": ["\ud800"]},
    ],
)
def test_an_entity_that_looks_odd_is_taken_or_told(knowledge: Knowledge, files: Files, row: dict[str, Any]) -> None:
    graph(files, [row, GRAPH[4]])
    done = files.only("memory.jsonl", knowledge.store, reader="server-memory")
    assert done.created + done.skipped.total == 3  # the last line of every graph is none
    assert done.created >= 1


def test_memories_of_a_service_are_a_note_each_with_tags_type_and_time(knowledge: Knowledge, files: Files) -> None:
    memories: list[Any] = [
        {
            "content": "## Deploys run at night\nBecause nobody is there.",
            "content_hash": "abcdef0123456789",
            "tags": ["Ops", "night shift"],
            "created_at": 1_700_000_000.25,
            "updated_at": 1_700_000_100,
            "memory_type": "decision",
        },
        {"content": "Deploys run at night", "content_hash": "fedcba", "tags": "ops,night", "created_at": "2024-01-02"},
        {"content": "  "},
        "no memory",
    ]
    files.write("export.json", json.dumps({"export_metadata": {"total": 4}, "memories": memories}))
    assert reader_of(SingleFile(files.path / "export.json")).name == "mcp-memory-service"
    done = files.only("export.json", knowledge.store)
    first, second = knowledge.note("deploys-run-at-night-abcdef"), knowledge.note("deploys-run-at-night-fedcba")
    assert (first.metadata.title, first.metadata.note_type) == ("Deploys run at night", "decision")
    assert first.metadata.tags == ("night-shift", "ops")
    assert (first.created_at, first.updated_at) == ("2023-11-14T22:13:20.250Z", "2023-11-14T22:15:00.000Z")
    assert first.markdown == "## Deploys run at night\nBecause nobody is there.\n"
    assert (second.metadata.tags, second.created_at) == (("night", "ops"), "2024-01-02T00:00:00.000Z")
    assert {item.path for item in done.skipped.items} == {"memory 3", "memory 4"}
    assert files.only("export.json", knowledge.store).revisions == 0


@pytest.mark.parametrize("text", ["[" * 100_000, '{"memories": 3}', '{"memories": [', "", "nothing"])
def test_a_file_that_is_no_export_of_memories_is_told(knowledge: Knowledge, files: Files, text: str) -> None:
    files.write("export.json", text)
    for reader in ("mcp-memory-service", "server-memory"):
        assert files.only("export.json", knowledge.store, reader=reader).created == 0


NOTE = """---
title: Search
type: component
permalink: parts/search-engine
tags:
- core
---
# Search

- [design] ranks by text #ranking (since 2)
- [[Nowhere]]
- depends on [[Catalogue]]
- "is part of" [[Whole Thing]] (for now)
- implements [[parts/plan|the plan]]
- A sentence, with a comma, that names [[Catalogue]]

See memory://parts/all.
"""


@pytest.fixture
def memory(files: Files) -> Files:
    files.write("parts/Search.md", NOTE)
    files.write(
        "parts/Catalogue.md", "---\ntitle: Catalogue\ntype: component\npermalink: parts/all\n---\nA catalogue.\n"
    )
    files.write("parts/Plan 1.md", "---\ntitle: The plan\npermalink: parts/plan\n---\nA plan.\n")
    return files


def test_relation_lines_are_links_with_that_relation_and_stay_in_the_text(knowledge: Knowledge, memory: Files) -> None:
    memory.into(knowledge.store)
    search = knowledge.note("parts-search")
    assert search.metadata.links == (
        ExplicitLink("depends-on", "parts-catalogue"),
        ExplicitLink("implements", "parts-plan-1"),
        ExplicitLink("is-part-of", "whole-thing"),
    )
    assert search.markdown.endswith(NOTE[NOTE.index("# Search") :])
    assert search.metadata.note_type == "component"
    assert knowledge.aliases("parts-search") == ("parts-search-engine",)


def test_a_relation_that_is_gone_from_the_text_is_gone_from_the_links(knowledge: Knowledge, memory: Files) -> None:
    memory.into(knowledge.store)
    assert memory.into(knowledge.store).revisions == 0
    memory.write("parts/Search.md", NOTE.replace("- depends on [[Catalogue]]\n", ""))
    done = memory.into(knowledge.store)
    assert [link.relation for link in knowledge.note("parts-search").metadata.links] == ["implements", "is-part-of"]
    assert done.revisions == 1


def test_a_relation_to_a_page_that_comes_later_is_kept_as_of_the_page_itself(
    knowledge: Knowledge, memory: Files
) -> None:
    os.utime(memory.path / "parts/Search.md", (1_700_000_000, 1_700_000_000))
    memory.write("another/Whole Thing.md", "---\ntitle: Whole Thing\npermalink: whole\n---\nIt.\n")
    memory.write("zoo/Nest.md", "---\ntitle: Nest\npermalink: nest\n---\n- holds [[Zebra]]\n")
    memory.write("zoo/Zebra.md", "---\ntitle: Zebra\npermalink: zebra-9\n---\nIt.\n")
    os.utime(memory.path / "zoo/Nest.md", (1_700_000_000, 1_700_000_000))
    memory.into(knowledge.store)
    nest = knowledge.note("zoo-nest")
    assert nest.metadata.links == (ExplicitLink("holds", "zoo-zebra"),)
    assert nest.updated_at == nest.created_at == "2023-11-14T22:13:20.000Z"
    assert ExplicitLink("is-part-of", "another-whole-thing") in knowledge.note("parts-search").metadata.links


def test_a_relation_names_a_page_as_a_link_in_its_text_would(knowledge: Knowledge, memory: Files) -> None:
    """By path end, title, slug and alias, in any Unicode form; what several bear is none."""
    memory.write("specs/Übersicht.md", "---\npermalink: specs/overview\n---\ntext\n")
    for folder in ("one", "two"):
        memory.write(f"{folder}/Twice.md", f"---\npermalink: {folder}/twice\n---\ntext\n")
    lines = ["U\u0308bersicht", "specs/Übersicht", "specs/overview", "specs-overview", "Twice"]
    memory.write("from.md", "---\npermalink: from\n---\n" + "".join(f"- uses [[{line}]]\n" for line in lines))
    memory.into(knowledge.store)
    slug = next(slug for slug in knowledge.listed() if "bersicht" in slug)
    assert ExplicitLink("uses", slug) in knowledge.note("from").metadata.links
    assert {link.target for link in knowledge.note("from").metadata.links} <= {slug, "twice"}
