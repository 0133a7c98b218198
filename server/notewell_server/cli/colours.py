"""How an answer looks on a terminal with colours: the same words, in which the eye finds what it looks for.

What is painted has been spelt out before, so that all that acts on the terminal in it is from here.
"""

import re
from collections.abc import Callable
from functools import partial

from click import style

_NAME = re.compile(r"^[^\s·]+(?= · |$)", re.MULTILINE)
_FOUND = re.compile(r"\*\*(\S(?:.*?\S)?)\*\*")
_HEADING = re.compile(r"^#{1,6} .*$", re.MULTILINE)
_FIRST = re.compile(r"\A.*$", re.MULTILINE)
_ADDED = re.compile(r"^\+.*$", re.MULTILINE)
_REMOVED = re.compile(r"^-.*$", re.MULTILINE)
_PLACE = re.compile(r"^@@.*$", re.MULTILINE)
_STATE = re.compile(r"^(?:ok|WARNING|PROBLEM)\b", re.MULTILINE)
_OF_STATE = {"ok": "green", "WARNING": "yellow", "PROBLEM": "red"}


def _lines(text: str) -> str:
    return _NAME.sub(partial(_styled, fg="cyan"), text)


def _hits(text: str) -> str:
    return _FOUND.sub(lambda found: style(found[1], bold=True), _lines(text))


def _note(text: str) -> str:
    return _HEADING.sub(partial(_styled, bold=True), _FIRST.sub(partial(_styled, dim=True), text))


def _diff(text: str) -> str:
    for pattern, colour in ((_ADDED, "green"), (_REMOVED, "red"), (_PLACE, "cyan")):
        text = pattern.sub(partial(_styled, fg=colour), text)
    return text


def _checks(text: str) -> str:
    return _STATE.sub(lambda found: style(found[0], fg=_OF_STATE[found[0]]), text)


def _styled(found: re.Match[str], **how: str | bool) -> str:
    return style(found[0], **how)  # type: ignore[arg-type]  # its options are of several types


PAINTERS: dict[str, Callable[[str], str]] = {
    "search_notes": _hits,
    "get_note": _note,
    "brief": _note,
    **dict.fromkeys(("list_notes", "revisions", "tags", "projects", "impact"), _lines),
    "diff": _diff,
    "checks": _checks,
}
"""By the tool whose answer it is, or a kind that several have."""


def painted(text: str, kind: str) -> str:
    """An answer of that kind; one of no kind stays as it is."""
    painter = PAINTERS.get(kind)
    return painter(text) if painter else text
