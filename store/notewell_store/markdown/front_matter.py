"""Where a text's front matter ends: YAML between lines of dashes, TOML between lines of `+++`, or a JSON object, at its
very start. Imports nothing else."""

import re

BLOCK = re.compile(
    r"(?P<opening>\ufeff?---[ \t]*+(?P<newline>\r\n?|\n))"
    r"(?P<yaml>(?:(?!(?:---|\.\.\.)[ \t]*+(?:[\r\n]|\Z))[^\r\n]*+(?:\r\n?|\n))*+)"
    r"(?:---|\.\.\.)[ \t]*+(?:\r\n?|\n|\Z)"
)
_TOML = re.compile(
    r"\ufeff?\+\+\+[ \t]*+(?:\r\n?|\n)"
    r"(?P<toml>(?:(?!\+\+\+[ \t]*+(?:[\r\n]|\Z))[^\r\n]*+(?:\r\n?|\n))*+)"
    r"\+\+\+[ \t]*+(?:\r\n?|\n|\Z)"
)
_JSON = re.compile(
    r"\ufeff?\{[ \t]*+(?:\r\n?|\n)"
    r"(?P<json>(?:(?!\}[ \t]*+(?:[\r\n]|\Z))[^\r\n]*+(?:\r\n?|\n))*+)"
    r"\}[ \t]*+(?:\r\n?|\n)(?=\s*+\S)"  # a text that is nothing but JSON is shown
)
_YAML_KEY = re.compile(r"[\"']?[\w.-]++[\"']?[ \t]*+:|\Z")
_TOML_KEY = re.compile(r"(?:[ \t]*+(?:#[^\r\n]*+)?[\r\n])*+[ \t]*+(?:[\w.\"'-]++[ \t]*+=|\[)|\Z")
_JSON_KEY = re.compile(r"\s*+\"[^\"\r\n]++\"\s*+:")
_FIRST_KEY = {"yaml": _YAML_KEY.match, "toml": _TOML_KEY.match, "json": _JSON_KEY.match}
_OPENINGS = {"---": BLOCK, "+++": _TOML, "{": _JSON}


def front_block(text: str) -> re.Match[str] | None:
    """What may be front matter; the group that is named by its language (`yaml`, `toml`, `json`) is what it says."""
    start = text[1:4] if text.startswith("\ufeff") else text[:3]
    pattern = _OPENINGS.get("{" if start[:1] == "{" else start)
    return pattern.match(text) if pattern else None


def begins_with_key(block: re.Match[str]) -> bool:
    """One of dashes that does not is a rule with prose below it."""
    language = str(block.lastgroup)
    return _FIRST_KEY[language](block[language]) is not None


def front_matter_end(text: str) -> int:
    """How many characters the front matter takes up; 0 where there is none."""
    block = front_block(text)
    return block.end() if block and begins_with_key(block) else 0
