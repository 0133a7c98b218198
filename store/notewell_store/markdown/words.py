"""Which words changed within two texts that are much the same, and which texts are that."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from notewell_store.markdown.diffs import Allowance, Opcode, joined, opcodes

ALIKE = 0.4
"""The share of words in common from which one text is told as a change of the other."""
MOST_PAIRED = 40_000
"""Pairs of texts that are looked at for likeness, of one comparison."""
MOST_WORDS = 1_000_000
"""Pairs of equal words that are looked at, of one comparison: some 0.3 s."""

LONGEST_MARKED = 20_000
"""Characters of two texts together, in which words are compared."""


class Allowances:
    """How much one comparison may look at, for all its texts together."""

    def __init__(self) -> None:
        self.pairs, self.words = Allowance(MOST_PAIRED), Allowance(MOST_WORDS)


_NO_SPACES = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
"""Scripts that put no space between words: Thai, Lao, Burmese, Khmer, Japanese, Chinese. Each letter is a word."""
_WORD = re.compile(rf"&(?:#?\w+);|[^\W{_NO_SPACES}]+|\s+|.", re.DOTALL)
_SAYS = re.compile(r"\w")


def words_of(text: str) -> list[str]:
    """The words of a text, what stands between them, and its entities; together they are the text again."""
    return _WORD.findall(text)


def likeness_of(text: str) -> frozenset[str]:
    """By what a text is compared with others: its words, without what stands between them."""
    return frozenset(word.lower() for word in words_of(text) if _SAYS.match(word))


def word_changes(
    old: Sequence[str], new: Sequence[str], says: Callable[[str], bool], allowance: Allowance
) -> list[Opcode]:
    """As diffs.opcodes, of words; what stands equal between two changes and says nothing, such as a space, is taken
    as changed with them."""
    codes = opcodes(old, new, allowance)
    inner = range(1, len(codes) - 1)
    return list(
        joined(
            ("replace", *code[1:])
            if at in inner and code[0] == "equal" and not any(map(says, old[code[1] : code[2]]))
            else code
            for at, code in enumerate(codes)
        )
    )


def is_word(word: str) -> bool:
    return _SAYS.match(word) is not None


Pair = tuple[int | None, int | None]
T = TypeVar("T")


def paired(
    old: Sequence[T], new: Sequence[T], likeness: Callable[[T], frozenset[str]], allowance: Allowance
) -> Iterator[Pair]:
    """Which text of the one became which of the other, in order and each at most once: so that they are most alike in
    all. The others have no fellow; those that went come before those that came. `allowance` counts the pairs looked at;
    where it ends, none has a fellow."""
    is_allowed = allowance.grants(len(old) * len(new))
    fellows = _fellows([likeness(one) for one in old], [likeness(one) for one in new]) if is_allowed else []
    at_old = at_new = 0
    for i, j in fellows:
        yield from _alone(at_old, i, at_new, j)
        yield i, j
        at_old, at_new = i + 1, j + 1
    yield from _alone(at_old, len(old), at_new, len(new))


def _alone(a: int, b: int, c: int, d: int) -> Iterator[Pair]:
    yield from ((gone, None) for gone in range(a, b))
    yield from ((None, came) for came in range(c, d))


def _fellows(old: Sequence[frozenset[str]], new: Sequence[frozenset[str]]) -> list[tuple[int, int]]:
    """By the best sum of likenesses of what lies behind each two."""
    like = [[_likeness(one, other) for other in new] for one in old]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            together = best[i + 1][j + 1] + like[i][j] if like[i][j] else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], together)
    found: list[tuple[int, int]] = []
    i = j = 0
    while i < len(old) and j < len(new):
        if like[i][j] and best[i][j] == best[i + 1][j + 1] + like[i][j]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    share = 2 * len(one & other) / (len(one) + len(other) or 1)
    return share if share >= ALIKE else 0.0
