"""Where a local model is found, and what its files say of how it is asked."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from notewell_store.meaning.embedder import Unreachable
from notewell_store.meaning.local.files import USUAL_LENGTH, asking_of, model_files
from notewell_store.meaning.wording import wording_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "minilm"
    made.mkdir()
    (made / "model.onnx").write_bytes(b"model")
    (made / "tokenizer.json").write_text("{}")
    return made


def write(folder: Path, name: str, content: object) -> None:
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(content if isinstance(content, str) else json.dumps(content))


def test_a_folder_is_named_as_a_shell_would(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert model_files(str(folder)).model == folder / "model.onnx"
    monkeypatch.setenv("HOME", str(folder.parent))
    assert model_files("~/minilm") == model_files(str(folder))
    monkeypatch.chdir(folder.parent)
    assert model_files("./minilm") == model_files(str(folder))


def test_a_model_may_stand_in_a_folder_of_its_own(folder: Path) -> None:
    (folder / "onnx").mkdir()
    (folder / "model.onnx").rename(folder / "onnx" / "model_quantized.onnx")
    assert model_files(str(folder)).model == folder / "onnx" / "model_quantized.onnx"


def test_a_package_is_searched_and_none_of_it_is_run(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "some_model"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('it was run')")
    folder.rename(package / "data" / "minilm")
    monkeypatch.syspath_prepend(tmp_path)
    assert model_files("some_model").folder == package / "data" / "minilm"
    assert "some_model" not in sys.modules


@pytest.mark.parametrize(
    "named", ["", "no_such_package", "json", "sys", "a-b", "a.b", "/nowhere", "~nobody/x", ".", "\0"]
)
def test_what_holds_no_model_is_told_with_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Unreachable, match=r"is no folder with model\.onnx and tokenizer\.json"):
        model_files(named)


@pytest.mark.parametrize("missing", ["model.onnx", "tokenizer.json"])
def test_half_a_model_is_none(folder: Path, missing: str) -> None:
    (folder / missing).unlink()
    with pytest.raises(Unreachable):
        model_files(str(folder))


def test_files_that_changed_are_another_model(folder: Path) -> None:
    files = model_files(str(folder))
    first = files.key()
    assert files.key() == first
    os.utime(folder / "model.onnx", ns=(1, 1))
    second = files.key()
    (folder / "tokenizer.json").write_text("{ }")
    assert len({first, second, files.key()}) == 3


def test_what_the_files_do_not_say_is_as_usual(folder: Path) -> None:
    asking = asking_of(model_files(str(folder)))
    assert (asking.wording, asking.length, asking.takes_first) == (wording_of(""), USUAL_LENGTH, False)


def test_the_files_say_how_it_is_pooled_and_how_long_a_text_may_be(folder: Path) -> None:
    write(folder, "1_Pooling/config.json", {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False})
    write(folder, "sentence_bert_config.json", {"max_seq_length": 512})
    write(folder, "config.json", {"max_position_embeddings": 514})
    asking = asking_of(model_files(str(folder)))
    assert (asking.length, asking.takes_first) == (512, True)
    write(folder, "sentence_bert_config.json", {"max_seq_length": 10**9})
    assert asking_of(model_files(str(folder))).length == 512


@pytest.mark.parametrize("modes", [["max_tokens"], ["lasttoken"], ["mean_tokens", "cls_token"]])
def test_another_pooling_is_refused_rather_than_guessed(folder: Path, modes: list[str]) -> None:
    write(folder, "1_Pooling/config.json", {f"pooling_mode_{mode}": True for mode in modes})
    with pytest.raises(Unreachable, match="not by mean or first token"):
        asking_of(model_files(str(folder)))


def test_a_model_is_asked_by_its_prompts_else_by_its_name(folder: Path) -> None:
    write(folder, "config.json", {"_name_or_path": "intfloat/multilingual-e5-small"})
    assert asking_of(model_files(str(folder))).wording == wording_of("e5")
    write(folder, "config_sentence_transformers.json", {"prompts": {"query": "Find: ", "document": "Text: "}})
    wording = asking_of(model_files(str(folder))).wording
    assert (wording.of_query("x"), wording.of_passage("x")) == ("Find: x", "Text: x")
    assert wording.name not in ("", "e5")
    renamed = folder.rename(folder.with_name("multilingual-e5-small-onnx"))
    for name in ("config.json", "config_sentence_transformers.json"):
        (renamed / name).unlink()
    assert asking_of(model_files(str(renamed))).wording == wording_of("e5")


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "[" * 100_000, '{"max_seq_length": "x", "prompts": [1]}'])
def test_broken_files_beside_a_model_say_nothing(folder: Path, text: str) -> None:
    for name in (
        "config.json",
        "config_sentence_transformers.json",
        "sentence_bert_config.json",
        "1_Pooling/config.json",
    ):
        write(folder, name, text)
    assert asking_of(model_files(str(folder))).length == USUAL_LENGTH
