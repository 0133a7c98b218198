"""What of a revision goes when it is redacted, and what stays: pure functions of what it keeps.

The text goes whole, for nobody can tell which part of it is the secret. Of what its author wrote beside it, as much
stays as the note still says today, and the reason where it has no word that the note has lost.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from notewell_store.models import Metadata, Note
from notewell_store.tables.redactions import Kept
from notewell_store.tables.revisions import REDACTED, read_metadata, write_metadata

NO_TITLE = "(redacted)"
SHORTEST = 4  # characters of a word that may be a secret
_BETWEEN = re.compile(r"[\s=:,;|\"'`()<>\[\]{}]+")
_ROUND = "*_~.!?#-"


def marker(at: str, actor: str, reason: str) -> str:
    """What stands in the place of a redacted text."""
    return f"*(redacted on {at[:10]} by {actor}: {reason})*\n"


class Lost:
    """What revisions say that the note no longer does: their lines, and the words in them. A `secret` that is known is
    looked for in any capitals."""

    def __init__(self, revisions: Iterable[Kept], today: Note, secret: str | None) -> None:
        texts = [one.text for one in revisions]
        kept = today.markdown
        self.lines = {line for text in texts for line in _lines(text)} - set(_lines(kept))
        said_today = {*_words(kept), *_words(today.metadata.title)}
        self._words = {word for line in self.lines for word in _words(line)} - said_today
        self._secret = secret.casefold() if secret else None

    def is_in_lines_of(self, text: str) -> bool:
        return not self.lines.isdisjoint(_lines(text)) or self.is_secret(text)

    def is_in(self, words: str | None) -> bool:
        """Whether a short text has a word that is lost, or the secret."""
        return words is not None and (not self._words.isdisjoint(_words(words)) or self.is_secret(words))

    def is_secret(self, text: str | None) -> bool:
        return self._secret is not None and text is not None and self._secret in text.casefold()


def taken_out(kept: Kept, today: Metadata, lost: Lost, instead: str) -> Kept:
    """The revision as it is to be kept."""
    return kept._replace(
        revised_by=None if lost.is_in(kept.revised_by) else kept.revised_by,
        reason=None if lost.is_in(kept.reason) else kept.reason,
        changed=(*kept.changed, REDACTED),
        metadata=write_metadata(_metadata(read_metadata(kept.metadata), today, lost)),
        text=instead,
        client=None if lost.is_secret(kept.client) else kept.client,
    )


def _metadata(then: Metadata, today: Metadata, lost: Lost) -> Metadata:
    def unless_secret(word: str | None) -> str | None:
        return None if lost.is_secret(word) else word

    return replace(
        then,
        slug=today.slug if lost.is_secret(then.slug) else then.slug,
        title=then.title if then.title == today.title else NO_TITLE,
        tags=tuple(tag for tag in then.tags if tag in today.tags),
        links=tuple(link for link in then.links if link in today.links),
        note_type=unless_secret(then.note_type),
        status=unless_secret(then.status),
        parent=unless_secret(then.parent),
    )


def _lines(text: str) -> list[str]:
    return [line for line in map(str.strip, text.splitlines()) if line]


def _words(text: str) -> set[str]:
    stripped = (part.strip(_ROUND) for part in _BETWEEN.split(text.casefold()))
    return {word for word in stripped if len(word) >= SHORTEST}
