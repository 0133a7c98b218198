"""What is derived from a note's text and metadata, made again and compared with what is stored."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from notewell_store.contract import Snapshot
from notewell_store.engines.sqlite.connection import is_older
from notewell_store.integrity.verdict import Kind
from notewell_store.markdown.links import find_links
from notewell_store.markdown.sections import parse_sections
from notewell_store.models import MENTIONS, Metadata
from notewell_store.references import parse_reference
from notewell_store.search.passages import passages_of
from notewell_store.tables import labels, notes, sections
from notewell_store.writing.pipeline import indexed

Add = Callable[[Kind, str], None]
LinkRow = tuple[str, str | None, str | None, int | None]
"""Target, anchor, path and the id of the target."""


def compare_with_metadata(db: Snapshot, add: Add, note_id: int, metadata: Metadata) -> None:
    """Say which labels and links set on purpose do not agree. What cannot be read raises."""
    found = set(db.execute("SELECT label, live FROM labels WHERE note_id = ?", (note_id,)))
    wanted = {(label, int(not metadata.deleted)) for label in labels.labels_of(metadata)}
    if found != wanted and not is_older(db):  # whose labels were made by another rule
        add("derived", "the labels by which filters find it are not those of its metadata")
    _compare_explicit_links(db, add, note_id, metadata)


def compare_with_text(db: Snapshot, add: Add, note_id: int, metadata: Metadata, text: str) -> None:
    """Say what of sections, links and index does not agree. What cannot be read raises."""
    own_sections = parse_sections(text)
    if not metadata.deleted:  # a tombstone's are made when it comes back
        if sections.read_sections(db, note_id) != own_sections:
            add("derived", "its sections are not those of its text")
        _compare_body_links(db, add, note_id, text)
    made = indexed(metadata, text, own_sections)
    made_passages = passages_of(made) if made else ()
    wanted = Counter((passage.section, passage.start, passage.end, passage.digest) for passage in made_passages)
    found = db.execute('SELECT section, start, "end", digest FROM passages WHERE note_id = ?', (note_id,))
    if Counter(map(tuple, found)) != wanted:
        add("derived", "its passages in the search index are not those of its text")


def _compare_explicit_links(db: Snapshot, add: Add, note_id: int, metadata: Metadata) -> None:
    """Names may have changed since: two links are the same when they lead to the same note."""
    rows = db.execute(
        "SELECT relation, target, anchor, target_id FROM links WHERE source_id = ? AND relation != ?",
        (note_id, MENTIONS),
    ).fetchall()
    found = {(word, target_id or target, anchor) for word, target, anchor, target_id in rows}
    wanted = set()
    for link in metadata.links:
        reference = parse_reference(link.target)
        wanted.add((link.relation, _meant(db, reference.name), reference.anchor))
    # A link to the note itself is kept in its metadata alone.
    if {link for link in found if link[1] != note_id} != {link for link in wanted if link[1] != note_id}:
        add("kept", "the links that were set on purpose are not those of its newest revision")


def _meant(db: Snapshot, target: str) -> Any:
    """The id of the note that a link's target names, or the target itself where there is none."""
    found = notes.find_slug(db, target)
    if found is None and target.isdigit():
        row = db.execute("SELECT id FROM notes WHERE id = ?", (int(target[:18]),)).fetchone()
        return row[0] if row else target
    return target if found is None else found


def _compare_body_links(db: Snapshot, add: Add, note_id: int, text: str) -> None:
    rows = db.execute(
        "SELECT target, anchor, path, target_id FROM links WHERE source_id = ? AND relation = ? ORDER BY id",
        (note_id, MENTIONS),
    ).fetchall()
    found: list[LinkRow] = [row for row in rows if row[2] is None]
    kept = [(target, anchor) for target, anchor, _, _ in found if _meant(db, target) != note_id]
    wanted, has_paths = _links_in(text)
    wanted = [link for link in wanted if _meant(db, link[0]) != note_id]
    # A path is read from where the file stood then, and a link by it may have taken the place of a plain one.
    if kept != wanted and not (has_paths and set(kept) <= set(wanted)):
        add("derived", "the links of its text are not those that it has")
    for target, _, _, target_id in found:
        meant = _meant(db, target)
        if target_id is not None and target_id != meant:
            add("derived", f"its link to {target} leads to another note")
        elif target_id is None and meant not in (target, note_id) and not target.isdigit():
            add("derived", f"its link to {target} does not lead there")


def _links_in(text: str) -> tuple[list[tuple[str, str | None]], bool]:
    """The notes that the text names, each once in their order, and whether it names any by a path."""
    links = find_links(text)
    plain = dict.fromkeys((link.target, link.anchor) for link in links if not link.is_path and link.target)
    return list(plain), any(link.is_path for link in links)
