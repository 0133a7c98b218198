"""A store that version 0.1.0 (b1b7103) wrote is opened, read and written by the present one."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.before.doors import environment, requested, served
from tests.before.make_store import FACTS, PACKED, asker, run, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

WRITTEN: dict[str, Any] = json.loads(FACTS.read_text(encoding="utf-8"))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    file = tmp_path / "store.db"
    file.write_bytes(gzip.decompress(PACKED.read_bytes()))
    return file


@pytest.fixture
def ask(database: Path) -> Iterator[Callable[..., Any]]:
    asked, close = asker(database)
    yield asked
    close()


def test_it_is_whole(database: Path) -> None:
    notes = len({name.partition("@")[0] for name in WRITTEN["texts"]})
    words = f"{notes} notes, {len(WRITTEN['texts'])} revisions, up to change {WRITTEN['seq']}"
    assert words in run(database, "verify")


def test_every_revision_of_every_note_says_what_it_said(ask: Callable[..., Any]) -> None:
    assert texts(ask) == WRITTEN["texts"]


def test_names_links_and_labels_are_found(ask: Callable[..., Any]) -> None:
    renamed = ask("get_note", ref="sop-rollback", view="meta", include="links")
    assert renamed["slug"] == "sop-undo"
    assert ("implements", "plan-beacon") in {(link["relation"], link["target"]) for link in renamed["links"]}
    assert [note["slug"] for note in ask("list_notes", tags="story:x,odd")["notes"]] == ["crlf"]
    assert [note["slug"] for note in ask("list_notes", parent="crlf")["notes"]] == ["public"]
    assert [note["slug"] for note in ask("list_notes", deleted=True)["notes"]] == ["glossary"]
    refs = {ref["ref"]: ref["state"] for ref in ask("check_refs", ref="plan-beacon")["refs"]}
    assert refs == {"arch-beacon": "missing", "sop-undo": "exact", "later#part": "missing"}


def test_its_texts_are_searched(ask: Callable[..., Any]) -> None:
    assert ask("search_notes", query="roll back a service")["hits"][0]["slug"] == "sop-undo"
    assert ask("search_notes", query="日本語")["hits"][0]["slug"] == "crlf"


def test_its_pages_are_shown(ask: Callable[..., Any]) -> None:
    assert "<td>1</td>" in ask("get_note", ref="public", view="html")["html"]


def test_it_is_written_further_and_stays_whole(ask: Callable[..., Any], database: Path) -> None:
    edited = ask("edit_note", ref="sop-deploy#before-you-start", mode="append", new_text="And then?\n")
    assert edited["revision"] == 6
    ask("upsert_note", slug="arch-beacon", content="# The beacon\n\nIt watches.\n")
    restored = ask("restore_note", ref="glossary")
    assert (restored["revision"], restored["outcome"]) == (3, "updated")
    again = ask("upsert_note", slug="sop-incident", status="draft", idempotency_key="k1")
    assert (again["revision"], again["outcome"]) == (2, "updated")
    assert ask("revisions", limit=1)["revisions"][0]["seq"] == WRITTEN["seq"] + 3
    assert ask("search_notes", query="beacon watches")["hits"][0]["slug"] == "arch-beacon"
    states = {ref["ref"]: ref["state"] for ref in ask("check_refs", ref="plan-beacon")["refs"]}
    assert states["arch-beacon"] == "exact"
    assert "whole" in run(database, "verify")


def test_it_is_exported_and_imported_into_a_new_one(database: Path, tmp_path: Path) -> None:
    run(database, "export", str(tmp_path / "exported"))
    run(tmp_path / "new.db", "import", str(tmp_path / "exported"))
    slugs = [[note["slug"] for note in listed(file)] for file in (database, tmp_path / "new.db")]
    assert slugs[0] == slugs[1]
    assert len(slugs[0]) > 20


def listed(database: Path) -> Any:
    return json.loads(run(database, "list-notes", "--limit", "200", "--sort", "slug", "--json"))["notes"]


def test_its_tokens_open_the_door(database: Path) -> None:
    tokens = {"reader": WRITTEN["token"]}
    with served(environment(database)) as port:
        assert requested(port, tokens, {"request": "GET /notes/sop-deploy", "token": "reader"}).startswith("status 200")
        assert requested(port, tokens, {"request": "GET /notes/sop-deploy"}).startswith("status 404")
