"""Writing by those who do not see everything: within their project, and without touching what they do not see."""

from dataclasses import replace

from notewell_store.contract import Snapshot, Store
from notewell_store.errors import Forbidden, Invalid
from notewell_store.models import Metadata
from notewell_store.tables import notes
from notewell_store.writing.drafts import Draft


def fitted(store: Store, db: Snapshot, made: Draft) -> Draft:
    """The draft, which was made from what the writer sees, fitted to all that there is on `db`, which is writing.

    Raises Invalid for a slug that a note has which the writer does not see.
    """
    if store.visibility is None:
        return made
    taken = notes.find_slug(db, made.metadata.slug)
    if taken is not None and (made.before is None or taken != made.before.id):
        raise Invalid(f"slug={made.metadata.slug!r} is not free: choose another", "slug")
    return made if made.before is None else _with_the_unseen(made, notes.load(db, made.before.id).metadata)


def within(store: Store, made: Draft) -> Draft:
    """The draft itself. Raises Forbidden where it makes, changes or moves a note of another project, or of none."""
    visibility = store.visibility
    if visibility is None:
        return made
    project = visibility.project
    if made.before is not None and made.before.metadata.project != project:
        raise Forbidden(
            f"{made.before.metadata.slug} is not a note of the project {project}, which your rights are for"
        )
    if project is None or made.metadata.project != project:
        raise Forbidden(
            f"your rights are for notes of the project {project}: a note of it cannot be of another or none"
        )
    return made


def _with_the_unseen(made: Draft, whole: Metadata) -> Draft:
    """A parent and names of links that the writer was not shown, and so did not change, stay."""
    before = made.before
    assert before is not None
    kept = {
        name: getattr(whole, name)
        for name in ("parent", "links")
        if getattr(made.metadata, name) == getattr(before.metadata, name)
    }
    return replace(made, before=before._replace(metadata=whole), metadata=replace(made.metadata, **kept))
