"""`notewell embed --serve`: a local model in one process for all sessions of a user, until nobody asks it any more.

Whoever needs it starts it; by hand it is started to see why it does not.
"""

import sys

import click

from notewell_server.cli.output import remark
from notewell_server.settings import SettingError, embedding
from notewell_store.meaning.embedder import Unreachable


def serve_model() -> None:
    """Serve the model that the settings name. Raises ClickException where that is no local one, cannot be loaded, or is
    served already."""
    where = local_model()
    from notewell_store.meaning.local.files import model_files
    from notewell_store.meaning.local.meeting import meeting_of
    from notewell_store.meaning.local.serving import IDLE, serve

    try:
        files = model_files(where)
        meeting = meeting_of(files)
        lock = meeting.try_lock()
        if lock is None:
            raise click.ClickException(f"the model in {files.folder} is served already, by process {meeting.holder()}")
        told = (
            f"serving the model in {files.folder} at {meeting.socket}, until {IDLE / 60:.0f} minutes without a request"
        )
        serve(files, meeting, lock, ready=lambda: remark(told))
    except Unreachable as error:
        raise click.ClickException(error.why) from None
    except KeyboardInterrupt:
        return


def local_model() -> str:
    """The folder or package that NOTEWELL_EMBED names. Raises ClickException where it names no local model."""
    try:
        wanted = embedding()
    except SettingError as error:
        raise click.ClickException(str(error)) from None
    kind, _, named = (wanted.where if wanted else "").partition(":")
    if kind != "onnx":
        raise click.ClickException("NOTEWELL_EMBED names no local model to serve, as onnx:/models/minilm does")
    if sys.platform == "win32":
        raise click.ClickException("a local model needs sockets that Python has not on Windows")
    return named
