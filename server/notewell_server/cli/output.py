"""What the commands print: all of it passes here, so that nothing of what is stored or named acts on a terminal.

On a terminal, characters that it would obey, or that nobody sees, are spelt out. Standard output that goes elsewhere
gets the bytes as they are, for a note is to come out as it went in. Standard error holds no content, and is spelt out
wherever it goes.
"""

import io
import json
import sys
from typing import Any, TextIO

import click


class SpeltOut(io.TextIOWrapper):
    """A stream for people. What is ours to draw with goes to the stream below it: see progress."""

    def write(self, text: str, /) -> int:
        from notewell_store.safe_text import spelt_out  # which a command with its output in a pipe may not need

        return super().write(spelt_out(text))


def guard_streams() -> None:
    """From here on whatever is printed is fit for where it goes, be it by us, by click or by Python itself."""
    if sys.stdout is not None and sys.stdout.isatty():
        sys.stdout = _spelt_out(sys.stdout)
    if sys.stderr is not None:
        sys.stderr = _spelt_out(sys.stderr)


def _spelt_out(stream: TextIO) -> TextIO:
    # The encoding is the one that click would choose: it goes round a stream that it thinks is misconfigured.
    encoding = "utf-8" if stream.encoding.lower() in ("ascii", "us-ascii", "ansi_x3.4-1968") else stream.encoding
    return SpeltOut(stream.buffer, encoding=encoding, errors="backslashreplace", line_buffering=True)


def show(text: str) -> None:
    """Print an answer; where that is no terminal, what looks like colours in it is kept too."""
    click.echo(text, color=True)


def remark(text: str) -> None:
    """Print what is not the answer."""
    click.echo(text, err=True)


def show_json(data: Any) -> None:
    """Print it in one line, in which all that cannot be seen is spelt out: it is the same JSON."""
    from notewell_store.safe_text import spelt_out

    show(spelt_out(json.dumps(data, ensure_ascii=False, default=str)))
