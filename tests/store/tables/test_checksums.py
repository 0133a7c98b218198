"""The checksum of a revision, by whichever SHA-256 is at hand."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from notewell_store.tables.checksums import checksum

STORE = Path(__file__).parents[3] / "store"
FACTS = [7, 1, "ann", None, ["created"]]
TEXT = "# Ünïcode\r\n\nas it was written"
MADE_ALONE = f"""
import sys
from notewell_store.tables.checksums import checksum
print("hashlib" in sys.modules, checksum({FACTS!r}, {TEXT!r}).hex())
"""


def test_a_checksum_is_the_sha_256_of_the_fields_as_json_and_the_text() -> None:
    written = '[7, 1, "ann", null, ["created"]]\n' + TEXT
    assert checksum(FACTS, TEXT) == hashlib.sha256(written.encode()).digest()


def test_a_process_without_openssl_makes_the_same_checksum_and_does_not_load_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MADE_ALONE],
        env={**os.environ, "PYTHONPATH": str(STORE)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split() == ["False", checksum(FACTS, TEXT).hex()]
