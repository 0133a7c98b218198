"""OpenAI's `/v1/embeddings`, which many others speak too (https://platform.openai.com/docs/api-reference/embeddings)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from notewell_store.meaning.endpoint import Kind, Request, refusal_of
from notewell_store.meaning.wording import wording_of

if TYPE_CHECKING:
    from notewell_store.meaning.line import Line


class OpenAI:
    def __init__(self, model: str, dimensions: int | None) -> None:
        self.model = model
        self._dimensions = dimensions
        self._wording = wording_of(model)

    def identity(self, line: "Line", patience: float) -> str:
        """There are no digests: a model of the same name at another host counts as another. Asks nothing."""
        return " ".join(["openai", line.place.host, self.model, self._wording.name]).rstrip()

    def request(self, texts: Sequence[str], kind: Kind) -> Request:
        worded = [self._wording.of_query(text) if kind == "query" else self._wording.of_passage(text) for text in texts]
        body: dict[str, Any] = {"model": self.model, "input": worded, "encoding_format": "base64"}
        if self._dimensions:
            body["dimensions"] = self._dimensions
        if self._wording.says_kind:
            body["input_type"] = kind
        return Request("/embeddings", body)

    def rows(self, answer: Any) -> object:
        return rows_of(answer)

    def refusal(self, status: int) -> str:
        return refusal_of(status, self.model)


def rows_of(answer: Any) -> list[object]:
    """The vectors in the order of the texts, whichever they come in. Raises LookupError, TypeError, ValueError."""
    rows = sorted(answer["data"], key=lambda row: row["index"])
    if [row["index"] for row in rows] != [*range(len(rows))]:
        raise ValueError("not one for each text")
    return [row["embedding"] for row in rows]
