"""How a note is named anywhere: `slug`, `slug#anchor`, `slug@7`, `slug@7#anchor`, an alias, or the numeric id."""

import re
from dataclasses import dataclass

from notewell_store.contract import number_of
from notewell_store.errors import Invalid

_REFERENCE = re.compile(r"(?P<name>[^@#]*)(?:@(?P<revision>[^@#]*))?(?:#(?P<anchor>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reference:
    """A parsed reference. `name` is a slug, an alias or, all digits, an id."""

    name: str
    revision: int | None = None
    anchor: str | None = None

    @property
    def note_id(self) -> int | None:
        """The id, when the name is one."""
        return number_of(self.name)

    def __str__(self) -> str:
        revision = "" if self.revision is None else f"@{self.revision}"
        anchor = "" if self.anchor is None else f"#{self.anchor}"
        return f"{self.name}{revision}{anchor}"


def parse_reference(text: str) -> Reference:
    """Read a reference as people write it: `note://` and `[[…]]` around it and its case do not matter.

    Raises Invalid when the part behind `@` is no revision number or nothing is named.
    """
    stripped = text.strip().removeprefix("[[").removesuffix("]]").removeprefix("note://")
    match = _REFERENCE.fullmatch(stripped)
    name = match["name"].strip().lower() if match else ""
    if not match or not name:
        raise Invalid(f"{text!r} names no note: send a slug such as sop-deploy, or slug#anchor, or slug@7", "ref")
    return Reference(name, _revision(text, match["revision"]), match["anchor"] or None)


def _revision(text: str, digits: str | None) -> int | None:
    if digits is None:
        return None
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10 and int(digits) > 0):
        raise Invalid(f"{text!r}: after @ comes a revision number, such as sop-deploy@7", "ref")
    return int(digits)
