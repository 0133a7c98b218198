"""The knowledge of Notewell: notes, their history, links and search, in one SQLite file.

Open a store, read from it in snapshots, write to it through `writing.write`; the modules of `sqlite` hold
what can be asked, one for each noun.
"""

from notewell_store.errors import (
    Busy,
    Conflict,
    Damaged,
    Deleted,
    Forbidden,
    Invalid,
    NoMatch,
    NotFound,
    StoreError,
    Unusable,
)
from notewell_store.models import Attribution, Change, Edit, Filter, Once, Saved
from notewell_store.references import Reference, parse_reference
from notewell_store.sqlite.store import Store, open_store

__all__ = [
    "Attribution",
    "Busy",
    "Change",
    "Conflict",
    "Damaged",
    "Deleted",
    "Edit",
    "Filter",
    "Forbidden",
    "Invalid",
    "NoMatch",
    "NotFound",
    "Once",
    "Reference",
    "Saved",
    "Store",
    "StoreError",
    "Unusable",
    "open_store",
    "parse_reference",
]
