"""What makes a vector of a text: the seam between the store and the models that know what words mean."""

from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object

Vector: TypeAlias = "array[float]"
"""Numbers of four bytes (typecode "f") whose squares add up to one."""


class Space(NamedTuple):
    """Whose vectors can be compared: those of one model, asked in one way. Vectors of two spaces never are."""

    name: str
    """Model and its digest, dimensions, instruction, how texts are cut: whatever changes the vectors changes it."""
    dimensions: int


class Unreachable(Exception):
    """No vectors can be had now. `why` names the endpoint and what went wrong: no key and no text that was sent."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Late(Unreachable):
    """There was no answer in time: what is asked may yet be loading its model."""


class NoVector(Unreachable):
    """This text has none, though the embedder is well."""


class Embedder(Protocol):
    """A model, near or far. Safe to share between threads."""

    @property
    def name(self) -> str:
        """Where it is asked, for people: `localhost:11434`, `onnx:/models/minilm`. It holds no secret."""

    @property
    def is_remote(self) -> bool:
        """Whether what it is given leaves this machine."""

    @property
    def sends(self) -> Literal["all", "public"]:
        """Of which notes the text may be given to it."""

    def space(self, patience: float) -> Space:
        """Which vectors it makes; asked of the endpoint once. Raises Unreachable after `patience` seconds at most."""

    def passages(self, texts: Sequence[str], patience: float) -> "list[Vector | None]":
        """A vector of each text, None for one of which there can be none. Raises Unreachable."""

    def query(self, text: str, patience: float) -> Vector:
        """The vector of what is asked for, told to the model as its makers want it. Raises Unreachable."""
