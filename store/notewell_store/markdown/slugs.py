"""The names of notes: `[a-z0-9]+(-[a-z0-9]+)*`, at most 200 characters, never digits alone."""

import re
import unicodedata

MAX_SLUG = 200
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

_SEPARATORS = re.compile(r"[^a-z0-9]+")
_SYMBOLS = frozenset("$+<=>^`|~")
_FOLDED = str.maketrans(
    {
        "'": "",
        "\N{RIGHT SINGLE QUOTATION MARK}": "",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
    }
)


def is_slug(text: str) -> bool:
    """Whether a note may be called `text`."""
    return len(text) <= MAX_SLUG and SLUG.fullmatch(text) is not None and not text.isdigit()


def slugify(text: str, limit: int = MAX_SLUG) -> str:
    """A slug for `text`, at most `limit` characters; empty when `text` holds no Latin letter and no digit."""
    slug = _SEPARATORS.sub("-", _in_small_letters(text)).strip("-")
    return _shortened(f"n-{slug}" if slug.isdigit() else slug, limit)


def _in_small_letters(text: str) -> str:
    if text.isascii():
        return text.lower().replace("'", "")
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_FOLDED))
    return "".join(ch for ch in folded if not unicodedata.combining(ch)).lower()


def _shortened(slug: str, limit: int) -> str:
    if len(slug) <= limit:
        return slug
    at_hyphen = slug.rfind("-", limit // 2, limit + 1)
    cut = slug[: at_hyphen if at_hyphen > 0 else limit].strip("-")
    return "" if cut.isdigit() or cut == "n" else cut


def loses_letters(text: str) -> bool:
    """Whether the slug of `text` says less than it does: letters, digits or symbols have no place in it."""
    if text.isascii():
        return not _SYMBOLS.isdisjoint(text)
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_FOLDED))
    return any(char in _SYMBOLS or (char > "\x7f" and unicodedata.category(char)[0] in "LNS") for char in folded)
