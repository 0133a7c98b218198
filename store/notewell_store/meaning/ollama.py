"""Ollama's own API: `/api/embed`, and `/api/tags` for what its models are (docs/api.md; api/types.go)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from notewell_store.meaning.embedder import Unreachable
from notewell_store.meaning.endpoint import Kind, Request, refusal_of
from notewell_store.meaning.wording import wording_of

if TYPE_CHECKING:
    from notewell_store.meaning.line import Line

KEEP_ALIVE = "30m"  # else it forgets the model after five idle minutes, and loads it again while somebody waits
MOST_OF_TAGS = 2_000_000  # bytes
DIGITS = 12  # of a digest, as `ollama list` shows


class Ollama:
    def __init__(self, model: str, dimensions: int | None) -> None:
        self.model = model
        self._dimensions = dimensions
        self._wording = wording_of(model)

    def identity(self, line: "Line", patience: float) -> str:
        answer = line.ask("/api/tags", None, MOST_OF_TAGS, patience)
        listed = self._listed(answer, line.name)
        if listed.get("remote_host") or listed.get("remote_model"):
            raise Unreachable(
                f"{line.name} passes on what {self.model} is given to another machine, so it is not asked: name the "
                "model as its cloud does, and say that text may leave this machine"
            )
        return " ".join(["ollama", self.model, str(listed.get("digest"))[:DIGITS], self._wording.name]).rstrip()

    def request(self, texts: Sequence[str], kind: Kind) -> Request:
        worded = [self._wording.of_query(text) if kind == "query" else self._wording.of_passage(text) for text in texts]
        body = {"model": self.model, "input": worded, "truncate": True, "keep_alive": KEEP_ALIVE}
        return Request("/api/embed", body | ({"dimensions": self._dimensions} if self._dimensions else {}))

    def rows(self, answer: Any) -> object:
        return answer["embeddings"]

    def refusal(self, status: int) -> str:
        return self._missing() if status == 404 else refusal_of(status, self.model)

    def _listed(self, answer: Any, name: str) -> dict[str, Any]:
        """What is said of the model; one without a tag is its `latest`."""
        wanted = {self.model, f"{self.model}:latest"} if ":" not in self.model.rpartition("/")[2] else {self.model}
        try:
            found = next((listed for listed in answer["models"] if listed["name"] in wanted), None)
        except (LookupError, TypeError):
            raise Unreachable(f"{name} does not answer as Ollama does") from None
        if found is None:
            raise Unreachable(f"{name} {self._missing()}")
        return dict(found)

    def _missing(self) -> str:
        return f"has no model {self.model}: `ollama pull {self.model}` gets it"
