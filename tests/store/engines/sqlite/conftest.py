"""What only a file has is tested on files."""

from __future__ import annotations

import pytest
from tests.conftest import ENGINE, OF_FILES


@pytest.fixture(autouse=True)
def _of_files() -> None:
    if ENGINE != "sqlite":
        pytest.skip(OF_FILES)
