"""A model in ONNX that is small enough to be written by hand: the vector of a token stands in a table.

The bytes are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3, in Protocol Buffers' wire format.
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING

from tests.embedding.small_vectors import GROUPS, small_vector

if TYPE_CHECKING:
    from pathlib import Path

DIMENSIONS = 32
WORDS = ("[UNK]", *dict.fromkeys(word for group in GROUPS for word in group.split()), "query", "passage", "rain", "tea")

FLOAT, INT64 = 1, 7


def write_model(folder: Path) -> Path:
    """The folder, with `model.onnx` and `tokenizer.json` in it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(_model())
    (folder / "tokenizer.json").write_text(json.dumps(_tokenizer()))
    return folder


def word_vector(word: str) -> list[float]:
    """What the model has for a word of WORDS."""
    return small_vector(word, DIMENSIONS)


def _tokenizer() -> dict[str, object]:
    vocabulary = {word: number for number, word in enumerate(WORDS)}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": {
            "strategy": {"Fixed": 64},
            "direction": "Right",
            "pad_to_multiple_of": None,
            "pad_id": 0,
            "pad_type_id": 0,
            "pad_token": "[UNK]",
        },
        "added_tokens": [],
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": None,
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
    }


def _model() -> bytes:
    table = [number for word in WORDS for number in word_vector(word)]
    gather = _text(1, "table") + _text(1, "input_ids") + _text(2, "last_hidden_state") + _text(4, "Gather")
    initial = _number(1, len(WORDS)) + _number(1, DIMENSIONS) + _number(2, FLOAT) + _text(8, "table")
    initial += _bytes(9, struct.pack(f"<{len(table)}f", *table))
    graph = _bytes(1, gather) + _text(2, "tiny") + _bytes(5, initial)
    graph += _bytes(11, _value("input_ids", INT64, "batch", "sequence"))
    graph += _bytes(12, _value("last_hidden_state", FLOAT, "batch", "sequence", DIMENSIONS))
    return _number(1, 8) + _bytes(8, _number(2, 13)) + _bytes(7, graph)


def _value(name: str, kind: int, *shape: str | int) -> bytes:
    dims = b"".join(_bytes(1, _number(1, dim) if isinstance(dim, int) else _text(2, dim)) for dim in shape)
    return _text(1, name) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, dims)))


def _number(field: int, number: int) -> bytes:
    return _varint(field << 3) + _varint(number)


def _text(field: int, text: str) -> bytes:
    return _bytes(field, text.encode())


def _bytes(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + _varint(rest) if rest else bytes([low])
