"""What is derived from a note's text and metadata: compared with what is stored, or stored anew."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from notewell_store.contract import Snapshot
from notewell_store.findings import Kind
from notewell_store.markdown.links import find_links
from notewell_store.markdown.passages import passages_of
from notewell_store.markdown.sections import parse_sections
from notewell_store.models import MENTIONS, Metadata
from notewell_store.references import parse_reference
from notewell_store.tables import kept_rows, labels, links, notes, sections
from notewell_store.writing import pipeline
from notewell_store.writing.drafts import Draft

Add = Callable[[Kind, str], None]


def write(db: Snapshot, note_id: int, metadata: Metadata, text: str) -> None:
    """Derive all of it for a note that has none of it yet, its page too."""
    labels.write_labels(db, note_id, metadata)
    pipeline.write_derived(db, note_id, Draft(None, metadata, text), pipeline.derive(text, html=True))


def compare_with_metadata(db: Snapshot, add: Add, note_id: int, metadata: Metadata) -> None:
    """Say which labels and links set on purpose do not agree. What cannot be read raises."""
    live = int(not metadata.deleted)
    wanted = {(label, live) for label in labels.labels_of(metadata)}
    if kept_rows.label_rows(db, note_id) != wanted and not kept_rows.are_of_another_rule(db):
        add("derived", "the labels by which filters find it are not those of its metadata")
    _compare_explicit_links(db, add, note_id, metadata)


def compare_with_text(db: Snapshot, add: Add, note_id: int, metadata: Metadata, text: str) -> None:
    """Say what of sections, links and index does not agree. What cannot be read raises."""
    own_sections = parse_sections(text)
    if not metadata.deleted:  # a tombstone's are made when it comes back
        if sections.read_sections(db, note_id) != own_sections:
            add("derived", "its sections are not those of its text")
        _compare_body_links(db, add, note_id, text)
    made = pipeline.indexed(metadata, text, own_sections)
    made_passages = passages_of(made) if made else ()
    wanted = Counter((passage.section, passage.start, passage.end, passage.digest) for passage in made_passages)
    if Counter(kept_rows.passage_rows(db, note_id)) != wanted and not kept_rows.are_of_another_rule(db):
        add("derived", "its passages in the search index are not those of its text")


def _compare_explicit_links(db: Snapshot, add: Add, note_id: int, metadata: Metadata) -> None:
    """Names may have changed since: two links are the same when they lead to the same note."""
    rows = (link for link in kept_rows.link_rows(db, note_id) if link.relation != MENTIONS)
    found = {(link.relation, link.target_id or link.target, link.anchor) for link in rows}
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
    found = links.note_of_number(db, target) if found is None else found
    return target if found is None else found


def _compare_body_links(db: Snapshot, add: Add, note_id: int, text: str) -> None:
    rows = kept_rows.link_rows(db, note_id)
    found = [link for link in rows if link.relation == MENTIONS and link.path is None]
    wanted, has_paths = _links_in(text)
    targets = {link.target for link in found} | {target for target, _ in wanted}
    meant = {target: _meant(db, target) for target in targets}
    kept = [(link.target, link.anchor) for link in found if meant[link.target] != note_id]
    wanted = [link for link in wanted if meant[link[0]] != note_id]
    # A path is read from where the file stood then, and a link by it may have taken the place of a plain one.
    if kept != wanted and not (has_paths and set(kept) <= set(wanted)):
        add("derived", "the links of its text are not those that it has")
    for link in found:
        to = meant[link.target]
        if link.target_id is not None and link.target_id != to:
            add("derived", f"its link to {link.target} leads to another note")
        elif link.target_id is None and to not in (link.target, note_id) and not link.target.isdigit():
            add("derived", f"its link to {link.target} does not lead there")


def _links_in(text: str) -> tuple[list[tuple[str, str | None]], bool]:
    """The notes that the text names, each once in their order, and whether it names any by a path."""
    named = find_links(text)
    plain = dict.fromkeys((link.target, link.anchor) for link in named if not link.is_path and link.target)
    return list(plain), any(link.is_path for link in named)
