"""Tokens: shown once, kept as a hash, and worthless once they are revoked or expired."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from notewell_store import Invalid, NotFound, open_store
from notewell_store.access import tokens
from notewell_store.access.rights import Rights
from notewell_store.access.tokens import Refused
from notewell_store.engines.sqlite.database_file import record_file_of
from notewell_store.engines.sqlite.salvage.salvage import salvage
from notewell_store.engines.sqlite.upkeep.backup import backup
from notewell_store.engines.sqlite.upkeep.restore import restore
from notewell_store.integrity.verify import verify
from notewell_store.tables.projects import save_project

if TYPE_CHECKING:
    from collections.abc import Callable

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


@pytest.mark.of_sqlite("it is about the file itself")
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


@pytest.mark.of_sqlite("a database is put back, salvaged and copied by its keeper")
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


@pytest.mark.of_sqlite("a database is put back, salvaged and copied by its keeper")
def test_a_salvaged_store_takes_no_tokens_over(knowledge: Knowledge, tmp_path: Path) -> None:
    """Nothing proves that a damaged file's tokens have the rights that they were made with."""
    knowledge.put("a", "text\n")
    text, _ = tokens.create(knowledge.store, "ci", "admin", "ann")
    knowledge.store.close()
    salvage(Path(knowledge.store.address), tmp_path / "saved.db")
    saved = open_store(tmp_path / "saved.db")
    assert refusal(saved, text) == "this token is not known"
    saved.close()


def copied(path: Path, target: Path) -> None:
    """As `cp` does it: into the same file, or a new one."""
    target.write_bytes(path.read_bytes())


def revoked_after_a_backup(store: Store, folder: Path) -> tuple[str, str, Path]:
    leaked, _ = tokens.create(store, "leaked", "admin", "ann")
    good, _ = tokens.create(store, "ci", "read", "ann")
    kept = backup(store, folder / "kept.db").path
    tokens.revoke(store, "leaked")
    store.close()
    return leaked, good, kept


def lose_nothing(database: Path) -> None: ...


def damage_the_first_page(database: Path) -> None:
    with database.open("r+b") as file:
        file.write(b"damage")


@pytest.mark.of_sqlite("a database is put back, salvaged and copied by its keeper")
@pytest.mark.parametrize("lose", [lose_nothing, damage_the_first_page, Path.unlink])
def test_a_revoked_token_stays_revoked_whatever_became_of_the_store_that_a_backup_replaces(
    store: Store, tmp_path: Path, lose: Callable[[Path], None]
) -> None:
    leaked, good, kept = revoked_after_a_backup(store, tmp_path)
    lose(Path(store.address))
    assert restore(kept, Path(store.address)).unknown == ()
    again = open_store(store.address)
    assert refusal(again, leaked) == "this token is revoked"
    assert admitted(again, good).name == "ci"
    again.close()


@pytest.mark.of_sqlite("a database is put back, salvaged and copied by its keeper")
def test_a_revoked_token_stays_revoked_in_an_older_copy_that_is_laid_in_place(store: Store, tmp_path: Path) -> None:
    leaked, good, kept = revoked_after_a_backup(store, tmp_path)
    copied(kept, Path(store.address))
    again = open_store(store.address)
    assert refusal(again, leaked) == "this token is revoked"
    assert admitted(again, good).name == "ci"
    tokens.create(again, "leaked", "read", "ann")
    with pytest.raises(NotFound):
        tokens.revoke(again, leaked.split("_")[1])
    again.close()


@pytest.mark.of_sqlite("a database is put back, salvaged and copied by its keeper")
def test_a_copy_at_another_place_has_no_token_that_is_taken(store: Store, tmp_path: Path) -> None:
    leaked, good, kept = revoked_after_a_backup(store, tmp_path)
    for place in ("elsewhere/notewell.db", "other.db"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        copied(kept, tmp_path / place)
        other = open_store(tmp_path / place)
        assert {refusal(other, text) for text in (leaked, good)} == {"this token is revoked"}
        assert tokens.create(other, "ci", "read", "ann")[1].state == "valid"
        other.close()


@pytest.mark.of_sqlite("a database is put back, salvaged and copied by its keeper")
def test_where_revocations_are_not_known_a_restore_revokes_all_and_names_them(store: Store, tmp_path: Path) -> None:
    leaked, good, kept = revoked_after_a_backup(store, tmp_path)
    new = tmp_path / "new" / "notewell.db"
    assert restore(kept, new).unknown == ("ci", "leaked")
    other = open_store(new)
    assert {refusal(other, text) for text in (leaked, good)} == {"this token is revoked"}
    other.close()
    restore(kept, new, keep_tokens=True)
    other = open_store(new)
    assert admitted(other, good).name == "ci"
    tokens.revoke(other, "leaked")
    other.close()
    restore(kept, new, keep_tokens=True)
    other = open_store(new)
    assert refusal(other, leaked) == "this token is revoked"
    other.close()


@pytest.mark.of_sqlite("a database is put back, salvaged and copied by its keeper")
def test_a_backup_laid_over_a_salvaged_store_brings_no_revoked_token_back(knowledge: Knowledge, tmp_path: Path) -> None:
    knowledge.put("a", "text\n")
    leaked, _, kept = revoked_after_a_backup(knowledge.store, tmp_path)
    salvage(Path(knowledge.store.address), tmp_path / "saved.db")
    assert restore(kept, tmp_path / "saved.db").unknown == ("ci", "leaked")
    saved = open_store(tmp_path / "saved.db")
    assert refusal(saved, leaked) == "this token is revoked"
    saved.close()


@pytest.mark.of_sqlite("it is about the file itself")
@pytest.mark.parametrize("record", [b"", b"\0\xff nonsense\n", None])
def test_a_record_that_is_emptied_damaged_or_gone_lets_no_token_in(store: Store, record: bytes | None) -> None:
    text, _ = tokens.create(store, "ci", "admin", "ann")
    file = record_file_of(Path(store.address))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.unlink() if record is None else file.write_bytes(record)
    assert refusal(store, text) == "this token is revoked"
    tokens.create(store, "ci", "read", "ann")
    assert refusal(store, text) == "this token is revoked"


def as_an_older_version_wrote_it(store: Store) -> None:
    with store.writing() as db:
        db.execute("UPDATE tokens SET digest = substr(digest, 1, 32)")
    record_file_of(Path(store.address)).unlink()


@pytest.mark.of_sqlite("no version before was on a database")
def test_tokens_of_an_older_version_go_on_and_what_was_revoked_then_stays_so(store: Store, tmp_path: Path) -> None:
    leaked, _ = tokens.create(store, "leaked", "admin", "ann")
    good, _ = tokens.create(store, "ci", "read", "ann")
    as_an_older_version_wrote_it(store)
    kept = backup(store, tmp_path / "kept.db").path
    with store.writing() as db:
        db.execute("UPDATE tokens SET revoked_at = '2026-11-21T00:00:00.000Z' WHERE name = 'leaked'")
    assert admitted(store, good).name == "ci"
    tokens.begin_record(store)
    assert admitted(store, good).name == "ci"
    store.close()
    copied(kept, Path(store.address))
    again = open_store(store.address)
    assert refusal(again, leaked) == "this token is revoked"
    again.close()
