"""What the tools say of calls, in the words of the command line."""

import re

from notewell_tools.catalogue import CATALOGUE

POSITIONAL = {"ref", "query", "slug", "source", "targets", "prefix"}
CALL = re.compile(rf"\b({'|'.join(CATALOGUE)})\(([^()\n]*)\)")
ARGUMENT = re.compile(r"""(\w+)=('[^']*'|"[^"]*"|[^,\s]+)""")
NAMED = re.compile(rf"\b({'|'.join(name for name in CATALOGUE if '_' in name)})\b")


def as_commands(message: str) -> str:
    """An error of a tool with `get_note(ref='a', view='toc')` as `notewell get-note a --view toc`. Only its first line:
    the others quote what notes say."""
    first, newline, rest = message.partition("\n")
    return NAMED.sub(lambda name: _hyphened(name[1]), CALL.sub(_command, first)) + newline + rest


def _command(call: re.Match[str]) -> str:
    words = ["notewell", _hyphened(call[1])]
    for name, quoted in ARGUMENT.findall(call[2]):
        value = quoted.strip("'\"")
        words += [value] if name in POSITIONAL else [f"--{_hyphened(name)}", value]
    return f"`{' '.join(words)}`"


def _hyphened(name: str) -> str:
    return name.replace("_", "-")
