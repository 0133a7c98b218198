"""Where a text holds what a query asks for: by stems, folded and camelCase in parts, as the index has it."""

from collections.abc import Iterator

from notewell_store.markdown.passages import HUMP
from notewell_store.search.question import Question, Term
from notewell_store.search.stems import stem
from notewell_store.search.words import WORD, end_of_word, index_words, is_letter

UNKNOWN, UNREAD = -1, -2
MOST_PLACES = 1_000  # in a text: how often a word stands tells hardly more from then on
BESIDE = 30  # characters in which the neighbour of a word is looked for


Place = tuple[int, int, int]
"""Where a word of the query stands: its start and end, and its number. A search makes hundreds."""


class Matcher:
    """Finds what a question asks for. Its words have numbers; those that a quoted phrase or a name holds have too."""

    def __init__(self, question: Question) -> None:
        prefixes = [term.words[-1] for term in question.terms if term.kind == "prefix"]
        stems = [word for term in question.terms for word in _stems_of(term)]
        self._prefixes = {start: number for number, start in enumerate(dict.fromkeys(prefixes))}
        self._stems = {word: len(self._prefixes) + number for number, word in enumerate(dict.fromkeys(stems))}
        self.stem_of: tuple[str | None, ...] = (*(None for _ in self._prefixes), *self._stems)
        """The stem with each number; None of what begins words of many stems."""
        self._known: dict[str, int] = {}
        self._beginnings = tuple(dict.fromkeys([*prefixes, *map(beginning_of, stems)]))

    def number_of(self, term: Term) -> int:
        """The number of a term's first word."""
        return self._prefixes[term.words[0]] if _stems_of(term) == () else self._stems[term.words[0]]

    def places(self, text: str, flat: str) -> Iterator[Place]:
        """Where they stand in a text, in that order: as whole words, else as parts of a word in camelCase. The text is
        plain, `flat` is it folded."""
        word_ends = found_up_to = 0
        is_ascii, known, whole_word = flat.isascii(), self._known.get, WORD.match
        for start, is_inside in self._begun(text, flat):
            if start < found_up_to:
                continue
            if start >= word_ends:
                match = whole_word(flat, start)
                word_ends = match.end() if match else start
                if word_ends == start or not (is_ascii or flat[start : word_ends + 1].isascii()):
                    word_ends = end_of_word(flat, start)
            end, number = word_ends, UNKNOWN
            if not is_inside:
                word = flat[start:end]
                number = known(word, UNREAD)
                if number == UNREAD:
                    number = self._number(word)
            if number == UNKNOWN and self._may_be_part(text, start, end, is_inside=is_inside):
                hump = HUMP.search(text, start + 1, end)
                end = hump.start() if hump else end
                number = self._number(flat[start:end])
            if number != UNKNOWN:
                yield start, end, number
                found_up_to = end

    def _begun(self, text: str, flat: str) -> list[tuple[int, bool]]:
        """Where something begins as a word of the question does, and whether inside a word, which camelCase allows.

        Each beginning is looked for by itself: one pattern for all would be compiled for each question, which takes
        longer than reading sixty passages.
        """
        begun: list[tuple[int, bool]] = []
        find = flat.find
        for beginning in self._beginnings:
            start = find(beginning)
            while start >= 0:
                before = flat[start - 1] if start else " "
                if not (before.isalnum() if before < "\x80" else is_letter(before)):
                    begun.append((start, False))
                elif "A" <= text[start] <= "Z":
                    begun.append((start, True))
                start = find(beginning, start + 1)
        begun.sort()
        return begun

    @staticmethod
    def _may_be_part(text: str, start: int, end: int, *, is_inside: bool) -> bool:
        """Whether a part of a word in camelCase begins there."""
        return bool(HUMP.match(text, start)) if is_inside else not text[start + 1 : end].islower()

    def _number(self, word: str) -> int:
        number = self._known.get(word)
        if number is None:
            started = (number for start, number in self._prefixes.items() if word.startswith(start))
            self._known[word] = number = self._stems.get(stem(word), next(started, UNKNOWN))
        return number


def continues(flat: str, start: int, end: int, term: Term) -> bool:
    """Whether the rest of a term's words follow at `start`, before `end`."""
    rest = term.words[1:]
    end = min(end, start + BESIDE * len(rest))
    if flat.find(beginning_of(rest[0]), start, end) < 0:  # mostly, and known without cutting words
        return False
    following = index_words(flat[start:end])[: len(rest)]
    *stems, last = following or [""]
    ends_well = last.startswith(rest[-1]) if term.kind == "prefix" else stem(last) == rest[-1]
    return ends_well and tuple(map(stem, stems)) == rest[:-1]


def last_word(flat: str, start: int, end: int) -> str:
    """The last one between these; empty where there is none."""
    chunks = flat[start:end].split()
    if chunks and chunks[-1].isascii() and chunks[-1].isalnum():  # mostly, and known without reading the words before
        return chunks[-1]
    words = index_words(flat[start:end])
    return words[-1] if words else ""


def first_word(flat: str, start: int, end: int) -> str:
    words = index_words(flat[start:end])
    return words[0] if words else ""


def _stems_of(term: Term) -> tuple[str, ...]:
    return term.words[:-1] if term.kind == "prefix" else term.words


def beginning_of(stemmed: str) -> str:
    """What all words with this stem begin with: visib, of visible and visibility, whose stem is visibl.

    A stem is a word cut short, but for its last letter: an e or i may stand for what was cut, or the l of -bility.
    """
    return stemmed[:-1] if len(stemmed) > 1 and stemmed.endswith(("e", "i", "l")) else stemmed
