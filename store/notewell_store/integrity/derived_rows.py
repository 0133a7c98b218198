"""What is derived from a note's text and metadata: compared with what is stored, or stored anew."""

from collections import Counter
from collections.abc import Callable

from notewell_store.contract import Snapshot
from notewell_store.findings import Kind
from notewell_store.markdown.links import find_links
from notewell_store.markdown.passages import passages_of
from notewell_store.markdown.sections import parse_sections
from notewell_store.models import OF_TEXT, Metadata
from notewell_store.resolution import Way, ends_of, fold
from notewell_store.tables import bearers, kept_rows, labels, sections, text_links
from notewell_store.writing import deriving
from notewell_store.writing.drafts import Draft

Add = Callable[[Kind, str], None]


def write(db: Snapshot, note_id: int, metadata: Metadata, text: str) -> None:
    """Derive all of it for a note that has none of it yet, its page too."""
    labels.write_labels(db, note_id, metadata)
    deriving.write_derived(
        db, note_id, Draft(None, metadata, text), deriving.derive(text, html=True, asker=bearers.asker_of(db, note_id))
    )


def compare_with_metadata(db: Snapshot, add: Add, note_id: int, metadata: Metadata) -> None:
    """Say which labels and links set on purpose do not agree. What cannot be read raises."""
    live = int(not metadata.deleted)
    wanted = {(label, live) for label in labels.labels_of(metadata)}
    if kept_rows.label_rows(db, note_id) != wanted and not kept_rows.are_of_another_rule(db):
        add("derived", "the labels by which filters find it are not those of its metadata")
    _compare_names(db, add, note_id, metadata.title)
    _compare_explicit_links(db, add, note_id, metadata)


def _compare_names(db: Snapshot, add: Add, note_id: int, title: str) -> None:
    """Say whether the note is not found by its title and the path that it comes from."""
    if kept_rows.are_of_another_rule(db):
        return
    path = bearers.asker_of(db, note_id).path
    wanted = {(fold(title), Way.TITLE), *(ends_of(path).items() if path is not None else ())}
    if kept_rows.name_rows(db, note_id) != wanted:
        add("derived", "the names by which links find it are not those that it bears")


def compare_with_text(db: Snapshot, add: Add, note_id: int, metadata: Metadata, text: str) -> None:
    """Say what of sections, links and index does not agree. What cannot be read raises."""
    own_sections = parse_sections(text)
    if not metadata.deleted:  # a tombstone's are made when it comes back
        if sections.read_sections(db, note_id) != own_sections:
            add("derived", "its sections are not those of its text")
        _compare_body_links(db, add, note_id, text)
    made = deriving.indexed(metadata, text, own_sections)
    made_passages = passages_of(made) if made else ()
    wanted = Counter((passage.section, passage.start, passage.end, passage.digest) for passage in made_passages)
    if Counter(kept_rows.passage_rows(db, note_id)) != wanted and not kept_rows.are_of_another_rule(db):
        add("derived", "its passages in the search index are not those of its text")


def _compare_explicit_links(db: Snapshot, add: Add, note_id: int, metadata: Metadata) -> None:
    """Names may have changed since: two links are the same when they lead to the same note."""
    kept = [link for link in kept_rows.link_rows(db, note_id) if link.relation not in OF_TEXT]
    found, wanted = (
        {(link.relation, link.target_id or link.target, link.anchor) for link in rows if link.target_id != note_id}
        for rows in (kept, text_links.explicit_rows(db, metadata.links))
    )  # a link to the note itself is kept in its metadata alone
    if found != wanted:
        add("kept", "the links that were set on purpose are not those of its newest revision")


def _compare_body_links(db: Snapshot, add: Add, note_id: int, text: str) -> None:
    """Say which links are not those of the text, or lead elsewhere than they should by the names that notes bear."""
    if kept_rows.are_of_another_rule(db):
        return
    found = [link for link in kept_rows.link_rows(db, note_id) if link.relation in OF_TEXT]
    wanted = text_links.body_rows(db, note_id, find_links(text))
    if len(wanted) == text_links.MOST_OF_TEXT:
        del found[len(wanted) :]  # a version before kept all
    if [link._replace(target_id=None) for link in found] != [link._replace(target_id=None) for link in wanted]:
        add("derived", "the links of its text are not those that it has")
        return
    for kept, right in zip(found, wanted, strict=True):
        if kept.target_id != right.target_id:
            fault = "does not lead there" if kept.target_id is None else "leads to another note"
            add("derived", f"its link to {kept.target} {fault}")
