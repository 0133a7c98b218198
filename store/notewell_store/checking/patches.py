"""Unified diffs as git writes them: which files and which definitions a change touches."""

import re
from dataclasses import dataclass, field

_HUNK = re.compile(r"@@+ -\d+(?:,(\d+))? (?:-\d+(?:,\d+)? )*\+\d+(?:,(\d+))? @@+ ?(.*)")
_DEFINITION = re.compile(
    r"""\s*(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|override|inline|extern
        |pub(?:\([\w ]+\))?|unsafe|open|sealed|data)\s+)*
        (?:def|class|func|fun|function|fn|struct|enum|trait|interface|type|module|impl|macro_rules!|CREATE\s+TABLE)
        (?:\s*+\*)?+\s++(?:\([^()]*+\)\s*+)?+(?:IF\s+NOT\s+EXISTS\s+)?["'`]?([A-Za-z_$][\w$]*)""",
    re.VERBOSE | re.IGNORECASE,
)
_CONSTANT = re.compile(r"\s*(?:export\s+)?(?:const\s+|final\s+)?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\s*(?::[^=]*)?=")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r"\\(?:([0-7]{3})|(.))|[^\\]+|\\", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "v": "\v", "f": "\f"}
_NOWHERE = "/dev/null"


@dataclass(slots=True)
class Patch:
    """What a diff touches: paths from the root of the repository, old and new, and names of definitions."""

    paths: dict[str, None] = field(default_factory=dict)
    symbols: dict[str, None] = field(default_factory=dict)


def read_patch(diff: str) -> Patch:
    """What a diff touches, in its order. What is no diff touches nothing."""
    patch = Patch()
    removed = added = 0  # lines of the hunk that are still to come
    for line in diff.splitlines():
        if removed > 0 or added > 0:
            removed -= line[:1] in ("-", " ", "")
            added -= line[:1] in ("+", " ", "")
            if line[:1] in ("+", "-"):
                _take_symbols(patch, line[1:])
        elif hunk := _HUNK.match(line):
            removed, added = (int(count if count is not None else 1) for count in hunk.group(1, 2))
            _take_symbols(patch, hunk[3])
        else:
            _take_path(patch, line)
    return patch


def _take_symbols(patch: Patch, line: str) -> None:
    found = _DEFINITION.match(line) or _CONSTANT.match(line)
    if found:
        patch.symbols[found[1]] = None


def _take_path(patch: Patch, line: str) -> None:
    for start in ("--- ", "+++ "):
        if line.startswith(start):
            path = _unquoted(line[4:].split("\t")[0].rstrip())
            if path != _NOWHERE:
                patch.paths[re.sub(r"^[abciow]/", "", path)] = None
    for start in ("rename from ", "rename to ", "copy to "):
        if line.startswith(start):
            patch.paths[_unquoted(line[len(start) :])] = None
    if line.startswith("diff --git "):  # all there is of a binary file, or of one whose mode changed
        halves = re.fullmatch(r'diff --git ("?)a/(.*)\1 \1b/\2\1', line)
        if halves:
            quote, path = halves.groups()
            patch.paths[_unquoted(f"{quote}{path}{quote}")] = None


def _unquoted(path: str) -> str:
    """A path as git quotes it, with octal escapes, read back."""
    quoted = _QUOTED.fullmatch(path)
    if not quoted:
        return path
    raw = b"".join(_bytes_of(escape) for escape in _ESCAPE.finditer(quoted[1]))
    return raw.decode("utf-8", "replace")


def _bytes_of(escape: re.Match[str]) -> bytes:
    octal, letter = escape.groups()
    if octal:
        return bytes([int(octal, 8) & 255])
    return _LETTERS.get(letter, letter).encode("utf-8", "replace") if letter else escape[0].encode("utf-8", "replace")
