"""How a query is read: into terms, each a word or several that stand together, and what stood beside what."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice, pairwise

from notewell_store.folding import folded, plain
from notewell_store.index_query import Beginning, IndexQuery, Together, any_of
from notewell_store.markdown.passages import HUMP, unspaced, worded
from notewell_store.markdown.slugs import slugify
from notewell_store.search.stems import stem
from notewell_store.search.words import by_script, patterns_of, words_of

MOST_TERMS = 32
MOST_WORDS = 24  # of a phrase or a name that are looked for: an index takes seconds for a thousand
LONGEST_QUERY = 10_000  # characters that are read
LEAST_PREFIX = 2  # letters

QUOTED = re.compile(r'"([^"]*)"')
LINKED = re.compile(r"\[\[([^\[\]|#]+)")
POSSESSIVE = re.compile(r"(?<=\w)['’]s?(?!\w)")
CONTRACTED = re.compile(r"['’](?:t|re|ve|ll|d|m)$", re.IGNORECASE)
ENDINGS = (
    *("s", "es", "ed", "er", "ers", "ing", "ings", "ion", "ions", "or", "ors", "ation", "ations", "ment", "ments"),
    *("ly", "able", "al", "ally", "ive", "ity", "ness", "y", "e"),
)
LONGEST_ENDING = max(map(len, ENDINGS))
STOP_WORDS = frozenset(
    """a about after all also an and any are as at be because been before being between both but by can could did do
    does doing done during each for from further get had has have having he her here hers him his how i if in into is
    it its just let me might more most much must my no nor not now of off on once one only or other our out over own
    per please same shall she should since so some such than that the their them then there these they this those
    through to too under until up upon us very was we were what when where whether which while who whom whose why
    will with within would you your""".split()  # noqa: SIM905 - a list of so many quoted words is not readable
)


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """What a query looks for.

    `kind` is `word`, `name` (written together, as `v2.3.0`), `phrase` (quoted) or `prefix`. `words` are stems that
    stand together; the last one of a prefix is its letters.
    """

    text: str
    kind: str
    words: tuple[str, ...]
    query: IndexQuery
    """What the index is asked."""


@dataclass(frozen=True, slots=True)
class Question:
    """A query as it was read."""

    terms: tuple[Term, ...]
    pairs: frozenset[tuple[str, str]]
    """Stems that follow each other in the query, one of them telling at least."""
    slugs: tuple[str, ...]
    """What may be the name of a note: the whole query, words with hyphens, and what stands in `[[…]]`."""
    unread: tuple[str, ...]
    """Stop words, which count only where they stand beside another word."""


def tokens(text: str) -> list[str]:
    """The words of a text as the index cuts them, before they are stemmed."""
    return words_of(folded(text))


def searchable_term(term: str) -> str:
    """A text as an index is asked for it: folded, unspaced scripts cut into characters."""
    sayable = term.replace('"', " ").replace("\0", " ").encode(errors="replace").decode()
    return " ".join(worded(plain(sayable)).split())


def read_query(query: str) -> Question:
    """The query's terms: quoted phrases, then words. Stop words are terms only where there is nothing else."""
    if len(query) > LONGEST_QUERY:
        query = query[:LONGEST_QUERY].rpartition(" ")[0] or query[:LONGEST_QUERY]
    query = POSSESSIVE.sub("", plain(query))
    phrases = [phrase for phrase in QUOTED.findall(query) if tokens(phrase)]
    of_script = patterns_of(query)
    written = list(dict.fromkeys(of_script.written.findall(of_script.overlong.sub(r"\1*", QUOTED.sub(" ", query)))))
    unread = [word for word in written if _says_nothing(word)]
    if len(unread) == len(written) and not phrases:
        unread = []
    words = [part for word in written if word not in unread for part in by_script(word)]
    terms = _different(chain(map(_phrase, phrases), _terms_of(words)))
    telling = {word for term in terms for word in term.words}
    pairs = frozenset(pair for pair in pairwise(map(stem, tokens(query))) if telling.intersection(pair))
    slugs = [slugify(query), *(word.lower() for word in written if "-" in word), *LINKED.findall(query.lower())]
    return Question(terms, pairs, tuple(dict.fromkeys(filter(None, slugs)))[:MOST_TERMS], tuple(unread))


def _says_nothing(word: str) -> bool:
    return word.lower() in STOP_WORDS or CONTRACTED.search(word) is not None


def _different(terms: Iterable[Term]) -> tuple[Term, ...]:
    """The first MOST_TERMS; no more are made."""
    first: dict[tuple[bool, tuple[str, ...]], Term] = {}
    for term in terms:
        if term.words:
            first.setdefault((term.kind == "prefix", term.words), term)
        if len(first) == MOST_TERMS:
            break
    return tuple(first.values())


def _terms_of(words: list[str]) -> Iterator[Term]:
    for word in words:
        if word.endswith("*") and len(word) > LEAST_PREFIX:
            yield _prefix(word)
        elif len(word) > 2 and not word.isascii() and unspaced().match(word):
            yield from (term_of(first + second, "name") for first, second in dict.fromkeys(pairwise(word)))
        else:
            yield from _with_parts(word)


def _with_parts(word: str) -> Iterator[Term]:
    """A word is one term; what is written together is one, and each part that tells anything another."""
    parts = patterns_of(word).part.findall(word)
    if len(parts) != 1:
        yield term_of(word, "name")
        telling = (part for part in parts if len(part) > 1 and not part.isdigit() and part.lower() not in STOP_WORDS)
        parts = list(dict.fromkeys(telling))
    for part in parts:
        yield term_of(part, "word")
        humps = HUMP.sub(" ", part)
        if humps != part:
            yield term_of(humps, "name")


def _phrase(text: str) -> Term:
    """Up to the first word that is overlong, and the beginning of that."""
    overlong = patterns_of(text).overlong.search(text)
    return _prefix(f"{text[: overlong.end(1)]}*") if overlong else term_of(text, "phrase")


def term_of(text: str, kind: str) -> Term:
    """A term that is no prefix."""
    said = _beginning(searchable_term(text))
    return Term(text, kind, tuple(map(stem, tokens(said))), Together(said))


def _beginning(said: str) -> str:
    """The first MOST_WORDS words."""
    text = folded(said)
    last = next(islice(patterns_of(text).token.finditer(text), MOST_WORDS - 1, None), None)
    return said[: last.end()] if last else said


def _prefix(word: str) -> Term:
    """An index stems a prefix too, and takes what begins with that: words with a shorter stem are asked for as well."""
    said = _beginning(searchable_term(word[:-1]))
    *before, start = tokens(said)
    if before:
        return Term(word, "prefix", (*map(stem, before), start), Beginning(said))
    cuts = range(max(3, len(start) - LONGEST_ENDING), len(start) + 1)
    whole = {start[:cut] + ending for cut in cuts for ending in ENDINGS}
    shorter = {stem(each): each for each in sorted(whole) if each.startswith(start)}
    others = [Together(each) for short, each in shorter.items() if not short.startswith(stem(start))]
    return Term(word, "prefix", (start,), any_of([Beginning(start), *others]))
