"""Numbers: of notes, changes and places as they are sent, of any length, and as they are told. Read light, for the
hook."""

LARGEST = 2**63 - 1  # that an engine keeps


def number_of(text: str) -> int | None:
    """The number that a text of digits alone is. Of its first twenty: Python makes none of more than 4,300. One that
    no engine keeps is the largest, which names nothing."""
    return min(int(text[:20]), LARGEST) if text.isascii() and text.isdigit() else None


def counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def size(chars: int) -> str:
    """A number of characters, short: `840`, `3.4k`."""
    return str(chars) if chars < 1000 else f"{chars / 1000:.1f}k"
