"""Full-text search: which notes answer a question, and the passage in each that does."""

import re
import unicodedata
from collections.abc import Sequence

from notewell_store.models import Filter, Hit, Page
from notewell_store.sqlite.connection import Connection
from notewell_store.sqlite.index import UNSPACED
from notewell_store.sqlite.listing import conditions

MOST_TERMS = 32
WEIGHTS = (3.0, 2.0, 1.0, 2.0)  # title, heading, body, names
SNIPPET = 240  # characters, to which marks add at most four each
MOST_MARKS = 12

UNREAD = re.compile(r"(?<=\])\([^()\s]*+\)|^[ \t]*+\|[-:| \t]++$|^[ \t]*+```\w*+$|\*\*", re.MULTILINE)
QUOTED = re.compile(r'"([^"]*)"')
LETTER = rf"[^\W_{UNSPACED.pattern[1:-1]}]"  # of a word as the index cuts them
WORD = re.compile(r"[^\W_]+(?:[._/:@#'’-]*[^\W_]+)*|_+\w+")
STOP_WORDS = frozenset(
    """a about after all also an and any are as at be because been before being between both but by can could did do
    does doing done during each for from further get had has have having he her here hers him his how i if in into is
    it its just let me might more most much must my no nor not now of off on once one only or other our out over own
    per please same shall she should since so some such than that the their them then there these they this those
    through to too under until up upon us very was we were what when where whether which while who whom whose why
    will with within would you your""".split()  # noqa: SIM905 - a list of so many quoted words is not readable
)


def search_notes(db: Connection, query: str, wanted: Filter, limit: int = 10) -> Page[Hit]:
    """The notes that best answer `query`, one hit for each, best first.

    Any word may match; words in double quotes must stand together. `total` counts all notes that match.
    """
    terms = query_terms(query)
    if not terms:
        return Page(0, ())
    where, values = conditions(db, wanted)
    rows = db.execute(
        f"""WITH found AS MATERIALIZED (
              SELECT p.note_id, p.id, bm25(search, {", ".join(map(str, WEIGHTS))}) AS score
              FROM search JOIN passages p ON p.id = search.rowid WHERE search MATCH ?),
            best AS (SELECT note_id, id, min(score) AS score FROM found GROUP BY note_id)
            SELECT n.id, best.id, best.score, count(*) OVER () FROM best JOIN notes n ON n.id = best.note_id
            WHERE {where} ORDER BY best.score, n.id LIMIT ?""",
        [" OR ".join(terms), *values, limit],
    ).fetchall()
    matcher = _matcher(query)
    hits = tuple(_hit(db, note_id, passage, -score, matcher) for note_id, passage, score, _ in rows)
    return Page(rows[0][3] if rows else 0, hits)


def query_terms(query: str) -> list[str]:
    """The query as FTS5 strings: phrases in quotes, then words without stop words, each quoted so that
    nothing in it is syntax. A query of stop words only keeps them."""
    phrases = [phrase for phrase in QUOTED.findall(query) if WORD.search(phrase)]
    words = WORD.findall(QUOTED.sub(" ", query))
    telling = [word for word in words if word.lower() not in STOP_WORDS] or ([] if phrases else words)
    terms = dict.fromkeys(searchable_term(term) for term in [*phrases, *telling])
    return [f'"{term}"' for term in terms if term][:MOST_TERMS]


def searchable_term(term: str) -> str:
    sayable = term.replace('"', " ").replace("\0", " ").encode(errors="replace").decode()
    return " ".join(UNSPACED.sub(lambda match: f" {match[0]} ", sayable).split())


def _matcher(query: str) -> re.Pattern[str]:
    """Finds the query's words in a text, also with another ending, for the snippet's marks."""
    words = sorted(set(re.findall(r"[^\W_]+", folded(query))) - STOP_WORDS, key=len, reverse=True)[:MOST_TERMS]
    stems = [_stem(word) for word in words if not UNSPACED.match(word)]
    whole = [re.escape(word) for word in words if UNSPACED.match(word)]
    if stems:
        endings = (rf"{re.escape(stem)}{LETTER}{{0,{3 if len(stem) < 5 else 6}}}" for stem in stems)
        whole.append(rf"(?<!{LETTER})(?:{'|'.join(endings)})(?!{LETTER})")
    return re.compile("|".join(whole) or r"(?!)")


class _Folding(dict[int, str]):
    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = char if UNSPACED.match(char) else unicodedata.normalize("NFD", char)[0].lower()
        return self[code]


_FOLDING = _Folding()


def folded(text: str) -> str:
    """The text in small letters without accents, as the index reads it; each character stays where it stood."""
    return text.lower() if text.isascii() else text.translate(_FOLDING)


def _stem(word: str) -> str:
    """What a word shares with its other forms, roughly: deploy, deployed, deployment."""
    for ending in ("ments", "ment", "ings", "ing", "ions", "ion", "ies", "es", "ed", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _hit(db: Connection, note_id: int, passage: int, score: float, matcher: re.Pattern[str]) -> Hit:
    """What stands right under a note's title is named by the note alone: the title's section is all of it."""
    slug, title, revision, anchor, heading, body = db.execute(
        """SELECT n.slug, n.title, n.revision, iif(s.number = 0 AND s.level = 1, NULL, s.anchor), s.heading,
             substr(t.markdown, p.start + 1, p.end - p.start)
           FROM passages p JOIN notes n ON n.id = p.note_id JOIN texts t ON t.note_id = n.id
             LEFT JOIN sections s ON s.note_id = p.note_id AND s.number = p.section
           WHERE p.id = ?""",
        (passage,),
    ).fetchone()
    return Hit(slug, anchor, title, heading, snippet(body, matcher), round(score, 3), revision)


def snippet(text: str, matcher: re.Pattern[str]) -> str:
    """The stretch of at most SNIPPET characters that holds the most different words, marked `**so**`.

    Targets of links, rules of tables and marks of fences are left out: they are not read.
    """
    text = UNREAD.sub("", text)
    found = [(match.start(), match.end(), match[0][:5]) for match in matcher.finditer(folded(text))]
    start, end = _cut(text, _best_start(found))
    marked, at = [], start
    inside = [(first, last) for first, last, _ in found if start <= first and last <= end]
    for first, last in inside[:MOST_MARKS]:
        marked += [text[at:first], "**", text[first:last], "**"]
        at = last
    marked.append(text[at:end])
    line = " ".join("".join(marked).split())
    return f"{'… ' if start else ''}{line}{' …' if end < len(text.rstrip()) else ''}"


def _best_start(found: Sequence[tuple[int, int, str]]) -> int:
    best, best_words, left = 0, 0, 0
    inside: dict[str, int] = {}
    for right, (_, end, word) in enumerate(found):
        inside[word] = inside.get(word, 0) + 1
        while end - found[left][0] > SNIPPET * 3 // 4:
            leaving = found[left][2]
            inside[leaving] -= 1
            if not inside[leaving]:
                del inside[leaving]
            left += 1
            if left > right:
                break
        if len(inside) > best_words:
            best, best_words = found[min(left, right)][0], len(inside)
    return best


def _cut(text: str, start: int) -> tuple[int, int]:
    """A stretch about `start` that begins and ends between words."""
    start = max(0, start - SNIPPET // 6)
    if start:
        start = text.find(" ", start, start + 40) + 1 or start
    end = start + SNIPPET
    if end < len(text):
        end = max(text.rfind(" ", start + SNIPPET // 2, end), text.rfind("\n", start + SNIPPET // 2, end))
        end = end if end > 0 else start + SNIPPET
    return start, min(end, len(text))
