"""Tokens: shown once, kept as a hash, and worthless once they are revoked or expired."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from notewell_store import Invalid, NotFound, open_store
from notewell_store.access import tokens
from notewell_store.access.rights import Rights
from notewell_store.access.tokens import Refused
from notewell_store.engines.sqlite.salvage.salvage import salvage
from notewell_store.engines.sqlite.upkeep.backup import backup
from notewell_store.engines.sqlite.upkeep.restore import restore
from notewell_store.integrity.verify import verify
from notewell_store.tables.projects import save_project

if TYPE_CHECKING:
    from tests.conftest import Knowledge

    from notewell_store import Store

EVERYTHING = re.compile(rb"nwl_[0-9a-f]{12}_[0-9a-f]{64}")


def admitted(store: Store, text: str) -> tokens.Token:
    with store.reading() as db:
        return tokens.admit(db, text)


def refusal(store: Store, text: str) -> str:
    with pytest.raises(Refused) as refused:
        admitted(store, text)
    return refused.value.reason


def test_a_token_brings_the_rights_that_it_was_made_with(store: Store) -> None:
    save_project(store, "web", "ann")
    text, made = tokens.create(store, "ci", "write", "ann", project="web")
    assert EVERYTHING.fullmatch(text.encode())
    found = admitted(store, text)
    assert found == made
    assert (found.name, found.rights, found.created_by) == ("ci", Rights("write", "web"), "ann")


def test_nothing_that_the_store_writes_holds_the_token(store: Store) -> None:
    text, _ = tokens.create(store, "ci", "admin", "ann")
    store.close()
    for path in Path(store.address).parent.iterdir():
        assert text.rpartition("_")[2].encode() not in path.read_bytes()


def test_no_other_text_is_taken_for_a_token(store: Store) -> None:
    text, _ = tokens.create(store, "ci", "admin", "ann")
    last = "0" if text[-1] != "0" else "1"
    others = [text[:-1] + last, text[:-1], text + "0", text.upper(), f" {text}", text.replace("_", "-"), "", "nwl_"]
    others += [f"nwl_{'0' * 12}_{text.rpartition('_')[2]}", text + "\n", "nwl_\u0661" + text[5:], "nwl_\ud800"]
    assert {refusal(store, other) for other in others} == {"this token is not known"}


def test_a_revoked_token_is_refused_from_the_next_look_on_and_stays_listed(store: Store) -> None:
    text, made = tokens.create(store, "ci", "admin", "ann")
    assert tokens.revoke(store, "ci").id == made.id
    assert refusal(store, text) == "this token is revoked"
    with pytest.raises(NotFound):
        tokens.revoke(store, "ci")
    again, _ = tokens.create(store, "ci", "read", "ann")
    assert admitted(store, again).scope == "read"
    with store.reading() as db:
        assert sorted(token.state for token in tokens.list_tokens(db)) == ["revoked", "valid"]


def test_a_token_can_be_revoked_by_its_id(store: Store) -> None:
    _, made = tokens.create(store, "ci", "admin", "ann")
    assert tokens.revoke(store, made.id).state == "revoked"


def test_an_expired_token_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    text, made = tokens.create(store, "ci", "admin", "ann", expires_at="2999-01-01T00:00:00.000Z")
    assert admitted(store, text) == made
    monkeypatch.setattr(tokens, "now", lambda: "2999-01-01T00:00:00.000Z")
    assert refusal(store, text) == "this token is expired"


def test_a_token_that_cannot_be_is_not_made(store: Store) -> None:
    tokens.create(store, "ci", "read", "ann")
    for name in ("ci", "", " ci", "a\nb", "x" * 101, "\u200b"):
        with pytest.raises(Invalid):
            tokens.create(store, name, "read", "ann")
    with pytest.raises(NotFound):
        tokens.create(store, "other", "read", "ann", project="none-such")
    with pytest.raises(Invalid):
        tokens.create(store, "other", "read", "ann", expires_at="2020-01-01T00:00:00.000Z")
    with pytest.raises(Invalid):
        tokens.create(store, "other", "owner", "ann")  # type: ignore[arg-type]
    with store.reading() as db:
        assert len(tokens.list_tokens(db)) == 1


def test_tokens_come_back_with_a_restore_but_for_those_revoked_since(knowledge: Knowledge, tmp_path: Path) -> None:
    knowledge.put("a", "text\n")
    store = knowledge.store
    leaked, _ = tokens.create(store, "leaked", "admin", "ann")
    text, made = tokens.create(store, "ci", "read", "ann")
    kept = backup(store, tmp_path / "kept.db").path
    tokens.revoke(store, "leaked")
    store.close()
    restore(kept, Path(store.address))
    again = open_store(Path(store.address))
    assert admitted(again, text) == made
    assert refusal(again, leaked) == "this token is revoked"
    assert verify(again).findings == ()
    again.close()


def test_a_salvaged_store_takes_no_tokens_over(knowledge: Knowledge, tmp_path: Path) -> None:
    """Nothing proves that a damaged file's tokens have the rights that they were made with."""
    knowledge.put("a", "text\n")
    text, _ = tokens.create(knowledge.store, "ci", "admin", "ann")
    knowledge.store.close()
    salvage(Path(knowledge.store.address), tmp_path / "saved.db")
    saved = open_store(tmp_path / "saved.db")
    assert refusal(saved, text) == "this token is not known"
    saved.close()
