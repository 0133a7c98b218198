"""The fuzz cases in their short form; `make fuzz` runs the long one. docs/reliability.md says what each kind is for."""

from __future__ import annotations

import sys
from random import Random
from typing import TYPE_CHECKING

import pytest
from tests.fuzz.front_matter import Headers
from tests.fuzz.git_histories import Histories
from tests.fuzz.http_bytes import HttpBytes
from tests.fuzz.markdown_texts import Texts
from tests.fuzz.tools import Tools
from tests.fuzz.twins import Twins

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fuzz.trials import Trial


def held(made: type[Trial], folder: Path, cases: int) -> set[str]:
    """How the cases of a round ended; what was not to be is raised."""
    with made(folder, Random(3)) as trial:
        outcomes = {trial.attempt() for _ in range(cases)}
        trial.finish()
    return outcomes


def test_any_call_of_a_tool_is_answered_or_refused_in_words_and_leaves_a_whole_store(tmp_path: Path) -> None:
    outcomes = held(Tools, tmp_path, 150)
    assert {"get_note answered", "get_note refused", "upsert_note answered"} <= outcomes


def test_no_call_tells_a_reader_that_there_are_hidden_notes(tmp_path: Path) -> None:
    assert len(held(Twins, tmp_path, 80)) > 5


@pytest.mark.skipif(sys.platform != "linux", reason="it looks at the server in /proc")
def test_any_bytes_are_answered_or_cut_off_and_the_server_lives_on(tmp_path: Path) -> None:
    assert {"2xx", "4xx"} <= held(HttpBytes, tmp_path, 60)


def test_any_text_is_cut_rendered_compared_and_edited_without_loss(tmp_path: Path) -> None:
    assert "rendered" in held(Texts, tmp_path, 120)


def test_any_header_is_taken_or_left_and_comes_back_the_same(tmp_path: Path) -> None:
    assert {"taken, all", "taken, some", "nothing taken", "through files"} <= held(Headers, tmp_path, 80)


def test_any_repository_is_taken_whole_or_refused(tmp_path: Path) -> None:
    assert "taken" in held(Histories, tmp_path, 4)
