"""Full-text search: which notes answer a question, and the passage in each that does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from notewell_store.contract import Asked, Meaning, Snapshot
from notewell_store.folding import folded
from notewell_store.index_query import IndexQuery
from notewell_store.markdown.passages import HUMP
from notewell_store.models import Correction, End, Filter, Found, Hit
from notewell_store.search.candidates import Candidates, queries
from notewell_store.search.matcher import Matcher
from notewell_store.search.question import Question, Term, read_query, term_of
from notewell_store.search.ranking import Ranker, Weighed, best_of_notes, rarity_of, scored
from notewell_store.search.snippets import snippet, unmarked
from notewell_store.tables import found_passages

WEIGHED = 60  # passages, at least
WEIGHED_FOR_EACH = 5  # note that is asked for
DEEPER = 4  # times as many are looked at for other notes, where those are of too few
BELOW = 1_000  # characters
UNTOLD = "what knows it did not answer"
"""In the place of why, for who sees not everything: that may name a host or a path of this machine."""
MOST_TRIED = 4  # terms that stand nowhere: each takes hundreds of looks at the index


@dataclass(frozen=True, slots=True)
class Looked:
    """A question, and what a look for it brought."""

    question: Question
    counts: Mapping[Term, int]
    """In how many passages each term stands, counted up to a bound."""
    corrected: tuple[Correction, ...]
    asked: tuple[str, ...]
    """What the index was asked, in its words and in this order."""
    most: int
    """The bound of the counts."""
    is_limited: bool
    """Whether less is seen than there is."""
    total: int
    is_more: bool
    weighed: int
    """How many passages were read."""
    best: tuple[Weighed, ...]
    unasked: str | None = None
    """Why it could not be told what the query means, where that was to be."""


def search_notes(
    db: Snapshot,
    query: str,
    wanted: Filter,
    limit: int = 10,
    among: Filter | None = None,
    meaning: Meaning | None = None,
) -> Found:
    """The notes that best answer `query`, one hit for each, best first.

    Any word may match; words in double quotes must stand together. `total` counts the notes that hold a telling word.
    `meaning` is the store's: where there is one, it is asked too.
    """
    looked = look(db, query, wanted, limit, among, meaning)
    hits = hits_of(db, looked)
    shown = _by_place(hits) if looked.is_limited else hits
    return Found(looked.total, shown, looked.is_more, looked.corrected, looked.unasked)


def hits_of(db: Snapshot, looked: Looked) -> tuple[Hit, ...]:
    """What was found, as it is shown."""
    matcher = Matcher(looked.question)
    over = {one.found.note_id: word for one in looked.best if (word := one.found.end)}
    ends = _ends(db, over) if over else {}
    return tuple(_hit(db, one, ends.get(one.found.note_id), matcher) for one in looked.best)


def _ends(db: Snapshot, over: Mapping[int, str]) -> dict[int, End]:
    from notewell_store.succession import ends_of  # which reads links of texts

    return ends_of(db, over)


def _by_place(hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """The hits, scored by their order alone: the index weighs by all notes, and not only by those that are seen."""
    return tuple(replace(hit, score=round(1 / place, 3)) for place, hit in enumerate(hits, start=1))


def look(
    db: Snapshot,
    query: str,
    wanted: Filter,
    limit: int,
    among: Filter | None = None,
    meaning: Meaning | None = None,
) -> Looked:
    """As search_notes, with all that explains it."""
    within, everywhere = Candidates(db, wanted), Candidates(db, among or Filter())
    read = read_query(query)
    asking = None if meaning is None else _ask(db, meaning, query, read, within)
    question, counts, corrected = _corrected(read, everywhere)
    passages, asked, total, is_more = _proposed(question, counts, within, limit)
    named = within.named(question.slugs)
    passages |= {passage: note_id for note_id, passage in named.items()}
    ranker = Ranker(question, {term: rarity_of(count) for term, count in counts.items()})
    weighed = scored(db, ranker, passages, named)
    every, unasked = _best(db, meaning, asking, ranker, weighed, named, within)
    best = every[:limit]
    total = max(total, len(best))
    words = tuple(found_passages.wording(db, one) for one in asked)
    return Looked(
        question, counts, corrected, words, within.most, within.is_limited, total, is_more, len(passages), best, unasked
    )


def _ask(db: Snapshot, meaning: Meaning, query: str, question: Question, within: Candidates) -> Asked | None:
    from notewell_store.search import by_meaning  # which no store needs that is asked by words alone

    return by_meaning.ask(db, meaning, query, question, within)


def _best(
    db: Snapshot,
    meaning: Meaning | None,
    asking: Asked | None,
    ranker: Ranker,
    passages: Sequence[Weighed],
    named: Mapping[int, int],
    within: Candidates,
) -> tuple[tuple[Weighed, ...], str | None]:
    """The notes, best first; and why their meaning did not count, where it was to."""
    if meaning is None or asking is None:
        return best_of_notes(passages), None
    from notewell_store.search import by_meaning

    sense, unasked = by_meaning.answered(db, meaning, asking)
    if sense is None:
        return best_of_notes(passages), UNTOLD if unasked and within.is_limited else unasked
    return by_meaning.best(db, sense, ranker, passages, named, within), None


def _corrected(question: Question, everywhere: Candidates) -> tuple[Question, dict[Term, int], tuple[Correction, ...]]:
    """The question with what was meant in the place of what stands in no note that is seen, and in how many passages
    each term stands, whatever the filter."""
    counts: dict[Term, int] = {}
    corrected = []
    tries = 0
    for term in question.terms:
        counts[term] = everywhere.count(term.query)
        if counts[term] or tries == MOST_TRIED:
            continue
        tries += 1
        others = _meant(term, question, everywhere)
        if others:
            del counts[term]
            counts |= {other: everywhere.count(other.query) for other in others}
            corrected.append(Correction(term.text, " ".join(other.text for other in others)))
    return replace(question, terms=tuple(counts)), counts, tuple(corrected)


def _meant(term: Term, question: Question, everywhere: Candidates) -> tuple[Term, ...]:
    """For a word the one that it looks like, or the parts of camelCase; for a phrase its words, where others were
    asked for beside it."""
    if term.kind == "word" and HUMP.search(term.text):
        parts = [term_of(part, "word") for part in HUMP.sub(" ", term.text).split() if len(part) > 1]
        is_name = everywhere.count(term_of(HUMP.sub(" ", term.text), "name").query, 1)
        return () if is_name else tuple(part for part in parts if everywhere.count(part.query, 1))
    if term.kind == "word":
        word = meant(folded(term.text), everywhere.count_standing)
        return (term_of(word, "word"),) if word else ()
    if term.kind == "phrase" and any(other.kind != "phrase" for other in question.terms):
        return tuple(word for word in read_query(term.text.replace('"', " ")).terms if word.kind == "word")
    return ()


def _proposed(
    question: Question, counts: Mapping[Term, int], within: Candidates, limit: int
) -> tuple[dict[int, int], tuple[IndexQuery, ...], int, bool]:
    """The passages to weigh with their notes; what the index was asked; the notes there are, and maybe more."""
    found: dict[int, int] = {}
    best: list[tuple[int, int]] = []
    asked: list[IndexQuery] = []
    ranked = 0
    most = max(WEIGHED, WEIGHED_FOR_EACH * limit)
    for query, ranked in queries(question.terms, dict(counts), within.most):
        asked.append(query)
        best = within.best(query, ranked, most)
        new = [each for each in best if each[0] not in found]
        found |= new[: max(limit, most - len(found))]
        if len(set(found.values())) < limit:
            _take_deeper(found, new if len(best) < most else within.best(query, ranked, DEEPER * most), limit)
        if len(set(found.values())) >= limit:
            break
    are_all = not asked or len(best) < min(most, within.most)  # of those that the last one finds
    total, is_more = (len({note_id for _, note_id in best}), False) if are_all else within.notes(asked[-1], ranked)
    return found, tuple(asked), total, is_more


def _take_deeper(found: dict[int, int], ranked: Sequence[tuple[int, int]], limit: int) -> None:
    """Take the best passage of each next note, where those that were found are of a few notes that have many."""
    notes = set(found.values())
    for passage, note_id in ranked:
        if len(notes) >= limit:
            break
        if note_id not in notes:
            notes.add(note_id)
            found[passage] = note_id


def _hit(db: Snapshot, weighed: Weighed, end: End | None, matcher: Matcher) -> Hit:
    """Of a section without text of its own, what stands below it is shown."""
    found = weighed.found
    body = found.text.body
    shown = body if weighed.meant or body.strip() else found_passages.below(db, found.passage, BELOW)
    return Hit(
        slug=found.slug,
        anchor=found.anchor,
        title=found.text.title,
        heading=found.heading,
        snippet=snippet(shown, matcher) if weighed.meant is None else unmarked(weighed.meant or shown),
        score=round(weighed.score.total, 3),
        revision=found.revision,
        note_type=found.note_type,
        status=found.status,
        project=found.project,
        end=end,
        is_by_meaning=weighed.meant is not None,
    )


SHORTEST, LONGEST = 4, 30  # letters; of shorter words too many are alike
MOST_COUNTED = 100  # passages; a word that stands in more is no likelier


def meant(word: str, count_standing: Callable[[Sequence[str], int], dict[str, int]]) -> str | None:
    """The likeliest word that stands somewhere; `count_standing` tells of those words that do in how many passages,
    counted up to a number."""
    if not SHORTEST <= len(word) <= LONGEST or not word.isalpha() or not word.isascii():
        return None
    standing = count_standing(sorted(variants(word)), MOST_COUNTED)
    return max(standing, key=lambda other: (standing[other], other), default=None)


def variants(word: str) -> set[str]:
    """All words that are one mistake away. The first letter, which few mistype, is right or changed with the next."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    letters = "abcdefghijklmnopqrstuvwxyz"
    return {
        *(start + rest[1] + rest[0] + rest[2:] for start, rest in cuts if len(rest) > 1),
        *(start + rest[1:] for start, rest in cuts if start and rest),
        *(start + letter + rest[1:] for start, rest in cuts if start and rest for letter in letters),
        *(start + letter + rest for start, rest in cuts if start for letter in letters),
    } - {word}
