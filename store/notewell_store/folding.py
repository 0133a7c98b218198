"""How words are compared, however they were written: in Unicode's NFKC, without marks, and case-folded.

Marks are dropped where a word is read without them too (accents, Greek tonos, the dots of ё, niqqud, harakat), and kept
where they are letters: vowel signs and viramas of Indic scripts, Thai vowels, the dakuten of kana. What Unicode does
not take apart, as ł and œ, is taken apart here; what it never shows, as soft hyphens, is dropped.
"""

import re
import unicodedata
from functools import cache

_ORDINARY = "\x00-\x7f\u00b7\u00d7\u2010-\u2027\u2030-\u205e\u2190-\u245f\u2500-\u2775\u2794-\u2bff"
"""Signs that no word holds."""
_JOINED = "\u1160-\u11ff\ud7b0-\ud7ff\uff9e-\uffdc\u3099\u309a"  # Hangul and kana, with the letter before
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Unicode's Default_Ignorable_Code_Point."""
_COLOURING = (
    "\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"  # Latin, Greek and others
    "\u0483-\u0489\u2de0-\u2dff\ua66f-\ua672\ua674-\ua67d\ua69e\ua69f"  # Cyrillic
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\ufb1e"  # Hebrew
    "\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"  # Arabic,
    "\u0898-\u089f\u08ca-\u08e1\u08e3-\u08ff\U00010efd-\U00010eff"  # with the tatweel, which only widens a word
    "\u0711\u0730-\u074a"  # Syriac
)
"""Marks that a letter may be written with or without."""
MARKS = (
    "\u07a6-\u07f3\u07fd\u0816-\u082d\u0859-\u085b\u0900-\u0963\u0981-\u09e3\u09fe-\u0a75\u0a81-\u0ae3"
    "\u0afa-\u0b63\u0b82-\u0bd7\u0c00-\u0c63\u0c81-\u0c83\u0cbc-\u0d4d\u0d57-\u0d63\u0d81-\u0df3\u0e31-\u0e3a"
    "\u0e47-\u0e4e\u0eb1-\u0ecd\u0f18-\u0f19\u0f35\u0f37\u0f39\u0f3e-\u0f84\u0f86-\u0fbc\u0fc6\u102b-\u103e"
    "\u1056-\u109d\u135d-\u135f\u1712-\u1734\u1752-\u1773\u17b6-\u17d3\u17dd\u1885-\u193b\u1a17-\u1a1b"
    "\u1a55-\u1a7f\u1b00-\u1b44\u1b6b-\u1b73\u1b80-\u1bf3\u1c24-\u1c37\u1cd0-\u1cd2\u1cd4-\u1cf9\u2cef-\u2cf1"
    "\u2d7f\u302a-\u302f\ua6f0-\ua6f1\ua802-\ua827\ua82c\ua880-\ua8c5\ua8e0-\ua8f1\ua8ff-\ua92d\ua947-\ua953"
    "\ua980-\ua9c0\ua9e5-\uaa4d\uaa7b-\uaac1\uaaeb-\uaaef\uaaf5-\uaaf6\uabe3-\uabea\uabec-\uabed"
    "\U00010376-\U0001037a\U00010a01-\U00010a3f\U00010ae5-\U00010ae6\U00010d24-\U00010eac\U00010f46-\U00010f50"
    "\U00010f82-\U00010f85\U00011000-\U00011046\U00011070-\U000110ba\U000110c2\U00011100-\U00011134"
    "\U00011145-\U00011173\U00011180-\U000111c0\U000111c9-\U000111cc\U000111ce-\U000111cf\U0001122c-\U00011237"
    "\U0001123e\U000112df-\U00011446\U0001145e-\U000114c3\U000115af-\U000115c0\U000115dc-\U00011640"
    "\U000116ab-\U000116b7\U0001171d-\U0001172b\U0001182c-\U0001183a\U00011930-\U00011943\U000119d1-\U000119e0"
    "\U000119e4-\U00011a3e\U00011a47-\U00011a99\U00011c2f-\U00011c3f\U00011c92-\U00011ef6\U00016af0-\U00016af4"
    "\U00016b30-\U00016b36\U00016f4f-\U00016f92\U00016fe4-\U00016ff1\U0001e000-\U0001e136\U0001e2ae-\U0001e2ef"
    "\U0001e8d0-\U0001e94a"
)
"""The marks that are kept, with the letters between them."""

_FOREIGN = f"[^{_ORDINARY}]"
_CLUSTER = rf"[^{_ORDINARY}](?:(?!\w)[{MARKS}{_UNSEEN}{_COLOURING}]|[{_JOINED}])*+"
"""A letter with the marks that follow it: what is compared as a whole."""
_DROPPED = f"[{_UNSEEN}{_COLOURING}]+"
_BETWEEN_WORDS = "(?<=[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff])\u200b"  # which are written without spaces

_LETTERS = str.maketrans("ŁłØøĐđÐðĦħŦŧ\N{LATIN SMALL LETTER DOTLESS I}", "LlOoDdDdHhTti") | str.maketrans(
    {"ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "TH"}
)
"""What Unicode does not take apart."""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Patterns of many ranges, which a session's hook has no need of where all is ASCII."""
    return re.compile(pattern)


def plain(text: str) -> str:
    """The text without marks and in NFKC, with capitals as they were written."""
    return _compiled(_CLUSTER).sub(_plain_cluster, text) if holds_foreign(text) else text


def holds_foreign(text: str) -> bool:
    """Whether it holds letters other than those of ASCII, or what belongs to such: more than signs between words."""
    return not text.isascii() and _compiled(_FOREIGN).search(text) is not None


def folded(text: str) -> str:
    """The text as it is compared: `plain`, case-folded, as long as that."""
    return lowered(plain(text))


def lowered(plain_text: str) -> str:
    """What is `plain` in small letters; each character stays where it stood."""
    return plain_text.lower() if plain_text.isascii() else plain_text.casefold()


def origins(text: str) -> list[int]:
    """Where in the text each character of `plain(text)` comes from, and at last the text's end."""
    found: list[int] = []
    at = 0
    for match in _compiled(_CLUSTER).finditer(text):
        found.extend(range(at, match.start()))
        found.extend([match.start()] * len(_PLAIN[match[0]]))
        at = match.end()
    return [*found, *range(at, len(text) + 1)]


class _Clusters(dict[str, str]):
    MOST = 20_000  # a text may hold clusters without end; the letters of all scripts in use are fewer

    def __missing__(self, written: str) -> str:
        if len(self) >= self.MOST:
            self.clear()
        self[written] = made = _made_plain(written)
        return made


_PLAIN = _Clusters()


def _plain_cluster(match: re.Match[str]) -> str:
    return _PLAIN[match[0]]


def _made_plain(written: str) -> str:
    apart = "".join(map(_set_apart, _compiled(_BETWEEN_WORDS).sub(" ", written)))
    letters = _compiled(_DROPPED).sub("", unicodedata.normalize("NFKD", apart)).translate(_LETTERS)
    return unicodedata.normalize("NFKC", letters)


def _set_apart(char: str) -> str:
    """A sign that stands for letters or digits, as ™ and ½ do, is no part of the word beside it."""
    kind = unicodedata.decomposition(char)
    is_sign = kind.startswith(("<circle>", "<square>", "<fraction>")) or (kind and unicodedata.category(char) == "So")
    return f" {char} " if is_sign else char
