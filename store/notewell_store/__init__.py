"""The knowledge of Notewell: notes, their history, links and search, in a store such as one SQLite file.

Open a store, read from it in snapshots, write to it through `writing.pipeline`; the modules of `tables` hold
what can be asked, one for each noun. The names of this package are imported when they are first used: a session's
hook reads a store without most of them.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notewell_store.contract import Store
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
    from notewell_store.models import Attribution, Change, Edit, Filter, Once
    from notewell_store.opening import open_store
    from notewell_store.references import Reference, parse_reference
    from notewell_store.saved import Saved

HOMES = {
    "errors": (
        "Busy",
        "Conflict",
        "Damaged",
        "Deleted",
        "Forbidden",
        "Invalid",
        "NoMatch",
        "NotFound",
        "StoreError",
        "Unusable",
    ),
    "models": ("Attribution", "Change", "Edit", "Filter", "Once"),
    "references": ("Reference", "parse_reference"),
    "contract": ("Store",),
    "opening": ("open_store",),
    "saved": ("Saved",),
}

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


def __getattr__(name: str) -> object:
    for module, names in HOMES.items():
        if name in names:
            found: object = getattr(importlib.import_module(f"notewell_store.{module}"), name)
            globals()[name] = found
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
