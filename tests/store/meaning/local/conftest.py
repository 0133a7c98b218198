"""A local model of a few bytes, and the processes that serve it, none of which outlives its test."""

from __future__ import annotations

import fcntl
import os
import signal
import tempfile
import threading
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.embedding.tiny_model import write_model

from notewell_store.meaning.choosing import Wanted, unrested
from notewell_store.meaning.endpoint import Endpoint
from notewell_store.meaning.local.files import model_files
from notewell_store.meaning.local.meeting import Meeting, meeting_of

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 60.0  # seconds
LOOK = 0.05
MISSING = [name for name in ("numpy", "onnxruntime", "tokenizers") if find_spec(name) is None]
needs_packages = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (notewell[meaning])")


class Local:
    """A model in a folder, and who serves it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def embedder(self) -> Endpoint:
        made = unrested(Wanted(f"onnx:{self.folder}"))
        assert isinstance(made, Endpoint)
        return made

    @property
    def meeting(self) -> Meeting:
        return meeting_of(model_files(str(self.folder)))

    def holder(self) -> int:
        """The process that serves."""
        return int(self.meeting.holder())

    def kill(self) -> None:
        """End who serves, if anybody does, and wait until he has gone."""
        meeting = self.meeting
        lock = os.open(meeting.lock, os.O_RDWR | os.O_CREAT, 0o600)
        waiting = threading.Thread(target=fcntl.flock, args=(lock, fcntl.LOCK_EX), daemon=True)
        waiting.start()
        for _ in range(round(PATIENCE / LOOK)):
            waiting.join(LOOK)
            if not waiting.is_alive():
                break
            if meeting.holder():
                with suppress(ProcessLookupError):
                    os.kill(int(meeting.holder()), signal.SIGKILL)
        assert not waiting.is_alive()
        os.close(lock)


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The user's runtime folder, with a short name: that of a socket may not be long."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "run"
        made.mkdir(mode=0o700)
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(made))
        yield made


@pytest.fixture
def local(tmp_path: Path, runtime: Path) -> Iterator[Local]:
    made = Local(write_model(tmp_path / "tiny"))
    yield made
    made.kill()
