"""Text of others on its way out: onto a terminal, into a line of ours, into a model's context.

What is stored is never changed. What a reader cannot see is spelt out where a person or a program reads, since they can
tell what to do about it, and left out where a model is told something that it did not ask for.
"""

import re
from functools import cache

QUOTE = "> "

_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff"
    "\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Default_Ignorable_Code_Point of https://www.unicode.org/Public/17.0.0/ucd/DerivedCoreProperties.txt, which has room
for what is not assigned yet; less those of _SOMETIMES."""
_BLANK = "\u2800\ufff9-\ufffb\U00013430-\U0001343f\U00016fe4\U0001d159"
"""What shows nothing though it has no such property: the empty Braille cell, marks of annotation, fillers."""
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
"""Less the tab and the line ends of a text."""
_SOMETIMES = "\u200c\u200d\ufe0f"
"""Joiners and the mark of an emoji, which are seen where they belong."""
_EMOJI = (
    "\u00a9\u00a9\u00ae\u00ae\u203c\u203c\u2049\u2049\u2122\u2122\u2139\u2139\u2194\u21aa\u231a\u23ff\u24c2\u24c2\u25aa\u27bf"
    "\u2934\u2935\u2b05\u2b55\u3030\u3030\u303d\u303d\u3297\u3299\U0001f000\U0001faff"
)
"""Pairs of a first and a last one; _JOINING of letters whose shapes a joiner changes: Arabic, those of India, Mongolian
(Unicode Standard Annex 31, section 2.3)."""
_JOINING = "\u0600\u08ff\u0900\u0dff\u1000\u109f\u1780\u17b3\u1800\u180a\u1820\u18aa\ufb50\ufdff\ufe70\ufefc"
_UNSEEN = f"{_CONTROLS}{_IGNORABLE}{_BLANK}{_SOMETIMES}"
_DOTS = "·\u0387\u2022\u2027\u2219\u22c5\u30fb\uff65"
_ODD = f"[{_UNSEEN}\t\n\r{_DOTS}]"
"""What a field may have to be changed for: all that `as_field` looks at."""
_LONE_RETURN = "\r(?!\n)"
_LINE_END = "[\t\n\r\x85\u2028\u2029]+"
_SEPARATOR = rf"(?s)[{_DOTS}](?<!\S.)(?!\S)"
"""What stands between the fields of our lines, and what looks like it."""
_TAG = r"[<\ufe64\uff1c](?=\s*+(?:[^\W\d_]|[/!?|]))"
"""The bracket of a tag; of the marks `<|…|>` too, between which other models have words that are not text."""
_BEYOND_LATIN = re.compile("[^\t\n -~\xa0-\xac\xae-\xff]")
_ALWAYS_SEEN = frozenset("—„•…€←→↔≈≠≤≥✅✓✔❌\u2010\u2013\u2018\u2019\u201c\u201d")
"""What stands most often in texts beside ASCII and Latin-1."""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Patterns of many ranges take most of a millisecond each to compile, which a session's hook has no need of where
    it tells of nothing unusual."""
    return re.compile(pattern)


def _unseen() -> re.Pattern[str]:
    return _compiled(f"[{_UNSEEN}]")


def is_plain(text: str) -> bool:
    """Whether it is one line of which nothing need be looked at, as most fields are."""
    return _is_printable_ascii(text) and "<" not in text


def _is_printable_ascii(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _is_all_seen(text: str) -> bool:
    """Whether it holds nothing but what is seen wherever it stands, as most texts do: to look for all that is not takes
    ten times as long."""
    return _is_printable_ascii(text) or _ALWAYS_SEEN.issuperset(_BEYOND_LATIN.findall(text))


def seen(text: str) -> str:
    """What a reader sees of a text of any number of lines."""
    if _is_all_seen(text):
        return text
    return _unseen().sub(lambda found: found[0] if _is_seen(found) else "", text)


def unseen_places(text: str) -> list[int]:
    """Where the characters stand that `seen` leaves out."""
    return [found.start() for found in _unseen().finditer(text) if not _is_seen(found)]


def spelt_out(text: str) -> str:
    """The text with what cannot be seen, and what a terminal would obey, in the spelling of JSON: `\\u202e`. JSON stays
    the same JSON."""
    if _is_all_seen(text):
        return text
    return _compiled(_LONE_RETURN).sub(
        _spelling, _unseen().sub(lambda found: found[0] if _is_seen(found) else _spelling(found), text)
    )


def _is_seen(found: re.Match[str]) -> bool:
    """Whether a character that joins two others, or makes one an emoji, stands where it does that."""
    text, at = found.string, found.start()
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    match found[0]:
        case "\ufe0f":
            return _is_of(_EMOJI, before) or (after == "\u20e3" and before in set("0123456789#*"))
        case "\u200d" if _is_of(_EMOJI, after):
            return _is_of(_EMOJI, text[at - 2 : at - 1] if before == "\ufe0f" else before)
        case "\u200c" | "\u200d":
            return _is_of(_JOINING, before) and _is_of(_JOINING, after)
    return False


def _is_of(ranges: str, char: str) -> bool:
    pairs = zip(ranges[::2], ranges[1::2], strict=True)
    return char != "" and any(first <= char <= last for first, last in pairs)


def _spelling(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def as_field(text: str) -> str:
    """The text as one field of a line of ours: on that line, spelt out, and without what would end the field."""
    if _is_printable_ascii(text) or _compiled(_ODD).search(text) is None:
        return text
    return _unseparated(spelt_out(_compiled(_LINE_END).sub(" ", text)))


def for_model(text: str) -> str:
    """The text as a model may be told it that did not ask for it: what is seen, in which no tag opens."""
    return without_tags(seen(text))


def without_tags(text: str) -> str:
    """The text with the brackets of its tags broken, so that none passes for a mark by which a model's host tells its
    own words from others'."""
    if "<" in text or "\ufe64" in text or "\uff1c" in text:
        return _compiled(_TAG).sub("&lt;", text)
    return text


def quoted(text: str) -> str:
    """The same with a mark before each of its lines, whatever ends them, and a line feed behind each. A fence can be
    closed by the text that it holds; such a mark cannot."""
    return "".join(f"{QUOTE}{for_model(line)}".rstrip() + "\n" for line in text.splitlines())


def one_line(text: str, longest: int) -> str:
    """The same as one field of a line of ours, at most `longest` characters of it."""
    line = " ".join(text.split())
    if not is_plain(line):
        line = _unseparated(" ".join(for_model(line).split()))
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def _unseparated(line: str) -> str:
    return _compiled(_SEPARATOR).sub(r"\\\g<0>", line)
