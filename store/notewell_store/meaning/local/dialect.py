"""What the process that serves a local model is asked: who it is, and OpenAI's `/embeddings` with the kind of text."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from notewell_store.meaning.embedder import Unreachable
from notewell_store.meaning.endpoint import Kind, Request, refusal_of
from notewell_store.meaning.openai import rows_of

if TYPE_CHECKING:
    from notewell_store.meaning.line import Line

MOST_OF_AN_IDENTITY = 1_000  # bytes


class Served:
    def __init__(self, model: str) -> None:
        self.model = model

    def identity(self, line: "Line", patience: float) -> str:
        answer = line.ask("/identity", None, MOST_OF_AN_IDENTITY, patience)
        try:
            return str(answer["identity"])
        except (LookupError, TypeError):
            raise Unreachable(f"{line.name} does not answer as it should") from None

    def request(self, texts: Sequence[str], kind: Kind) -> Request:
        return Request("/embeddings", {"input": [*texts], "input_type": kind})

    def rows(self, answer: Any) -> object:
        return rows_of(answer)

    def refusal(self, status: int) -> str:
        return refusal_of(status, self.model)
