"""The folder in which several workers leave their counts, so that any of them can tell all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which Prometheus' library knows of it; it is read when that is imported."""


@contextmanager
def share_counts() -> Iterator[None]:
    """For the parent of several workers, before it starts them: the folder, for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="notewell-metrics-") as folder:
        os.environ[FOLDER] = folder
        yield
