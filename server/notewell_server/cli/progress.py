"""Progress of long commands, where a person can see it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import click


@contextmanager
def progress_bar(label: str, also: Callable[[int, int], None] | None = None) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error, unless that is no terminal. It begins anew when what is counted changes. `also` is told
    the same."""
    # Below what is spelt out (see output): the bar moves the cursor, and shows words of ours only.
    with click.progressbar(length=1, label=label, file=sys.__stderr__, hidden=not sys.stderr.isatty()) as bar:

        def tell(done: int, total: int) -> None:
            bar.length = max(1, total)
            bar.update(done - bar.pos)
            if also:
                also(done, total)

        yield tell


@contextmanager
def progress_once_told(label: str) -> Iterator[Callable[[int, int], None]]:
    """As progress_bar, for what is seldom done: the bar is shown when it is first told of anything."""
    with ExitStack() as shown:
        bars: list[Callable[[int, int], None]] = []

        def tell(done: int, total: int) -> None:
            if not bars:
                bars.append(shown.enter_context(progress_bar(label)))
            bars[0](done, total)

        yield tell
