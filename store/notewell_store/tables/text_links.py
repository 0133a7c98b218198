"""The links of a text: what each asks for, and which note that is at the moment. As rows, as they are kept."""

import json
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from notewell_store.contract import Connection
from notewell_store.markdown.links import BodyLink
from notewell_store.models import OF_TEXT, ExplicitLink
from notewell_store.references import parse_reference
from notewell_store.resolution import CALLED, NOBODY, Asked, Asker, asked_by_slug
from notewell_store.resolution import asked as asked_by_name
from notewell_store.tables.bearers import Names, asker_of, meant, meant_of
from notewell_store.tables.note_rows import OWN

MOST_OF_TEXT = 51_000
"""Different links of one text that are kept: their rows are written while all other writers wait."""
PATHS = frozenset({"page", "path", "file"})


class Row(NamedTuple):
    """A link to be kept. `name` is what it is written by, `key` what it waits for; a slug needs neither."""

    relation: str
    target: str
    anchor: str | None
    target_id: int | None
    name: str | None = None
    key: str | None = None
    form: str = "name"


class TextLinks:
    """The links that a text has on a page of this path, each once, in their order, as if none led anywhere: the first
    MOST_OF_TEXT. What leads out of the page's source is none. It takes as long as the text is long, and no store."""

    def __init__(self, found: Iterable[BodyLink], asker: Asker = NOBODY) -> None:
        self.found = tuple(found)
        self.place = asker.path, asker.source is None
        every: dict[tuple[Asked, str | None, str], BodyLink] = {}
        for link in self.found:
            asked = asked_by(link, asker)
            if asked is not None:
                every.setdefault((asked, link.anchor, link.relation), link)
        self.left_out = max(0, len(every) - MOST_OF_TEXT)
        wanted = dict(islice(every.items(), MOST_OF_TEXT))
        self.rows = [_body_row(link, asked, asker) for (asked, *_), link in wanted.items()]
        self.asked = [asked for asked, *_ in wanted]
        self.names = Names(self.asked)
        self.packed = packed(self.rows)
        self.foreseen: dict[Asked, int | None] | None = None
        """Where those lead that led anywhere before the lock, as `packed` has it; None where that was the note itself,
        whose links are kept otherwise. See make_ready."""
        self.calling: frozenset[Asked] = frozenset()
        """Of these those that call the note itself by a name of its own, whose links are not kept."""

    def fits(self, asker: Asker) -> bool:
        return self.place == (asker.path, asker.source is None)

    def led(self, db: Connection, asker: Asker, note_id: int, start: int = 0) -> list[Row]:
        """The rows from one of them on, each leading where it does in the note of that number; of those to the note
        itself that call it by a name of its own none is kept."""
        to = meant_of(db, asker, self.names)
        if not to:
            return self.rows[start:] if start else self.rows
        rows = zip(self.rows[start:], map(to.get, self.asked[start:]), strict=True)
        return [
            row if meant is None else _led(row, meant.note, note_id)
            for row, meant in rows
            if meant is None or meant.note != note_id or meant.way not in CALLED
        ]


def asked_by(link: BodyLink, asker: Asker) -> Asked | None:
    """What a link in a text of `asker` asks for."""
    return asked_as(link.name or None, link.target, "page" if link.is_path else link.form, asker)


def asked_as(name: str | None, target: str, form: str, asker: Asker) -> Asked | None:
    """The same of a link that is kept so."""
    is_path = form.removeprefix(OWN) in PATHS
    return asked_by_slug(target) if name is None else asked_by_name(name, asker.path, is_path=is_path)


def _body_row(link: BodyLink, asked: Asked, asker: Asker) -> Row:
    form: str = "page" if link.is_path and link.form == "wiki" else link.form
    if form == "bare" and asker.source is not None:
        form = "loose"
    shown = (asked.slug or asked.own or link.target) if link.is_path else link.target
    return Row(link.relation, shown, link.anchor, None, link.name or None, asked.key or None, form)


def _led(row: Row, to: int | None, note_id: int) -> Row:
    return row._replace(form=f"{OWN}{row.form}") if to == note_id else row._replace(target_id=to)


def body_rows(db: Connection, note_id: int, found: Iterable[BodyLink]) -> list[Row]:
    """The rows of a text's links in the note."""
    asker = asker_of(db, note_id)
    return TextLinks(found, asker).led(db, asker, note_id)


def explicit_rows(db: Connection, links: Iterable[ExplicitLink]) -> list[Row]:
    """The rows of links that were set on purpose."""
    references = [(link.relation, parse_reference(link.target)) for link in links if link.relation not in OF_TEXT]
    to = meant(db, NOBODY, {asked_by_slug(reference.name) for _, reference in references})
    return [Row(word, ref.name, ref.anchor, to[asked_by_slug(ref.name)].note) for word, ref in references]


def packed(rows: list[Row]) -> str:
    """As the connection's insert_rows takes them."""
    return json.dumps(rows, ensure_ascii=False)
