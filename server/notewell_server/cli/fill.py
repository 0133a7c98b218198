"""The first filling of a store with vectors, by `notewell embed`.

Exit status, for scripts: 0 all is done, 1 it could not be, 130 somebody stopped it.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import click

from notewell_server.cli.output import remark, show
from notewell_server.cli.progress import progress_bar
from notewell_server.cli.store import opened
from notewell_server.settings import SettingError, embedding
from notewell_store.contract import Store
from notewell_store.meaning.choosing import unrested
from notewell_store.meaning.embedder import Embedder, Unreachable
from notewell_store.meaning.filling import AlreadyFilling, Filler
from notewell_tools.answers import counted

STOPPED = 130  # as shells have it of Ctrl-C
UNNAMED = (
    "NOTEWELL_EMBED names no embedder: set it to an address such as http://localhost:11434, or to onnx: and the folder "
    "of a model"
)
FILLED = "another process is making the vectors of this store, and goes on by itself: what it makes is kept"


def fill(context: click.Context, *, anew: bool, dry_run: bool) -> None:
    """Give vectors to all that lacks them. Raises ClickException."""
    embedder = _embedder()
    with opened(context.obj) as store:
        done = Done()
        try:
            with done.told():
                _fill(store, embedder, done, anew=anew, dry_run=dry_run)
        except KeyboardInterrupt:
            remark(f"stopped. {done.kept()}; run it again to go on")
            context.exit(STOPPED)


class Done:
    """How many passages have got vectors by now."""

    def __init__(self) -> None:
        self._passages = 0

    def add(self, passages: int) -> int:
        self._passages += passages
        return self._passages

    def kept(self) -> str:
        return f"the vectors of {counted(self._passages, 'passage')} were made, and are kept"

    @contextmanager
    def told(self) -> Iterator[None]:
        """What ends the work becomes the command's error, which says what was done before."""
        try:
            yield
        except AlreadyFilling:
            raise click.ClickException(FILLED) from None
        except Unreachable as error:
            said = self.kept() if self._passages else "nothing was made"
            raise click.ClickException(f"{error.why}; {said}") from None


def _embedder() -> Embedder:
    try:
        embedder = unrested(embedding())
    except SettingError as error:
        raise click.ClickException(str(error)) from None
    if embedder is None:
        raise click.ClickException(UNNAMED)
    return embedder


def _fill(store: Store, embedder: Embedder, done: Done, *, anew: bool, dry_run: bool) -> None:
    with progress_bar("embedding") as tell:
        filler = Filler(store, embedder, threading.Event(), lambda more: tell(done.add(more), lacking.passages))
        lacking = filler.amount(anew=anew)
        work = (
            f"{counted(lacking.passages, 'passage')} of {counted(lacking.notes, 'note')} to be embedded by "
            f"{embedder.name}, in about {counted(lacking.pieces, 'piece')}"
        )
        if dry_run:
            show(f"{work}; nothing was done")
            return
        remark(work)
        if anew:
            filler.forget()
        filler.fill()
        swept = filler.sweep()
    gone = f"; those of {counted(swept, 'text')} that are gone were taken out" if swept else ""
    show(f"{done.kept()}{gone}")
