"""The model itself: its tokens, its run, and the vector of a text. Imported by the process that serves it alone."""

from hashlib import file_digest, sha256
from typing import TYPE_CHECKING, Any

from notewell_store.meaning.embedder import Unreachable
from notewell_store.meaning.local.files import ModelFiles, asking_of

if TYPE_CHECKING:
    from notewell_store.meaning.endpoint import Kind

DIGITS = 12  # of the digest of a model
INSTALL = "a local model needs onnxruntime and tokenizers: pip install 'notewell[meaning]'"
THREADS = 1
"""A session's work goes first; two were no faster for one text (decision 0099)."""


class Model:
    """Loads it. Raises Unreachable where that fails. Texts are run one by one: padded to one length they took longer,
    and in a quantised model each would change the others' vectors."""

    def __init__(self, files: ModelFiles) -> None:
        self._asking = asking_of(files)
        try:
            self._session = _session(files)
            self._tokenizer = _tokenizer(files, self._asking.length)
            digest = _digest(files)
            self._inputs = {given.name for given in self._session.get_inputs()}
            self.numbers("notewell", "passage")
        except ImportError:
            raise Unreachable(INSTALL) from None
        except Exception as error:  # onnxruntime and tokenizers raise what they like
            told = " ".join(str(error).split())[:300]
            raise Unreachable(f"the model in {files.folder} cannot be loaded: {told}") from None
        how = [self._asking.wording.name, str(self._asking.length), "first" if self._asking.takes_first else "mean"]
        self.identity = " ".join(["onnx", digest, *filter(None, how)])

    def numbers(self, text: str, kind: "Kind") -> list[float]:
        """As the model has them: of any length, if it is a sound one above zero."""
        wording = self._asking.wording
        encoded = self._tokenizer.encode(wording.of_query(text) if kind == "query" else wording.of_passage(text))
        given = _arrays(encoded)
        output = self._session.run(None, {name: given[name] for name in self._inputs})[0]
        if output.ndim == 2:
            numbers = output[0]
        elif self._asking.takes_first:
            numbers = output[0, 0]
        else:
            numbers = output[0].mean(axis=0)  # nothing of it is padded
        return [float(number) for number in numbers]


def _session(files: ModelFiles) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = THREADS
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(files.model), options, providers=["CPUExecutionProvider"])


def _tokenizer(files: ModelFiles, length: int) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(files.tokenizer))
    tokenizer.enable_truncation(length)
    tokenizer.no_padding()
    return tokenizer


def _arrays(encoded: Any) -> dict[str, Any]:
    """What models of the kind of BERT take of a text."""
    import numpy

    given = {"input_ids": encoded.ids, "attention_mask": encoded.attention_mask, "token_type_ids": encoded.type_ids}
    return {name: numpy.array([numbers], dtype=numpy.int64) for name, numbers in given.items()}


def _digest(files: ModelFiles) -> str:
    """Of model and tokenizer."""
    digests = b""
    for file in (files.model, files.tokenizer):
        with file.open("rb") as opened:
            digests += file_digest(opened, "sha256").digest()
    return sha256(digests).hexdigest()[:DIGITS]
