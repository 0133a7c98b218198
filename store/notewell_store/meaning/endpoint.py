"""An endpoint that is asked over HTTP: in batches, by its deadline, its answers looked at before they are believed."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from notewell_store.meaning.answers import MOST_DIMENSIONS, MOST_OF_A_NUMBER, Answered, Unfit, vectors_of
from notewell_store.meaning.embedder import Late, NoVector, Space, Unreachable, Vector

if TYPE_CHECKING:
    from typing import Protocol

    from notewell_store.meaning.line import Line
else:
    Protocol = object

Kind = Literal["query", "passage"]

MOST_TEXTS = 64  # of one request; OpenAI takes 2,048 texts and 300,000 tokens
MOST_CHARS = 60_000  # of the texts of one request
LONGEST = 8_000  # characters of a text; the rest of it counts for nothing
LONGEST_QUERY = 2_000
KNOWN = 600.0  # seconds for which the space is taken for what it was: a model may be replaced under its name
PROBE = "notewell"
"""A text that every model has a vector of: it tells the dimensions, and whether the endpoint or a text is at fault."""

OF_THE_TEXT = frozenset({400, 413, 422, 500})
"""What may be the fault of one text of a batch: Ollama answers 400 or 500 where one has no vector."""


class Request(NamedTuple):
    path: str
    body: dict[str, Any]


class Dialect(Protocol):
    """What one API calls things."""

    @property
    def model(self) -> str:
        """As the setting names it."""

    def identity(self, line: "Line", patience: float) -> str:
        """What changes when another model is asked, or the same in another way. Raises as Line.ask."""

    def request(self, texts: Sequence[str], kind: Kind) -> Request:
        """What is sent for vectors of the texts."""

    def rows(self, answer: Any) -> object:
        """The vectors of an answer, in the order of the texts. Raises LookupError, TypeError, ValueError."""

    def refusal(self, status: int) -> str:
        """What an answer of another status than 200 says, and what to do."""


class Endpoint:
    """An embedder. See `Embedder` for what its functions promise. `reach` makes the way to it, once it is asked."""

    def __init__(
        self,
        name: str,
        reach: "Callable[[], Line]",
        dialect: Dialect,
        *,
        is_remote: bool = False,
        sends: Literal["all", "public"] = "all",
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.name = name
        self.is_remote = is_remote
        self.sends = sends
        self._clock = clock
        self._reach = reach
        self._dialect = dialect
        self._asking = Lock()
        self._space: Space | None = None
        self._known_until = 0.0

    def space(self, patience: float) -> Space:
        until = monotonic() + patience
        space = self._known_space()
        if space:
            return space
        if not self._asking.acquire(timeout=max(patience, 0)):
            raise Late(f"{self.name} did not answer in time")
        try:
            space = self._known_space()
            if space is None:
                space = self._space = self._asked_space(until)
                self._known_until = self._clock() + KNOWN
            return space
        finally:
            self._asking.release()

    def _known_space(self) -> Space | None:
        return self._space if self._clock() < self._known_until else None

    def passages(self, texts: Sequence[str], patience: float) -> "list[Vector | None]":
        until = monotonic() + patience
        dimensions = self.space(patience).dimensions
        sent = [_as_sent(text, LONGEST) for text in texts]
        found: dict[str, Vector | None] = {"": None}
        for batch in _batches([text for text in dict.fromkeys(sent) if text]):
            found |= self._halved(batch, dimensions, until)
        if any(sent) and not any(found.values()):
            self._must_work(until)
        return [found[text] for text in sent]

    def query(self, text: str, patience: float) -> Vector:
        until = monotonic() + patience
        dimensions = self.space(patience).dimensions
        try:
            [vector] = self._ask([_as_sent(text, LONGEST_QUERY)], "query", dimensions, until)
        except Answered as error:
            if error.status not in OF_THE_TEXT:
                raise self._refused(error) from None
            vector = None
        if vector is None:
            self._must_work(until)
            raise NoVector(f"{self.name} has no vector of this query")
        return vector

    @cached_property
    def _line(self) -> "Line":
        return self._reach()

    def _asked_space(self, until: float) -> Space:
        """Of a model that is who it was, the dimensions are known."""
        try:
            identity = self._dialect.identity(self._line, until - monotonic())
        except Answered as error:
            raise self._refused(error) from None
        if self._space and self._space.name.rpartition(" ")[0] == identity:
            return self._space
        vector = self._must_work(until)
        return Space(f"{identity} {len(vector)}", len(vector))

    def _must_work(self, until: float) -> Vector:
        """The vector of a text that every model has one of. Raises Unreachable."""
        try:
            [vector] = self._ask([PROBE], "passage", None, until)
        except Answered as error:
            raise self._refused(error) from None
        if vector is None:
            raise Unreachable(f"{self.name} answers with what are no numbers")
        return vector

    def _halved(self, texts: Sequence[str], dimensions: int, until: float) -> "dict[str, Vector | None]":
        """The vector of each text. One bad text lets its whole batch fail, and is found by halving."""
        try:
            return dict(zip(texts, self._ask(texts, "passage", dimensions, until), strict=True))
        except Answered as error:
            if error.status not in OF_THE_TEXT:
                raise self._refused(error) from None
        if len(texts) == 1:
            return {texts[0]: None}
        middle = len(texts) // 2
        return self._halved(texts[:middle], dimensions, until) | self._halved(texts[middle:], dimensions, until)

    def _ask(self, texts: Sequence[str], kind: Kind, dimensions: int | None, until: float) -> "list[Vector | None]":
        request = self._dialect.request(texts, kind)
        largest = len(texts) * (dimensions or MOST_DIMENSIONS) * MOST_OF_A_NUMBER
        answer = self._line.ask(request.path, request.body, largest, until - monotonic())
        try:
            return vectors_of(self._dialect.rows(answer), len(texts), dimensions)
        except (LookupError, TypeError, ValueError):
            raise Unreachable(f"{self.name} does not answer as an endpoint of embeddings does") from None
        except Unfit as error:
            self._space = None  # it may be another model by now
            raise Unreachable(f"{self.name} answers with {error}") from None

    def _refused(self, error: Answered) -> Unreachable:
        return Unreachable(f"{self.name} {self._dialect.refusal(error.status)}")


def _as_sent(text: str, longest: int) -> str:
    """Cut, with half characters replaced, for they are no text; empty where it is blank."""
    cut = text[:longest].encode("utf-8", "replace").decode()
    return "" if cut.isspace() else cut


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    begin = chars = 0
    for at, text in enumerate(texts):
        if at > begin and (at - begin == MOST_TEXTS or chars + len(text) > MOST_CHARS):
            yield texts[begin:at]
            begin, chars = at, 0
        chars += len(text)
    if begin < len(texts):
        yield texts[begin:]


def refusal_of(status: int, model: str) -> str:
    """What an endpoint means that answers with that status, whichever API it speaks."""
    if 300 <= status < 400:
        return f"leads to another address ({status}), which is not asked: name that one"
    if status in (401, 403):
        return f"refuses the key, or the lack of one ({status})"
    if status == 404:
        return f"has no model {model}, or nothing at this address (404)"
    if status in (429, 503):
        return f"has too much to do ({status})"
    return f"refuses what is sent ({status}): is {model} a model of embeddings, and can it have these dimensions?"
