"""Rights: what a caller may read, and what a caller may do."""

from dataclasses import dataclass, replace
from typing import Literal, get_args

from notewell_store.contract import Store, Visibility
from notewell_store.tables.project_rows import called_now

Scope = Literal["read", "write", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
"""Each allows what those before it allow."""


@dataclass(frozen=True, slots=True)
class Rights:
    """`scope` is the most that the caller may do; None is nobody in particular, who may read what is public.

    `project` narrows all of it to that project's notes, beside which what is public may be read.
    """

    scope: Scope | None
    project: str | None = None

    @property
    def visibility(self) -> Visibility | None:
        """What the caller may read; None is everything."""
        whole = self.scope is not None and self.project is None
        return None if whole else Visibility(self.project if self.scope else None)

    def allow(self, scope: Scope) -> bool:
        """Whether the caller may do what needs this scope, somewhere."""
        return self.scope is not None and SCOPES.index(self.scope) >= SCOPES.index(scope)

    def cover(self, others: "Rights") -> bool:
        """Whether these are as much as the others, so that who has them may hand those on."""
        if others.scope is None:
            return True
        return self.allow(others.scope) and self.project in (None, others.project)


OWNER = Rights("admin")
"""Who may open the file itself may do everything."""

ANYBODY = Rights(None)
"""A caller who is not known: public notes may be read, and nothing be done."""


def for_present_project(store: Store, rights: Rights) -> Rights:
    """The rights, by the slug that their project has today: whoever gave them may know it by a former one."""
    if rights.project is None:
        return rights
    with store.reading() as db:
        return replace(rights, project=called_now(db, rights.project))
