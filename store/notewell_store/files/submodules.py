"""Submodules of a checkout that were left empty, as git's `.gitmodules` tells."""

import re
import shlex
from collections.abc import Iterator

from notewell_store.files.contents import Refused
from notewell_store.files.readers.reader import Files

MODULES = ".gitmodules"
LARGEST_MODULES = 1_000_000  # bytes

_MODULE_PATH = re.compile(r"(?m)^[ \t]*path[ \t]*=[ \t]*(.+?)[ \t]*$")


def absent_submodules(files: Files) -> Iterator[str]:
    """What to tell of the submodules of a checkout in which nothing is."""
    try:
        told = files.data(MODULES, LARGEST_MODULES).decode("utf-8", "replace") if files.holds(MODULES) else ""
    except Refused:
        return
    for path in _MODULE_PATH.findall(told):
        if not any(each.startswith(f"{path}/") for each in files.listing.paths):
            fetch = f"`git submodule update --init {shlex.quote(path)}`"
            yield f"{path} is a submodule that is not checked out: {fetch} in the checkout brings its pages"
