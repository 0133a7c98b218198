"""Which reader a source is for, and what is common to all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from notewell_store import Invalid
from notewell_store.files.folder import opened
from notewell_store.files.readers import READERS, reader_of

if TYPE_CHECKING:
    from tests.conftest import Knowledge
    from tests.store.files.conftest import Files


def test_a_folder_of_no_known_kind_is_read_as_plain_markdown(files: Files) -> None:
    files.write("a.md", "A")
    assert reader_of(opened(files.path)).name == "markdown"


def test_every_reader_has_a_name_of_its_own_and_can_be_named(files: Files) -> None:
    names = [reader.name for reader in READERS]
    assert len(set(names)) == len(names)
    assert [reader_of(opened(files.path), name).name for name in names] == names


def test_a_reader_that_is_not_there_is_refused_with_those_that_are(knowledge: Knowledge, files: Files) -> None:
    with pytest.raises(Invalid, match="markdown"):
        files.into(knowledge.store, reader="word")


def test_one_markdown_file_is_a_source(knowledge: Knowledge, files: Files) -> None:
    files.write("a.md", "A")
    files.write("b.md", "B")
    done = files.only("a.md", knowledge.store)
    assert (done.created, done.notes) == (1, 1)


def test_a_file_that_no_reader_knows_is_refused(knowledge: Knowledge, files: Files) -> None:
    files.write("a.xyz", "A")
    with pytest.raises(Invalid, match="nothing here can read"):
        files.only("a.xyz", knowledge.store)
