"""Where the files of a local model are, and what they say of how it is to be asked."""

import importlib.util
import json
import os
import platform
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from notewell_store.meaning.embedder import Unreachable
from notewell_store.meaning.wording import Wording, wording_of
from notewell_store.regular import regular_bytes

MODELS = ("model.onnx", "onnx/model.onnx", "model_quantized.onnx", "onnx/model_quantized.onnx")
"""Where models that are made for ONNX have it, the first that is there."""
TOKENIZER = "tokenizer.json"
MOST_FOLDERS = 200  # of a package that are looked through
LARGEST_CONFIG = 1_000_000  # bytes
USUAL_LENGTH = 256  # tokens of a text that are looked at, where the model does not say
LONGEST = 8_192
PROTOCOL = 1
"""Rises with what clients and the process that serves say to each other."""


class ModelFiles(NamedTuple):
    folder: Path
    model: Path
    tokenizer: Path

    def key(self) -> str:
        """What tells these files on this machine, as they are now, from all others: whoever serves them is found by it.
        Homes may be shared between machines. Raises OSError."""
        facts = [str(PROTOCOL), platform.node()]
        for file in (self.model.resolve(), self.tokenizer.resolve()):
            stat = file.stat()
            facts += [str(file), str(stat.st_size), str(stat.st_mtime_ns)]
        return sha256("\0".join(facts).encode("utf-8", "surrogateescape")).hexdigest()[:16]


class Asking(NamedTuple):
    """How a model is asked."""

    wording: Wording
    length: int
    """Tokens."""
    takes_first: bool
    """Its first token stands for the text, else the mean of all."""


def model_files(named: str) -> ModelFiles:
    """The files of a folder, or of a package that is installed and holds such a folder. Raises Unreachable."""
    try:
        if os.sep in named or named.startswith(("~", ".")):
            folders: Iterator[Path] | list[Path] = [Path(named).expanduser().resolve()]
        else:
            folders = _of_package(named)
        found = next((files for folder in folders if (files := _in(folder))), None)
    except (OSError, RuntimeError, ValueError):
        found = None
    if found is None:
        raise Unreachable(f"onnx:{named} is no folder with {MODELS[0]} and {TOKENIZER}, and no package that holds one")
    return found


def _in(folder: Path) -> ModelFiles | None:
    tokenizer = folder / TOKENIZER
    model = next((folder / name for name in MODELS if (folder / name).is_file()), None)
    return ModelFiles(folder, model, tokenizer) if model and tokenizer.is_file() else None


def _of_package(name: str) -> Iterator[Path]:
    """Its folders, none of its code being run."""
    found = importlib.util.find_spec(name) if name.isidentifier() else None
    places = (found.submodule_search_locations if found else None) or []
    folders = (Path(root) for place in places for root, _, _ in os.walk(place))
    yield from (folder for folder, _ in zip(folders, range(MOST_FOLDERS), strict=False))


def asking_of(files: ModelFiles) -> Asking:
    """What the files of sentence-transformers beside a model say, else what is usual. Raises Unreachable where it is
    pooled in a way that is not known here."""
    pooling = _config(files, "1_Pooling/config.json")
    modes = {mode for mode, is_on in pooling.items() if mode.startswith("pooling_mode_") and is_on is True}
    if modes - {"pooling_mode_mean_tokens", "pooling_mode_cls_token"} or len(modes) > 1:
        raise Unreachable(
            f"the model in {files.folder} is pooled by {', '.join(sorted(modes))}, not by mean or first token"
        )
    return Asking(_wording(files), _length(files), "pooling_mode_cls_token" in modes)


def _wording(files: ModelFiles) -> Wording:
    prompts = _config(files, "config_sentence_transformers.json").get("prompts")
    if isinstance(prompts, dict) and isinstance(query := prompts.get("query"), str) and query:
        passage = next((told for kind in ("passage", "document") if isinstance(told := prompts.get(kind), str)), "")
        return Wording(sha256(f"{query}\0{passage}".encode()).hexdigest()[:8], query, passage)
    names = (_config(files, "config.json").get("_name_or_path"), files.folder.name)
    return next(
        (wording for name in names if isinstance(name, str) and (wording := wording_of(name)).name), wording_of("")
    )


def _length(files: ModelFiles) -> int:
    """The model's own bound is of positions, some of which RoBERTa's kind keeps for itself."""
    told = _config(files, "sentence_bert_config.json").get("max_seq_length")
    most = _config(files, "config.json").get("max_position_embeddings")
    length = told if isinstance(told, int) else USUAL_LENGTH
    return max(8, min(length, LONGEST, most - 2 if isinstance(most, int) else LONGEST))


def _config(files: ModelFiles, name: str) -> dict[str, Any]:
    with suppress(OSError, ValueError, RecursionError):
        read = json.loads(regular_bytes(files.folder / name, LARGEST_CONFIG))
        return read if isinstance(read, dict) else {}
    return {}
