"""Zips are read within limits, whoever made them, and leave nothing behind."""

from __future__ import annotations

import io
import stat
import tempfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from notewell_store import Invalid
from notewell_store.files import archive
from notewell_store.files.importing import import_folder

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Knowledge

    from notewell_store.files.summary import Summary


def zipped(entries: dict[str, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in entries.items():
            file.writestr(name, data)
    return made.getvalue()


def imported(knowledge: Knowledge, folder: Path, data: bytes) -> Summary:
    location = folder / "pages.zip"
    location.write_bytes(data)
    return import_folder(knowledge.store, location)


def test_a_zip_is_read_as_the_folder_in_it(knowledge: Knowledge, tmp_path: Path) -> None:
    done = imported(knowledge, tmp_path, zipped({"wiki/a.md": "[b](b.md)", "wiki/b.md": "B", "wiki/x.png": b"\0"}))
    assert (done.created, done.dangling, done.passed_over.items) == (2, 0, ("1 .png",))
    assert knowledge.listed() == ["a", "b"]


def test_a_second_import_of_a_zip_brings_what_is_new(knowledge: Knowledge, tmp_path: Path) -> None:
    imported(knowledge, tmp_path, zipped({"a.md": "A", "b.md": "B"}))
    done = imported(knowledge, tmp_path, zipped({"a.md": "A", "b.md": "Better"}))
    assert (done.updated, done.unchanged, done.revisions) == (1, 1, 1)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../up.md", "leads out"),
        ("a/../../up.md", "leads out"),
        ("..\\up.md", "leads out"),
        ("/etc/up.md", "absolute"),
        ("C:/up.md", "absolute"),
        ("a\x07b.md", "printable"),
        ("a//b.md", "printable"),
    ],
)
def test_a_name_that_leads_elsewhere_is_not_taken(knowledge: Knowledge, tmp_path: Path, name: str, reason: str) -> None:
    done = imported(knowledge, tmp_path, zipped({name: "evil", "good.md": "good"}))
    assert knowledge.listed() == ["good"]
    (skipped,) = done.skipped.items
    assert reason in skipped.reason
    assert sorted(file.name for file in tmp_path.rglob("*") if file.suffix == ".md") == []


def test_links_encrypted_and_doubled_entries_are_told(knowledge: Knowledge, tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.md")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file, pytest.warns(UserWarning, match="Duplicate"):
        file.writestr(link, "/etc/passwd")
        file.writestr("twice.md", "one")
        file.writestr("twice.md", "two")
        file.writestr("secret.md", "x")
    data = made.getvalue()
    at = data.rindex(b"secret.md") - 46 + 8
    data = data[:at] + b"\x01\x00" + data[at + 2 :]
    done = imported(knowledge, tmp_path, data)
    assert {skipped.path: skipped.reason for skipped in done.skipped.items} == {
        "link.md": "a symbolic link",
        "twice.md": "another entry has the same name",
        "secret.md": "it is encrypted",
    }
    assert knowledge.note("twice").markdown == "one"


def test_what_unpacks_to_far_more_than_a_text_does_is_refused(knowledge: Knowledge, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="unpacks to 20,000,000 bytes"):
        imported(knowledge, tmp_path, zipped({"a.md": "A", "bomb.md": b"0" * 20_000_000}))
    assert knowledge.listed() == []


@pytest.mark.parametrize(
    ("limit", "value", "words"), [("MOST_ENTRIES", 2, "3 entries"), ("MOST_UNPACKED", 5, "unpacks to 6 bytes")]
)
def test_too_many_entries_and_too_large_ones_are_refused(
    knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, words: str
) -> None:
    monkeypatch.setattr(archive, limit, value)
    with pytest.raises(Invalid, match=words):
        imported(knowledge, tmp_path, zipped({"a.md": "AA", "b.md": "BB", "c.md": "CC"}))


def test_a_damaged_zip_is_refused_and_a_damaged_entry_skipped(knowledge: Knowledge, tmp_path: Path) -> None:
    whole = zipped({"a.md": "A" * 100, "b.md": "B"})
    at = whole.index(b"a.md") + 4
    done = imported(knowledge, tmp_path, whole[:at] + b"\xff\xff" + whole[at + 2 :])
    assert [skipped.path for skipped in done.skipped.items] == ["a.md"]
    with pytest.raises(Invalid):
        imported(knowledge, tmp_path, whole[:-30])


def test_zips_in_a_zip_are_read_together_and_nothing_is_left(
    knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    inner = [zipped({f"{name}.md": f"[x]({other}.md)"}) for name, other in (("a", "b"), ("b", "a"))]
    done = imported(knowledge, tmp_path, zipped({"Part-1.zip": inner[0], "Part-2.zip": inner[1]}))
    assert (done.created, done.dangling) == (2, 0)
    assert list(scratch.iterdir()) == []


def test_a_zip_that_a_zip_among_pages_holds_is_an_attachment(knowledge: Knowledge, tmp_path: Path) -> None:
    done = imported(knowledge, tmp_path, zipped({"a.md": "A", "more.zip": zipped({"b.md": "B"})}))
    assert (knowledge.listed(), done.passed_over.items) == (["a"], ("1 .zip",))


def test_names_in_utf_8_that_are_not_marked_so_are_read(knowledge: Knowledge, tmp_path: Path) -> None:
    data = zipped({"Pläne.md": "x"})
    for head, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(head) + flags
        data = data[:at] + b"\0\0" + data[at + 2 :]
    imported(knowledge, tmp_path, data)
    assert knowledge.note(knowledge.listed()[0]).metadata.title == "Pläne"
