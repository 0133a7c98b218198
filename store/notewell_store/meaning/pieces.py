"""Passages cut into the pieces that a model reads at once, and the digest by which one is known to have its vectors.

Small models were trained on sentences: of a long text they keep the beginning. So a passage has as many vectors as it
has pieces, and is as near to a question as the nearest of them.
"""

import hashlib
from collections.abc import Iterator

LONGEST_PIECE = 800  # characters, to which title and heading add theirs
CUTS = ("\n\n", "\n", ". ", " ")  # where a piece may end, the best first
DIGEST = 16  # bytes


def pieces_of(title: str, heading: str, body: str) -> list[str]:
    """The texts to be embedded for a passage, at least one: each piece with what stands over it."""
    over = f"{title} › {heading}" if heading and heading != title else title
    return [f"{over}\n{piece}" if piece else over for piece in cut(body)]


def cut(body: str) -> list[str]:
    """The body in pieces of at most LONGEST_PIECE characters, without what is blank around them; of a blank one an
    empty piece."""
    return [piece for piece in map(str.strip, _cuts(body.strip())) if piece] or [""]


def _cuts(body: str) -> Iterator[str]:
    start = 0
    while len(body) - start > LONGEST_PIECE:
        end = _end(body, start, start + LONGEST_PIECE)
        yield body[start:end]
        start = end
    yield body[start:]


def _end(body: str, start: int, limit: int) -> int:
    """Behind the last of the best cuts in the second half; at the limit where there is none."""
    least = start + LONGEST_PIECE // 2
    for between in CUTS:
        at = body.rfind(between, least, limit)
        if at >= 0:
            return at + len(between)
    return limit


def digest_of(space: str, title: str, heading: str, body: str) -> bytes:
    """Of all that decides on a passage's vectors: neither its note's slug nor its tags do."""
    told = "\0".join((space, title, heading, body)).encode(errors="surrogatepass")
    return hashlib.blake2b(told, digest_size=DIGEST).digest()
