"""What the commands print: all of it passes here, so that nothing of what is stored or named acts on a terminal.

On a terminal, characters that it would obey, or that nobody sees, are spelt out. Standard output that goes elsewhere
gets the bytes as they are, for a note is to come out as it went in. Standard error holds no content, and is spelt out
wherever it goes.
"""

import io
import json
import os
import sys
from pathlib import Path
from typing import Any, TextIO

import click


class SpeltOut(io.TextIOWrapper):
    """A stream for people. What is ours to draw with goes to the stream below it: see progress."""

    def write(self, text: str, /) -> int:
        from notewell_store.safe_text import spelt_out  # which a command with its output in a pipe may not need

        return super().write(spelt_out(text))

    def draw(self, text: str) -> None:
        """Write what was spelt out before, and may be painted since."""
        super().write(text)


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


def show_answer(text: str, kind: str = "") -> None:
    """Print an answer that may be long. On a terminal it is painted as its kind is (see colours), and shown by a pager
    where it does not fit: elsewhere it is the same as ever."""
    stream = sys.stdout
    if not isinstance(stream, SpeltOut):
        show(text)
        return
    from notewell_store.safe_text import spelt_out

    text = spelt_out(text)
    if kind and _has_colours():
        from notewell_server.cli.colours import painted

        text = painted(text, kind)
    pager = _pager() if _fills_more_than_the_screen(text) else None
    if pager:
        stream.flush()
        os.environ["PAGER"] = pager
        os.environ.setdefault("LESS", "FRX")  # as git has it: no pager for what fits, colours, and the text stays
        click.echo_via_pager(text, color=True)
    else:
        stream.draw(f"{text}\n")


def _has_colours() -> bool:
    """Whether colours are wanted: https://no-color.org."""
    return not os.environ.get("NO_COLOR") and _is_able()


def _is_able() -> bool:
    return sys.platform == "win32" or os.environ.get("TERM", "dumb") != "dumb"


def _pager() -> str | None:
    """The command of the person's pager, where there is one and a person at the keys."""
    context = click.get_current_context(silent=True)
    if not _is_able() or not os.isatty(0) or (context and context.find_root().params.get("no_pager")):
        return None
    import shlex  # which few commands need
    from shutil import which

    command = os.environ.get("NOTEWELL_PAGER") or os.environ.get("PAGER") or "less"
    try:
        program = shlex.split(command)[0]
    except (ValueError, IndexError):
        return None
    return command if program != "cat" and which(program) else None


def _fills_more_than_the_screen(text: str) -> bool:
    from shutil import get_terminal_size

    columns, lines = get_terminal_size()
    return sum(1 + len(click.unstyle(line)) // max(1, columns) for line in text.split("\n")) >= lines


def remark(text: str) -> None:
    """Print what is not the answer."""
    click.echo(text, err=True)


def agreed(question: str) -> bool:
    """Whether a person, who sees the question and can type, says yes. Nobody is asked where nobody can."""
    return os.isatty(0) and sys.stderr.isatty() and click.confirm(question, default=True, err=True)


def edited(file: Path) -> None:
    """Let a person edit the file in the editor of their own. Raises ClickException where that fails."""
    sys.stdout.flush()
    click.edit(filename=str(file))


def show_json(data: Any) -> None:
    """Print it in one line, in which all that cannot be seen is spelt out: it is the same JSON."""
    from notewell_store.safe_text import spelt_out

    show(spelt_out(json.dumps(data, ensure_ascii=False, default=str)))
