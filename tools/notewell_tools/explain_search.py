"""Why a search finds what it finds, in words for a person: `notewell search --explain`."""

from collections.abc import Iterator
from typing import Any

from notewell_store.contract import Snapshot
from notewell_store.models import Filter
from notewell_store.search import search
from notewell_store.search.question import Term
from notewell_store.search.ranking import Score, rarity_of
from notewell_store.search.search import Looked
from notewell_tools.answers import as_fields, counted
from notewell_tools.definition import Call
from notewell_tools.filters import make_filter
from notewell_tools.search_notes import hit_entry, not_asked, place_of, require_words


def explain_search(call: Call, query: str, limit: int, **filters: Any) -> str:
    """How the query was read, what the index was asked, and what made each hit's score. The other arguments are those
    of search_notes."""
    require_words(query)
    with call.store.reading() as db:
        wanted = make_filter(db, **filters, deleted=False)
        return "\n".join(_lines(call, db, query, wanted, limit))


def _lines(call: Call, db: Snapshot, query: str, wanted: Filter, limit: int) -> Iterator[str]:
    looked = search.look(db, query, wanted, limit, meaning=call.store.meaning)
    yield "read as"
    for one in looked.corrected:
        yield f'  no note has "{one.asked}": {one.searched} in its place'
    for term in looked.question.terms:
        yield _term_line(term, looked)
    if looked.question.unread:
        yield f"  {', '.join(looked.question.unread)}: tell only beside another word"
    yield "asked of the index"
    yield from (f"  {match}" for match in looked.asked)
    if looked.unasked is not None:
        yield not_asked(looked.unasked)
    more = "more than " if looked.is_more else ""
    yield f"found in {more}{counted(looked.total, 'note')}; weighed: {counted(looked.weighed, 'passage')}"
    for place, (weighed, hit) in enumerate(zip(looked.best, search.hits_of(db, looked), strict=True), start=1):
        shown = as_fields(hit_entry(hit), keep_tags=True)
        yield f"{place}. {weighed.score.total:.2f} {place_of(shown)}"
        yield f"   = {_sum(weighed.score)}"
        yield f"   {shown['snippet']}"


def _term_line(term: Term, looked: Looked) -> str:
    count = looked.counts[term]
    if not count:
        return f"  {term.text} · {term.kind} · in none"
    at_most = " or more" if count >= looked.most else ""
    return f"  {term.text} · {term.kind} · in {counted(count, 'passage')}{at_most}, worth up to {rarity_of(count):.1f}"


def _sum(score: Score) -> str:
    parts = [f"{term.text} {worth:.2f}" for term, worth in score.words.items()]
    if score.pairs:
        parts.append(f"words side by side {score.pairs:.2f}")
    text = " + ".join(parts) or "0"
    if score.title > 1:
        text = f"({text}) * {score.title:.2f} for the title"
    if score.holds < 1:
        text = f"({text}) * {score.holds:g} since it is over"
    if score.named:
        text = f"{text} + {score.named:g} for its name"
    return text if score.z is None else f"{text} {_meaning(score.meaning * score.holds, score.z)}"


def _meaning(worth: float, z: float) -> str:
    return f"{'-' if worth < 0 else '+'} meaning {abs(worth):.2f} (z {z:.1f})"
